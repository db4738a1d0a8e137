package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/source"
)

// account tells where there was nothing to judge. Of a change that is worth a sentence. A target that holds no file is most
// likely a wrong path in a pipeline, and what was not looked at is not clean.
func (p *performance) account(ctx context.Context, t *target, id string, seen *scan.Report, set *settings, c *change, f *lookFlags) error {
	if f.allowEmpty || set.config.Scan.AllowEmpty || t.given != nil {
		return nil
	}
	held := holds(seen)
	nothing := func(said string) {
		if t.name != "." {
			said = t.name + ": " + said
		} else {
			said = strings.ToUpper(said[:1]) + said[1:]
		}
		p.list.Nothing = append(p.list.Nothing, said)
	}
	empty := func() { p.list.Empty = append(p.list.Empty, emptiness(t, id, held, f)) }
	switch {
	case !c.known:
		if held != "" || t.stdin && seen.Coverage[0].Bytes == 0 {
			empty()
		}
	case f.staged && seen.Paths() == 0:
		had, same, err := c.staged(ctx, t)
		switch {
		case err != nil:
			return err
		case t.prefix != "" && !had:
			empty()
		case same:
			nothing("nothing is staged, so that there was nothing to judge")
		default:
			nothing("what is staged takes files away and leaves nothing to look at")
		}
	case held == "" && f.staged:
	case held != "" && len(c.tree) == 0 && !f.staged:
		empty()
	case held != "":
		nothing("the change alters nothing that is looked at" + held)
	default:
		if c.unmoved(t) && t.revision != "" {
			nothing("the change alters no file")
		} else if c.unmoved(t) {
			nothing("no commit alters a file: only what is not committed can be new")
		}
	}
	return nil
}

// staged reports whether the target has any file, in the index or in the base, and whether both have the same.
func (c *change) staged(ctx context.Context, t *target) (had, same bool, err error) {
	index, err := c.repo.Index(ctx)
	if err != nil {
		return false, false, err
	}
	var entries []source.GitEntry
	for _, e := range index.Entries {
		if p, in := below(t.prefix, e.Path); in && !e.IntentToAdd {
			entries = append(entries, source.GitEntry{Path: p, Mode: e.Mode, ID: e.ID})
		}
	}
	was := make(map[source.GitEntry]bool, len(c.tree))
	for _, e := range c.tree {
		was[e] = true
	}
	same = len(was) == len(entries)
	for _, e := range entries {
		same = same && was[e]
	}
	return len(was)+len(entries) > 0, same, nil
}

// unmoved reports whether the target has the same files in the commit that is judged and in its base.
func (c *change) unmoved(t *target) bool {
	is, err1 := c.repo.At(c.head, t.prefix)
	was, err2 := c.repo.At(c.base, t.prefix)
	return err1 == nil && err2 == nil && is == was // else a folder that one of them does not have
}

// holds tells what is left out by choice where nothing else is there, such as ": 2 binary are left out"; empty where there is
// something that was looked at, or could not be.
func holds(seen *scan.Report) string {
	if len(seen.Findings) > 0 {
		return ""
	}
	skipped := map[string]int{}
	for i := range seen.Coverage {
		r := &seen.Coverage[i]
		if r.Files > 0 || len(r.Unchecked) > 0 || r.Status == coverage.Error {
			return ""
		}
		skipped = r.Skipped
	}
	if seen.Paths() > skipped[string(coverage.Binary)] {
		return "" // files that no engine wants
	}
	var words []string
	for _, class := range coverage.Classes {
		if n := skipped[string(class)]; n > 0 {
			words = append(words, report.Number(n)+" "+string(class))
		}
	}
	if len(words) == 0 {
		return " (there is no file)"
	}
	return " (left out: " + strings.Join(words, ", ") + ")"
}

// emptiness says that a target holds nothing, and what to do about it.
func emptiness(t *target, id, held string, f *lookFlags) policy.Unmet {
	u := policy.Unmet{Target: id, Reason: t.name + " holds nothing to look at" + held}
	steps := []string{"check the path"}
	switch {
	case t.stdin:
		u.Reason, steps[0] = "standard input was empty", "check the command that writes to it"
	case f.history:
		u.Reason, steps[0] = "the history of "+t.name+" holds no file", "check the path, and whether it has a commit"
	case t.revision != "" && !t.bare:
		u.Reason = t.name + " holds nothing to look at in this revision" + held
	}
	for _, s := range []struct{ class, flag string }{{"binary", "--include binary"}, {"ignored", "--no-ignore"}} {
		if strings.Contains(held, s.class) {
			steps = append(steps, "look at what is left out with "+s.flag)
		}
	}
	u.Hint = strings.Join(append(steps, "say with --allow-empty (or scan.allow-empty) that this is as it should be"), ", or ")
	return u
}

// nothingThere is the error of a verb that has nothing to tell of a target that holds nothing.
func (p *performance) nothingThere() error {
	if len(p.list.Empty) == 0 {
		return nil
	}
	u := p.list.Empty[0]
	return &UserError{Err: errors.New(u.Reason), Hint: u.Hint, Code: Incomplete}
}
