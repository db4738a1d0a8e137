package fault

import (
	"cmp"
	"slices"

	"github.com/assaysec/assay/internal/finding"
)

// A Span is a part of a file, in bytes from its beginning: from Start up to, but not including, End.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// A Fault is what a check says of one place of a pipeline file.
type Fault struct {
	Rule    string `json:"rule"` // without the engine's name, such as "github-script-injection"
	Path    string `json:"path,omitempty"`
	Span    Span   `json:"span"`
	Message string `json:"message"`          // the fact, in one sentence, without a final period
	Advice  string `json:"advice,omitempty"` // in place of the rule's, where more is known here

	// Key is what makes two faults of one rule in one file different ones whatever lines they stand on: the names of job
	// and step, and the expression or command. It must not hold a credential.
	Key string `json:"key"`

	// Severity and Confidence stand in place of the rule's where they are known.
	Severity   finding.Severity   `json:"severity,omitempty"`
	Confidence finding.Confidence `json:"confidence,omitempty"`

	Steps []Step `json:"steps,omitempty"` // of a flow, from its source to before this place
	Fix   *Fix   `json:"fix,omitempty"`
}

// A Step is a place that a flow comes through.
type Step struct {
	Path string `json:"path,omitempty"` // of another file; empty for the fault's own
	Span Span   `json:"span"`
}

// A Fix is what removes a fault. Its edits do not overlap.
type Fix struct {
	Title string `json:"title"` // what it does, as an order
	Edits []Edit `json:"edits"`
}

// An Edit puts a text in the place of a span.
type Edit struct {
	Span Span   `json:"span"`
	Text string `json:"text"`
}

// Sort orders faults by place, then rule.
func Sort(faults []Fault) {
	slices.SortStableFunc(faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Span.End, b.Span.End),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Key, b.Key))
	})
}
