package cli

import (
	"bytes"
	"context"
	"errors"
	"path"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/risk"
	"github.com/assaysec/assay/internal/source"
)

// maxDatedLines bounds the lines of a finding of which the most telling is traced.
const maxDatedLines = 50

// date finds out when faults came in that nothing else tells of: with the commit that brought their line. What is staged
// has come in with none.
func (a *app) date(ctx context.Context, t *target, f *lookFlags, risks []risk.Risk) error {
	if t.repo == nil || t.given != nil && t.revision == "" || t.stdin || t.file || f.staged || f.history {
		return nil
	}
	h, from, err := a.datedFrom(ctx, t)
	if h == nil || err != nil {
		return err
	}
	texts := map[string][][]byte{}
	var lines []git.Line
	var of []*risk.Risk
	for i := range risks {
		r := &risks[i]
		p := r.Place.Path
		if !r.FirstSeen.IsZero() || r.Place.Kind != finding.InFile || r.Place.Commit != nil || r.Place.Start.Line < 1 {
			continue
		}
		if _, known := texts[p]; !known {
			text, _ := h.read(p) // of a member of an archive, and of what is gone since, nothing is known
			texts[p] = bytes.Split(text, []byte{'\n'})
		}
		if line := telling(texts[p], &r.Place); line != "" {
			lines, of = append(lines, git.Line{Path: path.Join(t.prefix, p), Text: line}), append(of, r)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	origins, err := t.repo.Origins(ctx, from, lines)
	if err != nil && ctx.Err() == nil {
		a.note("assay: note: when findings came in could not be found out: %v", err)
		return nil
	}
	for i, id := range origins {
		if info, err := t.repo.Commit(id); err == nil {
			of[i].FirstSeen = info.Committer.When.UTC()
		}
	}
	return err
}

// datedFrom is the commit to go back from, and where the files are read that findings were made in. There is none before
// the first commit.
func (a *app) datedFrom(ctx context.Context, t *target) (house, odb.ID, error) {
	if t.revision == "" {
		head, err := t.repo.Head()
		if errors.Is(err, git.ErrNoRef) || err == nil && head.ID.IsZero() {
			return nil, odb.ID{}, nil
		}
		return diskHouse{root: t.dir}, head.ID, err
	}
	id, err := t.repo.Resolve(t.revision)
	if err != nil {
		return nil, id, err
	}
	entries, err := treeEntries(ctx, t, id, &source.Account{})
	return newGitHouse(entries, t.repo), id, err
}

// telling is the longest line of a place: the first of a key, say, is the same for all keys.
func telling(lines [][]byte, p *finding.Place) string {
	last := min(max(p.End.Line, p.Start.Line), p.Start.Line+maxDatedLines, len(lines))
	var longest string
	for n := p.Start.Line; n <= last; n++ {
		if line := strings.TrimRight(string(lines[n-1]), "\r"); len(line) > len(longest) {
			longest = line
		}
	}
	return longest
}
