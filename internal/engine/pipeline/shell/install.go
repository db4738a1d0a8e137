package shell

import "strings"

// Unpinned are installations of packages, tools and images that name no version, digest or lock: what they bring may be
// another thing tomorrow. Packages of the system's own manager are not counted, nor is what the repository itself holds.
func (s *Script) Unpinned() []Remark {
	var out []Remark
	own := map[string]bool{} // images that the script builds, and local packages that npx prefers
	for i := range s.Commands {
		c := &s.Commands[i]
		if c.Kind != Simple {
			continue
		}
		provides(c, own)
		for _, p := range unpinned(c) {
			if own[p.name] || runner[c.Name] && p.version == "" && own["node_modules"] {
				continue
			}
			r := s.remark(UnpinnedInstall, i)
			r.Package, r.Version, r.Detail = p.name, p.version, p.why
			if p.at != (Range{}) {
				r.Range = p.at
			}
			out = append(out, r)
		}
	}
	return inOrder(out)
}

var runner = map[string]bool{"npx": true, "pnpx": true, "bunx": true}

// provides notes what later commands find on the machine: images that are built or tagged here, and the packages of a
// lock file, which npx runs before it fetches any.
func provides(c *Command, own map[string]bool) {
	switch c.Name {
	case "docker", "podman", "nerdctl":
		for i, w := range c.Args {
			if i > 0 && (c.Args[i-1].Text == "-t" || c.Args[i-1].Text == "--tag") {
				own[strings.TrimSuffix(w.Text, ":latest")] = true
			}
			if c.verb(0) == "tag" && i == len(c.Args)-1 {
				own[strings.TrimSuffix(w.Text, ":latest")] = true
			}
		}
	case "npm", "yarn", "pnpm", "bun":
		if v := c.verb(0); v == "ci" || v == "install" || v == "i" || v == "" && c.Name == "yarn" {
			own["node_modules"] = true
		}
	}
}

// A loose package has no version that stays.
type loose struct {
	name, version, why string
	at                 Range
}

func unpinned(c *Command) []loose {
	switch c.Name {
	case "npm", "pnpm", "yarn", "bun":
		return looseNode(c)
	case "npx", "pnpx", "bunx":
		return looseRunner(c, c.Operands("-p", "--package", "-c", "--call"))
	case "pip", "pip3", "pipx", "uv", "uvx":
		return loosePython(c)
	case "python", "python3", "py":
		if w, at := c.Value("-m"); at >= 0 && w.Text == "pip" {
			return loosePython(&Command{Kind: Simple, Name: "pip", Args: c.Args[at+1:]})
		}
	case "go":
		return looseGo(c)
	case "cargo":
		return looseCargo(c)
	case "gem":
		return looseGem(c)
	case "docker", "podman", "nerdctl":
		return looseImage(c)
	case "dotnet":
		if c.verb(0) == "tool" && c.verb(1) == "install" && !c.Has("--version") && !c.Has("--local") {
			return looseWords(c.Operands("--version", "--tool-path", "--add-source"), 2, "no version")
		}
	case "Install-Module":
		if _, at := c.option("requiredversion"); at < 0 {
			if w, at := c.option("name"); at >= 0 {
				return looseWords([]Word{w}, 0, "no version")
			}
			return looseWords(c.Operands("-Scope", "-Repository"), 0, "no version")
		}
	case "choco":
		if c.verb(0) == "install" && !c.Has("--version") {
			return looseWords(c.Operands("--source", "-s"), 1, "no version")
		}
	case "deno":
		if c.verb(0) == "install" || c.verb(0) == "run" {
			return looseDeno(c)
		}
	}
	return nil
}

// looseWords gives the operands from the nth on, but for those that are known only at run time or are files.
func looseWords(ops []Word, n int, why string) []loose {
	var out []loose
	for i := n; i < len(ops); i++ {
		if text, ok := ops[i].Static(); ok && text != "" && !isPath(text) {
			out = append(out, loose{name: text, why: why, at: ops[i].Range})
		}
	}
	return out
}

func isPath(s string) bool {
	return strings.HasPrefix(s, ".") || strings.HasPrefix(s, "/") || strings.HasPrefix(s, "~") || strings.Contains(s, "://") || strings.HasPrefix(s, "file:") ||
		strings.HasSuffix(s, ".tgz") || strings.HasSuffix(s, ".whl") || strings.HasSuffix(s, ".gem") || strings.HasSuffix(s, ".tar.gz") || strings.HasPrefix(s, "git+")
}

func looseNode(c *Command) []loose {
	ops := c.Operands("--prefix", "-C", "--cwd", "--registry", "--filter", "-F", "-w", "--workspace", "--loglevel", "--cache", "--dir", "--network-timeout", "--omit")
	verb := ""
	if len(ops) > 0 {
		verb = ops[0].Text
	}
	switch verb {
	case "dlx", "exec", "x":
		if verb == "exec" && c.Name != "npm" || c.Has("--no", "--no-install", "--offline") {
			return nil
		}
		return looseRunner(c, ops[1:])
	case "global":
		if len(ops) > 2 && ops[1].Text == "add" {
			return looseVersions(ops[2:])
		}
	case "install", "i", "add", "":
		if verb == "" && c.Name != "yarn" || verb == "add" && c.Name == "npm" && len(ops) < 2 || c.Has("--version", "-v", "--help") {
			return nil
		}
		if len(ops) > 1 {
			return looseVersions(ops[1:])
		}
		return looseLock(c, verb)
	}
	return nil
}

// looseLock judges an install of what package.json names: only some forms hold on to the lock file.
func looseLock(c *Command, verb string) []loose {
	switch {
	case c.Name == "npm" && (verb == "install" || verb == "i") && !c.Has("-g", "--global") && !c.Has("--package-lock-only"):
		return []loose{{why: "npm install may change what the lock file says; npm ci does not"}}
	case c.Name == "yarn" && c.Has("--no-lockfile"), c.Name == "pnpm" && c.Has("--no-frozen-lockfile", "--no-lockfile"), c.Name == "yarn" && c.Has("--no-immutable"):
		return []loose{{why: "lock file not held"}}
	}
	return nil // yarn and pnpm hold the lock file in pipelines by themselves
}

func looseVersions(words []Word) []loose {
	var out []loose
	for _, w := range words {
		text, ok := w.Static()
		if !ok || text == "" || isPath(text) || strings.Contains(text, "/") && text[0] != '@' {
			continue
		}
		name, version := cutVersion(text)
		if exactVersion(version) {
			continue
		}
		why := "no version"
		if version != "" {
			why = "version " + version + " moves"
		}
		out = append(out, loose{name: name, version: version, why: why, at: w.Range})
	}
	return out
}

func looseRunner(c *Command, ops []Word) []loose {
	if c.Has("--no-install", "--no", "--offline", "--version", "-v") {
		return nil
	}
	if w, at := c.Value("-p", "--package"); at >= 0 {
		return looseVersions([]Word{w})
	}
	return looseVersions(ops[:min(1, len(ops))])
}

// cutVersion splits @scope/name@1.2.3.
func cutVersion(s string) (name, version string) {
	if at := strings.LastIndexByte(s, '@'); at > 0 {
		return s[:at], s[at+1:]
	}
	return s, ""
}

// exactVersion says that a version names one release: three numbers, or anything that is no word or range that moves.
func exactVersion(v string) bool {
	v = strings.TrimPrefix(strings.TrimPrefix(v, "="), "v")
	if v == "" || strings.ContainsAny(v, "^~*<>|x") || v[0] < '0' || v[0] > '9' {
		return false
	}
	return strings.Count(v, ".") >= 2
}

func loosePython(c *Command) []loose {
	ops := c.Operands("-r", "--requirement", "-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-t", "--target", "--prefix", "--python", "-p", "-f", "--find-links", "--with", "--trusted-host", "--platform", "--timeout", "--retries", "--log", "--cache-dir", "--spec", "-d")
	n := 0
	switch {
	case c.Name == "uvx":
	case c.Name == "uv" && len(ops) > 2 && (ops[0].Text == "pip" || ops[0].Text == "tool") && (ops[1].Text == "install" || ops[1].Text == "run"):
		n = 2
	case c.Name != "uv" && len(ops) > 1 && (ops[0].Text == "install" || ops[0].Text == "run" && c.Name == "pipx"):
		n = 1
	default:
		return nil
	}
	if c.Name == "uvx" || len(ops) > 1 && ops[n-1].Text == "run" {
		ops = ops[:min(n+1, len(ops))]
	}
	if c.Has("--require-hashes", "-c", "--constraint", "-e", "--editable") {
		return nil
	}
	var out []loose
	for _, w := range ops[min(n, len(ops)):] {
		text, ok := w.Static()
		if !ok || text == "" || isPath(text) || strings.Contains(text, "==") || strings.Contains(text, " @ ") || strings.Contains(text, "@") && exactVersion(text[strings.IndexByte(text, '@')+1:]) {
			continue
		}
		name, rest := text, ""
		if at := strings.IndexAny(text, "<>=~!;["); at > 0 {
			name, rest = text[:at], text[at:]
		}
		if len(name) > 1 && strings.IndexByte(name, '/') < 0 {
			out = append(out, loose{name: name, version: strings.TrimLeft(rest, "[]"), why: "no exact version", at: w.Range})
		}
	}
	return out
}

func looseGo(c *Command) []loose {
	if v := c.verb(0); v != "install" && v != "get" && v != "run" {
		return nil
	}
	var out []loose
	for _, w := range behind(c.Operands("-ldflags", "-tags", "-o", "-mod", "-modfile")) {
		text, ok := w.Static()
		name, version := cutVersion(text)
		if !ok || version == "" || strings.HasPrefix(version, "v") && strings.Count(version, ".") >= 2 || hexadecimal(version) {
			if c.verb(0) != "run" {
				continue
			}
			break
		}
		out = append(out, loose{name: name, version: version, why: "version " + version + " moves", at: w.Range})
		if c.verb(0) == "run" {
			break
		}
	}
	return out
}

func hexadecimal(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) >= 7
}

func looseCargo(c *Command) []loose {
	ops := c.Operands("--version", "--vers", "--root", "--git", "--rev", "--tag", "--branch", "--path", "--features", "--target", "--registry", "--bin", "--profile", "-F", "-j")
	if len(ops) > 0 && strings.HasPrefix(ops[0].Text, "+") {
		ops = ops[1:]
	}
	if len(ops) < 2 || ops[0].Text != "install" && ops[0].Text != "binstall" || c.Has("--version", "--vers", "--path", "--rev", "--tag") {
		return nil
	}
	var out []loose
	for _, w := range ops[1:] {
		text, ok := w.Static()
		if name, version := cutVersion(text); ok && text != "" && !exactVersion(version) {
			why := "no version"
			if c.Has("--locked") {
				why = "its own lock file holds its dependencies, but nothing holds its version"
			}
			out = append(out, loose{name: name, version: version, why: why, at: w.Range})
		}
	}
	return out
}

func looseGem(c *Command) []loose {
	if v := c.verb(0); v != "install" && v != "i" || c.Has("-v", "--version") {
		return nil
	}
	var out []loose
	for _, l := range looseWords(c.Operands("-i", "--install-dir", "-n", "--bindir", "-s", "--source", "-P"), 1, "no version") {
		name, version, _ := strings.Cut(l.name, ":")
		if version == "" {
			l.name = name
			out = append(out, l)
		}
	}
	return out
}

func looseImage(c *Command) []loose {
	valued := []string{"-v", "--volume", "-e", "--env", "--env-file", "--name", "-w", "--workdir", "-p", "--publish", "-u", "--user", "--network", "--net", "--entrypoint", "--mount", "--platform", "-h", "--hostname", "--label", "-l", "--add-host", "--memory", "-m", "--cpus", "--health-cmd", "--health-interval", "--health-timeout", "--health-retries", "--restart", "--ipc", "--pid", "--cap-add", "--device", "--gpus", "--shm-size", "--tmpfs", "--ulimit", "--security-opt", "--log-driver", "--pull", "--cidfile", "--dns", "--expose", "--link", "--runtime", "--volumes-from"}
	ops := c.Operands(valued...)
	if len(ops) > 0 && ops[0].Text == "container" {
		ops = ops[1:]
	}
	if len(ops) < 2 || ops[0].Text != "run" && ops[0].Text != "pull" && ops[0].Text != "create" {
		return nil
	}
	image, ok := ops[1].Static()
	if !ok || image == "" || strings.Contains(image, "@sha256:") {
		return nil
	}
	name, tag := image, ""
	if at := strings.LastIndexByte(image, ':'); at > strings.LastIndexByte(image, '/') {
		name, tag = image[:at], image[at+1:]
	}
	if tag != "" && tag != "latest" {
		return nil
	}
	return []loose{{name: name, version: tag, why: "no tag but latest, no digest", at: ops[1].Range}}
}

func looseDeno(c *Command) []loose {
	var out []loose
	for _, w := range behind(c.Operands("-n", "--name", "--config")) {
		text, ok := w.Static()
		if rest, npm := strings.CutPrefix(text, "npm:"); ok && npm {
			if _, version := cutVersion(rest); !exactVersion(version) {
				out = append(out, loose{name: rest, version: version, why: "no version", at: w.Range})
			}
		}
		break
	}
	return out
}

// behind are the words after the first.
func behind(words []Word) []Word { return words[min(1, len(words)):] }
