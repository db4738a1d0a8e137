package shell

import (
	"slices"
	"strings"
)

// A UseKind is what a variable's value can do where it is used.
type UseKind uint8

// From harmless to worst, but for Written, which depends on the file.
const (
	Safe        UseKind = iota // one argument, whatever it holds
	Split                      // unquoted: becomes several words, and file names
	Option                     // quoted, but may be read as an option of a command that has dangerous ones
	Format                     // the format of a printf
	Path                       // the name of a file that is written
	Query                      // part of a query or filter: jq, SQL
	Program                    // part of a program for sed or awk
	Arithmetics                // evaluated as an expression, in which a subscript may hold a command
	CommandName                // names the program or script that runs
	Eval                       // read as code by a shell or another interpreter
	Written                    // written to a file; see Writes
)

var useNames = [...]string{"safe", "split", "option", "format", "path", "query", "program", "arithmetic", "command name", "eval", "written"}

func (k UseKind) String() string { return useNames[min(int(k), len(useNames)-1)] }

// A Use is one place where a variable's text, a hole's or a substitution's goes.
type Use struct {
	Part    Part // with its range
	Kind    UseKind
	Command int // index of the command
	Arg     int // index of the argument; -1 for the name, -2 elsewhere: assignments, redirections, documents
}

func (s *Script) findUses() {
	s.fed = map[int]UseKind{}
	for i := range s.Commands {
		s.commandUses(i)
	}
	s.fed = nil
}

func (s *Script) keep(p Part, kind UseKind, command, arg int) {
	if p.Kind == Literal || p.Kind == Number {
		return
	}
	if p.Kind == Process && kind == CommandName {
		kind = Eval // the file that is run holds the output of commands
	}
	if p.Kind == Variable {
		switch {
		case p.Indirect || s.Dialect == Cmd && s.Text[p.Range.Start] == '%':
			kind = Eval
		case p.Quote == Arithmetic && s.Dialect != PowerShell:
			kind = max(kind, Arithmetics)
		case p.Clean:
			kind = Safe
		}
	}
	s.uses = append(s.uses, Use{Part: p, Kind: kind, Command: command, Arg: arg})
}

func (s *Script) commandUses(i int) {
	c := &s.Commands[i]
	for _, p := range c.NameWord.Parts {
		s.keep(p, CommandName, i, -1)
	}
	var roles map[int]UseKind
	into := Safe
	if dynamic(c) {
		roles, into = s.roles(c), s.feeds(c)
	}
	ended := false
	for n, w := range c.Args {
		for at, p := range w.Parts {
			kind := max(roles[n], into)
			if kind == Safe {
				kind = s.plain(c, n, at, ended)
			}
			s.keep(p, kind, i, n)
		}
		ended = ended || w.Text == "--"
	}
	for _, a := range c.Assigns {
		if c.Kind == For {
			break // its words are arguments already
		}
		for _, p := range a.Value.Parts {
			s.keep(p, Safe, i, -2)
		}
	}
	for _, r := range c.Redirects {
		target := Safe
		if r.writes() || strings.Contains(r.Op, ">") {
			target = Path
		}
		if r.Op == "<<<" {
			target = s.standardInput(c, into)
		}
		for _, p := range r.Target.Parts {
			s.keep(p, target, i, -2)
		}
		for _, p := range r.Body.Parts {
			s.keep(p, s.standardInput(c, into), i, -2)
		}
	}
}

// dynamic says that something of a command is known only at run time.
func dynamic(c *Command) bool {
	for _, w := range c.Args {
		if _, ok := w.Static(); !ok {
			return true
		}
	}
	return len(c.Redirects) > 0
}

// standardInput is what a text does that a command reads.
func (s *Script) standardInput(c *Command, into UseKind) UseKind {
	if c.readsCode() || c.Name == "ssh" && len(codeWords(c)) == 0 {
		return Eval
	}
	if echoes(c) {
		return into
	}
	return Safe
}

// feeds says what a command's output does: it may be the program of an interpreter further down the pipe.
func (s *Script) feeds(c *Command) UseKind {
	if !echoes(c) {
		return Safe
	}
	if c.Stdout != nil || c.Captured || c.Out == 0 {
		return Safe
	}
	if kind, known := s.fed[c.Out]; known {
		return kind
	}
	kind := s.streamFeeds(c.Out)
	s.fed[c.Out] = kind
	return kind
}

func (s *Script) streamFeeds(stream int) UseKind {
	for range 8 {
		next := 0
		for _, r := range s.readers[stream] {
			reader := &s.Commands[r]
			if reader.readsCode() {
				return Eval
			}
			if slices.Contains(reader.Wrappers, "xargs") {
				return max(Split, s.xargs(reader))
			}
			if filters[reader.Name] && reader.Stdout == nil && !reader.Captured && !cleans(reader) {
				next = reader.Out
			}
		}
		if next == 0 {
			return Safe
		}
		stream = next
	}
	return Safe
}

// xargs says what the words do that xargs adds: xargs -I{} sh -c 'echo {}' pastes them into code.
func (s *Script) xargs(c *Command) UseKind {
	text := s.Text[c.Range.Start:c.Range.End]
	for _, w := range dashC(c) {
		for _, mark := range []string{"{}", "%"} {
			if strings.Contains(text, "-I"+mark) || strings.Contains(text, "-I "+mark) || strings.Contains(text, "-I '"+mark) {
				if strings.Contains(w.Text, mark) {
					return Eval
				}
			}
		}
	}
	if _, ok := interpreters[c.Name]; ok && len(c.Args) == 0 {
		return CommandName
	}
	return Safe
}

// roles gives the arguments that are more than data.
func (s *Script) roles(c *Command) map[int]UseKind {
	roles := map[int]UseKind{}
	if c.Kind != Simple {
		return roles
	}
	mark := func(words []Word, kind UseKind) { // both are in order
		for i, n := 0, 0; i < len(c.Args) && n < len(words); i++ {
			if c.Args[i].Range == words[n].Range {
				roles[i] = max(roles[i], kind)
				n++
			}
		}
	}
	mark(codeWords(c), Eval)
	mark(interpreted(c), Eval)
	mark(programs(c), Program)
	mark(queries(c), Query)
	switch c.Name {
	case "source", ".":
		mark(c.Args[:min(1, len(c.Args))], CommandName)
	case "export", "declare", "typeset", "local", "readonly", "alias":
		mark(c.Args, Eval)
	case "printf":
		if ops := c.Operands("-v"); len(ops) > 0 {
			mark(ops[:1], Format)
		}
	}
	if _, ok := interpreters[c.Name]; ok && !c.readsCode() && len(interpreted(c)) == 0 && len(dashC(c)) == 0 && !c.Has("-m") {
		if ops := c.Operands("-o", "-O", "-W", "-X"); len(ops) > 0 {
			mark(ops[:1], CommandName)
		}
	}
	return roles
}

// interpreted are the arguments that an interpreter runs.
func interpreted(c *Command) []Word {
	switch c.Name {
	case "iex", "Invoke-Expression", "iee":
		return c.Args
	case "perl", "ruby":
		for i, a := range c.Args {
			if strings.HasPrefix(a.Text, "-") && strings.HasSuffix(a.Text, "e") && i+1 < len(c.Args) && len(a.Text) < 6 {
				return c.Args[i+1 : i+2]
			}
		}
		return nil
	case "pwsh", "powershell":
		for i, a := range c.Args {
			if t := strings.ToLower(a.Text); t == "-command" || t == "-c" || t == "-encodedcommand" {
				return c.Args[i+1:]
			}
		}
		return nil
	case "node", "nodejs":
		if w, i := c.Value("-e", "--eval", "-p", "--print", "-pe"); i >= 0 {
			return []Word{w}
		}
		return nil
	case "cmd":
		for i, a := range c.Args {
			if t := strings.ToLower(a.Text); t == "/c" || t == "/k" {
				return c.Args[i+1:]
			}
		}
		return nil
	}
	if option, ok := interpreters[c.Name]; ok && !isShell(c.Name) {
		if w, i := c.Value(option); i >= 0 {
			return []Word{w}
		}
	}
	return nil
}

// programs are the arguments that sed and awk run. Both can start commands.
func programs(c *Command) []Word {
	switch c.Name {
	case "sed", "gsed":
		var out []Word
		for i, a := range c.Args {
			if (a.Text == "-e" || a.Text == "--expression") && i+1 < len(c.Args) {
				out = append(out, c.Args[i+1])
			}
		}
		if ops := c.Operands("-e", "-f", "--expression", "--file"); len(out) == 0 && len(ops) > 0 && !c.Has("-f") {
			out = ops[:1]
		}
		return out
	case "awk", "gawk", "mawk", "nawk":
		if ops := c.Operands("-F", "-v", "-f", "--assign"); len(ops) > 0 && !c.Has("-f") {
			return ops[:1]
		}
	}
	return nil
}

func queries(c *Command) []Word {
	switch c.Name {
	case "jq", "yq":
		if ops := c.Operands("--arg", "--argjson", "--slurpfile", "-f", "--indent"); len(ops) > 0 {
			for _, w := range ops {
				if strings.ContainsAny(w.Text, ".|[{") {
					return []Word{w}
				}
			}
		}
	case "mysql", "mariadb", "psql", "sqlite3", "clickhouse-client":
		if w, i := c.Value("-e", "-c", "--execute", "--command", "--query"); i >= 0 {
			return []Word{w}
		}
	}
	return nil
}

// hasDangerousOptions lists commands of which some option runs a program or writes a file.
var hasDangerousOptions = map[string]bool{
	"git": true, "curl": true, "wget": true, "tar": true, "find": true, "rsync": true, "ssh": true, "scp": true, "zip": true, "sort": true,
	"docker": true, "make": true, "go": true, "pip": true, "pip3": true, "sftp": true, "7z": true, "hg": true, "svn": true, "man": true,
}

// plain says what happens to a part of an ordinary argument.
func (s *Script) plain(c *Command, n, at int, ended bool) UseKind {
	w := c.Args[n]
	p := w.Parts[at]
	if c.Kind != Simple && c.Kind != For {
		return Safe // [[ and case do not split
	}
	if p.Quote == Bare && s.Dialect != PowerShell && (p.Kind == Variable || p.Kind == Capture) {
		if p.Kind == Variable && (p.Name == "#" || p.Name == "?" || p.Name == "$") {
			return Safe
		}
		return Split
	}
	if ended || at > 0 && !leads(w, at) || c.Kind == For || !hasDangerousOptions[c.Name] || p.Kind == Capture {
		return Safe
	}
	if n > 0 && strings.HasPrefix(c.Args[n-1].Text, "-") && len(c.Args[n-1].Text) > 1 && !strings.Contains(c.Args[n-1].Text, "=") {
		return Safe // the value of an option
	}
	return Option
}

// leads says that nothing but white space stands before a part in its word.
func leads(w Word, at int) bool {
	for _, p := range w.Parts[:min(at, 4)] {
		if p.Kind != Literal || strings.TrimSpace(p.Text) != "" {
			return false
		}
	}
	return at < 4
}

// echoes says that a command's arguments or input come out again.
func echoes(c *Command) bool {
	switch c.Name {
	case "echo", "printf", "print", "cat", "Write-Output", "Write-Host", "tee", "":
		return c.Name != "" || c.Kind == Expression
	}
	return false
}

// filters pass on what they read, changed or not.
var filters = map[string]bool{
	"cat": true, "tee": true, "sed": true, "awk": true, "gawk": true, "tr": true, "cut": true, "head": true, "tail": true, "sort": true,
	"uniq": true, "grep": true, "egrep": true, "fgrep": true, "rg": true, "jq": true, "yq": true, "rev": true, "fold": true, "fmt": true,
	"column": true, "paste": true, "base64": true, "perl": true, "envsubst": true, "tac": true, "nl": true, "expand": true, "dos2unix": true,
	"iconv": true, "gunzip": true, "gzip": true, "xz": true, "zcat": true, "openssl": true, "xargs": true, "python": true, "python3": true,
	"ForEach-Object": true, "Select-Object": true, "Out-String": true, "Where-Object": true, "Select-String": true, "ConvertFrom-Json": true,
	"xxd": true, "rot13": true, "gpg": true, "zstd": true, "strings": true, "less": true, "more": true, "sponge": true, "pv": true,
}

// cleans says that what a command puts out holds nothing of the dangerous characters of its input.
func cleans(c *Command) bool {
	switch c.Name {
	case "wc", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "md5sum", "cksum", "b2sum", "shasum", "date", "nproc", "sum":
		return true
	case "base64":
		return !c.Has("-d", "-D", "--decode")
	case "xxd":
		return c.Has("-p") && !c.Has("-r")
	case "grep", "egrep", "fgrep", "rg":
		return c.Has("-c", "-q", "--count", "--quiet") || onlySafe(c)
	case "tr":
		return trCleans(c)
	}
	return false
}

// onlySafe reads grep -o with a pattern of safe characters: what it puts out are such words, on lines of their own.
func onlySafe(c *Command) bool {
	ops := c.Operands("-m", "-A", "-B", "-C")
	if !c.Has("-o", "--only-matching") || len(ops) == 0 || c.Has("-P") {
		return false
	}
	pattern, ok := ops[0].Static()
	pattern = strings.TrimSuffix(strings.TrimPrefix(pattern, "^"), "$")
	return ok && safePattern("^"+strings.ReplaceAll(pattern, `\+`, "+")+"$")
}

// trCleans reads tr -cd 'a-z0-9' and tr -c 'a-z0-9' '_'.
func trCleans(c *Command) bool {
	if len(c.Args) < 2 || !c.Has("-c", "-C", "--complement") {
		return false
	}
	ops := c.Operands()
	if len(ops) == 0 {
		return false
	}
	for i, w := range ops {
		set, ok := w.Static()
		set = strings.ReplaceAll(set, `\n`, "")
		if i > 0 && safeText(strings.Trim(set, "[*]")) && ok {
			continue
		}
		if !ok || !safeClass(set) {
			return false
		}
	}
	return true
}
