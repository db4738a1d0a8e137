package policy

// maxCombinations bounds the search for what changes the answer of a check.
const maxCombinations = 4096

// checking is a program whose answer is a permission: a compensating check. What hangs on something unknown does not hold.
type checking struct{ FindingProgram }

// Checking makes a check of a program. Where Outcome.Unknowns says that the answer is open, it does not hold.
func Checking(p FindingProgram) FindingProgram { return checking{p} }

func (c checking) Eval(look Lookup) Outcome {
	o := c.FindingProgram.Eval(look)
	if len(o.Unknowns) > 0 || o.Err != nil {
		o.Holds = false
	}
	return o
}

// IsConstant reports whether a program surely gives the same answer for every finding. It tries all values of the names
// that have few, with the others unknown: an answer that hangs on those may change.
func IsConstant(p FindingProgram) bool {
	var names []string
	var values [][]any
	combinations := 1
	for _, name := range p.Reads() {
		if n := byName[name]; n != nil {
			if domain := n.domain(); len(domain) > 0 && combinations*len(domain) <= maxCombinations {
				names, values = append(names, name), append(values, domain)
				combinations *= len(domain)
			}
		}
	}
	var first Outcome
	for i := range combinations {
		chosen := map[string]any{}
		rest := i
		for j, name := range names {
			chosen[name] = values[j][rest%len(values[j])]
			rest /= len(values[j])
		}
		o := p.Eval(func(name string) (any, bool) { v, ok := chosen[name]; return v, ok })
		if o.Err != nil || len(o.Unknowns) > 0 || i > 0 && o.Holds != first.Holds {
			return false
		}
		first = o
	}
	return true
}

// domain lists all values of a name that has few.
func (n *Name) domain() []any {
	var list []any
	words := n.Words
	switch n.Type {
	case Bool:
		return []any{false, true}
	case Level:
		if words == nil {
			words = LevelWords
		}
		for _, w := range words {
			list = append(list, rank(w))
		}
	case String:
		for _, w := range words {
			list = append(list, w)
		}
	}
	return list
}

// FindingDocument is a document with one finding, whose values a lookup gives. What is not about it is unknown.
func FindingDocument(look Lookup) map[string]any {
	get := func(fields []field) (map[string]any, []string) {
		return collect(fields, func(f field) (any, bool) { return look(f.Name.Name) })
	}
	finding, unknowns := get(findingFields)
	finding["unknowns"] = unknowns
	doc, unknowns := get(runFields)
	for _, part := range []string{"coverage", "services"} {
		doc[part] = Unknown(part)
		unknowns = append(unknowns, part)
	}
	doc["unknowns"], doc["levels"], doc["findings"] = unknowns, levelRanks(), []any{finding}
	return doc
}
