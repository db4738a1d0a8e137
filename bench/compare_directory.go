package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A key is what a finding in a folder is compared by.
type key struct {
	rule, path string
	line       int
}

func (k key) String() string { return fmt.Sprintf("%s at %s:%d", k.rule, k.path, k.line) }

// A difference is one finding that only one side tells, with the reason.
type difference struct{ what, reason string }

// compareDirectory lists every difference between the findings of a folder.
func (b *bench) compareDirectory(t tree, theirsFile, oursFile string) error {
	theirs, err := readTheirs(theirsFile, t.path)
	if err != nil {
		return err
	}
	doc, err := readOurs(oursFile)
	if err != nil {
		return err
	}
	left, right := countTheirs(theirs), countOurs(doc.Findings)
	c := comparison{title: t.name, theirs: len(theirs), ours: len(doc.Findings)}
	for k, n := range left {
		switch m := right[k]; {
		case m == 0:
			c.lost = append(c.lost, difference{k.String(), whyLost(t.path, k)})
		case n > m:
			c.notes = append(c.notes, difference{k.String(), fmt.Sprintf("told %d times by gitleaks, %d times by assay: gitleaks tells one match again after decoding a part of it", n, m)})
		case m > n:
			c.notes = append(c.notes, difference{k.String(), fmt.Sprintf("told %d times by gitleaks, %d times by assay", n, m)})
		}
	}
	held := countOurs(slices.DeleteFunc(slices.Clone(doc.Findings), func(f ours) bool { return f.Status == "open" }))
	for k := range right {
		switch {
		case left[k] > 0:
		case held[k] > 0:
			c.more = append(c.more, difference{k.String(), heldBack})
		default:
			c.more = append(c.more, difference{k.String(), b.whyMore(t.path, k)})
		}
	}
	c.coverage = coverageOf(doc)
	c.unchecked = uncheckedOf(doc)
	b.section(c.markdown("by rule, path and line"))
	return nil
}

func countTheirs(list []theirs) map[key]int {
	n := map[key]int{}
	for _, f := range list {
		n[key{f.RuleID, f.File, f.StartLine}]++
	}
	return n
}

func countOurs(list []ours) map[key]int {
	n := map[key]int{}
	for _, f := range list {
		n[key{f.rule(), f.Location.Path, f.Location.Start.Line}]++
	}
	return n
}

// whyLost tells what is known about a file that keeps assay from a finding.
func whyLost(root string, k key) string {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(k.path)))
	switch {
	case err != nil:
		return "the file cannot be read again"
	case isBinary(text):
		return binaryReason
	}
	return unexplained
}

const (
	binaryReason = "a binary file: assay counts those and looks at them with --include binary"
	heldBack     = "held back by a mark or an ignore file of the tree: gitleaks leaves it out, assay lists it as suppressed"
	unexplained  = "not explained"
)

// isBinary is git's test: a zero byte among the first 8,000.
func isBinary(text []byte) bool { return bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0 }

// whyMore finds by trial what kept gitleaks from a finding: it looks again at a copy of the file under a plain name, then
// at a copy of the lines around the finding only.
func (b *bench) whyMore(root string, k key) string {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(k.path)))
	if err != nil {
		return "the file is a member of an archive, or cannot be read again"
	}
	if b.gitleaksTells(k.rule, "", text) {
		return "gitleaks leaves the file out because of its name, and tells it under another"
	}
	const around = 40
	lines := bytes.SplitAfter(text, []byte("\n"))
	from, to := max(0, k.line-1-around), min(len(lines), k.line+around)
	if from < to && b.gitleaksTells(k.rule, "", bytes.Join(lines[from:to], nil)) {
		return "gitleaks tells it where the lines around it are a file of their own: it cuts files into pieces of 100,000 bytes, asks for a rule's keywords in each, and leaves files out by their first bytes"
	}
	return unexplained
}

// gitleaksTells reports whether gitleaks finds a secret, if one is given, by a rule in a text.
func (b *bench) gitleaksTells(rule, secret string, text []byte) bool {
	dir, err := os.MkdirTemp(b.work, "trial-")
	if err != nil {
		return false
	}
	defer os.RemoveAll(dir)
	report := filepath.Join(b.work, "trial.json")
	if os.WriteFile(filepath.Join(dir, "trial.txt"), text, 0o600) != nil || quietly(b.gitleaksScan("dir", dir, report)) != nil {
		return false
	}
	list, err := readTheirs(report, dir)
	return err == nil && slices.ContainsFunc(list, func(t theirs) bool {
		return t.RuleID == rule && (secret == "" || t.Secret == secret)
	})
}

func quietly(args []string) error {
	_, err := output(exec.Command(args[0], args[1:]...))
	return err
}

func uncheckedOf(d *document) []string {
	var out []string
	for _, c := range d.Coverage {
		for _, u := range c.Unchecked {
			out = append(out, u.Path+": "+u.Reason)
		}
	}
	return out
}

// coverageOf is assay's account of what it looked at and left out by choice.
func coverageOf(d *document) string {
	var b strings.Builder
	for _, c := range d.Coverage {
		fmt.Fprintf(&b, "Assay looked at %d files, %d bytes", c.Files, c.Bytes)
		for i, class := range slices.Sorted(maps.Keys(c.Skipped)) {
			b.WriteString([]string{"; left out by choice: ", ", "}[min(i, 1)])
			fmt.Fprintf(&b, "%d %s", c.Skipped[class], class)
		}
		b.WriteString(".\n")
	}
	return b.String()
}

// A comparison is what came of comparing the findings of one tree.
type comparison struct {
	title        string
	theirs, ours int
	lost, more   []difference // only gitleaks', only assay's
	notes        []difference // told by both, but not the same number of times
	coverage     string
	unchecked    []string
}

func (c *comparison) markdown(by string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## Findings compared: %s\n\nCompared %s. gitleaks tells %d, assay with the same rules %d.\n%s", c.title, by, c.theirs, c.ours, c.coverage)
	writeDifferences(&b, "Only gitleaks", c.lost)
	writeDifferences(&b, "Only assay", c.more)
	writeDifferences(&b, "Both, not equally often", c.notes)
	if len(c.unchecked) > 0 {
		fmt.Fprintf(&b, "\nAssay says that it could not check %d things:\n\n", len(c.unchecked))
		for _, u := range c.unchecked {
			fmt.Fprintf(&b, "- %s\n", plain(u))
		}
	}
	return b.String()
}

func writeDifferences(b *strings.Builder, who string, list []difference) {
	if len(list) == 0 {
		fmt.Fprintf(b, "\n%s: none.\n", who)
		return
	}
	slices.SortFunc(list, func(x, y difference) int {
		return strings.Compare(x.reason+"\x00"+x.what, y.reason+"\x00"+y.what)
	})
	fmt.Fprintf(b, "\n%s: %d.\n", who, len(list))
	reason := ""
	for _, d := range list {
		if d.reason != reason {
			reason = d.reason
			fmt.Fprintf(b, "\nReason: %s:\n\n", reason)
		}
		fmt.Fprintf(b, "- %s\n", plain(d.what))
	}
}

// plain keeps a name from a tree on its line and out of Markdown's way.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
	return "`" + strings.ReplaceAll(s, "`", "'") + "`"
}
