package azure

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
)

// The bounds of Join. Azure allows 100 templates in a pipeline.
const (
	maxTemplates = 300 // of one pipeline
	maxRounds    = 30  // of a value through variables, parameters and scripts
	maxRoots     = 500
)

// Join gets the summaries of all files of the target by path, sorted, and returns the faults that lie between them.
func Join(paths []string, summaries [][]byte) (faults []fault.Fault, unchecked []string) {
	all, files := assembly.Decode(paths, summaries, func(f *facts) *assembly.Standing { return &f.Standing })
	all.TooMuch = "values are not followed further: there are too many files, variables and templates"
	j := &joiner{all, files}
	j.pipelines()
	return j.Finish()
}

// A joiner puts the files of a target together.
type joiner struct {
	*assembly.Joiner
	files map[string]*facts
}

// pipelines goes through all files that a pipeline may begin with: those that no other takes as a template.
func (j *joiner) pipelines() {
	called := map[string]bool{}
	for path, f := range j.files {
		for _, c := range f.Calls {
			called[c.Path] = called[c.Path] || c.Path != path
		}
	}
	n := 0
	for _, path := range j.Paths {
		f := j.files[path]
		if f == nil || called[path] && !begins(path) || !f.Sure && !j.likeRoot(path, f) {
			continue
		}
		if n++; n > maxRoots {
			j.Unchecked(fmt.Sprintf("pipelines after the first %d are not looked at as a whole", maxRoots))
			return
		}
		j.pipeline(path)
	}
}

// begins says that a file has the name of a pipeline, whatever else takes it as a template.
func begins(name string) bool { return strings.HasPrefix(path.Base(name), "azure-pipelines.y") }

// likeRoot says that a file of no known name is a pipeline: it has what only those have, and lies where they do.
func (j *joiner) likeRoot(path string, f *facts) bool {
	if !f.Root {
		return false
	}
	return strings.Contains("/"+path, "/pipelines/") || strings.Contains("/"+path, "/.pipelines/") || strings.Contains("/"+path, "/ci/") || strings.HasPrefix(path, "build/")
}

// An author is who writes the text of a predefined variable.
type author struct {
	writer string
	level  finding.Severity // of running it
	log    bool             // it may hold the brackets of commands to the agent
}

// authors are those of the predefined variables, in lower case. In the build of a pull request the branch is a number, so
// the branch of a build is chosen by those who may push one.
// https://learn.microsoft.com/azure/devops/pipelines/build/variables
var authors = map[string]author{
	"build.sourceversionmessage":             {"the author of the commit", finding.High, true},
	"build.sourceversionauthor":              {"the author of the commit", finding.High, true},
	"build.sourcebranch":                     {"whoever pushes the branch", finding.Medium, false},
	"build.sourcebranchname":                 {"whoever pushes the branch", finding.Medium, false},
	"system.pullrequest.sourcebranch":        {"the author of the pull request", finding.High, false},
	"system.pullrequest.sourcebranchname":    {"the author of the pull request", finding.High, false},
	"system.pullrequest.sourcerepositoryuri": {"the author of the pull request", finding.Medium, false},
	"build.requestedfor":                     {"whoever the run is for, by the name in the account,", finding.Medium, true},
}

// A source is how a text came to be what an outsider chose.
type source struct {
	from  string // the predefined variable, or the parameter of a pipeline
	who   author
	param bool
	steps []fault.Step
}

func (s source) through(path string, span fault.Span) source {
	s.steps = append(slices.Clone(s.steps), fault.Step{Path: path, Span: span})
	return s
}

// A pipeline is a root with its templates, and what is known of foreign texts in it.
type pipeline struct {
	*joiner
	files  []string
	vars   map[string]source            // variables and outputs, by name in lower case
	env    map[string]source            // variables as the environment has them, by name in upper case
	params map[string]map[string]source // by file
}

func (j *joiner) pipeline(root string) {
	p := &pipeline{joiner: j, vars: map[string]source{}, env: map[string]source{}, params: map[string]map[string]source{}}
	p.reach(root)
	for name, who := range authors {
		if j.files[root].ByHand && strings.HasPrefix(name, "build.sourcebranch") {
			who = author{"whoever starts the run on a branch", finding.Low, false}
		}
		p.learnVariable(name, source{from: name, who: who})
	}
	p.params[root] = map[string]source{}
	for _, param := range j.files[root].Params {
		if param.Free && j.files[root].Root {
			p.params[root][strings.ToLower(param.Name)] = source{from: param.Name, param: true, who: author{"whoever starts the run", finding.Low, false}}
		}
	}
	for _, hook := range j.files[root].Hooks { // its payload is read as ${{ parameters.hook.field }}
		p.params[root][strings.ToLower(hook)] = source{from: hook, who: author{"whoever calls the webhook", finding.High, true}}
	}
	for range maxRounds {
		if !p.round() {
			break
		}
	}
	for _, path := range p.files {
		p.report(path)
	}
}

// reach lists the root and the templates that it takes, directly or not.
func (p *pipeline) reach(root string) {
	seen := map[string]bool{root: true}
	p.files = []string{root}
	for i := 0; i < len(p.files); i++ {
		path := p.files[i]
		p.Used[path] = true
		for _, c := range p.joiner.files[path].Calls {
			if p.joiner.files[c.Path] != nil && !seen[c.Path] && len(p.files) < maxTemplates {
				seen[c.Path] = true
				p.files = append(p.files, c.Path)
			}
		}
	}
}

// find is the first foreign text among the references of a value in a file.
func (p *pipeline) find(path string, refs []ref) (source, bool) {
	for _, r := range refs {
		if s, ok := p.lookup(path, r); ok {
			return s, true
		}
	}
	return source{}, false
}

func (p *pipeline) lookup(path string, r ref) (source, bool) {
	switch r.Kind {
	case parameter:
		s, ok := p.params[path][strings.ToLower(r.Name)]
		return s, ok
	case output:
		s, ok := p.vars["output "+r.Name]
		return s, ok
	}
	s, ok := p.vars[r.Name]
	return s, ok
}

// round follows foreign texts one step further in every file, and says whether it learnt something.
func (p *pipeline) round() bool {
	learnt := false
	for _, path := range p.files {
		f := p.joiner.files[path]
		if !p.Spend(len(f.Vars) + len(f.Calls) + len(f.Scripts)) {
			return false
		}
		for _, v := range f.Vars {
			if s, ok := p.find(path, v.Refs); ok {
				learnt = p.learnVariable(v.Name, s.through(path, v.Span)) || learnt
			}
		}
		for _, c := range f.Calls {
			for _, with := range c.With {
				if s, ok := p.find(path, with.Refs); ok {
					if p.params[c.Path] == nil {
						p.params[c.Path] = map[string]source{}
					}
					learnt = p.learn(p.params[c.Path], strings.ToLower(with.Name), s.through(path, with.Span)) || learnt
				}
			}
		}
		for i := range f.Scripts {
			learnt = p.exports(path, &f.Scripts[i]) || learnt
		}
	}
	return learnt
}

// learnVariable keeps a variable's source under both its names.
func (p *pipeline) learnVariable(name string, s source) bool {
	learnt := p.learn(p.vars, name, s)
	if learnt {
		p.env[envName(name)] = s
	}
	return learnt
}

// learn keeps a source, the worse of two.
func (p *pipeline) learn(in map[string]source, name string, s source) bool {
	if old, ok := in[name]; ok && old.who.level >= s.who.level {
		return false
	}
	in[name] = s
	return true
}

// exports follows foreign texts into the variables that a script sets for later steps.
func (p *pipeline) exports(path string, sc *script) bool {
	learnt := false
	env := p.environment(path, sc)
	for _, set := range sc.Sets {
		s, ok := p.find(path, set.Refs)
		for _, v := range set.Vars {
			if from, known := env(v); known && !ok {
				s, ok = from, true
			}
		}
		if ok {
			s = s.through(path, set.Span)
			learnt = p.learnVariable(set.Name, s) || learnt
			learnt = p.learn(p.vars, "output "+set.Name, s) || learnt
		}
	}
	return learnt
}

// environment says which variables of a script's environment hold foreign text: those of its env block, and all variables
// that are no secrets, under their names in upper case.
func (p *pipeline) environment(path string, sc *script) func(name string) (source, bool) {
	own := map[string]variable{}
	for _, v := range sc.Env {
		own[strings.ToUpper(v.Name)] = v
	}
	return func(name string) (source, bool) {
		if v, ok := own[name]; ok {
			return p.find(path, v.Refs)
		}
		s, ok := p.env[name]
		return s, ok
	}
}

// report tells where foreign texts are pasted into scripts of a file, or run by them.
func (p *pipeline) report(path string) {
	f := p.joiner.files[path]
	for i := range f.Scripts {
		sc := &f.Scripts[i]
		for _, h := range sc.Holes {
			if s, ok := p.lookup(path, h.Ref); ok {
				p.pasted(path, sc, h, s)
			}
		}
		env := p.environment(path, sc)
		for _, k := range sc.Sinks {
			if s, ok := env(k.Var); ok {
				p.run(path, sc, k, s)
			}
		}
	}
}

func (p *pipeline) pasted(path string, sc *script, h hole, s source) {
	name := shown(h.Ref)
	f := fault.Fault{Rule: "azure-script-injection", Path: path, Span: h.Span, Key: strings.TrimSpace(sc.Job + " " + name), Severity: s.who.level, Steps: fault.Local(path, s.steps),
		Message: fmt.Sprintf("%s%s is pasted into the script before the shell reads it; %s chooses it", name, holding(h.Ref.Name, s), s.who.writer)}
	if s.param {
		f.Rule, f.Severity = "azure-parameter-injection", 0
		f.Message = fmt.Sprintf("%s%s is pasted into the script before the shell reads it, and may hold any text", name, holding(h.Ref.Name, s))
	} else if h.Safe != "" && h.Ref.Kind == macro {
		f.Fix = &fault.Fix{Title: "Read the variable from the environment", Edits: []fault.Edit{{Span: h.Span, Text: h.Safe}}}
	}
	p.Add(f)
}

// shown is a reference as people write it.
func shown(r ref) string {
	switch r.Kind {
	case parameter:
		return fmt.Sprintf("The parameter %q", r.Name)
	case output:
		return fmt.Sprintf("The output %q", r.Name)
	}
	return fmt.Sprintf("The variable %q", r.Name)
}

// holding says where a text comes from that has another name there.
func holding(name string, s source) string {
	if strings.EqualFold(s.from, name) {
		return ""
	}
	return fmt.Sprintf(", which holds %q,", s.from)
}

func (p *pipeline) run(path string, sc *script, k sink, s source) {
	f := fault.Fault{Rule: "azure-script-injection", Path: path, Span: k.Span, Key: strings.TrimSpace(sc.Job + " " + k.Var + " " + k.Kind), Severity: s.who.level, Steps: fault.Local(path, s.steps)}
	what := k.What
	if what == "" {
		what = "the shell"
	}
	switch {
	case k.Log && (s.param || !s.who.log):
		return
	case k.Log:
		f.Rule, f.Severity = "azure-logging-command", 0
		f.Message = fmt.Sprintf("%s prints the text of %s, in which a line may be a command to the agent (##vso[…]); %s chooses it", what, k.Var, s.who.writer)
	case k.Kind == "command name":
		f.Message = fmt.Sprintf("%s names the command that runs; %s chooses it", k.Var, s.who.writer)
	default:
		f.Message = fmt.Sprintf("The text of %s is run as code by %s; %s chooses it", k.Var, what, s.who.writer)
	}
	if s.param {
		f.Rule, f.Severity = "azure-parameter-injection", 0
	}
	p.Add(f)
}
