package register

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Add writes a new exception at the end of the file. All that stands there stays as it is, byte for byte.
func Add(file string, content []byte, e Exception) ([]byte, error) {
	reg, err := Parse(file, content)
	if err != nil {
		return nil, err
	}
	t := newText(content)
	top := t.top()
	indent, end := 0, t.end()
	switch {
	case top == nil:
	case top.Style&yaml.FlowStyle != 0 && len(top.Content) > 0:
		return nil, fmt.Errorf("%s: the list stands in brackets: write it with one dash for each exception, then add another", file)
	case top.Style&yaml.FlowStyle != 0:
		if err := t.dropBrackets(top); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	default:
		indent = top.Column - 1
	}
	entry := renderEntry(&e, indent)
	if n := len(reg.Exceptions); n > 0 && t.blank(reg.Exceptions[n-1].At.Line-1) {
		entry = append([]string{""}, entry...)
	}
	t.replace(end, end, entry)
	reg.Exceptions = append(reg.Exceptions, e)
	return t.checked(reg)
}

// Change changes the exception with an ID. Only the keys whose values change are written anew; comments and the layout of
// all others stay, byte for byte. A signature does not outlive what it approved: where the change leaves it as it is and
// alters anything else, it goes.
func Change(file string, content []byte, id string, change func(*Exception)) ([]byte, error) {
	reg, err := Parse(file, content)
	if err != nil {
		return nil, err
	}
	e := reg.Find(id)
	if e == nil {
		return nil, fmt.Errorf("%s: there is no exception %s", file, id)
	}
	old := *e
	change(e)
	e.ID = old.ID
	if e.Signature == old.Signature && !bytes.Equal(e.Canonical(""), old.Canonical("")) {
		e.Signature = ""
	}
	t := newText(content)
	t.change(slices.IndexFunc(reg.Exceptions, func(x Exception) bool { return x.ID == id }), &old, e)
	return t.checked(reg)
}

// A text is the lines of a file that is changed; each keeps its line end.
type text struct {
	content []byte
	lines   []string
	newline string
}

func newText(content []byte) *text {
	t := &text{content: content, lines: strings.SplitAfter(string(content), "\n"), newline: "\n"}
	if t.lines[len(t.lines)-1] == "" {
		t.lines = t.lines[:len(t.lines)-1]
	}
	if bytes.Contains(content, []byte("\r\n")) {
		t.newline = "\r\n"
	}
	return t
}

// top gives the list of the file, which Parse has read already.
func (t *text) top() *yaml.Node {
	var doc yaml.Node
	if yaml.Unmarshal(t.content, &doc) != nil || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.SequenceNode {
		return nil
	}
	return doc.Content[0]
}

func (t *text) blank(line int) bool {
	return line >= 1 && line <= len(t.lines) && strings.TrimSpace(t.lines[line-1]) == ""
}

// end is the line behind which an entry can be added: the last, or the one before the end of the document.
func (t *text) end() int {
	for i := len(t.lines) - 1; i >= 0 && (t.blank(i+1) || strings.HasPrefix(t.lines[i], "...")); i-- {
		if strings.HasPrefix(t.lines[i], "...") {
			return i
		}
	}
	return len(t.lines)
}

// replace puts lines in place of those from (counted from 0) up to to.
func (t *text) replace(from, to int, lines []string) {
	with := make([]string, len(lines))
	for i, line := range lines {
		with[i] = line + t.newline
	}
	if from > 0 && len(with) > 0 && !strings.HasSuffix(t.lines[from-1], "\n") {
		t.lines[from-1] += t.newline
	}
	t.lines = slices.Replace(t.lines, from, to, with...)
}

// dropBrackets takes away the [] of an empty list.
func (t *text) dropBrackets(top *yaml.Node) error {
	line := t.lines[top.Line-1]
	if at := offset(line, top.Column); strings.HasPrefix(line[at:], "[]") {
		t.lines[top.Line-1] = line[:at] + line[at+2:]
		return nil
	}
	return errors.New("the list stands in brackets: remove them, then add the exception")
}

// offset turns a column, which counts code points, into a place in the line.
func offset(line string, column int) int {
	for i := range line {
		if column--; column == 0 {
			return i
		}
	}
	return len(line)
}

// checked gives the file if it says what it should, and an error if its layout was too much for us.
func (t *text) checked(want *Register) ([]byte, error) {
	out := []byte(strings.Join(t.lines, ""))
	got, err := Parse(want.File, out)
	if err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(bare(got), bare(want)) {
		return nil, fmt.Errorf("%s: its layout is one that cannot be changed by a program: change it by hand", want.File)
	}
	return out, nil
}

// bare gives all that exceptions say, without their places.
func bare(reg *Register) []string {
	list := make([]string, len(reg.Exceptions))
	for i := range reg.Exceptions {
		list[i] = string(reg.Exceptions[i].Canonical("")) + strings.TrimSpace(reg.Exceptions[i].Signature)
	}
	return list
}
