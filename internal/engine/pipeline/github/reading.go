package github

import (
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/lazyregexp"
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
	case counts(cmd):
		return nil
	case cmd.In != 0 && textFilters[cmd.Name]:
		return c.streamTaint(sc, cmd.In, depth)
	case namesEvent(cmd):
		return c.eventTaint(sc.Step, cmd)
	case textFilters[cmd.Name] && !sc.wroteItself(cmd):
		return c.fileAtoms(sc.Step)
	case cmd.Name == "gh" && c.seekHeads:
		return askedHead(sc, cmd)
	case cmd.Name == "gh":
		return c.askedTaint(sc.Step, cmd)
	case cmd.Name == "git":
		return c.changedTaint(sc.Step, cmd)
	}
	return nil
}

// counts reports whether the last thing that a command's filter does is to count.
func counts(cmd *shell.Command) bool {
	filter, i := cmd.Value("--jq", "-q")
	if cmd.Name == "jq" && i < 0 && len(cmd.Args) > 0 {
		filter = cmd.Args[len(cmd.Args)-1]
	}
	text, ok := filter.Static()
	return ok && (cmd.Name == "jq" || cmd.Name == "gh") && strings.HasSuffix(strings.TrimSpace(text), "| length")
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
var jqPath = lazyregexp.New(`(?:^|[\s(|,])((?:\.[A-Za-z_]+(?:\[\d*\])?)+)`)

// eventTaint is who writes what jq takes out of the event's file.
func (c *context) eventTaint(s *Step, cmd *shell.Command) []Atom {
	var atoms []Atom
	for _, w := range cmd.Args {
		text, ok := w.Static()
		if !ok {
			continue
		}
		for _, m := range jqPath().FindAllStringSubmatch(text, -1) {
			path := "github.event" + strings.ReplaceAll(strings.ReplaceAll(m[1], "[", ".*["), ".*[]", ".*")
			if i := strings.IndexByte(path, '['); i >= 0 {
				path = path[:i] + path[strings.IndexByte(path, ']')+1:]
			}
			atoms = merge(atoms, c.githubTaint(strings.ToLower(path), scope{job: s.Job, step: s}))
		}
	}
	return atoms
}

// texts are the fields of the forge's answers that people write freely.
var texts = lazyregexp.New(`(?:^|[^A-Za-z_])(title|body|comments|headRefName|filename|path|files|message|head\.ref|head\.label|labels)(?:[^A-Za-z_]|$)`)

// askedTaint is the taint of texts that gh looks up: by the fields asked for, and by the filter where there is one.
func (c *context) askedTaint(s *Step, cmd *shell.Command) []Atom {
	what, how := word(cmd, 0), word(cmd, 1)
	if c.workflow == nil || c.seekHeads {
		return nil
	}
	filter, i := cmd.Value("--jq", "-q")
	asked := filter.Text
	switch {
	case (what == "pr" || what == "issue") && how == "view":
		fields, given := cmd.Value("--json")
		if given < 0 {
			return nil
		}
		if i < 0 {
			asked = fields.Text
		}
	case what == "api" && slices.ContainsFunc(cmd.Args, asksForTexts):
	default:
		return nil
	}
	if m := texts().FindStringSubmatch(asked); m != nil {
		return c.byEvents(s, "gh "+what+" "+m[1], outsiders)
	}
	return nil
}

// headFields are the fields of the forge's answers that name the head of a pull request.
var headFields = lazyregexp.New(`headRefOid|headRefName|headRepository|\bhead\.(?:sha|ref|label|repo)\b|merge_commit_sha`)

// askedHead is the head of a pull request that gh looks up: by the fields asked for, or by the whole answer where the script
// takes nothing but the head from it.
func askedHead(sc *Script, cmd *shell.Command) []Atom {
	what, text := word(cmd, 0), commandText(cmd)
	if what == "api" && strings.Contains(text, "/pulls/") && !cmd.Has("--jq", "-q") && !strings.Contains(sc.Node.Value, ".base.") {
		text = sc.Node.Value
	}
	if what != "api" && what != "pr" || !headFields().MatchString(text) {
		return nil
	}
	return []Atom{{Origin: Outsider, Name: lookedUp + "gh " + what + " looks up"}}
}

// asksForTexts reports whether an address of the forge's interface is one of pull requests, issues or comments.
func asksForTexts(w shell.Word) bool {
	return strings.Contains(w.Text, "/pulls") || strings.Contains(w.Text, "/issues") || strings.Contains(w.Text, "/comments")
}

// byEvents is the taint of what others write, under the events that lead to a step.
func (c *context) byEvents(s *Step, name string, want func(event string) bool) []Atom {
	var atoms []Atom
	for _, e := range c.events(s.Job, s) {
		if want(e) {
			atoms = worse(atoms, Atom{Origin: c.weaken(Outsider, e, scope{job: s.Job, step: s}), Name: name, Event: e})
		}
	}
	return atoms
}

// changedTaint is the taint of the names of files that git tells of: those of a checkout of others, or of a pull request.
func (c *context) changedTaint(s *Step, cmd *shell.Command) []Atom {
	verb := cmd.Operands("-C", "-c")
	if len(verb) == 0 || c.workflow == nil || c.seekHeads {
		return nil
	}
	switch verb[0].Text {
	case "diff", "diff-tree", "ls-files", "show", "log":
	default:
		return nil
	}
	if atoms := c.fileAtoms(s); len(atoms) > 0 {
		return atoms
	}
	if !cmd.Has("--name-only", "--name-status") {
		return nil
	}
	return c.byEvents(s, "names of changed files", func(e string) bool { return e == "pull_request" })
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
