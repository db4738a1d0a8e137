package shell

import (
	"slices"
	"strings"
)

// A secrecy asks which parts of words hold secrets.
type secrecy struct {
	*Taint
	holes  func(int) bool
	leaked map[int]*string // by stream: the secret that it gives away, nil for none
}

// hidden is a part that holds a secret, by its name.
func (s *secrecy) hidden(parts []Part) (string, bool) {
	for _, p := range parts {
		if p.Kind == Hole && s.holes(p.Hole) {
			return "", true
		}
		if p.Kind == Variable && !p.Clean && (s.foreign(p.Name) || len(s.via[p.Name]) > 0) {
			return p.Name, true
		}
		if p.Kind == Capture {
			if name, ok := s.captured(p.Stream, 0); ok {
				return name, true
			}
		}
	}
	return "", false
}

// captured looks for a secret that an echo puts out in a substitution, encoded or not: the log hides neither form.
func (s *secrecy) captured(stream, depth int) (string, bool) {
	if depth > 10 || stream == 0 {
		return "", false
	}
	if name, known := s.leaked[stream]; known {
		if name == nil {
			return "", false
		}
		return *name, true
	}
	s.leaked[stream] = nil
	name, ok := s.leaks(stream, depth)
	if ok {
		s.leaked[stream] = &name
	}
	return name, ok
}

func (s *secrecy) leaks(stream, depth int) (string, bool) {
	for _, i := range s.script.writers[stream] {
		c := &s.script.Commands[i]
		if echoes(c) {
			for _, w := range c.Args {
				for _, p := range w.Parts {
					if p.Kind == Hole && s.holes(p.Hole) || p.Kind == Variable && !p.Clean && s.foreign(p.Name) {
						return p.Name, true
					}
				}
			}
		}
		if encodes[c.Name] {
			if name, ok := s.captured(c.In, depth+1); ok {
				return name, true
			}
		}
	}
	return "", false
}

// encodes lists filters whose output gives their input away.
var encodes = map[string]bool{"base64": true, "base32": true, "rev": true, "xxd": true, "od": true, "sed": true, "tr": true, "fold": true, "tac": true, "cat": true}

// Secrets are the places where a secret shows: printed to the log (PrintedSecret), written to a file (StoredSecret), or
// on the command line of a program (SecretArgument). The first argument says which variables hold secrets, the second
// which holes do; nil means none. A pipe into another program and a mask command are no faults. A dump of the whole
// environment is told whatever the script uses, with no Name: whether a secret is in it only the caller knows.
func (s *Script) Secrets(variable func(name string) bool, hole func(index int) bool) []Remark {
	if hole == nil {
		hole = func(int) bool { return false }
	}
	x := &secrecy{Taint: s.Follow(variable), holes: hole, leaked: map[int]*string{}}
	var out []Remark
	traced, any := false, x.any()
	for i := range s.Commands {
		c := &s.Commands[i]
		if c.Name == "set" {
			traced = s.traces(c, traced)
		}
		if r, ok := x.shown(i, any); ok {
			out = append(out, r)
		} else if r, ok := x.argument(i); ok {
			out = append(out, r)
		} else if name, ok := x.uses(c); ok && traced {
			r := s.remark(PrintedSecret, i)
			r.Name, r.Detail = name, "set -x"
			out = append(out, r)
		}
	}
	return inOrder(out)
}

// any is a variable of the script that holds a secret, for commands that print the whole environment.
func (s *secrecy) any() bool {
	for _, u := range s.script.uses {
		if u.Part.Kind == Variable && s.foreign(u.Part.Name) {
			return true
		}
	}
	return false
}

// traces follows set -x and set +x.
func (s *Script) traces(c *Command, on bool) bool {
	args := c.static()
	for i, a := range args {
		switch {
		case a == "xtrace" && i > 0:
			on = args[i-1] == "-o"
		case len(a) > 1 && a[0] == '-' && a[1] != '-' && strings.Contains(a, "x"):
			on = true
		case len(a) > 1 && a[0] == '+' && strings.Contains(a, "x"):
			on = false
		}
	}
	return on
}

func (s *secrecy) uses(c *Command) (string, bool) {
	for _, w := range c.Args {
		if name, ok := s.hidden(w.Parts); ok && c.Kind != Expression {
			return name, true
		}
	}
	for _, a := range c.Assigns {
		if name, ok := s.hidden(a.Value.Parts); ok {
			return name, true
		}
	}
	return "", false
}

// shown looks at what goes to the log or to a file.
func (s *secrecy) shown(i int, any bool) (Remark, bool) {
	c := &s.script.Commands[i]
	if c.Kind != Simple || c.Captured && c.Stdout == nil {
		return Remark{}, false
	}
	where, target := s.destination(c)
	if where == "" {
		return Remark{}, false
	}
	r := s.script.remark(where, i)
	r.Package = target
	if dumps(c) && where == PrintedSecret && (any || c.Name != "set") {
		r.Detail = c.Name
		return r, true
	}
	words := printing(c)
	if len(words) > 0 && masks(words) {
		return Remark{}, false
	}
	for _, w := range words {
		if name, ok := s.hidden(w.Parts); ok {
			r.Name, r.Detail = name, c.Name
			return r, true
		}
	}
	return Remark{}, false
}

// destination is where a command's output ends: the log, a file, or elsewhere, through pipes that only change it.
func (s *secrecy) destination(c *Command) (RemarkKind, string) {
	for range 8 {
		if c.Stdout != nil {
			if c.Stdout.Target.Text == "/dev/null" {
				return "", ""
			}
			if t := c.Stdout.Target.Text; t == "/dev/stdout" || t == "/dev/stderr" || t == "/dev/tty" {
				return PrintedSecret, ""
			}
			return StoredSecret, c.Stdout.Target.Text
		}
		if c.Out == 0 {
			return PrintedSecret, ""
		}
		readers := s.script.readers[c.Out]
		if c.Captured || len(readers) == 0 {
			return "", ""
		}
		next := &s.script.Commands[readers[0]]
		if !filters[next.Name] || next.Name == "xargs" || next.Name == "openssl" || next.Name == "gpg" || next.Name == "grep" || cleans(next) && next.Name != "base64" {
			return "", ""
		}
		if next.Name == "tee" && len(next.Args) > 0 {
			return PrintedSecret, ""
		}
		if next.Name == "python" || next.Name == "python3" || next.Name == "perl" || next.Name == "envsubst" {
			return "", ""
		}
		c = next
	}
	return "", ""
}

// dumps says that a command prints the whole environment.
func dumps(c *Command) bool {
	switch c.Name {
	case "printenv":
		return len(c.Args) == 0 && c.Pipe == 0
	case "env":
		return len(c.Operands()) == 0 && len(c.Wrappers) == 0
	case "set":
		return len(c.Args) == 0 && len(c.Redirects) == 0
	case "export", "declare":
		return len(c.Args) == 1 && (c.Args[0].Text == "-p" || c.Args[0].Text == "-x" || c.Args[0].Text == "-xp") && len(c.Assigns) == 0
	case "Get-ChildItem", "gci", "dir", "ls":
		return len(c.Args) > 0 && strings.EqualFold(strings.TrimSuffix(c.Args[0].Text, ":"), "env")
	}
	return false
}

// printing are the words that a command prints.
func printing(c *Command) []Word {
	switch c.Name {
	case "echo", "printf", "print", "Write-Host", "Write-Output", "Write-Verbose", "Write-Warning", "Write-Error", "figlet":
		return c.Args
	case "printenv":
		out := slices.Clone(c.Args)
		for i := range out {
			if name, ok := out[i].Static(); ok {
				out[i].Parts = []Part{{Kind: Variable, Name: name, Range: out[i].Range}}
			}
		}
		return out
	case "cat":
		var out []Word
		for _, r := range c.Redirects {
			if strings.HasPrefix(r.Op, "<<") {
				out = append(out, r.Body)
				if r.Op == "<<<" {
					out = append(out, r.Target)
				}
			}
		}
		return out
	}
	return nil
}

// masks says that words are a command to the platform that hides or sets a secret.
func masks(words []Word) bool {
	text := words[0].Text
	return strings.Contains(text, "::add-mask::") || strings.Contains(text, "##vso[task.setvariable") && strings.Contains(strings.ToLower(text), "issecret=true") || strings.Contains(text, "##vso[task.setsecret")
}

// argument looks for a secret on the command line of a program, where the list of processes shows it. Built-in commands
// have none.
func (s *secrecy) argument(i int) (Remark, bool) {
	c := &s.script.Commands[i]
	if c.Kind != Simple || builtins[c.Name] || c.Name == "" || s.script.functions[c.Name] {
		return Remark{}, false
	}
	for n, w := range c.Args {
		name, ok := s.hidden(w.Parts)
		if !ok || isUserName(c, n) {
			continue
		}
		r := s.script.remark(SecretArgument, i)
		r.Range, r.Name, r.Detail = w.Range, name, "argument"
		switch {
		case strings.Contains(w.Text, "://") && strings.Contains(w.Text, "@"):
			r.Detail = "url"
		case n > 0 && strings.HasPrefix(c.Args[n-1].Text, "-"):
			r.Detail = c.Args[n-1].Text
		case strings.HasPrefix(w.Text, "-"):
			r.Detail, _, _ = strings.Cut(w.Text, "=")
			if at := strings.IndexAny(r.Detail, "$"+holeMark); at > 0 {
				r.Detail = r.Detail[:at]
			}
		}
		return r, true
	}
	return Remark{}, false
}

// isUserName says that an argument is the name of an account, which people keep beside its password and is none.
func isUserName(c *Command, n int) bool {
	if strings.HasPrefix(c.Args[n].Text, "--username=") {
		return true
	}
	if n == 0 {
		return false
	}
	option := c.Args[n-1].Text
	return option == "--username" || option == "-u" && c.verb(0) == "login"
}

var builtins = map[string]bool{
	"echo": true, "printf": true, "print": true, "[": true, "test": true, "export": true, "declare": true, "local": true, "readonly": true, "read": true,
	"eval": true, "set": true, "unset": true, ":": true, "true": true, "return": true, "exit": true, "cd": true, "source": true, ".": true,
	"typeset": true, "trap": true, "shift": true, "let": true, "mapfile": true, "cat": true, "printenv": true,
	"Write-Host": true, "Write-Output": true, "Add-Content": true, "Set-Content": true, "Out-File": true, "ConvertTo-SecureString": true,
	"Invoke-WebRequest": true, "Invoke-RestMethod": true, "if": true, "foreach": true, "throw": true, "else": true, "elseif": true, "while": true,
}
