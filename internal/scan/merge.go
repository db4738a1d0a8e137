package scan

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/source"
)

// note adds what an engine could not do on one file to its record.
func note(rec *coverage.Record, path string, res Result) {
	for _, why := range res.Unchecked {
		rec.Unchecked = append(rec.Unchecked, coverage.Unchecked{Path: path, Reason: why})
	}
	for rule, kept := range res.Capped {
		rec.Capped = append(rec.Capped, coverage.Capped{Path: path, Rule: rule, Kept: kept})
	}
}

// beside gets the facts of files that the source does not hand out, such as those that nobody staged: an engine that joins
// needs them of the whole target as soon as it has facts of one. It asks for them by their paths.
func (r *run) beside(ctx context.Context, src source.Source) {
	others, ok := src.(interface {
		Beside(ctx context.Context, wants func(path string) bool, visit func(*source.File))
	})
	if !ok {
		return
	}
	w := r.workers[0]
	for i, e := range r.engines {
		wants := func(path string) bool { return e.Wants(&FileInfo{Path: path, Class: coverage.Source}) }
		if _, joins := e.(Joiner); !joins || !r.learnt(i) {
			continue
		}
		others.Beside(ctx, wants, func(f *source.File) {
			raw, err := w.read(f, r.options.MaxFile)
			if err != nil || int64(len(raw)) > r.options.MaxFile {
				r.account.Fail(f.Path, "could not be read, and what lies beside it may depend on it")
				return
			}
			text := source.Text(raw)
			info := FileInfo{Path: f.Path, Size: int64(len(raw)), Class: source.ClassOf(f.Class, f.Path, text), Head: text[:min(len(text), 512)]}
			if e.Wants(&info) {
				r.keep(w, i, Result{Facts: lookSafely(ctx, e, &File{FileInfo: info, Text: text}).Facts}, f.Path)
			}
		})
	}
}

// learnt reports whether an engine has facts.
func (r *run) learnt(engine int) bool {
	return slices.ContainsFunc(r.workers, func(w *worker) bool {
		return slices.ContainsFunc(w.results[engine], func(res fileResult) bool { return len(res.Facts) > 0 })
	})
}

// join asks the engines that need what all of them learnt.
func (r *run) join(ctx context.Context, out *Report) {
	for i, e := range r.engines {
		j, ok := e.(Joiner)
		if !ok || ctx.Err() != nil {
			continue
		}
		res := j.Join(ctx, out.Facts)
		finding.Sort(res.Findings)
		finding.Number(res.Findings)
		out.Findings = append(out.Findings, res.Findings...)
		note(&out.Coverage[i], ".", res)
	}
}

func sortFacts(facts []Fact) {
	slices.SortFunc(facts, func(a, b Fact) int {
		return cmp.Or(
			strings.Compare(a.Kind, b.Kind), strings.Compare(a.Place.Path, b.Place.Path),
			cmp.Compare(a.Place.Start.Line, b.Place.Start.Line), cmp.Compare(a.Place.Start.Column, b.Place.Start.Column),
			strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value),
		)
	})
}

// reason is an error without the path, which stands beside it already.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return err.Error()
}
