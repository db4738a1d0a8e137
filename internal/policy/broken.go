package policy

// A Broken is one thing that is wrong with a file that judges, as a change leaves it.
type Broken struct {
	Target  string `json:"target"`
	Problem string `json:"problem"` // with the place in the file
}

// BrokenBy is what a ruling on something broken is by: no policy says it, and none can unsay it.
const BrokenBy = "the gate itself"

// brokenRulings deny a change that would end every later gate, that of its repair included.
func (in *Input) brokenRulings() []Ruling {
	var list []Ruling
	for _, b := range in.Broken {
		list = append(list, Ruling{Decision: Deny, By: BrokenBy, Inputs: map[string]string{},
			Message: b.Problem + ": after the merge it would end every gate, that of its repair included"})
	}
	return list
}

// OnlyBroken reports whether a change is denied, and for nothing but what it breaks of the files that judge.
func (v *Verdict) OnlyBroken() bool {
	if v.Decision != Deny {
		return false
	}
	for i := range v.Rulings {
		if r := &v.Rulings[i]; r.Decision == Deny && r.By != BrokenBy {
			return false
		}
	}
	return true
}
