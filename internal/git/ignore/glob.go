package ignore

import "strings"

type op uint8

const (
	one          op = iota // this character
	anyOne                 // any character
	anyOneInName           // any character but a slash
	class                  // a character of the set
	anyInElement           // any run without a slash
	anyRun                 // any run
	anyFolders             // nothing, or any run that ends in a slash
)

type token struct {
	op   op
	char byte
	set  *set
}

// compile turns a pattern into tokens; paths tells that a slash is special. It reports false for a pattern that can
// match nothing.
func compile(p string, paths bool) ([]token, bool) {
	var program []token
	for i := 0; i < len(p); {
		switch c := p[i]; c {
		case '\\':
			if i+1 == len(p) {
				return nil, false
			}
			program = append(program, token{op: one, char: p[i+1]})
			i += 2
		case '?':
			program = append(program, token{op: pick(paths, anyOneInName, anyOne)})
			i++
		case '[':
			s, n := parseSet(p[i:])
			if n == 0 {
				return nil, false
			}
			if paths {
				s.remove('/')
			}
			program = append(program, token{op: class, set: s})
			i += n
		case '*':
			t, n := compileStars(p, i, paths)
			program = append(program, t)
			i += n
		default:
			program = append(program, token{op: one, char: c})
			i++
		}
	}
	return program, true
}

// compileStars reads a run of "*" at p[i:] and how much of the pattern it takes up. Two or more cross folders only
// when they fill a whole path element.
func compileStars(p string, i int, paths bool) (token, int) {
	n := 1
	for i+n < len(p) && p[i+n] == '*' {
		n++
	}
	if !paths {
		return token{op: anyRun}, n
	}
	rest := p[i+n:]
	opens := i == 0 || p[i-1] == '/'
	closes := rest == "" || rest[0] == '/' || strings.HasPrefix(rest, `\/`)
	switch {
	case n == 1 || !opens || !closes:
		return token{op: anyInElement}, n
	case rest != "" && rest[0] == '/':
		return token{op: anyFolders}, n + 1
	default:
		return token{op: anyRun}, n
	}
}

func pick(first bool, a, b op) op {
	if first {
		return a
	}
	return b
}

// resume is where to go on after a mismatch: the token that follows a run, and the first character not yet in the run.
type resume struct{ token, char int }

// run tells whether the program matches all of s. Two places to resume are enough: a run that crosses folders makes
// all earlier choices final, because it can stretch over whatever they would have taken; a run inside a path element
// does the same for earlier ones inside that element.
func run(program []token, s string) bool {
	near, far := resume{token: -1}, resume{token: -1}
	farKind := anyRun
	i, j := 0, 0
	for {
		if i < len(program) {
			switch t := &program[i]; t.op {
			case anyInElement:
				i++
				near = resume{i, j}
				continue
			case anyRun, anyFolders:
				i++
				near, far, farKind = resume{token: -1}, resume{i, j}, t.op
				continue
			default:
				if j < len(s) && t.accepts(s[j]) {
					i++
					j++
					continue
				}
			}
		} else if j == len(s) {
			return true
		}
		switch {
		case near.token >= 0 && near.char < len(s) && s[near.char] != '/':
			near.char++
			i, j = near.token, near.char
		case far.token >= 0 && far.char < len(s):
			if far.char = stretch(farKind, s, far.char); far.char < 0 {
				return false
			}
			near.token = -1
			i, j = far.token, far.char
		default:
			return false
		}
	}
}

// stretch gives the next place where a run that crosses folders may end, or -1.
func stretch(kind op, s string, from int) int {
	if kind == anyRun {
		return from + 1
	}
	slash := strings.IndexByte(s[from:], '/')
	if slash < 0 {
		return -1
	}
	return from + slash + 1
}

func (t *token) accepts(c byte) bool {
	switch t.op {
	case one:
		return c == t.char
	case anyOne:
		return true
	case anyOneInName:
		return c != '/'
	default:
		return t.set.has(c)
	}
}
