package shell

import (
	"slices"
	"strings"
)

// A CommandKind tells commands that run something from the constructs of the language.
type CommandKind uint8

// Only Simple commands have a name that is looked up. Test is [[ … ]], Expression one of PowerShell's.
const (
	Simple CommandKind = iota
	Assignment
	For
	Case
	Test
	Calculation
	Expression
)

// A Command is one step of a script.
type Command struct {
	Kind     CommandKind
	Name     string // without folder and wrappers; empty where it is known only at run time
	Path     string // the name as written
	NameWord Word
	Args     []Word   // what follows the name
	Wrappers []string // sudo, env, time and the like that stood before the name
	Assigns  []Assign

	Redirects []Redirect // its own
	Stdout    *Redirect  // where the output goes if that is a file: its own redirection or that of a block around it
	Out       int        // the stream that gets the output otherwise; 0 is the log
	Captured  bool       // that stream is the value of a substitution and no pipe
	In        int        // the stream that it reads; 0 is none
	Pipe      int        // position in its pipeline, from 0
	Range     Range

	Function   string // the function that it stands in
	Ignored    string // what makes its failure be ignored, such as "|| true" or "set +e"; empty where nothing does
	Background bool
	Condition  bool // its exit status decides an if, while, && or ||
	Nested     int  // how many scripts in strings it stands in, as in bash -c '…'
}

// An Assign sets a variable.
type Assign struct {
	Name     string
	Value    Word
	Range    Range
	Append   bool
	Exported bool
}

// A Redirect sends a stream to or from a file.
type Redirect struct {
	Op     string // >, >>, <, <<, <<<, &>, >&, …
	FD     string // where one is given
	Target Word   // for << the delimiter
	Body   Word   // of a here-document
	Range  Range
}

// writes says that it sends standard output to a file.
func (r *Redirect) writes() bool {
	switch r.Op {
	case ">", ">>", ">|", "&>", "&>>":
		return r.FD == "" || r.FD == "1"
	}
	return false
}

// Args that are static, in order; a word known only at run time is "".
func (c *Command) static() []string {
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i], _ = a.Static()
	}
	return args
}

// Has says that one of the words is an argument, also as --name=value or joined with others as in -xvf.
func (c *Command) Has(words ...string) bool {
	for i := range c.Args {
		text := c.Args[i].Text
		for _, w := range words {
			if text == w || len(text) > len(w) && text[len(w)] == '=' && strings.HasPrefix(w, "--") && strings.HasPrefix(text, w) || joined(text, w) {
				return true
			}
		}
	}
	return false
}

// joined says that -k is one of the letters of -sSLk.
func joined(text, word string) bool {
	if len(word) != 2 || word[0] != '-' || len(text) < 3 || text[0] != '-' || text[1] == '-' {
		return false
	}
	for i := 1; i < len(text); i++ {
		if c := text[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(text) <= 8 && strings.IndexByte(text[1:], word[1]) >= 0
}

// Value is the word that belongs to an option, as -o VALUE, --name VALUE or --name=VALUE, and its index.
func (c *Command) Value(options ...string) (Word, int) {
	for i, a := range c.Args {
		for _, o := range options {
			if a.Text == o && i+1 < len(c.Args) {
				return c.Args[i+1], i + 1
			}
			if len(a.Text) > len(o) && a.Text[len(o)] == '=' && strings.HasPrefix(o, "--") && strings.HasPrefix(a.Text, o) {
				return a.after(len(o) + 1), i
			}
		}
	}
	return Word{}, -1
}

// after drops the first n bytes of a word, if they are literal.
func (w Word) after(n int) Word {
	w.Parts = slices.Clone(w.Parts)
	w.Text = w.Text[n:]
	for i := range w.Parts {
		p := &w.Parts[i]
		if p.Kind != Literal || n == 0 {
			break
		}
		k := min(n, len(p.Text))
		p.Text = p.Text[k:]
		n -= k
	}
	return w
}

// Operands are the arguments that are no options, and not the values of those options named.
func (c *Command) Operands(valued ...string) []Word {
	var out []Word
	for i := 0; i < len(c.Args); i++ {
		text := c.Args[i].Text
		switch {
		case text == "--":
			return append(out, c.Args[i+1:]...)
		case slices.Contains(valued, text):
			i++
		case len(text) > 1 && (text[0] == '-' || text[0] == '+' && c.Name == "dig"):
		default:
			out = append(out, c.Args[i])
		}
	}
	return out
}

// verb is the nth operand where it is static.
func (c *Command) verb(n int, valued ...string) string {
	ops := c.Operands(valued...)
	if n >= len(ops) {
		return ""
	}
	text, _ := ops[n].Static()
	return text
}

// wrappers run the command that follows. The options listed take a value.
var wrappers = map[string][]string{
	"sudo": {"-u", "-g", "-p", "-C", "-h", "-U", "--user", "--group"}, "doas": {"-u"}, "env": {"-u", "-C", "--unset", "--chdir"},
	"time": {"-f", "-o"}, "nice": {"-n"}, "ionice": {"-c", "-n"}, "nohup": {}, "command": {}, "exec": {"-a"}, "builtin": {},
	"xargs":   {"-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E", "--max-args", "--max-procs", "--delimiter"},
	"timeout": {"-s", "-k", "--signal", "--kill-after"}, "stdbuf": {"-o", "-i", "-e"}, "setsid": {}, "chroot": {}, "unbuffer": {},
	"retry": {}, "catchsegv": {}, "caffeinate": {}, "xvfb-run": {"-s", "-n"}, "dbus-run-session": {}, "busybox": {}, "winpty": {},
	"gosu": {}, "su-exec": {},
}

// operandsBefore is how many operands a wrapper takes before the command.
var operandsBefore = map[string]int{"timeout": 1, "chroot": 1, "gosu": 1, "su-exec": 1}

// name settles which command really runs: it steps over wrappers and their options.
func (c *Command) name(words []Word) {
	for len(words) > 0 {
		text, ok := words[0].Static()
		c.NameWord, c.Args = words[0], words[1:]
		if !ok {
			return
		}
		c.Path, c.Name = text, unversioned(strings.TrimSuffix(baseName(text), ".exe"))
		valued, wraps := wrappers[c.Name]
		if !wraps {
			return
		}
		n := c.wrapped(words[1:], valued)
		if n < 0 {
			return
		}
		c.Wrappers = append(c.Wrappers, c.Name)
		words = words[1+n:]
	}
}

// unversioned is the usual name of the programs that several versions of Python bring beside each other: python3.12 is
// python3, and pip3.12 pip3.
func unversioned(name string) string {
	for _, base := range []string{"python3", "python2", "pip3", "pip2"} {
		if minor, ok := strings.CutPrefix(name, base+"."); ok && minor != "" && strings.Trim(minor, "0123456789") == "" {
			return base
		}
	}
	return name
}

// wrapped is how many words stand between a wrapper and what it runs; negative where it runs nothing.
func (c *Command) wrapped(words []Word, valued []string) int {
	skip := operandsBefore[c.Name]
	for i := 0; i < len(words); i++ {
		text := words[i].Text
		switch {
		case c.Name == "command" && (text == "-v" || text == "-V"):
			return -1
		case slices.Contains(valued, text):
			i++
		case strings.HasPrefix(text, "-") && len(text) > 1:
		case (c.Name == "env" || c.Name == "sudo") && assignment(words[i]):
			at := strings.IndexByte(text, '=')
			c.Assigns = append(c.Assigns, Assign{Name: text[:at], Value: words[i].after(at + 1), Range: words[i].Range, Exported: true})
		case skip > 0:
			skip--
		default:
			return i
		}
	}
	return -1
}

// assignment says that a word has the form NAME=value.
func assignment(w Word) bool {
	if len(w.Parts) == 0 || w.Parts[0].Kind != Literal {
		return false
	}
	name, _, ok := strings.Cut(w.Parts[0].Text, "=")
	return ok && validName(name)
}

func validName(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9' || i == 0) {
			return false
		}
	}
	return s != ""
}

// interpreters run code that they read from standard input where no file is named, or get after the option given.
var interpreters = map[string]string{
	"sh": "-c", "bash": "-c", "zsh": "-c", "dash": "-c", "ksh": "-c", "ash": "-c", "fish": "-c",
	"pwsh": "-Command", "powershell": "-Command", "python": "-c", "python3": "-c", "python2": "-c", "node": "-e", "nodejs": "-e",
	"perl": "-e", "ruby": "-e", "php": "-r", "deno": "eval", "lua": "-e", "Rscript": "-e", "osascript": "-e",
}

var shells = map[string]bool{"sh": true, "bash": true, "zsh": true, "dash": true, "ksh": true, "ash": true}

func isShell(name string) bool { return shells[name] }

// readsCode says that the command takes a program from standard input.
func (c *Command) readsCode() bool {
	switch c.Name {
	case "iex", "Invoke-Expression":
		return true
	case "source", ".":
		return c.verb(0) == "/dev/stdin"
	}
	option, ok := interpreters[c.Name]
	if !ok || slices.Contains(c.Wrappers, "xargs") || c.Has(option) || c.Has("-m", "--version") {
		return false
	}
	if isShell(c.Name) && c.Has("-s") {
		return true
	}
	ops := c.Operands("-o", "-O", "-W", "-X", "--rcfile")
	return len(ops) == 0 || ops[0].Text == "-" || ops[0].Text == "/dev/stdin" || ops[0].Text == ""
}
