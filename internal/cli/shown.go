package cli

import (
	"slices"

	"github.com/assaysec/assay/internal/policy"
)

// shownVerdict is a verdict with what it quotes of policies passed through hide: somebody may compare a value with a
// credential, or write one into a message. What was decided stays as it is, and so does the verdict that is given.
func shownVerdict(v policy.Verdict, hide func(string) string) policy.Verdict {
	hide = remembering(hide)
	v.Reasons, v.Incomplete, v.Rulings = slices.Clone(v.Reasons), slices.Clone(v.Incomplete), slices.Clone(v.Rulings)
	for i := range v.Reasons {
		v.Reasons[i] = hide(v.Reasons[i])
	}
	for i := range v.Incomplete {
		v.Incomplete[i].Reason = hide(v.Incomplete[i].Reason)
	}
	for i := range v.Rulings {
		r := &v.Rulings[i]
		r.Expr, r.Message, r.Error = hide(r.Expr), hide(r.Message), hide(r.Error)
	}
	return v
}

// remembering asks once about each text: a line of a policy is told with every finding that it decides about.
func remembering(f func(string) string) func(string) string {
	known := map[string]string{}
	return func(text string) string {
		if text == "" {
			return ""
		}
		said, ok := known[text]
		if !ok {
			said = f(text)
			known[text] = said
		}
		return said
	}
}
