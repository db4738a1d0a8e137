package gitlab

import (
	"fmt"
	"slices"
)

// A whole is a job as GitLab runs it: what its files say of it, then what it extends, then what holds for all.
type whole struct {
	name    string
	parts   []placed // from the strongest to the weakest, without default:
	unknown bool     // something that it extends was not found
}

// whole puts a job together.
func (p *pipeline) whole(name string) *whole {
	if w := p.wholes[name]; w != nil {
		return w
	}
	w := &whole{name: name}
	p.extend(w, name, map[string]bool{}, 0)
	p.wholes[name] = w
	return w
}

// extend adds the parts of a job, then those of what it extends, the last named first.
func (p *pipeline) extend(w *whole, name string, seen map[string]bool, level int) {
	if seen[name] {
		return
	}
	if level > maxLevels || len(w.parts) > maxParts || !p.Spend(1) {
		w.unknown = true
		return
	}
	seen[name] = true
	parts := p.jobs[name]
	if len(parts) == 0 {
		w.unknown = true
		if at := w.parts; len(at) > 0 && !p.gone[name] {
			p.gone[name] = true
			p.Unchecked(fmt.Sprintf("%s: the job %q extends %q, which no file here holds", at[0].path, w.name, name))
		}
		return
	}
	w.parts = append(w.parts, parts...)
	for _, part := range parts {
		if len(part.Extends) == 0 {
			continue
		}
		for i := len(part.Extends) - 1; i >= 0; i-- {
			p.extend(w, part.Extends[i], seen, level+1)
		}
		break // a list is replaced as a whole by the stronger file's
	}
}

// setter is the strongest part that sets a key.
func (w *whole) setter(key string) (placed, bool) {
	for _, part := range w.parts {
		if part.sets(key) {
			return part, true
		}
	}
	return placed{}, false
}

// lacks says that nothing sets a key, for certain.
func (w *whole) lacks(key string) bool {
	_, ok := w.setter(key)
	return !ok && !w.unknown
}

// env is the environment with what each part says of it.
func (w *whole) env() (*environment, string) {
	var out *environment
	path := ""
	for _, part := range w.parts {
		if part.Env == nil {
			continue
		}
		if out == nil {
			e := *part.Env
			out, path = &e, part.path
		}
		if out.Name == "" {
			out.Name, out.Span, path = part.Env.Name, part.Env.Span, part.path
		}
		if out.Action == "" {
			out.Action = part.Env.Action
		}
	}
	return out, path
}

// when is the job's own when:, with its place.
func (w *whole) when() (string, placed) {
	part, ok := w.setter("when")
	if !ok {
		return "", placed{}
	}
	return part.When, part
}

// dotenv are the files whose lines become variables of later jobs.
func (w *whole) dotenv() []string {
	for _, part := range w.parts {
		if len(part.Dotenv) > 0 {
			return part.Dotenv
		}
	}
	return nil
}

// rules are those of the job, with what is taken from others put in. Found is false where one was not.
func (p *pipeline) rules(w *whole) (list []rule, found bool) {
	part, ok := w.setter("rules")
	if !ok {
		return nil, !w.unknown
	}
	budget := 2000
	return p.inline(part.Rules, 0, &budget)
}

func (p *pipeline) inline(list []rule, level int, budget *int) ([]rule, bool) {
	var out []rule
	for _, r := range list {
		if *budget--; *budget < 0 || level > maxLevels {
			return out, false
		}
		if len(r.Ref) == 0 {
			out = append(out, r)
			continue
		}
		if len(r.Ref) != 2 || r.Ref[1] != "rules" || len(p.jobs[r.Ref[0]]) == 0 {
			return out, false
		}
		part, ok := p.whole(r.Ref[0]).setter("rules")
		if !ok {
			return out, false
		}
		more, found := p.inline(part.Rules, level+1, budget)
		out = append(out, more...)
		if !found {
			return out, false
		}
	}
	return out, true
}

// A placedScript is a script with the file that it stands in.
type placedScript struct {
	script
	path string
	key  string
}

// scripts are those that a job runs, with what is taken from others put in.
func (p *pipeline) scripts(w *whole) []placedScript {
	var out []placedScript
	for _, key := range []string{"before_script", "script", "after_script"} {
		if part, ok := w.setter(key); ok {
			out = p.collect(out, placedScript{part.Scripts[key], part.path, key}, 0)
			continue
		}
		for _, d := range p.deflt {
			if s, ok := d.Scripts[key]; ok && !w.skips(func(j *job) bool { return j.NoDefault }) {
				out = p.collect(out, placedScript{s, d.path, key}, 0)
				break
			}
		}
	}
	return out
}

func (p *pipeline) collect(out []placedScript, s placedScript, level int) []placedScript {
	out = append(out, s)
	if level > maxLevels || len(out) > maxParts || !p.Spend(10) {
		return out
	}
	for _, ref := range s.Refs {
		if len(ref) != 2 || len(p.jobs[ref[0]]) == 0 {
			continue
		}
		if part, ok := p.whole(ref[0]).setter(ref[1]); ok {
			out = p.collect(out, placedScript{part.Scripts[ref[1]], part.path, s.key}, level+1)
		}
	}
	return out
}

// variables are those of the job, the strongest first, then the global ones.
func (p *pipeline) variables(w *whole) []placedVariable {
	var out []placedVariable
	known := map[string]bool{}
	keep := func(v variable, path string) {
		if !known[v.Name] {
			known[v.Name] = true
			out = append(out, placedVariable{v, path})
		}
	}
	for _, part := range w.parts {
		for _, v := range part.Vars {
			keep(v, part.path)
		}
	}
	if !w.skips(func(j *job) bool { return j.NoGlobals }) {
		for _, g := range p.globals {
			keep(g.variable, g.path)
		}
	}
	return out
}

// skips says what the strongest inherit: of a job says.
func (w *whole) skips(what func(*job) bool) bool {
	part, ok := w.setter("inherit")
	return ok && what(part.job)
}

// conditional are the variables that rules of the job or of the pipeline may set.
func (p *pipeline) conditional(w *whole) []placedVariable {
	out := slices.Clone(p.maybe)
	for _, part := range w.parts {
		for _, v := range part.Maybe {
			out = append(out, placedVariable{v, part.path})
		}
	}
	return out
}

// hidden jobs are only extended.
func hidden(name string) bool { return name != "" && name[0] == '.' }

// concrete are the jobs that run.
func (p *pipeline) concrete() []string {
	return slices.DeleteFunc(slices.Clone(p.names), hidden)
}
