package finding

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// Scheme is the name of today's fingerprint: what is in it and how it is made. A new scheme is written beside the old
// one for a major version, so that exceptions and baselines keep holding.
const Scheme = "a1"

// Number gives each finding its fingerprint and trail. Findings with the same rule, path and surroundings are told
// apart by their order in the slice, so the slice must be sorted by place. Line and indentation are not part of a
// fingerprint: moving a fault does not change it.
func Number(findings []Finding) {
	seen := make(map[string]int, len(findings))
	for i := range findings {
		f := &findings[i]
		key := f.Rule + "\x00" + f.Place.Path + "\x00" + f.Surroundings
		ordinal := seen[key]
		seen[key]++
		f.Fingerprint = fingerprint(f.Rule, f.Place.Path, f.Surroundings, ordinal)
		f.Trail = fingerprint(f.Rule, "", f.Surroundings, ordinal)
	}
}

func fingerprint(rule, path, surroundings string, ordinal int) string {
	h := sha256.New()
	for _, part := range []string{Scheme, rule, path, surroundings, strconv.Itoa(ordinal)} {
		h.Write([]byte(strconv.Itoa(len(part))))
		h.Write([]byte{':'})
		h.Write([]byte(part))
	}
	return Scheme + ":" + hex.EncodeToString(h.Sum(nil)[:16])
}

// Compare orders findings for every report: by path, place, rule, then fingerprint.
func Compare(a, b *Finding) int {
	return cmp.Or(
		strings.Compare(a.Place.Path, b.Place.Path),
		a.Place.Start.compare(b.Place.Start),
		a.Place.End.compare(b.Place.End),
		strings.Compare(a.Rule, b.Rule),
		strings.Compare(a.commitID(), b.commitID()),
		strings.Compare(a.Fingerprint, b.Fingerprint),
		strings.Compare(a.Surroundings, b.Surroundings), // before they are numbered
	)
}

// Sort orders findings by Compare.
func Sort(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int { return Compare(&a, &b) })
}

func (f *Finding) commitID() string {
	if f.Place.Commit == nil {
		return ""
	}
	return f.Place.Commit.ID
}

func (p Position) compare(q Position) int {
	if p.Line != q.Line {
		return p.Line - q.Line
	}
	return p.Column - q.Column
}
