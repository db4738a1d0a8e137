package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/fix"
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
			"Actions and reusable workflows are pinned to the commits that .assay/pins.yaml names. --online looks up what is missing\n" +
			"there through the forge that --forge-api or GITHUB_API_URL names, with GITHUB_TOKEN where there is one, and writes it into\n" +
			"that file, with --write and without. It checks every pin that is there, too: one that its tag left is told and stays, and\n" +
			"one whose commit is not the repository's is an error. Without --online it is told which pins nobody has checked. The\n" +
			"digests of images are not looked up.\n\n" +
			"With --diff-base, what is new since that revision is fixed, by the configuration and the pins that its branch has.",
		Example: "  assay fix\n  assay fix --write\n  assay fix --diff-base origin/main\n  assay fix --online --forge-api https://ghe.example.com/api/v3 --write",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.fix(cmd.Context(), args, &f)
		},
	}
	f.add(cmd, policy.PullRequest)
	withoutFlags(cmd, "fix changes files, and writes no report", "format", "output", "severity", "stage", "show-suppressed", "history", "verify", "staged")
	flags := cmd.Flags()
	flags.BoolVar(&f.write, "write", false, "apply the patch to the files")
	flags.BoolVar(&f.online, "online", false, "check the pins of actions, and look up those that are missing (uses the network)")
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
	if f.online && f.diffBase != "" {
		return hint(errors.New("--online writes pins, and --diff-base takes them from the base"), "assay fix --online first; its pins count once they are merged")
	}
	if err := f.knownRules(); err != nil {
		return err
	}
	p, err := a.performOnSomething(ctx, []string{root}, &f.lookFlags)
	if err != nil {
		return err
	}
	w := &fixer{app: a, root: root, flags: f}
	if w.pins, err = w.readPins(ctx); err != nil {
		return masked(err)
	}
	files, err := w.read(w.wanted(p.document.Findings))
	if err != nil {
		return masked(err)
	}
	if f.online {
		if err := w.lookUp(ctx, files, p.document.Now); err != nil {
			return err
		}
	} else {
		w.noteUnverified(files)
	}
	return w.run(files)
}

// knownRules checks the names given with --rule.
func (f *fixFlags) knownRules() error {
	rules, err := engines.Rules()
	if err != nil {
		return err
	}
	for _, name := range f.only {
		if !slices.ContainsFunc(rules, func(r engines.Rule) bool { return isNamed(name, r.ID, r.Names()) }) {
			err := fmt.Errorf("--rule: rule %q is not known", name)
			if near := nearestRule(rules, name); near != "" {
				return hint(err, "did you mean %q?", near)
			}
			return hint(err, "assay rules list shows all of them")
		}
	}
	return nil
}

// isNamed reports whether a rule is meant by a name: its ID, with or without the engine's name, or what others call it.
func isNamed(name, id string, aliases []string) bool {
	return name == id || strings.HasSuffix(id, "/"+name) || slices.Contains(aliases, name)
}

// A fixer makes the fixes of one folder.
type fixer struct {
	*app
	root  string
	flags *fixFlags
	pins  *fix.Pins

	pinsText []byte // that they were read from, nil where there is none
}

// wanted are the findings that may be fixed, by file: what is held back was decided by somebody.
func (w *fixer) wanted(risks []risk.Risk) map[string][]*risk.Risk {
	out := map[string][]*risk.Risk{}
	for i := range risks {
		r := &risks[i]
		held := r.Status != risk.Open && r.Status != risk.Baseline
		if held || r.Place.Path == "" || r.Place.Commit != nil || strings.Contains(r.Place.Path, "!/") || !w.asked(r) || w.flags.diffBase != "" && r.New == risk.NewNo {
			continue
		}
		out[r.Place.Path] = append(out[r.Place.Path], r)
	}
	return out
}

func (w *fixer) asked(r *risk.Risk) bool {
	return len(w.flags.only) == 0 || slices.ContainsFunc(w.flags.only, func(name string) bool { return isNamed(name, r.Rule, r.Aliases) })
}

// run makes the fixes of all files, and prints or writes them once it is sure that all of them can be made.
func (w *fixer) run(files []*fixFile) error {
	made, left := 0, 0
	var changes []*fix.Change
	for _, f := range files {
		c, err := f.change(w.pins)
		if err != nil {
			return masked(err)
		}
		for _, title := range c.Unsound {
			w.note("assay: note: %s: left as it is, for more would change than that: %s", c.Path, title)
		}
		if len(c.Titles) == 0 {
			continue
		}
		if w.flags.write {
			_, err = writable(w.root, filepath.FromSlash(c.Path), c.Old)
		}
		if err != nil {
			return masked(fmt.Errorf("%s: %w", c.Path, err))
		}
		changes = append(changes, c)
		made, left = made+len(c.Titles), left+c.Left
	}
	out := bufio.NewWriter(w.Stdout)
	var failed error
	for _, c := range changes {
		if failed = errors.Join(failed, masked(w.apply(out, c))); failed != nil && w.flags.write {
			break
		}
	}
	if err := errors.Join(failed, out.Flush()); err != nil {
		return err
	}
	w.sum(made, len(changes), left)
	return nil
}

func (w *fixer) sum(made, files, left int) {
	what := fmt.Sprintf("assay: %d fixes in %s", made, report.Plural(files, "file"))
	if made == 1 {
		what = "assay: 1 fix in 1 file"
	}
	again := ""
	if left > 0 {
		again = fmt.Sprintf("; %d more touch these and are for the next run", left)
	}
	switch {
	case made == 0:
		w.note("assay: nothing to fix")
	case w.flags.write:
		w.note("%s written%s", what, again)
	default:
		w.note("%s; assay fix --write applies them%s", what, again)
	}
}

// apply prints a change or writes it.
func (w *fixer) apply(out io.Writer, c *fix.Change) error {
	if !w.flags.write {
		return w.print(out, c)
	}
	if err := rewriteOwn(w.root, filepath.FromSlash(c.Path), c.Old, c.New); err != nil {
		return fmt.Errorf("%s: %w", c.Path, err)
	}
	for _, title := range c.Titles {
		say(out, c.Path+": "+w.hide(title))
	}
	return nil
}

// print writes a patch, whole for a program and so that everything in it can be seen for a person at a terminal. One that
// would show a credential is not written: with that taken out nobody could apply it.
func (w *fixer) print(out io.Writer, c *fix.Change) error {
	var patch strings.Builder
	if err := c.WritePatch(&patch); err != nil {
		return err
	}
	if w.tells(c, patch.String()) {
		return hint(fmt.Errorf("%s: no patch: it would show what looks like a credential, which stands beside what it changes", c.Path),
			"take the credential out of there and revoke it; assay fix --write makes the change without showing it")
	}
	if w.Width(w.Stdout) == 0 {
		_, err := io.WriteString(out, patch.String())
		return err
	}
	for line := range strings.Lines(patch.String()) {
		say(out, strings.TrimRight(line, "\r\n"))
	}
	return nil
}

// tells reports whether a patch holds a line that must not be shown, by itself or for what stands around it in the file.
func (w *fixer) tells(c *fix.Change, patch string) bool {
	if w.hide(patch) != patch {
		return true
	}
	shown := map[string]bool{}
	for _, text := range [][]byte{c.Old, c.New} {
		for line := range strings.SplitSeq(w.hide(string(text)), "\n") {
			shown[line] = true
		}
	}
	_, body, _ := strings.Cut(patch, "\n@@ ")
	_, body, _ = strings.Cut(body, "\n") // what is left of the first line of numbers
	for line := range strings.SplitSeq(body, "\n") {
		if line != "" && strings.Contains(" +-", line[:1]) && !shown[line[1:]] {
			return true
		}
	}
	return false
}
