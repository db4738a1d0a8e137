package assembly

import (
	"encoding/json"
	"slices"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// The bounds of a Joiner.
const (
	maxFound = 20_000
	maxSteps = 5_000_000 // of all pipelines together: a part of a job, a value, call or script looked at once
)

// A Joiner gathers what is found between the files of a target.
type Joiner struct {
	Paths   []string        // of all files, sorted
	Used    map[string]bool // files that turned out to belong to a pipeline
	TooMuch string          // told where the work is cut off

	standings map[string]*Standing
	faults    fault.Set
	unchecked []string
	steps     int
}

// Decode reads the summaries of files by their paths. standing gives the Standing in a summary.
func Decode[S any](paths []string, summaries [][]byte, standing func(*S) *Standing) (*Joiner, map[string]*S) {
	j := &Joiner{Paths: paths, Used: map[string]bool{}, standings: map[string]*Standing{}, faults: fault.Set{Most: maxFound}}
	files := map[string]*S{}
	for i, path := range paths {
		s := new(S)
		if err := json.Unmarshal(summaries[i], s); err != nil {
			j.Unchecked(path + ": its summary cannot be read")
			continue
		}
		files[path], j.standings[path] = s, standing(s)
	}
	return j, files
}

// Spend counts work, and says whether more may be done.
func (j *Joiner) Spend(n int) bool {
	if j.steps > maxSteps {
		return false
	}
	if j.steps += n; j.steps > maxSteps {
		j.Unchecked(j.TooMuch)
	}
	return true
}

// Add tells a fault, once: a file may belong to several pipelines.
func (j *Joiner) Add(f fault.Fault) { j.faults.Add(f) }

// Unchecked tells what could not be looked at.
func (j *Joiner) Unchecked(reason string) { j.unchecked = append(j.unchecked, reason) }

// Finish tells what was pending in files that are used, and returns all that was told.
func (j *Joiner) Finish() (faults []fault.Fault, unchecked []string) {
	for _, path := range j.Paths {
		s := j.standings[path]
		if s == nil || !j.Used[path] {
			continue
		}
		for _, f := range s.Pending {
			f.Path = path
			j.Add(f)
		}
		for _, u := range s.Unchecked {
			j.Unchecked(path + ": " + u)
		}
	}
	slices.Sort(j.unchecked)
	return j.faults.Sorted(), slices.Compact(j.unchecked)
}
