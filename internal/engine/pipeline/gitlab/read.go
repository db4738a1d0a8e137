package gitlab

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// maxJobs bounds the jobs of a file.
const maxJobs = 2000

// keywords are the top keys that are no jobs. https://docs.gitlab.com/ci/yaml/#global-keywords
var keywords = map[string]bool{"default": true, "include": true, "stages": true, "types": true, "variables": true, "workflow": true, "spec": true,
	"image": true, "services": true, "cache": true, "before_script": true, "after_script": true}

// A reader looks at one file.
type reader struct {
	path   string
	doc    *document.File
	top    *yaml.Node
	inputs map[string]input
	facts  facts
	faults fault.Set // anchors bring the same lines to several jobs

	globals map[string]*yaml.Node // variables:
	scripts map[*yaml.Node]script // those that were read already
	job     string                // that is looked at

	published assembly.Publications
}

// An input is one of spec:inputs.
type input struct {
	free bool // any text will do
}

// add tells a fault, with the job in its key.
func (r *reader) add(f fault.Fault) {
	if f.Key == "" {
		f.Key = r.job
	} else if r.job != "" {
		f.Key = r.job + " " + f.Key
	}
	r.faults.Add(f)
}

// header reads spec:inputs from the first of two documents, and settles which is the pipeline.
func (r *reader) header() {
	r.top = r.doc.Top()
	docs := r.doc.Docs
	if len(docs) < 2 || document.Get(docs[0], "spec") == nil {
		return
	}
	r.top = docs[1]
	r.inputs = map[string]input{}
	for k, v := range document.Pairs(document.Get(docs[0], "spec", "inputs")) {
		kind := document.Text(document.Get(v, "type"))
		r.inputs[k.Value] = input{free: (kind == "" || kind == "string") && document.Get(v, "options") == nil && document.Get(v, "regex") == nil}
	}
}

// isJob says that a top key with its value is a job, hidden or not.
func isJob(k, v *yaml.Node) bool {
	return !keywords[k.Value] && document.IsMap(v)
}

// likelyKeys are those of jobs that few other mappings have.
var likelyKeys = map[string]bool{"script": true, "before_script": true, "after_script": true, "extends": true, "trigger": true, "rules": true, "only": true, "except": true,
	"artifacts": true, "environment": true, "needs": true, "variables": true, "cache": true, "image": true, "services": true, "stage": true, "when": true,
	"allow_failure": true, "tags": true, "retry": true, "parallel": true, "id_tokens": true, "secrets": true, "interruptible": true, "dependencies": true}

// otherKeys are those of other programs' files at the same place.
var otherKeys = map[string]bool{"apiVersion": true, "kind": true, "steps": true, "runs-on": true, "type": true, "ports": true, "build": true, "volumes": true, "properties": true}

// likeJob says that a mapping of a file that may be no pipeline looks like a job.
func likeJob(v *yaml.Node) bool {
	known, other := 0, 0
	for k := range document.Pairs(v) {
		switch {
		case likelyKeys[k.Value]:
			known++
		case otherKeys[k.Value]:
			other++
		}
	}
	return known > 0 && other == 0
}

// form says that a file is a pipeline whoever includes it: its jobs have scripts and either it has a header with inputs
// or a name of the folder where GitLab's files lie.
func (r *reader) form() bool {
	if r.inputs == nil && !strings.HasPrefix(r.path, ".gitlab/") {
		return false
	}
	for k, v := range document.Pairs(r.top) {
		if isJob(k, v) && document.Get(v, "script") != nil {
			return true
		}
	}
	return false
}

// plain are the items of a value without !reference, those apart.
func plain(n *yaml.Node) (items []*yaml.Node, refs [][]string) {
	n = document.Follow(n)
	if n == nil {
		return nil, nil
	}
	if n.Tag == "!reference" {
		return nil, [][]string{texts(n)}
	}
	if n.Kind != yaml.SequenceNode {
		return []*yaml.Node{n}, nil
	}
	budget := 20_000
	flatten(n, 0, &budget, &items, &refs)
	return items, refs
}

func flatten(n *yaml.Node, depth int, budget *int, items *[]*yaml.Node, refs *[][]string) {
	n = document.Follow(n)
	if *budget--; n == nil || depth > 10 || *budget < 0 {
		return
	}
	switch {
	case n.Tag == "!reference":
		*refs = append(*refs, texts(n))
	case n.Kind != yaml.SequenceNode:
		*items = append(*items, n)
	default:
		for _, c := range n.Content {
			flatten(c, depth+1, budget, items, refs)
		}
	}
}

// texts are the scalars of a list, or a scalar alone.
func texts(n *yaml.Node) []string {
	var out []string
	for _, item := range document.Items(n) {
		if t := document.Text(item); t != "" {
			out = append(out, t)
		}
	}
	return out
}

// readJob gathers the facts of a job, or of what stands for all: default.
func (r *reader) readJob(k, v *yaml.Node) job {
	j := job{Name: k.Value, Span: r.doc.Span(k), Scripts: map[string]script{}}
	for key, val := range document.Pairs(v) {
		j.Keys = append(j.Keys, key.Value)
		switch key.Value {
		case "extends":
			j.Extends = texts(val)
		case "variables":
			j.Vars = r.variables(val)
		case "script", "before_script", "after_script":
			j.Scripts[key.Value] = r.script(val)
		case "rules":
			j.Rules = r.rules(val)
			j.Maybe = append(j.Maybe, r.conditional(val)...)
		case "only":
			j.Only = references(val)
		case "except":
			j.Except = references(val)
		case "when":
			j.When, j.WhenAt = document.Text(val), r.doc.Span(val)
		case "environment":
			j.Env = r.environment(val)
		case "needs", "dependencies":
			j.Needs = append(j.Needs, needs(val)...)
		case "artifacts":
			j.Dotenv = texts(document.Get(val, "reports", "dotenv"))
		case "stage":
			j.Stage = document.Text(val)
		case "trigger":
			j.Child = childFiles(val)
		case "inherit":
			j.NoDefault = document.Text(document.Get(val, "default")) == "false"
			j.NoGlobals = document.Text(document.Get(val, "variables")) == "false"
		case "parallel":
			for _, m := range document.Items(document.Get(val, "matrix")) {
				j.Vars = append(j.Vars, r.variables(m)...)
			}
		}
	}
	slices.Sort(j.Keys)
	return j
}

// references are the names of only: and except:, in both forms. Variables are conditions, which are left unknown.
func references(n *yaml.Node) []string {
	if !document.IsMap(n) {
		return texts(n)
	}
	out := texts(document.Get(n, "refs"))
	for k := range document.Pairs(n) {
		if k.Value != "refs" {
			out = append(out, k.Value+":")
		}
	}
	return out
}

func needs(n *yaml.Node) []string {
	var out []string
	items, _ := plain(n)
	for _, item := range items {
		if name := document.Text(item); name != "" {
			out = append(out, name)
			continue
		}
		if name := document.Text(document.Get(item, "job")); name != "" && document.Text(document.Get(item, "artifacts")) != "false" {
			out = append(out, name)
		}
	}
	return out
}

func (r *reader) environment(n *yaml.Node) *environment {
	if name := document.Text(n); name != "" {
		return &environment{Name: name, Span: r.doc.Span(document.Follow(n))}
	}
	name := document.Get(n, "name")
	e := &environment{Name: document.Text(name), Action: document.Text(document.Get(n, "action"))}
	if name != nil {
		e.Span = r.doc.Span(name)
	}
	return e
}

func (r *reader) rules(n *yaml.Node) []rule {
	var out []rule
	budget := 5000
	var walk func(n *yaml.Node, depth int)
	walk = func(n *yaml.Node, depth int) {
		n = document.Follow(n)
		if budget--; n == nil || depth > 10 || budget < 0 {
			return
		}
		switch {
		case n.Tag == "!reference":
			out = append(out, rule{Ref: texts(n)})
		case n.Kind == yaml.SequenceNode:
			for _, c := range n.Content {
				walk(c, depth+1)
			}
		case n.Kind == yaml.MappingNode:
			out = append(out, r.rule(n))
		}
	}
	walk(n, 0)
	return out
}

// conditional are the variables that rules set, which may hold or not.
func (r *reader) conditional(rules *yaml.Node) []variable {
	var out []variable
	items, _ := plain(rules)
	for _, item := range items {
		for _, v := range r.variables(document.Get(item, "variables")) {
			if len(v.Refs) > 0 {
				out = append(out, v)
			}
		}
	}
	return out
}

func (r *reader) rule(n *yaml.Node) rule {
	cond := document.Get(n, "if")
	got := rule{If: document.Text(cond), HasIf: cond != nil, When: document.Text(document.Get(n, "when")),
		Changes: document.Get(n, "changes") != nil || document.Get(n, "exists") != nil, Span: r.doc.Span(n)}
	if cond != nil {
		got.Span = r.doc.Span(cond)
		r.condition(cond)
	}
	return got
}

// childFiles are the local files of trigger:include.
func childFiles(n *yaml.Node) []string {
	var out []string
	for _, item := range document.Items(document.Get(n, "include")) {
		switch {
		case document.Text(item) != "":
			out = append(out, strings.TrimPrefix(document.Text(item), "/"))
		case document.Get(item, "project") == nil:
			for _, name := range texts(document.Get(item, "local")) {
				out = append(out, strings.TrimPrefix(name, "/"))
			}
		}
	}
	return out
}

// references in a value: $NAME, ${NAME} and %NAME%; $$ is a dollar.
var variableRef = lazyregexp.New(`\$\$|\$(?:(\w+)|\{(\w+)\})`)

// refsOf are the variables that a value is made of.
func refsOf(value string) []string {
	var out []string
	for _, m := range variableRef().FindAllStringSubmatch(value, 200) {
		if name := m[1] + m[2]; name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func (r *reader) variables(n *yaml.Node) []variable {
	var out []variable
	for k, v := range document.Pairs(n) {
		value, asked := v, false
		if document.IsMap(v) {
			asked = document.Get(v, "description") != nil && document.Get(v, "options") == nil
			value = document.Get(v, "value")
			if document.Text(document.Get(v, "expand")) == "false" {
				value = nil
			}
		}
		out = append(out, variable{Name: k.Value, Refs: refsOf(document.Text(value)), Span: r.doc.Span(k), Asked: asked})
		r.variable(k, v)
	}
	return out
}
