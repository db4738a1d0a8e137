package comment

import (
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/annotation"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/risk"
)

// todo lists what stops the change: where, what, and what to do about it.
func (t *text) todo(v *report.View, links linker, most int) {
	stops := annotation.Stopping(v)
	if len(stops) == 0 || !t.add("#### To do\n\n") {
		return
	}
	t.list(len(stops), most, "finding", "\n…", func(i int) string { return stop(v, stops[i], links) })
	t.add("\n")
}

func stop(v *report.View, r *risk.Risk, links linker) string {
	s := "1. " + row(r, links)
	if do := advice(v, r); do != "" {
		s += "\n   **Do:**" + do
	}
	for _, said := range statements(v, r) {
		s += "\n   **Policy:** " + said
	}
	var more []string
	if !r.Due.IsZero() {
		due := "due " + report.Day(r.Due)
		if report.Overdue(r, v.Now) {
			due += ", **overdue**"
		}
		more = append(more, due)
	}
	if r.Owner != "" {
		more = append(more, "owner "+code(r.Owner))
	}
	if ruling := v.Ruling(r); ruling != nil && ruling.Error != "" {
		more = append(more, "the policy failed: "+prose(ruling.Error))
	}
	if r.Suppression != nil {
		more = append(more, "not held back by "+prose(report.Held(r)))
	}
	if len(more) > 0 {
		s += "\n   " + capital(strings.Join(more, "; ")) + "."
	}
	return s + "\n"
}

// advice says what to do. What is to be pasted would stand in lines of its own, for which a comment is no place.
func advice(v *report.View, r *risk.Risk) string {
	if r.Advice == "" {
		return ""
	}
	s, code := "", false
	for _, passage := range report.Advice(r.Advice) {
		if code = code || passage.Code; !passage.Code {
			s += " " + sentence(strings.TrimRight(passage.Lines[0], ":"))
		}
	}
	if code {
		s += " What to paste is told by " + escape.Code(escape.Clip(v.Explain(r), maxText)) + "."
	}
	return s
}

// folded is a list that opens on a click.
func (t *text) folded(v *report.View, verb string, risks []*risk.Risk, links linker, most int) {
	if len(risks) == 0 || !t.add("<details><summary>"+report.Plural(len(risks), "finding")+" that "+verb+"</summary>\n\n") {
		return
	}
	t.list(len(risks), most, "finding", "\n…", func(i int) string {
		s := "- " + row(risks[i], links)
		if do := advice(v, risks[i]); do != "" {
			s += " **Do:**" + do
		}
		return s + "\n"
	})
	t.WriteString("\n</details>\n\n") // its room is in roomForRest
}

// folds counts what only informs, by rule.
func (t *text) folds(folds []report.Fold) {
	const most = 30
	if len(folds) == 0 || !t.add("<details><summary>"+report.Plural(report.Folded(folds), "finding")+" for information</summary>\n\n") {
		return
	}
	t.list(len(folds), most, "rule", "\n…", func(i int) string {
		return "- " + report.Number(len(folds[i].Risks)) + " × " + code(folds[i].Rule) + " " + sentence(folds[i].Title) + "\n"
	})
	t.WriteString("\n</details>\n\n") // its room is in roomForRest
}

func row(r *risk.Risk, links linker) string {
	return "**" + r.Level.Level.String() + "** " + links.place(&r.Place) + " " + sentence(r.Message) + " " + code(r.Rule)
}

// A linker is an address that links begin with; empty where there are none.
type linker string

var (
	safeAddress = regexp.MustCompile(`^https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~%-]+)*$`)
	safePath    = regexp.MustCompile(`^[A-Za-z0-9_./+-]+$`)
)

// newLinker takes an address of plain letters only, so that it cannot end the link that it stands in.
func newLinker(address string) linker {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || !safeAddress.MatchString(address) || strings.Contains(u.Path, "..") {
		return ""
	}
	return linker(address)
}

// place names a place, as a link where its line stands in the judged commit and its name cannot be taken for markup.
func (l linker) place(p *finding.Place) string {
	shown := escape.Code(escape.Middle(report.Where(p), maxText))
	if p.Commit != nil {
		if p.Path != "" {
			shown += " in commit " + code(report.ShortID(p.Commit.ID))
		}
		return shown
	}
	if l == "" || p.Layer != "" || !safePath.MatchString(p.Path) || len(p.Path) > maxText || path.Clean("/"+p.Path) != "/"+p.Path {
		return shown
	}
	address := string(l) + "/" + escape.URI(p.Path)
	if p.Start.Line > 0 {
		address += "#L" + strconv.Itoa(p.Start.Line)
	}
	return "[" + shown + "](" + address + ")"
}

// prose and code show target text as running text and as it is written.
func prose(s string) string { return escape.Markdown(escape.Clip(s, maxText)) }

func code(s string) string { return escape.Code(escape.Clip(s, maxText)) }

// sentence ends a text of the target's with a period, where it has no end of its own.
func sentence(s string) string {
	s = prose(strings.TrimRight(s, ". "))
	if s == "" || strings.HasSuffix(s, "…") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") {
		return s
	}
	return s + "."
}

// capital begins a sentence with words of ours, which start with a letter.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
