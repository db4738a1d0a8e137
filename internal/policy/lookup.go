package policy

import "github.com/assaysec/assay/internal/risk"

// Lookup gives the names of FindingNames for one risk, for whoever asks about it outside of a gate. Without a risk nothing
// is known.
func (in *Input) Lookup(r *risk.Risk) Lookup {
	if r == nil {
		return func(string) (any, bool) { return nil, false }
	}
	a := newJudge(in).ask(r)
	return func(name string) (any, bool) {
		if n := byName[name]; n != nil {
			return n.get(a)
		}
		return nil, false
	}
}
