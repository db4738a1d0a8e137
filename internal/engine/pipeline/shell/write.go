package shell

import (
	"slices"
	"strings"
)

// A Write is what a command puts into a file, or into the log as a command to the platform.
type Write struct {
	Target   string // the file as written, with $NAME for variables: $GITHUB_ENV, dist/x.txt; empty for the log
	Variable string // the variable that names the file, without sigil and through aliases that are set once: GITHUB_ENV
	Workflow string // for the log: the platform's command, such as set-env, add-path, set-output, task.setvariable
	Range    Range  // of the command
	Command  int

	// Keys are the fixed names that it sets, for lines of the form NAME=value or NAME<<DELIMITER, and the names that
	// workflow commands carry. AnyKey says that there is a line whose name is known only at run time.
	Keys   []string
	AnyKey bool

	// Parts are what flows in and is known only at run time; Sources are the commands whose output does, such as cat or
	// curl, and Files those that are copied.
	Parts   []Part
	Sources []int
	Files   []string

	// Multiline says that a part may bring line breaks that end the value and set another name. Delimited says that the
	// value stands between delimiters; RandomDelimiter that the delimiter cannot be guessed.
	Multiline       bool
	Delimited       bool
	RandomDelimiter bool

	steps *int // that are left for gathering
}

// maxSteps bounds how many commands and words are gathered for all writes of a script, where many read what many write.
const maxSteps = 200_000

// Writes are the writes to files and the platform's commands in the log, in order.
func (s *Script) Writes() []Write {
	var out []Write
	steps := maxSteps
	for i := range s.Commands {
		c := &s.Commands[i]
		switch {
		case c.Stdout != nil && (c.Name != "tee" || c.Stdout.Target.Text != "/dev/null"):
			out = append(out, s.write(i, c.Stdout.Target, &steps))
		case c.Out == 0 && c.Kind != Expression:
			if w, ok := s.workflowCommand(i, &steps); ok {
				out = append(out, w)
			}
		}
		for _, target := range writers(c) {
			out = append(out, s.write(i, target, &steps))
		}
	}
	return s.delimited(out)
}

// writers are the files that a command writes by itself.
func writers(c *Command) []Word {
	switch c.Name {
	case "tee", "sponge":
		return c.Operands()
	case "Add-Content", "Set-Content", "Out-File", "Tee-Object", "ac", "sc":
		if w, i := c.option("path", "filepath", "literalpath"); i >= 0 {
			return []Word{w}
		}
		if ops := c.Operands("-Value", "-Encoding", "-InputObject", "-value", "-encoding"); len(ops) > 0 {
			return ops[:1]
		}
	case "cp", "mv", "install":
		if ops := c.Operands("-m", "-o", "-g"); len(ops) > 1 {
			return ops[len(ops)-1:]
		}
	case "dd":
		for _, a := range c.Args {
			if strings.HasPrefix(a.Text, "of=") {
				return []Word{a.after(3)}
			}
		}
	case "curl":
		if w, i := c.Value("-o", "--output"); i >= 0 {
			return []Word{w}
		}
	case "wget":
		if w, i := c.Value("-O", "--output-document"); i >= 0 && w.Text != "-" {
			return []Word{w}
		}
	}
	return nil
}

// option is the value of one of PowerShell's parameters, whose names have no case.
func (c *Command) option(names ...string) (Word, int) {
	for i, a := range c.Args {
		if len(a.Text) > 1 && a.Text[0] == '-' && i+1 < len(c.Args) && slices.Contains(names, strings.ToLower(strings.TrimSuffix(a.Text[1:], ":"))) {
			return c.Args[i+1], i + 1
		}
	}
	return Word{}, -1
}

// write gathers what a command puts into a file.
func (s *Script) write(i int, target Word, steps *int) Write {
	c := &s.Commands[i]
	w := Write{Target: target.Text, Variable: s.alias(target), Range: c.Range, Command: i, steps: steps}
	s.gather(i, &w, false, 0)
	return w
}

// alias is the variable that names a file: out=$GITHUB_OUTPUT; echo … >> "$out".
func (s *Script) alias(target Word) string {
	name, ok := target.lone()
	for range 4 {
		if !ok {
			return ""
		}
		next, set := s.constants[name]
		if !set {
			break
		}
		further, lone := next.lone()
		if !lone {
			break
		}
		name = further
	}
	return name
}

// gather adds what a command puts out, and follows its pipe.
func (s *Script) gather(i int, w *Write, oneLine bool, depth int) {
	if *w.steps--; depth > 10 || *w.steps < 0 {
		w.AnyKey, w.Multiline = true, true // what was not looked at may be anything
		return
	}
	c := &s.Commands[i]
	oneLine = oneLine || joinsLines(c)
	switch {
	case c.Kind == Expression && c.Name == "" || c.Kind == Test || c.Kind == Calculation || c.Kind == Assignment || c.Kind == Case:
		if s.Dialect == PowerShell && c.Kind == Expression {
			s.gatherWords(c.Args, w, oneLine, false)
		}
		return
	case c.Name == "cp" || c.Name == "mv" || c.Name == "install":
		if ops := c.Operands("-m", "-o", "-g"); len(ops) > 0 {
			s.file(w, ops[0], oneLine)
		}
		return
	case valueWriters[c.Name]:
		if v, at := c.option("value", "inputobject"); at >= 0 {
			s.gatherWords([]Word{v}, w, oneLine, true)
		} else if ops := c.Operands("-Path", "-Encoding", "-FilePath", "-LiteralPath", "-path"); len(ops) > 0 && c.Pipe == 0 {
			s.gatherWords(ops[len(ops)-1:], w, oneLine, true)
		}
	case c.Name == "cat" && c.Kind == Simple, c.Name == "type", c.Name == "Get-Content", c.Name == "gc":
		for _, op := range c.Operands("-Path", "-Encoding", "-TotalCount") {
			if from, ok := s.tempfile(op); ok {
				for _, at := range from {
					s.gather(at, w, oneLine, depth+1)
				}
				continue
			}
			s.file(w, op, oneLine)
			w.Sources = append(w.Sources, i)
		}
	case echoes(c) && c.Name != "tee":
		s.gatherWords(echoed(c), w, oneLine, true)
	case c.Name == "tee" || c.Name == "sponge" || c.Name == "Out-File" || c.Name == "Tee-Object":
	case filters[c.Name] && (c.In != 0 || len(c.Redirects) > 0) && c.Name != "jq":
		if cleans(c) {
			return
		}
	default:
		w.Sources = append(w.Sources, i)
		w.AnyKey = true
		w.Multiline = w.Multiline || !oneLine
	}
	s.gatherInput(c, w, oneLine, depth)
}

var valueWriters = map[string]bool{"Add-Content": true, "Set-Content": true, "ac": true, "sc": true}

func (s *Script) gatherInput(c *Command, w *Write, oneLine bool, depth int) {
	for _, r := range c.Redirects {
		switch r.Op {
		case "<<", "<<-":
			s.gatherWords([]Word{r.Body}, w, oneLine, true)
		case "<<<":
			s.gatherWords([]Word{r.Target}, w, oneLine, true)
		case "<":
			s.file(w, r.Target, oneLine)
		}
	}
	for _, i := range s.writers[c.In] {
		s.gather(i, w, oneLine, depth+1)
	}
}

// file notes a file that is copied: its lines may set any name.
func (s *Script) file(w *Write, from Word, oneLine bool) {
	w.Files = append(w.Files, from.Text)
	w.AnyKey = true
	w.Multiline = w.Multiline || !oneLine
	for _, p := range from.Parts {
		if p.Kind == Process {
			w.Parts = append(w.Parts, p)
		}
	}
}

// joinsLines says that what a command puts out has no line breaks within.
func joinsLines(c *Command) bool {
	switch c.Name {
	case "tr":
		text := ""
		for _, a := range c.Args {
			text += a.Text + " "
		}
		if c.Has("-d", "--delete") && !c.Has("-c", "-C", "--complement") && strings.Contains(text, "[:space:]") {
			return true
		}
		return strings.Contains(text, `\n`) && (c.Has("-d", "--delete") && !c.Has("-c") || len(c.Operands()) == 2) || trCleans(c) && !strings.Contains(text, `\n`)
	case "head":
		return c.Has("-1", "-n1") || valueIs(c, "-n", "1")
	case "tail":
		return c.Has("-1", "-n1") || valueIs(c, "-n", "1")
	case "wc", "date", "basename":
		return c.Name != "basename"
	case "jq":
		return c.Has("-c", "--compact-output") && !c.Has("-r", "--raw-output")
	}
	return false
}

func valueIs(c *Command, option, value string) bool {
	w, i := c.Value(option)
	return i >= 0 && w.Text == value
}

// echoed are the words that echo and its like print.
func echoed(c *Command) []Word {
	words := c.Args
	for len(words) > 0 && len(words[0].Text) > 1 && words[0].Text[0] == '-' && !words[0].quoted() && len(words[0].Text) < 14 {
		if c.Name == "printf" && words[0].Text == "-v" {
			return nil
		}
		words = words[1:]
	}
	if c.Name == "printf" && len(words) > 1 {
		return printed(words)
	}
	return words
}

// printed puts printf's arguments in the place of its format's verbs.
func printed(words []Word) []Word {
	out := Word{Range: words[0].Range}
	format, ok := words[0].Static()
	if !ok {
		return words
	}
	rest := words[1:]
	for {
		at := strings.IndexByte(format, '%')
		if at < 0 || at+1 >= len(format) {
			out.Parts = append(out.Parts, Part{Text: format})
			break
		}
		out.Parts = append(out.Parts, Part{Text: format[:at]})
		verb := format[at+1]
		format = format[at+2:]
		if verb != '%' && len(rest) > 0 {
			if verb == 's' || verb == 'b' {
				out.Parts = append(out.Parts, rest[0].Parts...)
			} else {
				out.Parts = append(out.Parts, Part{Text: "0"})
			}
			rest = rest[1:]
		}
	}
	for _, w := range rest {
		out.Parts = append(out.Parts, w.Parts...)
	}
	out.render()
	return []Word{out}
}

// gatherWords adds the parts of words that only the run knows, and the names that their lines set.
func (s *Script) gatherWords(words []Word, w *Write, oneLine, lines bool) {
	for n, word := range words {
		*w.steps -= len(word.Parts)
		for _, p := range word.Parts {
			if p.Kind == Literal || p.Kind == Number || p.Clean {
				continue
			}
			w.Parts = append(w.Parts, p)
			if !oneLine && !p.OneLine && (p.Kind != Variable || !counts[p.Name] && !s.guarded(p.Name, p.Range.Start)) && !s.single(p) {
				w.Multiline = true
			}
		}
		if lines && n == 0 {
			w.keys(word)
		}
	}
}

// counts are variables of the shell that never hold a line break.
var counts = map[string]bool{"?": true, "#": true, "$": true, "RANDOM": true, "SECONDS": true, "LINENO": true, "UID": true, "EUID": true, "PPID": true, "!": true}

// single says that a captured value has one line: the last command of each way through it takes the others out.
func (s *Script) single(p Part) bool {
	switch p.Kind {
	case Variable:
		if from, ok := s.lines[p.Name]; ok && from < p.Range.Start {
			return true
		}
		value, ok := s.constants[p.Name]
		if !ok || len(value.Parts) == 0 {
			return false
		}
		for _, inner := range value.Parts {
			if inner.Kind == Literal && !strings.Contains(inner.Text, "\n") || inner.Kind == Number || inner.Clean || inner.OneLine {
				continue
			}
			if inner.Kind != Capture || !s.single(inner) {
				return false
			}
		}
		return true
	case Capture:
		writers := s.writers[p.Stream]
		for _, i := range writers {
			if c := &s.Commands[i]; !joinsLines(c) && !cleans(c) && !oneLiners[c.Name] && !gitName(c) {
				return false
			}
		}
		return len(writers) > 0
	}
	return false
}

// gitName says that a command prints one name or digest of git's, which have no line breaks.
func gitName(c *Command) bool {
	switch c.verb(0, "-C", "-c") {
	case "rev-parse", "describe", "hash-object", "symbolic-ref", "merge-base", "write-tree", "commit-tree":
		return c.Name == "git" && !c.Has("--all", "--parseopt", "--sq")
	}
	return c.Name == "git" && c.Has("--show-current")
}

// oneLiners put out one line that the repository's files and outsiders do not choose.
var oneLiners = map[string]bool{"date": true, "pwd": true, "nproc": true, "uname": true, "whoami": true, "hostname": true, "mktemp": true, "id": true, "uuidgen": true, "which": true, "arch": true, "dpkg-architecture": true}

// keys notes the names that the lines of a text set.
func (w *Write) keys(word Word) {
	for line := range strings.SplitSeq(strings.ReplaceAll(word.Text, `\n`, "\n"), "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, _, ok := strings.Cut(line, "=")
		if short, _, doc := strings.Cut(line, "<<"); doc && (!ok || len(short) < len(name)) {
			name, ok = short, true
			w.Delimited = true
		}
		switch {
		case ok && keyName(name):
			w.Keys = append(w.Keys, name)
		case strings.ContainsAny(name, "$"+holeMark):
			w.AnyKey = true
		}
	}
}

func keyName(s string) bool {
	for i := range len(s) {
		if !word(s[i]) && s[i] != '_' && s[i] != '-' && s[i] != '.' {
			return false
		}
	}
	return s != ""
}
