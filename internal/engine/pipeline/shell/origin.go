package shell

import "slices"

// Origins are what a text is made of, after all assignments, substitutions and pipes have been followed back.
type Origins struct {
	Variables []string // that the script does not set itself: they come from the environment
	Holes     []int
	Files     []string // that are read, as written
	Commands  []int    // whose output flows in and that are no mere filters: curl, gh, git, the repository's own
}

// maxOrigins bounds each list, and a fourth of how many steps are followed.
const maxOrigins = 1000

// sources are where variables get their values: words and commands that read.
type sources struct {
	assigns map[string][]Word
	reads   map[string][]int
}

type origins struct {
	Origins
	script  *Script
	sources sources
	names   map[string]bool
	streams map[int]bool
	steps   int
}

// Origins follows parts of words back to where their text comes from, through every assignment that the script has. It
// tells what a value may be made of, not that all of it arrives; guards are not looked at.
func (s *Script) Origins(parts []Part) Origins {
	if s.sources == nil {
		return Origins{} // nothing was read
	}
	x := &origins{script: s, sources: s.sources(), names: map[string]bool{}, streams: map[int]bool{}}
	x.parts(parts)
	slices.Sort(x.Holes)
	x.Holes = slices.Compact(x.Holes)
	slices.Sort(x.Commands)
	x.Commands = slices.Compact(x.Commands)
	return x.Origins
}

func (s *Script) findSources() sources {
	x := sources{assigns: map[string][]Word{}, reads: map[string][]int{}}
	for i := range s.Commands {
		c := &s.Commands[i]
		for _, a := range c.Assigns {
			x.assigns[a.Name] = append(x.assigns[a.Name], a.Value)
		}
		for _, name := range s.readNames(c) {
			x.reads[name] = append(x.reads[name], i)
		}
		if s.functions[c.Name] {
			for n, w := range c.Args {
				for _, name := range []string{position(n + 1), "@", "*"} {
					x.assigns[c.Name+"."+name] = append(x.assigns[c.Name+"."+name], w)
				}
			}
		}
	}
	return x
}

func (x *origins) parts(parts []Part) {
	for _, p := range parts {
		if x.steps++; x.steps > 4*maxOrigins {
			return
		}
		switch {
		case p.Clean:
		case p.Kind == Variable:
			x.variable(p.Name)
		case p.Kind == Hole && len(x.Holes) < maxOrigins:
			x.Holes = append(x.Holes, p.Hole)
		case p.Kind == Capture || p.Kind == Process:
			x.stream(p.Stream)
		}
	}
}

func (x *origins) variable(name string) {
	if x.names[name] || len(x.names) > maxOrigins {
		return
	}
	x.names[name] = true
	if x.sources.assigns[name] == nil && x.sources.reads[name] == nil {
		x.Variables = append(x.Variables, name)
		return
	}
	for _, w := range x.sources.assigns[name] {
		x.parts(w.Parts)
	}
	for _, i := range x.sources.reads[name] {
		x.input(&x.script.Commands[i])
	}
}

func (x *origins) stream(stream int) {
	if stream == 0 || x.streams[stream] || len(x.streams) > maxOrigins {
		return
	}
	x.streams[stream] = true
	for _, i := range x.script.writers[stream] {
		x.output(i)
	}
}

// output follows what a command puts out.
func (x *origins) output(i int) {
	c := &x.script.Commands[i]
	if x.steps++; x.steps > 4*maxOrigins || cleans(c) || len(x.Commands) >= maxOrigins {
		return
	}
	switch {
	case reader[c.Name]:
		for _, w := range fileArguments(c) {
			x.Files = append(x.Files, w.Text)
			x.parts(w.Parts)
		}
		x.input(c)
	case echoes(c) || passing[c.Name] || filters[c.Name]:
		for _, w := range c.Args {
			x.parts(w.Parts)
		}
		x.input(c)
	case c.Kind == Simple:
		x.Commands = append(x.Commands, i)
		x.input(c)
	case c.Kind == Expression:
		for _, w := range c.Args {
			x.parts(w.Parts)
		}
	}
}

func (x *origins) input(c *Command) {
	for _, r := range c.Redirects {
		switch r.Op {
		case "<<", "<<-":
			x.parts(r.Body.Parts)
		case "<<<":
			x.parts(r.Target.Parts)
		case "<":
			if !slices.ContainsFunc(r.Target.Parts, func(p Part) bool { return p.Kind == Process }) {
				x.Files = append(x.Files, r.Target.Text)
			}
			x.parts(r.Target.Parts)
		}
	}
	x.stream(c.In)
}

// reader lists commands whose operands name files that they put out.
var reader = map[string]bool{
	"cat": true, "Get-Content": true, "type": true, "head": true, "tail": true, "jq": true, "yq": true, "sed": true, "awk": true, "grep": true, "cut": true,
	"sort": true, "uniq": true, "tac": true, "base64": true, "unzip": true, "zcat": true, "strings": true,
}

// fileArguments are the operands that name files; the first one of some commands is a program or pattern.
func fileArguments(c *Command) []Word {
	ops := c.Operands("-n", "-c", "-f", "-d", "-e", "--arg", "--argjson", "-A", "-B", "-C", "-F", "-v", "-Path", "-m")
	switch c.Name {
	case "jq", "yq", "sed", "awk", "grep":
		return ops[min(1, len(ops)):]
	case "Get-Content":
		if w, at := c.option("path", "literalpath"); at >= 0 {
			return []Word{w}
		}
	}
	return ops
}
