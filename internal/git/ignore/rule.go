package ignore

import "strings"

// kind is how a rule is tried, from cheapest to dearest.
type kind uint8

const (
	never   kind = iota // cannot match anything, such as an unclosed character class
	literal             // equal to
	suffix              // "*" and then plain characters
	prefix              // plain characters and then "*"
	glob                // the token program
)

type rule struct {
	text     string
	line     int
	negated  bool
	dirOnly  bool
	basename bool // no slash in the pattern: compared with the last path element only
	kind     kind
	literal  string
	head     string // plain characters in front of the program, compared first
	program  []token
}

// parseLine follows the order in which git takes a pattern apart, because the order decides the odd cases: "!" first,
// then one trailing slash, and only then the search for a slash that anchors the pattern.
func parseLine(text string) (rule, bool) {
	r := rule{text: text}
	p, negated := strings.CutPrefix(text, "!")
	r.negated = negated
	p, r.dirOnly = strings.CutSuffix(p, "/")
	r.basename = !strings.Contains(p, "/")
	if text == "" {
		return r, false
	}
	if !r.basename {
		p = strings.TrimPrefix(p, "/")
	}
	if p == "" {
		return r, true // matches nothing, but is a line all the same
	}
	r.compile(p)
	return r, true
}

func (r *rule) compile(p string) {
	// git compares the part before the first special character as it stands and hands only what follows to its
	// wildcard matcher. So in "foo**/bar" the "**" counts as the start of a pattern and crosses folders.
	plain := strings.IndexAny(p, `*?[\`)
	if plain < 0 {
		r.kind, r.literal = literal, p
		return
	}
	split := plain
	if r.basename {
		split = 0
	}
	program, ok := compile(p[split:], !r.basename)
	if !ok {
		return
	}
	r.head, r.program, r.kind = p[:split], program, glob
	r.simplify()
}

// simplify recognises programs that a comparison of strings can answer.
func (r *rule) simplify() {
	star := anyRun
	if !r.basename {
		star = anyInElement
	}
	switch lits, n := literals(r.program), len(r.program); {
	case lits == n:
		r.kind, r.literal = literal, r.head+text(r.program)
	case r.basename && r.program[0].op == star && literals(r.program[1:]) == n-1:
		r.kind, r.literal = suffix, text(r.program[1:])
	case lits == n-1 && r.program[n-1].op == star:
		r.kind, r.literal = prefix, r.head+text(r.program[:n-1])
	}
}

// literals counts the plain characters that a program starts with.
func literals(program []token) int {
	for i := range program {
		if program[i].op != one {
			return i
		}
	}
	return len(program)
}

func text(program []token) string {
	b := make([]byte, len(program))
	for i := range program {
		b[i] = program[i].char
	}
	return string(b)
}

func (r *rule) match(rel, name string) bool {
	subject := rel
	if r.basename {
		subject = name
	}
	switch r.kind {
	case literal:
		return subject == r.literal
	case suffix:
		return strings.HasSuffix(subject, r.literal)
	case prefix:
		tail, ok := strings.CutPrefix(subject, r.literal)
		return ok && (r.basename || !strings.Contains(tail, "/"))
	case glob:
		tail, ok := strings.CutPrefix(subject, r.head)
		return ok && run(r.program, tail)
	}
	return false
}
