package loosening

import (
	"bytes"
	"fmt"

	"github.com/assaysec/assay/internal/exception"
)

// baseline compares baselines, ours or gitleaks' own.
func baseline(f *File) []Alteration {
	old, err1 := parseBaseline(f.Path, f.Base)
	now, err2 := parseBaseline(f.Path, f.Head)
	if err1 != nil || err2 != nil {
		return []Alteration{{What: "changes a baseline that cannot be read as one of ours", Loosens: f.Head != nil}}
	}
	entered, dated := 0, 0
	first := []byte(nil)
	for id, e := range now {
		was, ok := old[id]
		switch {
		case !ok:
			entered++
		case e.FirstSeen.After(was.FirstSeen.Time):
			dated++ // which puts off its due date
		default:
			continue
		}
		if first == nil || bytes.Index(f.Head, []byte(id)) < bytes.Index(f.Head, first) {
			first = []byte(id)
		}
	}
	var out []Alteration
	if entered > 0 {
		out = append(out, Alteration{What: fmt.Sprintf("puts %s into the baseline", count(entered, "finding")), Loosens: true})
	}
	if dated > 0 {
		out = append(out, Alteration{What: fmt.Sprintf("says of %s in the baseline that it was first seen later", count(dated, "finding")), Loosens: true})
	}
	for i := range out {
		out[i].Line = 1 + bytes.Count(f.Head[:max(0, bytes.Index(f.Head, first))], []byte{'\n'})
	}
	if gone := len(old) + entered - len(now); gone > 0 {
		out = append(out, Alteration{What: fmt.Sprintf("takes %s out of the baseline", count(gone, "finding"))})
	}
	return out
}

func parseBaseline(file string, text []byte) (map[string]exception.Entry, error) {
	out := map[string]exception.Entry{}
	if text == nil {
		return out, nil
	}
	b, err := exception.ParseBaseline(file, text)
	if err != nil {
		return nil, err
	}
	for _, e := range b.Entries {
		out[e.Fingerprint] = e
	}
	return out, nil
}
