package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/judge"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/source"
)

// maxWhatIf bounds how many changes are decided again.
const maxWhatIf = 1000

// whatIf decides the changes that were merged since a revision again, each against its own base and as of its own day: by
// the policy that held then, and by another one.
func (a *app) whatIf(ctx context.Context, args []string, f *lookFlags, file, since string) error {
	if err := f.validate(); err != nil {
		return err
	}
	other, err := readWhatIf(file, f.stage)
	if err != nil {
		return err
	}
	arg := "."
	if len(args) > 0 {
		arg = args[0]
	}
	t, err := a.openTarget(arg)
	if err != nil {
		return err
	}
	repo, err := t.needRepo("--what-if")
	if err != nil {
		return err
	}
	defer repo.Close()
	from, err := t.resolve(since)
	if err != nil {
		return hint(fmt.Errorf("--since %s: %w", since, err), "name a revision that git log knows, such as v1.2.0 or HEAD~50")
	}
	changes, err := merged(ctx, t, from)
	if err != nil {
		return err
	}
	w := &whatIf{app: a, target: t, flags: f, other: other, file: file}
	for _, id := range changes {
		if err := w.decide(ctx, id); err != nil {
			return err
		}
	}
	w.summary(since)
	return nil
}

// readWhatIf reads the policy to be tried: a configuration, of which the gate counts, or a policy in Rego.
func readWhatIf(file, stage string) (func(*judge.Case), error) {
	text, err := readNamed(file)
	if err != nil {
		return nil, fmt.Errorf("--what-if %s: %w", file, err)
	}
	if filepath.Ext(file) == ".rego" {
		return func(c *judge.Case) {
			rego := map[string]string{}
			for name, text := range c.Rego {
				if filepath.Base(name) != filepath.Base(file) { // a policy of the same name is the one that is replaced
					rego[name] = text
				}
			}
			rego[filepath.ToSlash(file)] = string(text)
			c.Rego = rego
		}, nil
	}
	parsed, err := config.Parse(file, text, engines.Names())
	if err != nil {
		return nil, masked(err)
	}
	parsed.Path = config.Name
	said, err := config.Merge(parsed)
	if err == nil {
		err = said.Check(hosts().CEL)
	}
	if err != nil {
		return nil, masked(err)
	}
	return func(c *judge.Case) { c.Policy = policy.Explicit(stage, said.Gate(stage)) }, nil
}

// merged lists what came to the branch after a commit, the oldest first: merges, or commits where people rebase or squash.
func merged(ctx context.Context, t *target, since odb.ID) ([]odb.ID, error) {
	id, err := t.headCommit()
	if err != nil {
		return nil, err
	}
	var out []odb.ID
	for !id.IsZero() && id != since {
		info, err := t.repo.Commit(id)
		if err != nil {
			return nil, err
		}
		if len(info.Parents) == 0 {
			return nil, hint(errors.New("--since names no commit of this branch's first parents"), "git log --first-parent shows them")
		}
		if out = append(out, id); len(out) > maxWhatIf {
			return nil, hint(fmt.Errorf("more than %d changes", maxWhatIf), "give a later --since")
		}
		id = info.Parents[0]
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	slices.Reverse(out)
	return out, nil
}

// A whatIf counts what another policy would have done.
type whatIf struct {
	app    *app
	target *target
	flags  *lookFlags
	other  func(*judge.Case)
	file   string

	changes, stopped, freed, warned int
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
	p := newPerformance(info.Committer.When.UTC())
	if err := w.app.performChange(ctx, p, t, c, "t1", w.flags, c.note); err != nil {
		return fmt.Errorf("%.12s: %w", id, err)
	}
	if err := w.app.judge(ctx, p, w.flags.stage); err != nil {
		return fmt.Errorf("%.12s: %w", id, err)
	}
	again := p.list
	w.other(&again)
	ruling, err := judge.Judge(&again, hosts())
	if err != nil {
		return fmt.Errorf("%s: %w", w.file, masked(err))
	}
	w.changes++
	w.tell(id, info, p.ruling, ruling)
	return nil
}

// change is what one commit brought to the branch. Its own files are looked at; those beside it are known where an engine
// needs them.
func (w *whatIf) change(ctx context.Context, id odb.ID, info odb.CommitInfo) (*change, *target, error) {
	repo := w.target.repo
	c := &change{known: true, repo: repo, base: info.Parents[0], head: id, note: &source.Account{}, folder: w.target.prefix}
	whole, err := commitEntries(ctx, repo, c.base, c.note)
	if err != nil {
		return nil, nil, err
	}
	c.tree = entriesBelow(w.target.prefix, whole)
	c.house, c.said.base = newGitHouse(c.tree, repo), newGitHouse(whole, repo)
	entries, err := commitEntries(ctx, repo, id, c.note)
	if err != nil {
		return nil, nil, err
	}
	base, err := repo.TreeOf(c.base)
	if err != nil {
		return nil, nil, err
	}
	changed := map[string]bool{}
	if err := repo.DiffTrees(ctx, base, info.Tree, func(d git.Change) error {
		changed[d.Path] = true
		return ctx.Err()
	}); err != nil {
		return nil, nil, err
	}
	files := &source.GitFiles{Repo: repo, Of: finding.Target{Kind: "git-tree", Name: w.target.name, Revision: id.String()}}
	for _, e := range entries {
		p, in := below(w.target.prefix, e.Path)
		if !in {
			continue
		}
		if whole := e.Path; changed[whole] {
			e.Path = p
			files.Entries = append(files.Entries, e)
		} else {
			e.Path = p
			files.Others = append(files.Others, e)
		}
	}
	files.Know()
	t := *w.target
	t.revision, t.given = id.String(), files
	return c, &t, nil
}

// tell shows a change whose decision would be another one.
func (w *whatIf) tell(id odb.ID, info odb.CommitInfo, then, now *judge.Ruling) {
	was, is := then.Verdict.Decision, now.Verdict.Decision
	if was == is {
		return
	}
	switch {
	case is == policy.Deny:
		w.stopped++
	case was == policy.Deny:
		w.freed++
	default:
		w.warned++
	}
	summary, _, _ := strings.Cut(info.Message, "\n")
	line := func(format string, args ...any) { say(w.app.Stdout, w.app.hide(fmt.Sprintf(format, args...))) }
	line("%s  %.12s  %s", report.Day(info.Committer.When), id, summary)
	line("    %s instead of %s", is, was)
	for _, r := range now.Verdict.Rulings {
		if r.Decision != is || is == policy.Allow {
			continue
		}
		what := r.Message
		for i := range now.Risks {
			if x := &now.Risks[i]; x.Fingerprint == r.Fingerprint && x.Target == r.Target {
				what = report.Where(&x.Place) + " " + x.Title
			}
		}
		line("      %s: %s (%s)", r.Decision, what, r.By)
	}
}

func (w *whatIf) summary(since string) {
	say(w.app.Stdout, fmt.Sprintf("%s since %s: with %s %d more would have been stopped, %d would not have been, and %d would have had another answer that stops nothing",
		report.Plural(w.changes, "change"), since, w.file, w.stopped, w.freed, w.warned))
}
