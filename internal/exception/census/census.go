package census

import (
	"cmp"
	"slices"
	"time"

	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/exception/native/effect"
)

// A State says what a suppression does today.
type State string

// The states.
const (
	Hides      State = "hides"
	Unused     State = "unused"      // it could hold a finding, and there is none
	CannotTell State = "cannot tell" // nobody here could make the finding it speaks about, or nobody looked
	Expired    State = "expired"
	Unreadable State = "unreadable" // it could not be understood
	NoEffect   State = "no effect"  // it was understood, and may not or cannot hold what it speaks about
)

// States are all states, in the order in which they are counted.
var States = []State{Hides, Unused, CannotTell, Expired, Unreadable, NoEffect}

// A Row is one suppression.
type Row struct {
	Tool    string   `json:"tool"`
	Kind    string   `json:"kind"` // inline or file
	Target  string   `json:"target,omitempty"`
	Commit  string   `json:"commit,omitempty"` // where the text belongs to one
	Path    string   `json:"path"`
	Line    int      `json:"line"`
	Column  int      `json:"column"`
	Rules   []string `json:"rules,omitempty"`  // none: all of the tool
	Except  []string `json:"except,omitempty"` // all but these
	Where   string   `json:"where,omitempty"`
	Text    string   `json:"text"`
	Reason  string   `json:"reason,omitempty"`
	Expires string   `json:"expires,omitempty"` // as written
	Author  string   `json:"author,omitempty"`
	Date    string   `json:"date,omitempty"` // of the line, as 2026-11-23
	Hides   int      `json:"hides"`
	State   State    `json:"state"`
	Why     string   `json:"why,omitempty"`
}

// SetAuthor notes who wrote the line last, and on which day.
func (r *Row) SetAuthor(name string, when time.Time) {
	r.Author = name
	if !when.IsZero() {
		r.Date = when.UTC().Format(time.DateOnly)
	}
}

// Knowledge is what decides between unused and cannot tell.
type Knowledge struct {
	Told   native.Teller          // nil: nobody tells anything
	Looked func(*effect.Use) bool // whether engines looked where the suppression speaks; nil: they did
}

// Rows make the census of what marks and files do, sorted by place.
func Rows(uses []effect.Use, k Knowledge) []Row {
	told := memo(k.Told)
	rows := make([]Row, len(uses))
	for i := range uses {
		u := &uses[i]
		rows[i] = Row{
			Tool: u.Tool, Kind: u.Kind, Target: u.Target, Commit: u.Commit, Path: u.Path, Line: u.Line, Column: u.Column, Rules: u.Rules,
			Except: u.Except, Where: u.Where, Text: u.Text, Reason: u.Reason, Expires: u.Until, Hides: u.Hides,
		}
		rows[i].State, rows[i].Why = stateOf(u, told, k.Looked)
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Target, b.Target), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Tool, b.Tool), cmp.Compare(a.Commit, b.Commit))
	})
	return rows
}

func stateOf(u *effect.Use, told native.Teller, looked func(*effect.Use) bool) (State, string) {
	switch {
	case u.Unreadable:
		return Unreadable, u.Problem
	case u.Expired:
		return Expired, u.Problem
	case u.Hides > 0:
		return Hides, u.Problem
	case u.Problem != "":
		return NoEffect, u.Problem
	case looked != nil && !looked(u):
		return CannotTell, "no engine looked there"
	}
	if rule, known := unknownRule(u, told); !known {
		if rule == "" {
			return CannotTell, "it names no rule, and the engines here do not look for all that " + u.Tool + " does"
		}
		return CannotTell, "no engine here makes findings that " + u.Tool + " calls " + rule
	}
	return Unused, ""
}

// unknownRule is a rule that no engine here tells of. One is enough: the suppression may be there for it.
func unknownRule(u *effect.Use, told native.Teller) (rule string, known bool) {
	if len(u.Rules) == 0 {
		return "", told(u.Tool, "")
	}
	for _, rule := range u.Rules {
		if !told(u.Tool, rule) {
			return rule, false
		}
	}
	return "", true
}

// memo asks a teller about each rule once.
func memo(tell native.Teller) native.Teller {
	if tell == nil {
		return func(string, string) bool { return false }
	}
	type ask struct{ tool, rule string }
	answers := map[ask]bool{}
	return func(tool, rule string) bool {
		answer, ok := answers[ask{tool, rule}]
		if !ok {
			answer = tell(tool, rule)
			answers[ask{tool, rule}] = answer
		}
		return answer
	}
}

// A Summary counts suppressions, for the names that gate expressions may ask for.
type Summary struct {
	Count         int            `json:"count"`
	Hiding        int            `json:"hiding"`
	Hidden        int            `json:"hidden"` // findings
	Unused        int            `json:"unused"`
	CannotTell    int            `json:"cannotTell"`
	Expired       int            `json:"expired"`
	Unreadable    int            `json:"unreadable"`
	NoEffect      int            `json:"noEffect"`
	WithoutReason int            `json:"withoutReason"`
	WithoutExpiry int            `json:"withoutExpiry"`
	ByTool        map[string]int `json:"byTool"`
}

// Summarize counts rows.
func Summarize(rows []Row) Summary {
	s := Summary{Count: len(rows), ByTool: map[string]int{}}
	counters := map[State]*int{
		Hides: &s.Hiding, Unused: &s.Unused, CannotTell: &s.CannotTell, Expired: &s.Expired, Unreadable: &s.Unreadable, NoEffect: &s.NoEffect,
	}
	for i := range rows {
		r := &rows[i]
		*counters[r.State]++
		s.Hidden += r.Hides
		s.ByTool[r.Tool]++
		if r.Reason == "" {
			s.WithoutReason++
		}
		if r.Expires == "" {
			s.WithoutExpiry++
		}
	}
	return s
}
