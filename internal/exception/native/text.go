package native

import (
	"bytes"
	"path"
	"strings"
)

// A kind is what a text is written in, as far as marks and blocks differ by it.
type kind uint8

const (
	plain kind = iota
	braces
	golang
	hcl
	yaml
	docker
	shell
	python
	jsonText
)

var kinds = map[string]kind{
	".go": golang, ".py": python, ".pyi": python, ".tf": hcl, ".tfvars": hcl, ".hcl": hcl, ".yaml": yaml, ".yml": yaml,
	".dockerfile": docker, ".sh": shell, ".bash": shell, ".ksh": shell, ".dash": shell, ".json": jsonText, ".template": jsonText,
	".java": braces, ".kt": braces, ".js": braces, ".jsx": braces, ".ts": braces, ".tsx": braces, ".c": braces, ".cc": braces,
	".cpp": braces, ".h": braces, ".cs": braces, ".php": braces, ".rs": braces, ".swift": braces, ".scala": braces, ".bicep": braces,
}

func kindOf(name string, data []byte) kind {
	base := strings.ToLower(path.Base(name))
	if strings.HasPrefix(base, "dockerfile") || strings.HasPrefix(base, "containerfile") {
		return docker
	}
	if k, ok := kinds[path.Ext(base)]; ok {
		return k
	}
	if head, _, _ := bytes.Cut(data[:min(len(data), 128)], []byte("\n")); bytes.HasPrefix(head, []byte("#!")) {
		switch {
		case bytes.Contains(head, []byte("python")):
			return python
		case bytes.Contains(head, []byte("sh")):
			return shell
		}
	}
	return plain
}

// A text is a file with marks. Its budget is how many bytes may still be looked at to find where blocks end.
type text struct {
	data   []byte
	kind   kind
	starts []int // offsets of lines
	budget int
	over   bool   // a line was asked for that could not be paid for any more
	tops   []span // outermost blocks; made on first use
	topped bool
	above  map[int][]ancestor // of lines of YAML
}

// A span is a run of lines, counted from 0.
type span struct{ first, last int }

func newText(name string, data []byte) *text {
	t := &text{data: data, kind: kindOf(name, data), budget: 1<<20 + 8*len(data), above: map[int][]ancestor{}}
	t.starts = make([]int, 1, 1+bytes.Count(data, []byte{'\n'}))
	for at := 0; ; {
		i := bytes.IndexByte(data[at:], '\n')
		if i < 0 {
			return t
		}
		at += i + 1
		t.starts = append(t.starts, at)
	}
}

func (t *text) lines() int { return len(t.starts) }

// end is where a line ends, without its line end.
func (t *text) end(line int) int {
	end := len(t.data)
	if line+1 < len(t.starts) {
		end = t.starts[line+1] - 1
	}
	if end > t.starts[line] && t.data[end-1] == '\r' {
		end--
	}
	return end
}

// row is a line's bytes. It is paid for from the budget; once that is spent, all lines are empty.
func (t *text) row(line int) []byte {
	row := t.data[t.starts[line]:t.end(line)]
	if t.budget -= len(row) + 1; t.budget < 0 {
		t.over = true
		return nil
	}
	return row
}

// code is a line without the blanks around it, empty where it is a comment of a language whose comments begin with #.
func (t *text) code(line int) []byte {
	row := bytes.TrimSpace(t.row(line))
	if len(row) > 0 && row[0] == '#' {
		return nil
	}
	return row
}

// blockAt is the last line of what begins on a line: a block, a value of several lines, an instruction, a command.
func (t *text) blockAt(line int) int {
	switch t.kind {
	case yaml:
		return t.yamlEnd(line)
	case docker:
		return t.instructionEnd(line)
	case shell:
		return t.commandEnd(line)
	case braces, golang, hcl, jsonText:
		return t.braceEnd(line)
	}
	return line
}

// atHead reports whether nothing but comments, blank lines and a document's begin stand before a line.
func (t *text) atHead(line int) bool {
	for i := range line {
		row := bytes.TrimSpace(t.row(i))
		switch {
		case len(row) == 0, row[0] == '#', bytes.HasPrefix(row, []byte("//")), string(row) == "---" && t.kind == yaml:
		default:
			return false
		}
		if t.budget < 0 {
			return false
		}
	}
	return true
}
