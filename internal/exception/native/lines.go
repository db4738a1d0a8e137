package native

import (
	"bytes"
	"strings"
)

// instructionEnd is the last line of the Dockerfile instruction that begins on a line: its continuation lines, with the
// comments between them, and its here-documents.
func (t *text) instructionEnd(line int) int {
	last := line
	for i := line; i < t.lines(); i++ {
		row := bytes.TrimSpace(t.row(i))
		if t.budget < 0 {
			return line
		}
		if i > line && (len(row) == 0 || row[0] == '#') {
			continue
		}
		last = i
		if len(row) == 0 || row[len(row)-1] != t.escape() {
			break
		}
	}
	return t.heredocEnd(line, last)
}

// escape is the sign of continuation, which a directive on the first line may set (docs.docker.com, "Dockerfile reference",
// "escape").
func (t *text) escape() byte {
	word, sign, _ := bytes.Cut(bytes.TrimLeft(t.data[:min(len(t.data), 64)], "# \t"), []byte("="))
	if sign = bytes.TrimLeft(sign, " \t"); strings.EqualFold(string(bytes.TrimRight(word, " \t")), "escape") && len(sign) > 0 && sign[0] == '`' {
		return '`'
	}
	return '\\'
}

var heredocWord = lazy(`<<-?["']?([A-Za-z_][A-Za-z0-9_]*)["']?`)

// heredocEnd is the end of the here-documents that begin between two lines.
func (t *text) heredocEnd(first, last int) int {
	for i := first; i <= last; i++ {
		for _, m := range heredocWord.get().FindAllSubmatch(t.row(i), 8) {
			for j := last + 1; j < t.lines() && t.budget >= 0; j++ {
				if bytes.Equal(bytes.TrimSpace(t.row(j)), m[1]) {
					last, i = j, j
					break
				}
			}
		}
	}
	return last
}

// nextCode is the first line below that is neither blank nor a comment; -1 where there is none.
func (t *text) nextCode(line int) int {
	for i := line + 1; i < t.lines() && t.budget >= 0; i++ {
		if len(t.code(i)) > 0 {
			return i
		}
	}
	return -1
}

// compounds are the words that begin a compound command of the shell, with those that end it.
var compounds = map[string]string{
	"if": "fi", "for": "done", "while": "done", "until": "done", "select": "done", "case": "esac", "{": "}", "(": ")", "function": "}",
}

// commandEnd is the last line of the shell command that begins on a line. A compound command ends at the first line that
// is indented as it is and begins with the word that closes it; without such a line only its first line counts.
func (t *text) commandEnd(line int) int {
	end := line
	for ; end+1 < t.lines() && bytes.HasSuffix(t.row(end), []byte(`\`)) && t.budget >= 0; end++ {
	}
	row := t.row(line)
	fields := strings.Fields(string(row[:min(len(row), maxAfter)]))
	if len(fields) == 0 {
		return line
	}
	closer, ok := compounds[strings.TrimRight(fields[0], ";")]
	if last := fields[len(fields)-1]; !ok && (last == "{" || strings.HasSuffix(last, "(){")) {
		closer, ok = "}", true
	}
	if !ok || contains(fields[1:], closer) {
		return end
	}
	own := len(row) - len(bytes.TrimLeft(row, " \t"))
	for i := end + 1; i < t.lines() && t.budget >= 0; i++ {
		row := t.row(i)
		text := bytes.TrimLeft(row, " \t")
		if len(row)-len(text) == own && bytes.HasPrefix(text, []byte(closer)) {
			return i
		}
	}
	return end
}

func contains(fields []string, word string) bool {
	for _, f := range fields {
		if strings.Trim(f, ";") == word {
			return true
		}
	}
	return false
}
