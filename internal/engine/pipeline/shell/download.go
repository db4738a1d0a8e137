package shell

import (
	"net/url"
	"slices"
	"strings"
)

// downloads says that a command puts out what it gets from the network.
func downloads(c *Command) bool {
	switch c.Name {
	case "curl":
		w, i := c.Value("-o", "--output")
		return i < 0 && !c.Has("-o", "-O", "--remote-name") || i >= 0 && (w.Text == "-" || w.Text == "/dev/stdout")
	case "wget":
		w, i := c.Value("-O", "--output-document", "-qO", "-nvO", "-qqO")
		return i >= 0 && (w.Text == "-" || w.Text == "/dev/stdout") || slices.ContainsFunc(c.Args, func(w Word) bool {
			return strings.HasPrefix(w.Text, "-") && strings.HasSuffix(w.Text, "O-")
		})
	case "Invoke-WebRequest", "Invoke-RestMethod":
		_, i := c.option("outfile")
		return i < 0
	case "fetch":
		return valueIs(c, "-o", "-")
	}
	return false
}

// webClient says that .NET's client downloads a text in an expression.
func (s *Script) webClient(r Range) bool {
	text := strings.ToLower(s.Text[r.Start:r.End])
	return strings.Contains(text, "downloadstring(")
}

// saved is the file to which a command downloads.
func saved(c *Command) (file, from string) {
	from = firstURL(c)
	switch c.Name {
	case "curl":
		if w, i := c.Value("-o", "--output", "-sSLo", "-Lo", "-fsSLo", "-sLo", "-fLo", "-so", "-SLo", "-fsSLo", "-LSso", "-sfLo", "-Lso"); i >= 0 && w.Text != "-" {
			return w.Text, from
		}
		if c.Has("-O", "--remote-name") {
			return baseName(from), from
		}
	case "wget":
		if w, i := c.Value("-O", "--output-document", "-qO", "-nvO"); i >= 0 {
			if w.Text == "-" {
				return "", from
			}
			return w.Text, from
		}
		return baseName(from), from
	case "Invoke-WebRequest", "Invoke-RestMethod":
		if w, i := c.option("outfile"); i >= 0 {
			return w.Text, from
		}
	}
	if c.Stdout != nil && downloads(c) {
		return c.Stdout.Target.Text, from
	}
	return "", from
}

// firstURL is the first address among a command's arguments.
func firstURL(c *Command) string {
	for _, w := range c.Args {
		if strings.Contains(w.Text, "://") {
			return w.Text
		}
	}
	for _, w := range c.Operands("-o", "-O", "-H", "--header", "-X", "--output", "--retry", "-m", "--max-time", "-u", "-d", "--data") {
		if strings.Contains(w.Text, ".") || strings.Contains(w.Text, "$") {
			return w.Text
		}
	}
	return ""
}

// public takes user, password and query out of an address.
func public(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "?")
	host, path, slash := strings.Cut(rest, "/")
	host = host[strings.LastIndexByte(host, '@')+1:]
	if slash {
		return scheme + "://" + host + "/" + path
	}
	return scheme + "://" + host
}

// loopback says that an address never leaves the machine.
func loopback(address string) bool {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(strings.ReplaceAll(address, "$", "x"))
	if err != nil {
		return strings.Contains(address, "://localhost") || strings.Contains(address, "://127.")
	}
	host := u.Hostname()
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1" || host == "0.0.0.0" || strings.HasSuffix(host, ".localhost")
}

// A search follows streams and variables back to what a test looks for. Each is looked at once.
type search struct {
	script  *Script
	found   func(c *Command) bool
	streams map[int]int    // the command found, or -1
	names   map[string]int // by variable
}

func (s *Script) search(found func(c *Command) bool) *search {
	return &search{script: s, found: found, streams: map[int]int{}, names: map[string]int{}}
}

// downloaded searches for downloads from elsewhere.
func (s *Script) downloaded() *search {
	return s.search(func(c *Command) bool {
		return downloads(c) && !loopback(firstURL(c)) || c.Kind == Expression && s.webClient(c.Range)
	})
}

// stream looks at what flows out of a stream, through filters.
func (x *search) stream(stream int) (int, bool) {
	if stream == 0 {
		return -1, false
	}
	if at, known := x.streams[stream]; known {
		return at, at >= 0
	}
	x.streams[stream] = -1
	for _, i := range x.script.writers[stream] {
		if at, ok := x.command(i); ok {
			x.streams[stream] = at
			return at, true
		}
	}
	return -1, false
}

func (x *search) command(i int) (int, bool) {
	c := &x.script.Commands[i]
	if x.found(c) {
		return i, true
	}
	if !echoes(c) && !filters[c.Name] {
		return -1, false
	}
	for _, w := range c.Args {
		if at, ok := x.word(w); ok {
			return at, true
		}
	}
	for _, r := range c.Redirects {
		if r.Op == "<<<" || r.Op == "<" {
			if at, ok := x.word(r.Target); ok {
				return at, true
			}
		}
	}
	return x.stream(c.In)
}

// word looks at a word's substitutions, and at variables that are set once.
func (x *search) word(w Word) (int, bool) {
	for _, p := range w.Parts {
		at, ok := -1, false
		switch p.Kind {
		case Capture, Process:
			at, ok = x.stream(p.Stream)
		case Variable:
			at, ok = x.name(p.Name)
		}
		if ok {
			return at, true
		}
	}
	return -1, false
}

func (x *search) name(name string) (int, bool) {
	if at, known := x.names[name]; known {
		return at, at >= 0
	}
	x.names[name] = -1
	at, ok := x.word(x.script.constants[name])
	if ok {
		x.names[name] = at
	}
	return at, ok
}

// runs are the words of a command that it runs as code or as a script.
func runs(c *Command) []Word {
	words := append(slices.Clone(codeWords(c)), interpreted(c)...)
	if c.Name == "source" || c.Name == "." {
		words = append(words, c.Args[:min(1, len(c.Args))]...)
	}
	if _, ok := interpreters[c.Name]; ok && len(words) == 0 && !c.Has("-m") {
		ops := c.Operands("-o", "-O", "-W", "-X")
		words = append(words, ops[:min(1, len(ops))]...)
	}
	return words
}

// PipedInstallers are the places where code from the network runs: straight from a pipe or a substitution, or from a file
// that was downloaded before and whose digest or signature nothing checks.
func (s *Script) PipedInstallers() []Remark {
	var out []Remark
	x := s.downloaded()
	for i := range s.Commands {
		c := &s.Commands[i]
		if c.Kind != Simple {
			continue
		}
		from, ok := -1, false
		if c.readsCode() || c.Name == "ssh" {
			if from, ok = x.stream(c.In); !ok {
				from, ok = x.redirected(c)
			}
		}
		for _, w := range runs(c) {
			if !ok {
				from, ok = x.word(w)
			}
			if !ok && c.Name == "Invoke-Expression" && s.webClient(w.Range) {
				from, ok = i, true
			}
		}
		if ok {
			r := s.remark(PipedInstaller, i)
			r.Range = union(c.Range, s.Commands[from].Range)
			r.Detail, r.URL = s.Commands[from].Name, public(firstURL(&s.Commands[from]))
			out = append(out, r)
		}
	}
	return inOrder(append(out, s.uncheckedDownloads()...))
}

// redirected looks for bash < <(curl …) and bash <<< "$(curl …)".
func (x *search) redirected(c *Command) (int, bool) {
	for _, r := range c.Redirects {
		if from, ok := x.word(r.Target); ok {
			return from, true
		}
	}
	return -1, false
}

func union(a, b Range) Range { return Range{Start: min(a.Start, b.Start), End: max(a.End, b.End)} }

// following is how many commands after a download are looked at for what becomes of its file.
const following = 300

// uncheckedDownloads follow a downloaded file to where it runs.
func (s *Script) uncheckedDownloads() []Remark {
	var out []Remark
	for i := range s.Commands {
		file, from := saved(&s.Commands[i])
		if file == "" || file == "/dev/null" || file == "/dev/stdout" || loopback(from) {
			continue
		}
		for n := i + 1; n < min(i+following, len(s.Commands)); n++ {
			c := &s.Commands[n]
			if checks(c) {
				break
			}
			if executes(c, file) {
				r := s.remark(UncheckedDownload, n)
				r.Detail, r.URL, r.Tool = s.Commands[i].Name, public(from), s.Commands[i].Name
				r.Package = baseName(file)
				out = append(out, r)
				break
			}
		}
	}
	return out
}

// executes says that a command runs a file, directly or through an interpreter.
func executes(c *Command, file string) bool {
	same := func(text string) bool {
		return text != "" && strings.TrimPrefix(text, "./") == strings.TrimPrefix(file, "./")
	}
	if c.Kind != Simple {
		return false
	}
	if same(c.NameWord.Text) && (strings.Contains(c.NameWord.Text, "/") || strings.HasPrefix(c.NameWord.Text, "$") || strings.HasPrefix(c.NameWord.Text, ".")) {
		return true
	}
	if _, ok := interpreters[c.Name]; ok || c.Name == "source" || c.Name == "." {
		ops := c.Operands("-o", "-O", "-W", "-X")
		if len(ops) > 0 && same(ops[0].Text) && len(dashC(c)) == 0 {
			return true
		}
		for _, r := range c.Redirects {
			if r.Op == "<" && same(r.Target.Text) {
				return true
			}
		}
	}
	return c.Name == "Start-Process" && slices.ContainsFunc(c.Args, func(w Word) bool { return same(w.Text) })
}

// checks says that a command verifies a digest or a signature.
func checks(c *Command) bool {
	switch c.Name {
	case "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "b2sum", "md5sum":
		return c.Has("-c", "--check")
	case "shasum":
		return c.Has("-c", "--check")
	case "cosign":
		return strings.HasPrefix(c.verb(0), "verify")
	case "gpg", "gpg2":
		return c.Has("--verify", "--decrypt")
	case "gpgv", "minisign", "signify", "rekor-cli", "slsa-verifier", "sigstore":
		return true
	case "gh":
		return c.verb(0) == "attestation" && c.verb(1) == "verify"
	case "openssl":
		return c.verb(0) == "dgst" && c.Has("-verify", "-signature") || c.verb(0) == "smime" || c.verb(0) == "cms"
	case "ssh-keygen":
		return valueIs(c, "-Y", "verify")
	case "Get-FileHash", "Get-AuthenticodeSignature", "certutil":
		return true
	}
	if c.Kind != Test && c.Name != "[" && c.Name != "test" {
		return false
	}
	return slices.ContainsFunc(c.Args, func(w Word) bool {
		lower := strings.ToLower(w.Text)
		return strings.Contains(lower, "sha") || strings.Contains(lower, "checksum") || strings.Contains(lower, "digest") || strings.Contains(lower, "hash")
	})
}

// PlainHTTP are downloads of code, packages and tools over an unprotected connection, loopback excepted.
func (s *Script) PlainHTTP() []Remark {
	var out []Remark
	for i := range s.Commands {
		c := &s.Commands[i]
		address, option := plainAddress(c)
		if address == "" || loopback(address) {
			continue
		}
		r := s.remark(PlainHTTP, i)
		r.URL, r.Detail = public(address), option
		if option != "" || s.installed(i) {
			out = append(out, r)
		}
	}
	return inOrder(out)
}

// plainAddress is an http address that a command gets something from, with the option that names a place of packages.
func plainAddress(c *Command) (address, option string) {
	for i, w := range c.Args {
		text := w.Text
		at := strings.Index(text, "http://")
		if at < 0 {
			continue
		}
		before := ""
		if i > 0 {
			before = c.Args[i-1].Text
		}
		switch {
		case at > 0 && strings.HasSuffix(text[:at], "=") && indexOptions[strings.TrimSuffix(text[:at], "=")]:
			return text[at:], strings.TrimSuffix(text[:at], "=")
		case indexOptions[before] && packageTools[c.Name]:
			return text[at:], before
		case c.Name == "npm" && strings.Contains(before, "registry"), c.Name == "git" && slices.Contains([]string{"clone", "fetch", "pull"}, c.verb(0, "-c", "-C")):
			return text[at:], c.verb(0, "-c", "-C")
		case at == 0:
			address = text
		}
	}
	return address, ""
}

var indexOptions = map[string]bool{
	"--index-url": true, "-i": true, "--extra-index-url": true, "--registry": true, "--find-links": true, "-f": true, "--source": true,
	"--repo": true, "--default-index": true, "--index": true, "-Source": true,
}

var packageTools = map[string]bool{
	"pip": true, "pip3": true, "npm": true, "yarn": true, "pnpm": true, "gem": true, "uv": true, "dotnet": true, "nuget": true, "helm": true,
	"poetry": true, "bundle": true, "cargo": true, "choco": true, "pipx": true,
}

// installed says that what a command downloads is run or installed later on, or unpacked as a tool.
func (s *Script) installed(i int) bool {
	c := &s.Commands[i]
	if c.Name != "curl" && c.Name != "wget" && c.Name != "Invoke-WebRequest" && c.Name != "Invoke-RestMethod" {
		return false
	}
	this := s.search(func(other *Command) bool { return other == c && downloads(c) })
	file, _ := saved(c)
	for n := i + 1; n < min(i+following, len(s.Commands)); n++ {
		r := &s.Commands[n]
		if _, ok := this.stream(r.In); ok && (r.readsCode() || installs(r)) {
			return true
		}
		for _, w := range runs(r) {
			if _, ok := this.word(w); ok {
				return true
			}
		}
		if file != "" && (executes(r, file) || installs(r) && slices.ContainsFunc(r.Args, func(w Word) bool { return baseName(w.Text) == baseName(file) })) {
			return true
		}
	}
	return false
}

// installs says that a command unpacks or installs a file.
func installs(c *Command) bool {
	switch c.Name {
	case "tar", "unzip", "dpkg", "rpm", "install", "chmod", "apt-key", "Expand-Archive", "msiexec", "gunzip":
		return true
	case "gpg":
		return c.Has("--import", "--dearmor")
	case "apt", "apt-get", "yum", "dnf":
		return c.verb(0) == "install"
	}
	return false
}
