package effect

import (
	"time"

	"github.com/assaysec/assay/internal/exception/native/ignorefile"
	"github.com/assaysec/assay/internal/risk"
)

// ApplyFiles suppresses the open risks that entries of ignore files hold, and says what each entry does. The files are those
// of one target, and so are the risks. When a change is judged they have to be those of its base.
func ApplyFiles(risks []risk.Risk, target string, files []*ignorefile.File, now time.Time) []Use {
	var uses []Use
	for _, f := range files {
		from := len(uses)
		for i := range f.Entries {
			uses = append(uses, useOf(f, &f.Entries[i], target, now))
		}
		for i := range risks {
			if risks[i].Status != risk.Open {
				continue
			}
			if n := f.Holder(&risks[i].Finding, now); n >= 0 {
				uses[from+n].hold(&risks[i])
			}
		}
	}
	return uses
}

func useOf(f *ignorefile.File, e *ignorefile.Entry, target string, now time.Time) Use {
	u := Use{
		Kind: InFile, Tool: f.Tool, Target: target, Path: f.Path, Line: e.Line, Column: e.Column, Rules: e.Rules, Where: e.Where,
		Text: e.Text, Reason: e.Reason, Until: e.Until, End: e.End, Problem: e.Problem, Unreadable: e.Unreadable,
	}
	if u.Problem == "" && e.Expired(now) {
		u.Problem, u.Expired = "it expired on "+e.Until, true
	}
	u.Idle = u.Problem != "" && !u.Unreadable && !u.Expired
	return u
}
