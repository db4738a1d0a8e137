package register

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"time"
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

// Renewals counts for each match (by Match.Key) how often its last day was put off, in the versions of the file, the
// oldest first and today's last. The ID does not matter, nor whether the entry was gone for a while: who asks for the
// same permission again renews it. Several entries for one match in one version are a chain of renewals too.
func Renewals(versions []Version) (map[string]int, []Skipped) {
	var skipped []Skipped
	read := versionReader{}
	last, count := map[string]time.Time{}, map[string]int{}
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
		reg.renew(last, count)
	}
	return count, skipped
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

func (reg *Register) renew(last map[string]time.Time, count map[string]int) {
	sorted := slices.Clone(reg.Exceptions)
	slices.SortStableFunc(sorted, func(a, b Exception) int { return a.Expires.Compare(b.Expires) })
	for i := range sorted {
		key := sorted[i].Match.Key()
		until, known := last[key]
		if known && !sorted[i].Expires.After(until) {
			continue
		}
		if known {
			count[key]++
		}
		last[key] = sorted[i].Expires
	}
}
