package loosening

import (
	"reflect"
	"time"

	"github.com/assaysec/assay/internal/exception/register"
)

// exceptions compares our exceptions, entry by entry, and recorded answers of probes as a whole.
func exceptions(f *File) []Alteration {
	if f.Path == register.ProbesFile {
		if f.Head == nil {
			return []Alteration{{What: "removes the recorded answers of probes"}}
		}
		return []Alteration{{Line: firstDifference(f.Base, f.Head), What: "changes the recorded answers of probes", Loosens: true}}
	}
	old, err1 := parseRegister(f.Path, f.Base)
	now, err2 := parseRegister(f.Path, f.Head)
	if err1 != nil || err2 != nil {
		return []Alteration{{What: "changes exceptions that cannot be read", Loosens: f.Head != nil}}
	}
	var out []Alteration
	for i := range now.Exceptions {
		is := &now.Exceptions[i]
		say := func(loosens bool, what string) {
			out = append(out, Alteration{Line: is.At.Line, What: what, Loosens: loosens})
		}
		was := old.Find(is.ID)
		if was == nil {
			say(true, "adds the exception "+is.ID)
			continue
		}
		compareException(was, is, say)
	}
	for i := range old.Exceptions {
		if id := old.Exceptions[i].ID; now.Find(id) == nil {
			out = append(out, Alteration{What: "removes the exception " + id})
		}
	}
	return out
}

func parseRegister(file string, text []byte) (*register.Register, error) {
	if len(text) == 0 {
		return &register.Register{}, nil
	}
	return register.Parse(file, text)
}

func compareException(was, is *register.Exception, say func(loosens bool, what string)) {
	of := " the exception " + is.ID
	if !was.Expires.Equal(is.Expires) {
		say(is.Expires.After(was.Expires), "moves the last day of"+of+" to "+is.Expires.Format(time.DateOnly))
	}
	if was.Created.Before(is.Created) {
		say(true, "moves the first day of"+of)
	}
	if was.Match != is.Match {
		say(true, "makes"+of+" match something else")
	}
	if was.MaxFindings != is.MaxFindings {
		say(is.MaxFindings > was.MaxFindings, "changes how many findings"+of+" may match")
	}
	if !reflect.DeepEqual(checks(was), checks(is)) {
		say(true, "changes the compensating controls of"+of)
	}
	if was.Kind != is.Kind || was.Owner != is.Owner || was.Approver != is.Approver || was.Reason != is.Reason || was.Signature != is.Signature {
		say(true, "changes the kind, owner, approver, reason or signature of"+of)
	}
}

// checks are the controls without their places.
func checks(e *register.Exception) map[string]register.Check {
	out := map[string]register.Check{}
	for _, c := range e.Compensating {
		out[c.Control] = c.Check
	}
	return out
}
