package shell

import (
	"slices"
	"strings"
)

// workflowCommand reads what a command prints to the log: ::set-env name=X::value and ##vso[task.setvariable variable=X].
func (s *Script) workflowCommand(i int, steps *int) (Write, bool) {
	c := &s.Commands[i]
	if !echoes(c) || c.Name == "tee" || c.Name == "cat" && len(c.Redirects) == 0 {
		return Write{}, false
	}
	words := echoed(c)
	for _, r := range c.Redirects {
		words = append(slices.Clip(words), r.Body)
	}
	for n, word := range words {
		name, args, ok := workflowName(word.Text)
		if !ok {
			continue
		}
		w := Write{Workflow: name, Range: c.Range, Command: i, steps: steps}
		s.gatherWords(words[n:], &w, false, false)
		for field := range strings.FieldsFuncSeq(args, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
			key, value, _ := strings.Cut(field, "=")
			if (key == "name" || key == "variable") && value != "" {
				if strings.ContainsAny(value, "$"+holeMark) {
					w.AnyKey = true
				} else {
					w.Keys = append(w.Keys, value)
				}
			}
		}
		return w, true
	}
	return Write{}, false
}

// workflowName takes a platform's command apart.
func workflowName(text string) (name, args string, ok bool) {
	if _, rest, found := strings.Cut(text, "##vso["); found {
		head, _, closed := strings.Cut(rest, "]")
		name, args, _ = strings.Cut(head, " ")
		return name, args, closed
	}
	text = strings.TrimSpace(text)
	rest, found := strings.CutPrefix(text, "::")
	if !found {
		return "", "", false
	}
	head, _, closed := strings.Cut(rest, "::")
	name, args, _ = strings.Cut(head, " ")
	return name, args, closed && keyName(name)
}

// delimited joins a value that is written in several steps: NAME<<EOF, the value, EOF. The delimiter of the first line
// counts for those that follow to the same file.
func (s *Script) delimited(writes []Write) []Write {
	open := map[string]string{} // by target: the delimiter as written
	random := map[string]bool{}
	for i := range writes {
		w := &writes[i]
		if w.Target == "" {
			continue
		}
		text := s.document(w)
		if d, ok := open[w.Target]; ok {
			w.Delimited, w.RandomDelimiter, w.AnyKey = true, random[w.Target], false
			w.Keys = nil
			if strings.TrimSpace(text) == d {
				delete(open, w.Target)
			}
			continue
		}
		if !w.Delimited {
			continue
		}
		_, d, _ := strings.Cut(text, "<<")
		d, rest, more := strings.Cut(d, "\n")
		d = strings.TrimSpace(d)
		w.RandomDelimiter = s.random(d)
		if !more || !slices.Contains(strings.Split(strings.ReplaceAll(rest, " ", ""), "\n"), d) {
			open[w.Target], random[w.Target] = d, w.RandomDelimiter
		} else if len(w.Keys) > 1 {
			w.Keys = w.Keys[:1]
		}
		if w.RandomDelimiter {
			w.AnyKey = false
		}
	}
	for i := range writes {
		w := &writes[i]
		w.steps = nil
		w.Multiline = w.Multiline && !w.RandomDelimiter
	}
	return writes
}

// document is the text that a write's command prints, as far as it is known.
func (s *Script) document(w *Write) string {
	c := &s.Commands[w.Command]
	for _, r := range c.Redirects {
		if r.Op == "<<" || r.Op == "<<-" {
			return r.Body.Text
		}
	}
	if !echoes(c) {
		return ""
	}
	var lines []string
	for _, word := range echoed(c) {
		lines = append(lines, word.Text)
	}
	return strings.ReplaceAll(strings.Join(lines, " "), `\n`, "\n")
}

// random says that a delimiter cannot be guessed: it holds a substitution or a variable that got its value from one.
func (s *Script) random(delimiter string) bool {
	if strings.Contains(delimiter, "$()") || strings.Contains(delimiter, "$RANDOM") {
		return true
	}
	at := strings.IndexByte(delimiter, '$')
	if at < 0 {
		return false
	}
	name := delimiter[at+1:]
	for n := range len(name) {
		if !word(name[n]) && name[n] != '_' {
			name = name[:n]
			break
		}
	}
	return slices.ContainsFunc(s.constants[name].Parts, func(p Part) bool {
		return p.Kind == Capture || p.Kind == Variable && p.Name == "RANDOM"
	})
}
