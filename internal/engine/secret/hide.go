package secret

import (
	"context"
	"math"
	"slices"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/scan"
)

var _ scan.Hider = (*Engine)(nil)

// hiddenWord is the length from which a word of a path or a name can be a credential.
const hiddenWord = 16

// Hide takes credentials out of a short text that is shown, such as a path or the name of an author: those of formats that
// prove themselves. What only looks like a secret in its place stays, or files could not be named.
func (e *Engine) Hide(text string) string {
	if !holdsLongWord(text) {
		return text
	}
	s := e.scratch.Get().(*scratch)
	defer e.scratch.Put(s)
	raw := []byte(text)
	found := e.proven(context.Background(), s, &page{text: raw})
	slices.SortFunc(found, func(a, b match) int { return a.from - b.from })
	var out []byte
	at := 0
	for _, m := range found {
		if m.from < at {
			at = max(at, m.to)
			continue
		}
		out = append(append(out, raw[at:m.from]...), scan.Hidden...)
		at = m.to
	}
	return string(append(out, raw[at:]...))
}

// proven finds in a short text the credentials of formats that prove themselves.
func (e *Engine) proven(ctx context.Context, s *scratch, p *page) []match {
	if p.search == nil {
		p.search = e.set().Append
	}
	hits := p.search(nil, p.text)
	if len(hits) == 0 {
		return nil
	}
	return slices.DeleteFunc(e.matches(ctx, s, p, hits, nil), func(m match) bool {
		return m.start < 0 || e.rules[m.rule].confidence != finding.HighConfidence
	})
}

// lookInPath finds the credentials that stand in the path of a file itself: what Hide takes out of it.
func (e *Engine) lookInPath(ctx context.Context, s *scratch, f *scan.File, commit string, out *scan.Result) {
	path := f.Path[len(f.Archive):]
	if e.foreign || !holdsLongWord(path) { // gitleaks asks a path for its own rules only
		return
	}
	text := []byte(path)
	found := e.proven(ctx, s, &page{path: f.Path, commit: commit, text: text, search: f.Search})
	found = e.settle(text, found)
	for i, m := range found {
		if !slices.ContainsFunc(found[:i], func(o match) bool { return o.rule == m.rule && o.secret == m.secret }) {
			out.Findings = append(out.Findings, e.inPath(f, &m))
		}
	}
}

// inPath makes the finding. Its surroundings are the secret's own: a file that moves takes its name along.
func (e *Engine) inPath(f *scan.File, m *match) finding.Finding {
	r := &e.rules[m.rule]
	fd := e.describe(r)
	fd.Place = finding.Place{Kind: finding.InPath, Path: f.Path}
	fd.Message = message(r, fd.Title, "path of the file")
	own := match{to: len(m.secret), secret: m.secret}
	fd.Surroundings = surroundings([]byte(m.secret), &own, []span{{0, len(m.secret)}})
	p := fd.Properties.(Properties)
	p.Entropy, p.Length, p.Value = math.Round(m.entropy*100)/100, len(m.secret), Value{m.secret}
	fd.Properties = p
	return fd
}

// holdsLongWord reports whether a text has a word of both letters and digits that is long enough.
func holdsLongWord(text string) bool {
	n, letters, digits := 0, false, false
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '/' || c <= ' ':
			n, letters, digits = 0, false, false
			continue
		case '0' <= c && c <= '9':
			digits = true
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			letters = true
		}
		if n++; n >= hiddenWord && letters && digits {
			return true
		}
	}
	return false
}
