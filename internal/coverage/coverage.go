package coverage

import (
	"cmp"
	"slices"
	"strings"
)

// A Status says how much of its work an engine did on a target.
type Status string

// The statuses, best first. Stale and NotRun belong to engines that stand on data.
const (
	Done    Status = "done"
	Partial Status = "partial" // some files could not be checked
	Stale   Status = "stale"   // its data is older than the policy allows
	NotRun  Status = "not run"
	Error   Status = "error" // the engine failed, or the run was cut short
)

// A Record is one engine's account of one target.
type Record struct {
	Target    string            `json:"target"`
	Engine    string            `json:"engine"`
	Status    Status            `json:"status"`
	Reason    string            `json:"reason,omitempty"`   // why the status is not done, in words
	Hint      string            `json:"hint,omitempty"`     // the command or step that would complete it
	Versions  map[string]string `json:"versions,omitempty"` // engine, and later rule packs and data, by name
	Digests   map[string]string `json:"digests,omitempty"`  // rules, data
	Files     int               `json:"files"`              // files that the engine looked at, archive members included
	Bytes     int64             `json:"bytes"`
	Classes   map[string]int    `json:"classes,omitempty"` // Files by class
	Skipped   map[string]int    `json:"skipped,omitempty"` // left out by choice, by class: ignored, binary, vendored …
	Unchecked []Unchecked       `json:"unchecked,omitempty"`
	Capped    []Capped          `json:"capped,omitempty"`
}

// An Unchecked is something that should have been looked at and could not be.
type Unchecked struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// A Capped says that a rule found more in one file than is reported.
type Capped struct {
	Path string `json:"path"`
	Rule string `json:"rule"`
	Kept int    `json:"kept"`
}

// Complete reports whether everything that should have been looked at was.
func (r *Record) Complete() bool { return r.Status == Done }

// A Sight tells what a record answers for.
type Sight struct {
	blind  bool
	unseen map[string]bool // files, folders and archives
	capped map[[2]string]bool
}

// Sight is what the record answers for.
func (r *Record) Sight() *Sight {
	s := &Sight{unseen: map[string]bool{}, capped: map[[2]string]bool{}}
	s.blind = !r.Complete() && (r.Status != Partial || len(r.Unchecked) == 0)
	for _, u := range r.Unchecked {
		// A broken archive says little about where its members would have been, so any place in one stands for the whole.
		place, _, _ := strings.Cut(u.Path, "!/")
		s.unseen[place] = true
		s.blind = s.blind || place == "."
	}
	for _, c := range r.Capped {
		s.capped[[2]string{c.Path, c.Rule}] = true
	}
	return s
}

// Saw reports whether a fault of a rule that lies at a path, and is not among the findings, is really gone: neither the file
// nor a folder or an archive around it stayed unchecked, and all that the rule found there was kept.
func (s *Sight) Saw(path, rule string) bool {
	if s.blind || s.capped[[2]string{path, rule}] {
		return false
	}
	for place := path; !s.unseen[place]; {
		end := strings.LastIndexByte(place, '/')
		if end < 0 {
			return true
		}
		place = strings.TrimSuffix(place[:end], "!")
	}
	return false
}

// Settle sorts the lists and lowers Done to Partial where something stayed unchecked.
func (r *Record) Settle() {
	slices.SortFunc(r.Unchecked, func(a, b Unchecked) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Reason, b.Reason))
	})
	r.Unchecked = slices.Compact(r.Unchecked)
	slices.SortFunc(r.Capped, func(a, b Capped) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Rule, b.Rule))
	})
	if r.Status == Done && len(r.Unchecked) > 0 {
		r.Status = Partial
	}
}
