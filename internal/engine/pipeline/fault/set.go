package fault

import "slices"

// A Set holds faults, of each rule one at each place: the same lines may be looked at several times, by anchors or from
// several files. The zero Set is empty and holds any number.
type Set struct {
	Most int // that it takes; 0 for no limit
	list []Fault
	seen map[spot]bool
}

type spot struct {
	path, rule string
	span       Span
}

// Has reports whether the set holds a fault of this rule at this place.
func (s *Set) Has(f Fault) bool { return s.seen[spot{f.Path, f.Rule, f.Span}] }

// Add puts a fault in, unless there is one.
func (s *Set) Add(f Fault) {
	if s.Has(f) || s.Most > 0 && len(s.list) >= s.Most {
		return
	}
	if s.seen == nil {
		s.seen = map[spot]bool{}
	}
	s.seen[spot{f.Path, f.Rule, f.Span}] = true
	s.list = append(s.list, f)
}

// Sorted are the faults in the order of Sort.
func (s *Set) Sorted() []Fault {
	list := slices.Clone(s.list)
	Sort(list)
	return list
}

// Local leaves the path out of steps that lie in the fault's own file.
func Local(path string, steps []Step) []Step {
	out := slices.Clone(steps)
	for i := range out {
		if out[i].Path == path {
			out[i].Path = ""
		}
	}
	return out
}
