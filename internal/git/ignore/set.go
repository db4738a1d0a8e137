package ignore

import "strings"

// A set is the characters of a bracket expression.
type set [4]uint64

func (s *set) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *set) remove(c byte)   { s[c>>6] &^= 1 << (c & 63) }
func (s *set) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

func (s *set) addRange(from, to byte) {
	for c := int(from); c <= int(to); c++ {
		s.add(byte(c))
	}
}

func (s *set) invert() {
	for i := range s {
		s[i] = ^s[i]
	}
}

// parseSet reads the bracket expression that p starts with and gives its length, 0 when it is not closed or names an
// unknown class; such a pattern matches nothing.
func parseSet(p string) (*set, int) {
	s := new(set)
	i := 1
	negated := i < len(p) && (p[i] == '!' || p[i] == '^')
	if negated {
		i++
	}
	var previous byte // the start of a possible range; 0 for none
	for first := true; ; first = false {
		if i >= len(p) {
			return nil, 0
		}
		if p[i] == ']' && !first {
			break
		}
		var n int
		previous, n = s.item(p[i:], previous)
		if n == 0 {
			return nil, 0
		}
		i += n
	}
	if negated {
		s.invert()
	}
	return s, i + 1
}

// item reads one member of a bracket expression and gives what a following range would start from.
func (s *set) item(p string, previous byte) (next byte, n int) {
	switch c := p[0]; {
	case c == '\\':
		if len(p) < 2 {
			return 0, 0
		}
		s.add(p[1])
		return p[1], 2
	case c == '-' && previous != 0 && len(p) > 1 && p[1] != ']':
		end := 1
		if p[1] == '\\' {
			if end = 2; len(p) < 3 {
				return 0, 0
			}
		}
		s.addRange(previous, p[end])
		return 0, end + 1
	case c == '[' && len(p) > 1 && p[1] == ':':
		return s.named(p)
	default:
		s.add(c)
		return c, 1
	}
}

// named reads "[:alpha:]". Without the closing ":" the bracket stands for itself.
func (s *set) named(p string) (next byte, n int) {
	end := strings.IndexByte(p[2:], ']')
	if end < 0 {
		return 0, 0
	}
	body := p[2 : 2+end]
	name, ok := strings.CutSuffix(body, ":")
	if !ok {
		s.add('[')
		return '[', 1
	}
	if !s.addClass(name) {
		return 0, 0
	}
	return 0, 2 + end + 1
}

func (s *set) addClass(name string) bool {
	switch name {
	case "alnum":
		return s.addClass("alpha") && s.addClass("digit")
	case "alpha":
		return s.addClass("lower") && s.addClass("upper")
	case "blank":
		s.add(' ')
		s.add('\t')
	case "cntrl":
		s.addRange(0, 0x1f)
		s.add(0x7f)
	case "digit":
		s.addRange('0', '9')
	case "graph":
		s.addRange('!', '~')
	case "lower":
		s.addRange('a', 'z')
	case "print":
		s.addRange(' ', '~')
	case "punct":
		s.addRange('!', '/')
		s.addRange(':', '@')
		s.addRange('[', '`')
		s.addRange('{', '~')
	case "space": // git's idea of it: without vertical tab and form feed
		for _, c := range []byte(" \t\n\r") {
			s.add(c)
		}
	case "upper":
		s.addRange('A', 'Z')
	case "xdigit":
		s.addRange('0', '9')
		s.addRange('a', 'f')
		s.addRange('A', 'F')
	default:
		return false
	}
	return true
}
