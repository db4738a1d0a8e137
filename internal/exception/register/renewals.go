package register

import (
	"bytes"
	"crypto/sha256"
	"maps"
	"slices"
	"time"

	"github.com/assaysec/assay/internal/risk"
)

// A Version is the file as one commit of the target branch left it.
type Version struct {
	Commit  string
	Content []byte
}

// A Skipped is a version that cannot be read, and so was not counted.
type Skipped struct {
	Commit string
	Err    error
}

// A History is every grant that the versions of the file made, in their order: a last day for a match, later than the one
// before. The ID does not matter, nor whether the entry was gone for a while: who asks for the same permission again renews it.
type History struct {
	grants []Exception // of which only match and last day count
	last   map[string]time.Time
	counts map[string]int
}

// Renewals reads the versions of the file, the oldest first and today's last. Several entries for one match in one version are
// a chain of renewals too.
func Renewals(versions []Version) (*History, []Skipped) {
	var skipped []Skipped
	read := versionReader{}
	h := &History{last: map[string]time.Time{}, counts: map[string]int{}}
	var before [sha256.Size]byte
	for _, v := range versions {
		sum := sha256.Sum256(v.Content)
		if sum == before {
			continue
		}
		before = sum
		reg, err := read.parse(v.Content)
		if err != nil {
			skipped = append(skipped, Skipped{v.Commit, err})
			continue
		}
		h.add(reg)
	}
	return h, skipped
}

// Of counts how often the last day of a match was put off.
func (h *History) Of(m Match) int { return h.counts[m.Key()] }

// maxGrants bounds how many grants are held against findings, each of which may have to be compared with each.
const maxGrants = 10_000

// Counts counts for each match of today's exceptions, by Match.Key, how often its last day was put off. Writing a match in
// other words begins no new count: a grant that spoke about the same finding and ended earlier is one before it. cut says that
// there are more grants than are held against findings.
func (h *History) Counts(reg *Register, risks []risk.Risk) (counts map[string]int, cut bool) {
	counts = maps.Clone(h.counts)
	risks = reg.covered(risks)
	grants := map[int][]int{} // by risk, in their order
	past := &Register{Exceptions: h.grants[:min(len(h.grants), maxGrants)]}
	for g, matched := range past.matches(risks) {
		for _, n := range matched {
			grants[n] = append(grants[n], g)
		}
	}
	for i, matched := range reg.matches(risks) {
		e := &reg.Exceptions[i]
		key := e.Match.Key()
		for _, n := range matched {
			if put := h.putOff(grants[n], e.Expires); put > counts[key] {
				counts[key] = put
			}
		}
	}
	return counts, len(h.grants) > maxGrants
}

// covered gives the risks of exceptions that do not match too much: others are void, however often they were renewed.
func (reg *Register) covered(risks []risk.Risk) []risk.Risk {
	numbers := map[int]bool{}
	for _, matched := range reg.matches(risks) {
		if len(matched) > maxSpread {
			continue
		}
		for _, n := range matched {
			numbers[n] = true
		}
	}
	var out []risk.Risk
	for _, n := range slices.Sorted(maps.Keys(numbers)) {
		out = append(out, risks[n])
	}
	return out
}

// putOff counts how often some grants moved the last day on, up to a day.
func (h *History) putOff(grants []int, until time.Time) int {
	n, last := 0, time.Time{}
	for _, g := range grants {
		day := h.grants[g].Expires
		if day.After(until) || !day.After(last) {
			continue
		}
		if !last.IsZero() {
			n++
		}
		last = day
	}
	return n
}

// A versionReader remembers the entries it has read: from one version to the next most of them stay as they are.
type versionReader map[[sha256.Size]byte][]Exception

// parse reads a version entry by entry where each begins with a dash in the first column, and as a whole where that does
// not work out. It may read more than Parse would, such as an ID that is given twice, which does no harm here.
func (v versionReader) parse(content []byte) (*Register, error) {
	reg := &Register{File: File}
	for _, entry := range entries(content) {
		sum := sha256.Sum256(entry)
		list, known := v[sum]
		if !known {
			one, err := Parse(File, entry)
			if err != nil {
				return Parse(File, content)
			}
			list = one.Exceptions
			v[sum] = list
		}
		reg.Exceptions = append(reg.Exceptions, list...)
	}
	return reg, nil
}

// entries cuts a file before each dash in its first column.
func entries(content []byte) [][]byte {
	var list [][]byte
	for {
		i := bytes.Index(content, []byte("\n- "))
		if i < 0 {
			return append(list, content)
		}
		list = append(list, content[:i+1])
		content = content[i+1:]
	}
}

func (h *History) add(reg *Register) {
	sorted := slices.Clone(reg.Exceptions)
	slices.SortStableFunc(sorted, func(a, b Exception) int { return a.Expires.Compare(b.Expires) })
	for i := range sorted {
		key := sorted[i].Match.Key()
		until, known := h.last[key]
		if known && !sorted[i].Expires.After(until) {
			continue
		}
		if known {
			h.counts[key]++
		}
		h.last[key] = sorted[i].Expires
		h.grants = append(h.grants, Exception{Match: sorted[i].Match, Expires: sorted[i].Expires})
	}
}
