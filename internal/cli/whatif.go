package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/judge"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/source"
)

// maxWhatIf bounds how many changes are decided again.
const maxWhatIf = 1000

// whatIf decides the changes that were merged since a revision again, each against its own base and as of its own day: by
// the policy that held then, and by another one.
func (a *app) whatIf(ctx context.Context, args []string, f *lookFlags, file, since string) error {
	if err := f.validateWhatIf(args); err != nil {
		return err
	}
	other, err := readWhatIf(file, f.stage)
	if err != nil {
		return err
	}
	t, err := a.openTarget(append(slices.Clone(args), ".")[0])
	if err != nil {
		return err
	}
	if _, err := t.needRepo("--what-if"); err != nil {
		return err
	}
	defer t.repo.Close()
	changes, err := t.mergedSince(ctx, since)
	if err != nil {
		return err
	}
	a.global.quiet = true // what was to be noted about settings of then nobody can act on
	w := &whatIf{app: a, target: t, flags: f, other: other, policy: file}
	for _, id := range changes {
		if err := w.decide(ctx, id); err != nil {
			return err
		}
	}
	w.summary(since)
	if w.undecided > 0 {
		return errExit(Incomplete)
	}
	return nil
}

// validateWhatIf refuses what has no meaning where many changes are judged and no report is written.
func (f *lookFlags) validateWhatIf(args []string) error {
	for _, s := range []struct {
		flag string
		set  bool
	}{
		{"--staged", f.staged}, {"--history", f.history}, {"--diff-base", f.diffBase != ""}, {"--verify", f.verify}, {"--probe", f.probe},
		{"--receipt", f.receipt != ""}, {"--subject", len(f.subjects) > 0}, {"--format", len(f.formats) > 0}, {"--output", len(f.outputs) > 0},
		{"--severity", f.severity != ""}, {"--show-suppressed", f.showSuppressed},
	} {
		if s.set {
			return fmt.Errorf("%s does not apply: --what-if judges changes that were merged, and writes no report", s.flag)
		}
	}
	if len(args) > 1 {
		return fmt.Errorf("--what-if takes one target, not %d", len(args))
	}
	return f.validate()
}

// readWhatIf reads the policy to be tried: a configuration, of which the gate counts, a policy in Rego, or a folder of them.
func readWhatIf(file, stage string) (func(*judge.Case), error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("--what-if %s: %w", file, plainError(err))
	}
	if !info.IsDir() && filepath.Ext(file) != regoExt {
		return readOtherGate(file, stage)
	}
	files, err := readRuleFiles([]string{file})
	if err != nil {
		return nil, fmt.Errorf("--what-if %w", err)
	}
	if len(files.rego) == 0 {
		return nil, fmt.Errorf("--what-if %s: no policy in Rego lies in this folder", file)
	}
	return func(c *judge.Case) {
		rego := map[string]string{}
		for name, text := range c.Rego {
			if !info.IsDir() && path.Base(name) != filepath.Base(file) { // a policy of the same name is the one that is replaced
				rego[name] = text
			}
		}
		for name, text := range files.rego {
			rego[name] = text
		}
		c.Rego = rego
	}, nil
}

// readOtherGate reads a configuration whose gate stands in place of the root's. Those of folders can only tighten, and stay.
func readOtherGate(file, stage string) (func(*judge.Case), error) {
	text, err := readNamed(file)
	if err != nil {
		return nil, fmt.Errorf("--what-if %s: %w", file, err)
	}
	parsed, err := config.ParseRoot(file, text, engines.Names())
	if err != nil {
		return nil, masked(err)
	}
	said, err := config.Merge(parsed)
	if err == nil {
		err = said.Check(hosts().CEL)
	}
	if err != nil {
		return nil, masked(err)
	}
	return func(c *judge.Case) {
		scopes := said.Gate(stage)
		for _, s := range c.Policy {
			if s.Folder != "" {
				scopes = append(scopes, s)
			}
		}
		c.Policy = policy.Explicit(stage, scopes)
	}, nil
}

// mergedSince lists what came to the branch after a revision, the oldest first: of each commit the first parent is what the
// branch was before, so that these are merges, or the commits themselves where people rebase or squash.
func (t *target) mergedSince(ctx context.Context, since string) ([]odb.ID, error) {
	from, err := t.resolve(since)
	if err != nil {
		return nil, sinceError(since, err, "name a revision that git log knows, such as v1.2.0 or HEAD~50")
	}
	head, err := t.headCommit()
	if err != nil || head.IsZero() {
		return nil, err
	}
	log, err := t.repo.Log(ctx, []odb.ID{head}, []odb.ID{from})
	if err != nil {
		return nil, sinceError(since, err, "git fsck tells what the repository lacks")
	}
	after, cut := map[odb.ID]bool{}, map[odb.ID]bool{}
	for _, id := range log.Commits {
		after[id] = true
	}
	for _, id := range log.Shallow {
		cut[id] = true
	}
	var out []odb.ID
	for id := head; after[id]; {
		if cut[id] {
			return nil, sinceError(since, &git.ErrShallow{Commit: id, Hint: "git fetch --unshallow"}, "")
		}
		if out = append(out, id); len(out) > maxWhatIf {
			return nil, hint(fmt.Errorf("--since %s: more than %d changes came after it", since, maxWhatIf), "give a later revision")
		}
		info, err := t.repo.Commit(id)
		if err != nil {
			return nil, err
		}
		if len(info.Parents) == 0 {
			break
		}
		id = info.Parents[0]
	}
	slices.Reverse(out)
	return out, nil
}

// sinceError tells what is wrong with --since. A clone that is cut off is no mistake of who typed it.
func sinceError(since string, err error, advice string) error {
	said := fmt.Errorf("--since %s: %w", since, err)
	var shallow *git.ErrShallow
	if errors.As(err, &shallow) {
		return &UserError{Err: said, Hint: shallow.Hint, Code: Incomplete}
	}
	return hint(said, "%s", advice)
}

// A whatIf counts what another policy would have done.
type whatIf struct {
	app    *app
	target *target
	flags  *lookFlags
	other  func(*judge.Case)
	policy string // the file of the other one

	stopped, freed, otherwise, same, sameStopped, undecided int
}

// decide judges one change twice.
func (w *whatIf) decide(ctx context.Context, id odb.ID) error {
	info, err := w.target.repo.Commit(id)
	if err != nil {
		return err
	}
	c, t, err := w.change(ctx, id, info)
	if err != nil {
		return err
	}
	defer w.forget(w.app.hiders, len(w.app.builtin))
	p := newPerformance(info.Committer.When.UTC())
	err = w.app.performChange(ctx, p, t, c, "t1", w.flags, c.note)
	if err == nil {
		err = w.app.judge(ctx, p, w.flags.stage)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil { // settings that were wrong then and are mended since
		w.undecided++
		w.head(id, info)
		w.line("    could not be decided: %v", err)
		return nil
	}
	if t.leftAlone(c) && len(p.ruling.Risks) == 0 {
		return nil
	}
	again := p.list
	w.other(&again)
	ruling, err := judge.Judge(&again, hosts())
	if err != nil {
		return masked(err)
	}
	w.tell(id, info, p.ruling, ruling)
	return nil
}

// forget lets go of engines that were made of the rules of one change. Those with the built-in rules serve all.
func (w *whatIf) forget(hiders []scan.Hider, builtin int) {
	if len(w.app.builtin) == builtin {
		w.app.hiders = hiders
	}
}

// leftAlone reports whether a change is one of other folders only: its files are as they were. What a merge brought in and
// took out again shows in what was found.
func (t *target) leftAlone(c *change) bool {
	files, ok := t.given.(*source.GitFiles)
	return ok && t.prefix != "" && len(files.Entries) == 0 && len(files.Others) == len(c.tree)
}

// change is what one commit brought to the branch. Its own files are looked at; those beside are known where an engine needs
// them.
func (w *whatIf) change(ctx context.Context, id odb.ID, info odb.CommitInfo) (*change, *target, error) {
	t := *w.target
	c := &change{repo: t.repo, note: &source.Account{}, folder: t.prefix}
	if len(info.Parents) > 0 { // what the first commit of all brought is in its files, and not between two commits
		c.base, c.judges, c.head = info.Parents[0], info.Parents[0], id
	}
	if err := c.standOnBase(ctx, &t); err != nil {
		return nil, nil, err
	}
	entries, err := treeEntries(ctx, &t, id, c.note)
	if err != nil {
		return nil, nil, err
	}
	files := &source.GitFiles{Repo: t.repo, Of: finding.Target{Kind: "git-tree", Name: t.name, Revision: id.String()}}
	had := make(map[string]odb.ID, len(c.tree))
	for _, e := range c.tree {
		had[e.Path] = e.ID
	}
	for _, e := range entries {
		if had[e.Path] == e.ID {
			files.Others = append(files.Others, e)
		} else {
			files.Entries = append(files.Entries, e)
		}
	}
	files.Know()
	t.revision, t.given = id.String(), files
	return c, &t, nil
}
