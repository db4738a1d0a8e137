package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/fix"
	"github.com/assaysec/assay/internal/forge/github"
	"github.com/assaysec/assay/internal/forge/rest"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
	"github.com/spf13/cobra"
)

// fixFlags are the flags of fix beside those of every look.
type fixFlags struct {
	lookFlags
	write, online bool
	only          []string
	api           string
}

func fixCommand(a *app) *cobra.Command {
	var f fixFlags
	cmd := &cobra.Command{
		Use:   "fix [FOLDER]",
		Short: "Print a patch that removes what can be removed safely; --write applies it",
		Long: "Fix looks like scan and turns the fixes of open findings into a patch, for git apply or for --write. What is left after a\n" +
			"run because two fixes touch each other is done by the next one. A run that finds nothing to do says nothing.\n\n" +
			"Actions are pinned to the commits that .assay/pins.yaml names. --online looks up what is missing there through the forge\n" +
			"that --forge-api or GITHUB_API_URL names, with GITHUB_TOKEN where there is one, and writes it into that file.",
		Example: "  assay fix\n  assay fix --write\n  assay fix --online --forge-api https://ghe.example.com/api/v3 --write",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.fix(cmd.Context(), args, &f)
		},
	}
	f.add(cmd, policy.PullRequest)
	withoutFlags(cmd, "fix changes files, and writes no report", "format", "output", "severity", "stage", "show-suppressed", "history", "verify", "staged", "diff-base")
	flags := cmd.Flags()
	flags.BoolVar(&f.write, "write", false, "apply the patch to the files")
	flags.BoolVar(&f.online, "online", false, "look up the commits of actions that are not pinned yet (uses the network)")
	flags.StringSliceVar(&f.only, "rule", nil, "make the fixes of these rules only")
	flags.StringVar(&f.api, "forge-api", "", "address of the forge's interface (default: GITHUB_API_URL)")
	return cmd
}

func (a *app) fix(ctx context.Context, args []string, f *fixFlags) error {
	root := "."
	if len(args) > 0 {
		root = args[0]
	}
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return hint(fmt.Errorf("%s is not a folder on disk", root), "fix changes files: give the folder that holds them")
	}
	if f.online && f.offline {
		return errors.New("--online uses the network, and --offline refuses it")
	}
	p, err := a.perform(ctx, []string{root}, &f.lookFlags)
	if err != nil {
		return err
	}
	w := &fixer{app: a, root: root, flags: f}
	if w.pins, err = readPins(root); err != nil {
		return masked(err)
	}
	open := w.wanted(p.document.Findings)
	if f.online {
		if err := w.lookUp(ctx, open, p.document.Now); err != nil {
			return err
		}
	}
	return w.run(open)
}

// A fixer makes the fixes of one folder.
type fixer struct {
	*app
	root  string
	flags *fixFlags
	pins  *fix.Pins
}

func readPins(root string) (*fix.Pins, error) {
	text, err := readOwn(root, filepath.FromSlash(fix.PinsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return &fix.Pins{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fix.PinsFile, err)
	}
	return fix.ParsePins(fix.PinsFile, text)
}

// wanted are the findings that may be fixed, by file: what is held back was decided by somebody.
func (w *fixer) wanted(risks []risk.Risk) map[string][]*risk.Risk {
	out := map[string][]*risk.Risk{}
	for i := range risks {
		r := &risks[i]
		held := r.Status != risk.Open && r.Status != risk.Baseline
		if held || r.Place.Path == "" || r.Place.Commit != nil || strings.Contains(r.Place.Path, "!/") || !w.asked(r) {
			continue
		}
		out[r.Place.Path] = append(out[r.Place.Path], r)
	}
	return out
}

func (w *fixer) asked(r *risk.Risk) bool {
	return len(w.flags.only) == 0 || slices.ContainsFunc(w.flags.only, func(name string) bool {
		return name == r.Rule || strings.HasSuffix(r.Rule, "/"+name) || slices.Contains(r.Aliases, name)
	})
}

// run makes the fixes file by file, and prints or writes them.
func (w *fixer) run(open map[string][]*risk.Risk) error {
	out := bufio.NewWriter(w.Stdout)
	made, files, left := 0, 0, 0
	for _, path := range slices.Sorted(maps.Keys(open)) {
		c, err := w.change(path, open[path])
		if err != nil {
			return masked(err)
		}
		if c == nil || len(c.Titles) == 0 {
			continue
		}
		made, files, left = made+len(c.Titles), files+1, left+c.Left
		if err := w.apply(out, c); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	switch {
	case made == 0:
		w.note("assay: nothing to fix")
	case w.flags.write:
		w.note("assay: %s in %s written%s", report.Plural(made, "fix"), report.Plural(files, "file"), again(left))
	default:
		w.note("assay: %s in %s; assay fix --write applies them%s", report.Plural(made, "fix"), report.Plural(files, "file"), again(left))
	}
	return nil
}

func again(left int) string {
	if left == 0 {
		return ""
	}
	return fmt.Sprintf("; %d more touch these and are for the next run", left)
}

// change makes the fixes of one file; nil where it has none.
func (w *fixer) change(path string, risks []*risk.Risk) (*fix.Change, error) {
	var text []byte
	var list []fix.Wanted
	for _, r := range risks {
		fixes := r.Fixes
		if len(fixes) == 0 && usesOf(r) != "" {
			if text == nil {
				var err error
				if text, err = readOwn(w.root, filepath.FromSlash(path)); err != nil {
					return nil, fmt.Errorf("%s: %w", path, err)
				}
			}
			if pinned, ok := fix.Pinned(text, &r.Place, w.pins); ok {
				fixes = append(fixes, pinned)
			}
		}
		if len(fixes) > 0 && len(fixes[0].Edits) > 0 {
			list = append(list, fix.Wanted{Finding: &r.Finding, Fix: fixes[0]})
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	if text == nil {
		var err error
		if text, err = readOwn(w.root, filepath.FromSlash(path)); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return fix.Apply(path, text, list)
}

// apply prints a change or writes it. The file keeps its mode.
func (w *fixer) apply(out io.Writer, c *fix.Change) error {
	if !w.flags.write {
		return c.WritePatch(out)
	}
	file := filepath.Join(w.root, filepath.FromSlash(c.Path))
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	err = replace(file, func(out io.Writer) error {
		_, err := out.Write(c.New)
		return err
	})
	if err != nil {
		return err
	}
	for _, title := range c.Titles {
		say(out, c.Path+": "+w.hide(title))
	}
	return os.Chmod(file, info.Mode().Perm())
}

// unpinned are the rules about actions that a tag or branch names.
const unpinned = "pipeline/github-unpinned-"

// usesOf is the name of an action that a finding wants pinned, as the file has it; empty for other findings.
func usesOf(r *risk.Risk) string {
	if !strings.HasPrefix(r.Rule, unpinned) {
		return ""
	}
	for word := range strings.FieldsFuncSeq(r.Message, func(c rune) bool { return c == '"' || c == ' ' }) {
		if name, ref, ok := strings.Cut(word, "@"); ok && strings.Contains(name, "/") && ref != "" && !strings.Contains(word, "://") {
			return word
		}
	}
	return ""
}

// lookUp asks the forge for what the pins do not have, and writes them.
func (w *fixer) lookUp(ctx context.Context, open map[string][]*risk.Risk, now time.Time) error {
	missing := map[string]bool{}
	for _, risks := range open {
		for _, r := range risks {
			if uses := usesOf(r); uses != "" {
				if _, known := w.pins.Find(uses); !known {
					missing[fix.WithoutPath(uses)] = true
				}
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	client, err := w.actions()
	if err != nil {
		return err
	}
	for _, uses := range slices.Sorted(maps.Keys(missing)) {
		if err := w.pin(ctx, client, uses, now); err != nil {
			if ctx.Err() != nil {
				return err
			}
			w.note("assay: note: %s is not pinned: %v", uses, err)
		}
	}
	file, err := placeOwn(w.root, filepath.FromSlash(fix.PinsFile))
	if err != nil {
		return err
	}
	return replace(file, func(out io.Writer) error {
		_, err := out.Write(w.pins.Bytes())
		return err
	})
}

// pin looks one action up. The commit is the one that the tag of this very repository names, so that it belongs there.
func (w *fixer) pin(ctx context.Context, client *github.Actions, uses string, now time.Time) error {
	repository, ref, _ := strings.Cut(uses, "@")
	found, err := client.Resolve(ctx, repository, ref)
	if err != nil {
		return err
	}
	if found.Ambiguous {
		return fmt.Errorf("%s is both a tag and a branch of %s", ref, repository)
	}
	tags, err := client.Tags(ctx, repository, found.Commit)
	if err != nil {
		return err
	}
	version := ref
	for _, tag := range tags {
		if len(tag) > len(version) && strings.HasPrefix(tag, version+".") || found.Kind == github.Branch && version == ref {
			version = tag
		}
	}
	w.pins.Put(fix.Pin{Uses: uses, Commit: found.Commit, Version: version, Checked: now.Format(time.DateOnly)})
	return nil
}

// actions is the client for the forge that actions come from.
func (w *fixer) actions() (*github.Actions, error) {
	base := w.flags.api
	if base == "" {
		base = w.Getenv("GITHUB_API_URL")
	}
	if base == "" {
		return nil, hint(errors.New("--online does not know which forge to ask"), "give --forge-api ADDRESS, or set GITHUB_API_URL")
	}
	network, err := w.network()
	if err != nil {
		return nil, err
	}
	return github.NewActions(base, github.Options{Transport: network, Token: rest.Token(w.Getenv("GITHUB_TOKEN")), UserAgent: "assay/" + Version()})
}
