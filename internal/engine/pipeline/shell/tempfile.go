package shell

import "slices"

// A temporary file that a script makes with mktemp holds what the script writes to it and nothing else, as long as no
// other program gets its name. What is copied from there is known as well as if it had been written at once.

// findTempfiles notes, by the variable that names the file, the commands that write to it.
func (s *Script) findTempfiles() {
	for name, value := range s.constants {
		if s.madeTemporary(value) {
			if s.tempfiles == nil {
				s.tempfiles = map[string][]int{}
			}
			s.tempfiles[name] = []int{}
		}
	}
	if s.tempfiles == nil {
		return
	}
	for i := range s.Commands {
		s.followTempfiles(i)
	}
}

func (s *Script) madeTemporary(value Word) bool {
	if len(value.Parts) != 1 || value.Parts[0].Kind != Capture {
		return false
	}
	writers := s.writers[value.Parts[0].Stream]
	return len(writers) == 1 && s.Commands[writers[0]].Name == "mktemp" && !s.Commands[writers[0]].Has("-d", "--directory")
}

// followTempfiles notes what a command writes to such files, and drops those that it hands on.
func (s *Script) followTempfiles(i int) {
	c := &s.Commands[i]
	for _, r := range c.Redirects {
		if r.writes() || r.Op == "<" {
			continue
		}
		s.handOn(r.Target.Parts)
	}
	if c.Stdout != nil {
		s.noteTempfile(c.Stdout.Target, i)
	}
	own := writers(c)
	for _, w := range own {
		s.noteTempfile(w, i)
	}
	for _, a := range c.Assigns {
		s.handOn(a.Value.Parts)
		if a.Exported {
			delete(s.tempfiles, a.Name)
		}
	}
	for _, w := range c.Args {
		switch {
		case slices.ContainsFunc(own, func(o Word) bool { return o.Range == w.Range }):
		case c.Kind == Simple && !keepsFiles(c):
			s.handOn(w.Parts)
			delete(s.tempfiles, w.Text) // export NAME
		}
	}
}

func (s *Script) noteTempfile(target Word, i int) {
	if name, ok := target.lone(); ok && s.tempfiles[name] != nil {
		s.tempfiles[name] = append(s.tempfiles[name], i)
	}
}

// handOn drops the files that some parts name.
func (s *Script) handOn(parts []Part) {
	for _, p := range parts {
		if p.Kind == Variable {
			delete(s.tempfiles, p.Name)
		}
	}
}

// keepsFiles says that a command leaves the files that its arguments name as they are, or without any text.
func keepsFiles(c *Command) bool {
	switch c.Name {
	case "rm", "wc", "ls", "stat", "chmod", "[", "test", "diff", "cmp":
		return true
	}
	return (reader[c.Name] || echoes(c)) && !c.Has("-i", "--in-place", "-o", "--output")
}

// tempfile are the commands that write to the file that a word names, where no others do.
func (s *Script) tempfile(w Word) ([]int, bool) {
	name, ok := w.lone()
	if !ok {
		return nil, false
	}
	list, ok := s.tempfiles[name]
	return list, ok
}
