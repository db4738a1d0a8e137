package workplace

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// PreCommitConfig is the configuration of the pre-commit framework.
const PreCommitConfig = ".pre-commit-config.yaml"

// preCommitEntry is our hook as an entry of the framework's list of repositories. It runs the program in PATH: the framework
// would build one from a repository only at a revision, and which one a team trusts is the team's to say.
func preCommitEntry(indent string) string {
	lines := []string{
		"- repo: local", "  hooks:", "    - id: assay", "      name: assay", "      language: system",
		"      entry: assay gate --staged --stage pre-commit", "      pass_filenames: false", "      always_run: true",
	}
	return indent + strings.Join(lines, "\n"+indent) + "\n"
}

// ErrByHand is wrapped by errors about files that only a person can add to.
var ErrByHand = errors.New("it cannot be added to with certainty")

// AddPreCommit adds our entry to the framework's configuration. What is there stays byte for byte. done reports that there is
// one already.
func AddPreCommit(text []byte) (out []byte, done bool, err error) {
	repos, err := topLevel(text, "repos")
	if err != nil {
		return nil, false, err
	}
	switch {
	case repos == nil || repos.Kind != yaml.SequenceNode:
		return nil, false, fmt.Errorf("%w: it has no list of repos", ErrByHand)
	case asksAssay(repos):
		return text, true, nil
	case repos.Style&yaml.FlowStyle != 0 || len(repos.Content) == 0:
		return nil, false, fmt.Errorf("%w: its list of repos is not one entry a line", ErrByHand)
	}
	first := repos.Content[0]
	indent := indentOfItem(text, first)
	if indent < 0 {
		return nil, false, fmt.Errorf("%w: its list of repos is laid out in a way of its own", ErrByHand)
	}
	out, err = insertAfter(text, endOfBlock(text, first.Line, indent), preCommitEntry(strings.Repeat(" ", indent)))
	if err == nil && !(grew(out, "repos", len(repos.Content)+1) && asked(out)) {
		err = fmt.Errorf("%w: its list of repos is laid out in a way of its own", ErrByHand)
	}
	return out, false, err
}

// asked reads a changed file again: our hook has to be found in it.
func asked(text []byte) bool {
	repos, err := topLevel(text, "repos")
	return err == nil && repos != nil && asksAssay(repos)
}

// asksAssay reports whether a hook of ours is in the list.
func asksAssay(repos *yaml.Node) bool {
	var config []struct {
		Repo  string
		Hooks []struct{ ID, Entry string }
	}
	if repos.Decode(&config) != nil {
		return false
	}
	for _, r := range config {
		for _, h := range r.Hooks {
			if h.ID == "assay" || h.ID == "assay-system" || strings.HasPrefix(h.Entry, "assay ") {
				return true
			}
		}
	}
	return false
}

// topLevel is the value of a key of a document's mapping; nil where it has none.
func topLevel(text []byte, key string) (*yaml.Node, error) {
	top, err := document(text)
	if top == nil || err != nil {
		return nil, err
	}
	for i := 0; i+1 < len(top.Content); i += 2 {
		if top.Content[i].Value == key {
			return top.Content[i+1], nil
		}
	}
	return nil, nil
}

// document is the mapping of a file with one document; nil for an empty file.
func document(text []byte) (*yaml.Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	var doc, second yaml.Node
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	if err := d.Decode(&doc); err != nil {
		if len(doc.Content) == 0 && onlyComments(text) {
			return nil, nil
		}
		return nil, fmt.Errorf("%w: %v", ErrByHand, err)
	}
	if d.Decode(&second) == nil {
		return nil, fmt.Errorf("%w: it holds several documents", ErrByHand)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode || doc.Content[0].Style&yaml.FlowStyle != 0 {
		return nil, fmt.Errorf("%w: it is no list of keys, one a line", ErrByHand)
	}
	return doc.Content[0], nil
}

func onlyComments(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}

// indentOfItem is the column of the dash of a list's item, counted from 0; -1 where the item does not stand on a dash's line.
func indentOfItem(text []byte, item *yaml.Node) int {
	lines := bytes.SplitAfter(text, []byte("\n"))
	if item.Line < 1 || item.Line > len(lines) {
		return -1
	}
	line := lines[item.Line-1]
	indent := len(line) - len(bytes.TrimLeft(line, " "))
	if indent >= len(line) || line[indent] != '-' {
		return -1
	}
	return indent
}

// endOfBlock is the number of the last line that belongs to a block list: the one before the next that stands further left,
// or at the list's own column without a dash. Empty lines and comments at its end do not belong to it.
func endOfBlock(text []byte, first, indent int) int {
	lines := bytes.SplitAfter(text, []byte("\n"))
	last := first
	for n := first + 1; n <= len(lines); n++ {
		line := bytes.TrimRight(lines[n-1], "\r\n \t")
		body := bytes.TrimLeft(line, " ")
		at := len(line) - len(body)
		switch {
		case len(body) == 0 || body[0] == '#' && at <= indent:
			continue
		case at < indent || at == indent && body[0] != '-' || bytes.Equal(line, []byte("---")) || bytes.Equal(line, []byte("...")):
			return last
		}
		last = n
	}
	return last
}

// insertAfter puts lines behind a line of a text, with the line ends that the text has.
func insertAfter(text []byte, line int, add string) ([]byte, error) {
	lines := bytes.SplitAfter(text, []byte("\n"))
	if line < 0 || line > len(lines) {
		return nil, ErrByHand
	}
	end := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		end = "\r\n"
		add = strings.ReplaceAll(add, "\n", end)
	}
	head := bytes.Join(lines[:line], nil)
	if len(head) > 0 && head[len(head)-1] != '\n' {
		head = append(bytes.Clone(head), end...)
	}
	return bytes.Join([][]byte{head, []byte(add), bytes.Join(lines[line:], nil)}, nil), nil
}

// grew reads a changed file again: what was added must stand where it was meant to.
func grew(text []byte, key string, want int) bool {
	list, err := topLevel(text, key)
	return err == nil && list != nil && list.Kind == yaml.SequenceNode && len(list.Content) == want
}
