package gitlab

import (
	"fmt"
	"maps"
	"slices"
	"sort"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
)

// An author is who writes the text of a variable, and what that can hold.
type author struct {
	writer string
	lines  bool // it may have several lines
	spaces bool // it may have spaces, so that a shell makes several arguments of it
	asked  bool // somebody who may start pipelines anyway
}

// authors are those of the predefined variables whose text somebody writes who need not be trusted with the pipeline: the
// author of a commit, a merge request or a branch. Names of branches have no spaces; slugs and hashes are no free text.
// https://docs.gitlab.com/ci/variables/predefined_variables/
var authors = map[string]author{
	"CI_COMMIT_MESSAGE":                           {"the author of the commit", true, true, false},
	"CI_COMMIT_TITLE":                             {"the author of the commit", false, true, false},
	"CI_COMMIT_DESCRIPTION":                       {"the author of the commit", true, true, false},
	"CI_COMMIT_AUTHOR":                            {"the author of the commit", false, true, false},
	"CI_COMMIT_BRANCH":                            {"whoever names the branch", false, false, false},
	"CI_COMMIT_REF_NAME":                          {"whoever names the branch or tag", false, false, false},
	"CI_COMMIT_TAG":                               {"whoever names the tag", false, false, false},
	"CI_COMMIT_TAG_MESSAGE":                       {"whoever writes the tag", true, true, false},
	"CI_MERGE_REQUEST_TITLE":                      {"the author of the merge request", false, true, false},
	"CI_MERGE_REQUEST_DESCRIPTION":                {"the author of the merge request", true, true, false},
	"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME":         {"the author of the merge request", false, false, false},
	"CI_MERGE_REQUEST_LABELS":                     {"the author of the merge request", false, true, false},
	"CI_MERGE_REQUEST_MILESTONE":                  {"the author of the merge request", false, true, false},
	"CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME": {"the author of the pull request", false, false, false},
	"CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY":  {"the author of the pull request", false, false, false},
	"CHAT_INPUT":                                  {"whoever writes the chat command", true, true, false},
	"GITLAB_USER_NAME":                            {"whoever starts the pipeline", false, true, false},
}

// A source is how a variable of a job came to hold a foreign text.
type source struct {
	from  string // the predefined variable, or one that is asked for
	who   author
	steps []fault.Step
}

// through is the source with a further step.
func (s source) through(path string, span fault.Span) source {
	s.steps = append(slices.Clone(s.steps), fault.Step{Path: path, Span: span})
	return s
}

// sources are the variables of a job that hold foreign text, by name.
func (p *pipeline) sources(w *whole, handed map[string]source) map[string]source {
	out := map[string]source{}
	for name, t := range authors {
		out[name] = source{from: name, who: t}
	}
	for name, s := range handed {
		out[name] = s
	}
	vars := p.variables(w)
	if !p.Spend(len(vars)) {
		return out
	}
	for _, v := range vars { // a variable of the file is stronger than a predefined one, and weaker than one handed over
		if _, ok := handed[v.Name]; !ok {
			delete(out, v.Name)
		}
		if v.Asked {
			out[v.Name] = source{from: v.Name, who: author{"whoever starts the pipeline", true, true, true}}
		}
	}
	vars = append(vars, p.conditional(w)...)
	for range maxLevels { // a value may be made of variables that stand after it
		learnt := false
		for _, v := range vars {
			if _, known := out[v.Name]; known {
				continue
			}
			for _, ref := range v.Refs {
				if from, ok := out[ref]; ok {
					out[v.Name] = from.through(v.path, v.Span)
					learnt = true
					break
				}
			}
		}
		if !learnt {
			break
		}
	}
	return out
}

// inject tells where the foreign text of a job's variables is run.
func (p *pipeline) inject(w *whole, sources map[string]source) {
	sources = maps.Clone(sources)
	for _, s := range p.scripts(w) {
		for _, c := range s.Carries { // script: runs in the shell of before_script:
			if from, ok := sources[c.From]; ok && s.key == "before_script" {
				sources[c.Name] = from
			}
		}
		for _, k := range s.Sinks {
			from, ok := sources[k.Var]
			if !ok || k.Low && (!from.who.spaces || from.who.asked) {
				continue
			}
			p.Add(p.injection(w, s, k, from))
		}
	}
}

func (p *pipeline) injection(w *whole, s placedScript, k sink, from source) fault.Fault {
	f := fault.Fault{Rule: "gitlab-script-injection", Path: s.path, Span: k.Span, Key: fmt.Sprintf("%s %s %s", w.name, k.Var, k.Kind), Steps: fault.Local(s.path, from.steps)}
	text := from.who
	name := "$" + k.Var
	if k.Var != from.from {
		name = fmt.Sprintf("$%s, which holds $%s,", k.Var, from.from)
	}
	switch k.Kind {
	case "eval":
		f.Message = fmt.Sprintf("The text of %s is run as code by %s; %s chooses it", name, command(k.What), text.writer)
	case "command name":
		f.Message = fmt.Sprintf("%s names the command that runs; %s chooses it", name, text.writer)
	case "split", "option":
		f.Message = fmt.Sprintf("%s becomes arguments of %s; %s chooses them", name, command(k.What), text.writer)
		f.Advice = "Put the variable in double quotes, after -- where the command knows it"
		f.Severity, f.Confidence = finding.Low, finding.MediumConfidence
	default:
		f.Message = fmt.Sprintf("The text of %s becomes part of the program that %s runs; %s chooses it", name, command(k.What), text.writer)
		f.Severity, f.Confidence = finding.Medium, finding.MediumConfidence
	}
	switch {
	case text.asked:
		f.Severity = finding.Low
	case !text.spaces && f.Severity == finding.Medium:
		f.Severity = finding.Low
	case !text.spaces && f.Severity == 0: // a name, for which one must be allowed to push
		f.Severity = finding.Medium
	}
	return f
}

func command(name string) string {
	if name == "" {
		return "the shell"
	}
	return name
}

// exports follows foreign text into the dotenv reports of a job: the variables that later jobs get from it. A text of
// several lines may set any variable there, which is a fault by itself.
func (p *pipeline) exports(w *whole, sources map[string]source) map[string]source {
	files := w.dotenv()
	if len(files) == 0 {
		return nil
	}
	out := map[string]source{}
	for _, s := range p.scripts(w) {
		for _, d := range s.Dotenv {
			if !slices.Contains(files, d.File) {
				continue
			}
			for _, v := range d.Vars {
				if isSecret(v) {
					p.Add(fault.Fault{Rule: "gitlab-secret-in-artifact", Path: s.path, Span: d.Span, Key: w.name + " " + v,
						Message: fmt.Sprintf("The dotenv report %q holds the secret $%s, and everybody who sees the job can download it", d.File, v)})
				}
				from, ok := sources[v]
				if !ok {
					continue
				}
				for _, key := range d.Keys {
					out[key] = from.through(s.path, d.Span)
				}
				if d.Open && from.who.lines && !from.who.asked {
					p.Add(fault.Fault{Rule: "gitlab-dotenv-injection", Path: s.path, Span: d.Span, Key: w.name + " " + v, Steps: fault.Local(s.path, from.steps),
						Message: fmt.Sprintf("A line of $%s can set any variable of the jobs that get %q; %s chooses it", v, d.File, from.who.writer)})
				}
			}
		}
	}
	return out
}

// flow goes through all jobs twice: what a job exports is known before those that need it are looked at.
func (p *pipeline) flows() {
	handed := p.start.foreign
	exported := map[string]map[string]source{}
	names := p.concrete()
	for range 4 { // as many jobs as a value is handed through
		for _, name := range names {
			w := p.whole(name)
			if len(w.dotenv()) == 0 || !p.Spend(100) {
				continue
			}
			if e := p.exports(w, p.sources(w, p.given(w, exported, handed))); len(e) > 0 {
				exported[name] = e
			}
		}
		if len(exported) == 0 {
			break
		}
	}
	for _, name := range names {
		w := p.whole(name)
		if !p.Spend(100 + len(w.parts)) {
			return
		}
		p.inject(w, p.sources(w, p.given(w, exported, handed)))
	}
}

// given are the foreign texts that a job gets from earlier ones.
func (p *pipeline) given(w *whole, exported map[string]map[string]source, handed map[string]source) map[string]source {
	out := map[string]source{}
	for name, s := range handed {
		out[name] = s
	}
	needed, limited := []string(nil), false
	for _, key := range []string{"needs", "dependencies"} {
		if part, ok := w.setter(key); ok {
			needed, limited = append(needed, part.Needs...), true
		}
	}
	from := make([]string, 0, len(exported))
	for name := range exported {
		if name != w.name && (!limited || slices.Contains(needed, name)) {
			from = append(from, name)
		}
	}
	sort.Strings(from)
	for _, name := range from {
		for key, s := range exported[name] {
			out[key] = s
		}
	}
	return out
}

// children are the pipelines that jobs start from local files, with the foreign text that the jobs' variables hand over.
func (p *pipeline) children(level int) []start {
	var out []start
	for _, name := range p.concrete() {
		w := p.whole(name)
		part, ok := w.setter("trigger")
		if !ok || len(part.Child) == 0 {
			continue
		}
		foreign := map[string]source{}
		sources := p.sources(w, p.start.foreign)
		for _, v := range p.variables(w) {
			if from, ok := sources[v.Name]; ok {
				foreign[v.Name] = from
			}
		}
		for _, file := range p.included(part.Child) {
			out = append(out, start{path: file, foreign: foreign, level: level + 1})
		}
	}
	return out
}
