package github

import (
	"regexp"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/shell"
)

// What a script reads comes from files, from the event's own file, and from the forge. A value is followed from there
// through substitutions and pipes into what is written, and through variables that the script sets.

// readTaint is where that comes from which a write takes from files and commands.
func (c *context) readTaint(sc *Script, w shell.Write) []Atom {
	var atoms []Atom
	if len(w.Files) > 0 {
		atoms = c.fileAtoms(sc.Step)
	}
	for _, i := range w.Sources {
		atoms = merge(atoms, c.commandTaint(sc, i, 0))
	}
	return merge(atoms, c.captureTaint(sc, w.Parts))
}

// captureTaint is where the output comes from that substitutions among parts of a word put in.
func (c *context) captureTaint(sc *Script, parts []shell.Part) []Atom {
	var atoms []Atom
	for _, p := range parts {
		if p.Kind == shell.Capture || p.Kind == shell.Process {
			atoms = merge(atoms, c.streamTaint(sc, p.Stream, 0))
		}
	}
	return atoms
}

// streamTaint is where what commands write to a stream comes from.
func (c *context) streamTaint(sc *Script, stream, depth int) []Atom {
	if stream == 0 || depth > maxDepth {
		return nil
	}
	var atoms []Atom
	for i := range sc.Shell.Commands {
		if cmd := &sc.Shell.Commands[i]; cmd.Out == stream && cmd.Stdout == nil {
			atoms = merge(atoms, c.commandTaint(sc, i, depth+1))
		}
	}
	return atoms
}

// commandTaint is where the output of a command comes from, as far as it is not from its variables.
func (c *context) commandTaint(sc *Script, i, depth int) []Atom {
	cmd := &sc.Shell.Commands[i]
	switch {
	case cmd.In != 0 && textFilters[cmd.Name]:
		return c.streamTaint(sc, cmd.In, depth)
	case namesEvent(cmd):
		return c.eventTaint(sc.Step, cmd)
	case textFilters[cmd.Name] && !sc.wroteItself(cmd):
		return c.fileAtoms(sc.Step)
	case cmd.Name == "gh":
		return c.askedTaint(sc.Step, cmd)
	}
	return nil
}

// wroteItself reports whether a command reads a file that the script has written.
func (sc *Script) wroteItself(cmd *shell.Command) bool {
	if sc.own == nil {
		sc.own = map[string]bool{}
		for i := range sc.Shell.Commands {
			for _, r := range sc.Shell.Commands[i].Redirects {
				if strings.Contains(r.Op, ">") {
					sc.own[r.Target.Text] = true
				}
			}
		}
	}
	return slices.ContainsFunc(cmd.Args, func(w shell.Word) bool { return w.Text != "" && sc.own[w.Text] })
}

// textFilters put out what they read, from files or from a pipe.
var textFilters = named("cat", "jq", "yq", "head", "tail", "sed", "awk", "grep", "cut", "tr", "type", "Get-Content", "gc", "sort", "uniq", "tac")

// namesEvent reports whether a command reads the file that holds the event.
func namesEvent(cmd *shell.Command) bool {
	for _, w := range cmd.Args {
		if strings.Contains(w.Text, "GITHUB_EVENT_PATH") {
			return true
		}
	}
	for _, r := range cmd.Redirects {
		if r.Op == "<" && strings.Contains(r.Target.Text, "GITHUB_EVENT_PATH") {
			return true
		}
	}
	return false
}

// jqPath finds the names that a filter of jq reads.
var jqPath = regexp.MustCompile(`(?:^|[\s(|,])((?:\.[A-Za-z_]+(?:\[\d*\])?)+)`)

// eventTaint is who writes what jq takes out of the event's file.
func (c *context) eventTaint(s *Step, cmd *shell.Command) []Atom {
	var atoms []Atom
	for _, w := range cmd.Args {
		text, ok := w.Static()
		if !ok {
			continue
		}
		for _, m := range jqPath.FindAllStringSubmatch(text, -1) {
			path := "github.event" + strings.ReplaceAll(strings.ReplaceAll(m[1], "[", ".*["), ".*[]", ".*")
			if i := strings.IndexByte(path, '['); i >= 0 {
				path = path[:i] + path[strings.IndexByte(path, ']')+1:]
			}
			atoms = merge(atoms, c.githubTaint(strings.ToLower(path), scope{job: s.Job, step: s}))
		}
	}
	return atoms
}

// askedTaint is the taint of texts that gh looks up.
func (c *context) askedTaint(s *Step, cmd *shell.Command) []Atom {
	if what := word(cmd, 0); c.workflow == nil || c.seekHeads || what != "pr" && what != "issue" || word(cmd, 1) != "view" {
		return nil
	}
	fields, i := cmd.Value("--json")
	if i < 0 || !slices.ContainsFunc(strings.Split(fields.Text, ","), func(f string) bool {
		return f == "title" || f == "body" || f == "headRefName" || f == "comments"
	}) {
		return nil
	}
	var atoms []Atom
	for _, e := range c.events(s.Job, s) {
		if outsiders(e) {
			who := c.weaken(Outsider, e, scope{job: s.Job, step: s})
			atoms = worse(atoms, Atom{Origin: who, Name: "gh " + word(cmd, 0) + " view --json " + fields.Text, Event: e})
		}
	}
	return atoms
}

// readVariables are the variables that the script sets from what it reads.
func (c *context) readVariables(sc *Script) map[string][]Atom {
	if sc.Shell == nil {
		return nil
	}
	list := map[string][]Atom{}
	for i := range sc.Shell.Commands {
		for _, a := range sc.Shell.Commands[i].Assigns {
			if atoms := c.captureTaint(sc, a.Value.Parts); len(atoms) > 0 {
				list[a.Name] = merge(list[a.Name], atoms)
			}
		}
	}
	return list
}
