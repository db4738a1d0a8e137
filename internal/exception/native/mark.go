package native

import (
	"math"
	"slices"

	"github.com/assaysec/assay/internal/finding"
)

// LastLine is the end of a mark that speaks about a whole file. Only such a mark speaks about findings without a line.
const LastLine = math.MaxInt32

// A Found is one mark in a text.
type Found struct {
	Tool   string   `json:"tool"`
	Word   string   `json:"word"` // as Words has it
	Line   int      `json:"line"`
	Column int      `json:"column"`           // of the word, in code points
	Reach  []Reach  `json:"reach,omitempty"`  // none: it has no effect, and Problem says why
	Rules  []string `json:"rules,omitempty"`  // under the tool's names; none means all of the tool, but for Assay
	Except []string `json:"except,omitempty"` // rules that it does not hold, where it holds all others
	Reason string   `json:"reason,omitempty"`
	Until  string   `json:"until,omitempty"` // the date, as it is written
	Text   string   `json:"text"`            // from the word to the end of the line

	// Problem says why the mark has no effect. Unreadable says that it could not be understood, rather than that it was
	// understood and does nothing.
	Problem    string `json:"problem,omitempty"`
	Unreadable bool   `json:"unreadable,omitempty"`
}

// A Reach is a run of lines that a mark speaks about.
type Reach struct {
	First int      `json:"first"`
	Last  int      `json:"last"`
	Rules []string `json:"rules,omitempty"` // where only some of the mark's rules reach so far
}

// Speaks reports whether a reach of a tool's mark meets a place as the tool would have it. Places other than the finding's
// own are related ones.
func (r *Reach) Speaks(tool string, p *finding.Place, related bool) bool {
	first := p.Start.Line
	last := max(first, p.End.Line)
	how := touchOf(tool)
	switch {
	case related && how != anywhere:
		return false
	case first == 0: // the file as a whole
		return r.First == 1 && r.Last == LastLine
	case how == onStart:
		last = first
	}
	return r.First <= last && first <= r.Last
}

// Speaks reports whether a mark speaks about a finding at its place or, where its tool looks there, at a related one of the
// same file. Whether the finding has a name of the tool is not asked.
func (f *Found) Speaks(x *finding.Finding) bool {
	meets := func(p *finding.Place, related bool) bool {
		return slices.ContainsFunc(f.Reach, func(r Reach) bool { return r.Speaks(f.Tool, p, related) })
	}
	return meets(&x.Place, false) || slices.ContainsFunc(x.Related, func(p finding.Place) bool {
		return p.Path == x.Place.Path && p.Target == "" && meets(&p, true)
	})
}

// Limits on marks. A line may be of any length, and a file full of marks.
const (
	MaxText  = 512    // bytes of a mark's text
	MaxMarks = 10_000 // in one file
	maxRules = 50
	maxRule  = 200 // bytes of a rule's name
)

// Mask puts every text of a mark that could hold a secret through hide. A rule that hide changes is not a name any more,
// and holds nothing.
func (f *Found) Mask(hide func(string) string) {
	f.Text, f.Reason, f.Until, f.Problem = hide(f.Text), hide(f.Reason), hide(f.Until), hide(f.Problem)
	MaskRules(f.Tool, f.Rules, hide)
	MaskRules(f.Tool, f.Except, hide)
	for i := range f.Reach {
		MaskRules(f.Tool, f.Reach[i].Rules, hide)
	}
}

// MaskRules puts names of a tool's rules through hide, but for those of KICS that have their form.
func MaskRules(tool string, rules []string, hide func(string) string) {
	for i, rule := range rules {
		if tool != KICS || !kicsQuery.get().MatchString(rule) {
			rules[i] = hide(rule)
		}
	}
}

func (f *Found) fail(problem string) {
	f.Reach, f.Problem, f.Unreadable = nil, problem, true
}

// none says that a mark was understood and speaks about nothing.
func (f *Found) none(why string) {
	f.Reach, f.Problem = nil, why
}
