package scan

import (
	"bytes"
	"cmp"
	"context"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/source"
)

// A heard is what was seen in the headers of a commit or tag. Most of what one person commits has the same.
type heard struct {
	seen []Sighting
	told *retold
}

// maxHeard bounds the different headers that a worker remembers. Those beyond are looked at each time.
const maxHeard = 1 << 14

// headers looks at what the headers of a commit or tag say.
func (h *history) headers(ctx context.Context, worker int, m *source.Message) {
	known := h.heard[worker]
	k, ok := known[string(m.Headers)]
	if !ok {
		f := &File{FileInfo: FileInfo{Size: int64(len(m.Headers)), Class: coverage.Source}, Text: m.Headers}
		k.seen = h.trace(ctx, f, m.Kind+" "+m.ID.String(), nil, nil).Seen
		if len(k.seen) > 0 {
			k.told = h.retell(f, k.seen)
			k.told.marks = nil // a name excuses nothing
			lines := headerLines(f.Text)
			for i := range k.told.findings {
				inHeader(&k.told.findings[i], lines)
			}
		}
		if len(known) < maxHeard {
			known[string(m.Headers)] = k
		}
	}
	if len(k.seen) > 0 {
		h.versions[worker] = append(h.versions[worker], sighted{id: m.ID, seen: k.seen, message: true, header: true, told: k.told})
	}
}

// whose names the headers that a person knows.
var whose = map[string]string{
	"author": "as the author", "committer": "as the committer", "tagger": "as the tagger", "tag": "as the name of the tag",
	"mergetag": "in the tag that was merged",
}

// headerLines tells of each line of headers where it stands.
func headerLines(headers []byte) []string {
	var out []string
	at := inSome
	for line := range bytes.Lines(headers) {
		if key, _, _ := bytes.Cut(bytes.TrimRight(line, "\n"), []byte{' '}); len(key) > 0 { // else the line goes on with the last
			at = cmp.Or(whose[string(key)], inSome)
		}
		out = append(out, at)
	}
	return out
}

const inSome = "in a header"

// inHeader tells of a finding in the headers of a commit or tag where it stands. Such a place has no line: that of a
// message counts from its own beginning.
func inHeader(f *finding.Finding, lines []string) {
	at := inSome
	if n := f.Place.Start.Line; n > 0 && n <= len(lines) {
		at = lines[n-1]
	}
	f.Message += ", " + at
	f.Place = finding.Place{Kind: finding.InCommit, Commit: f.Place.Commit}
}
