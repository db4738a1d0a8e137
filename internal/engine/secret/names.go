package secret

import "slices"

// Names are the IDs of all rules and the names that others have for them.
func (e *Engine) Names() []string {
	var names []string
	for i := range e.rules {
		names = append(names, "secret/"+e.rules[i].id)
		names = append(names, e.describe(&e.rules[i]).Aliases...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
