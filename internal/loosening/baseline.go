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
	before := make(map[string]exception.Entry, len(old))
	for _, e := range old {
		before[e.Fingerprint] = e
	}
	entered, dated, first := 0, 0, ""
	for _, e := range now {
		was, ok := before[e.Fingerprint]
		switch {
		case !ok:
			entered++
		case e.FirstSeen.After(was.FirstSeen.Time):
			dated++ // which puts off its due date
		default:
			continue
		}
		if first == "" {
			first = e.Fingerprint
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
		out[i].Line = 1 + bytes.Count(f.Head[:max(0, bytes.Index(f.Head, []byte(first)))], []byte{'\n'})
	}
	if gone := len(old) + entered - len(now); gone > 0 {
		out = append(out, Alteration{What: fmt.Sprintf("takes %s out of the baseline", count(gone, "finding"))})
	}
	return out
}

// parseBaseline gives the entries in the order of the file.
func parseBaseline(file string, text []byte) ([]exception.Entry, error) {
	if text == nil {
		return nil, nil
	}
	b, err := exception.ParseBaseline(file, text)
	if err != nil {
		return nil, err
	}
	return b.Entries, nil
}
