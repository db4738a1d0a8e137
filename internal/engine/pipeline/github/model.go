package github

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
)

// A Workflow is a file below .github/workflows. Nodes are nil where the file has nothing; document.Text, Get and Pairs
// take that as nothing.
type Workflow struct {
	Node        *yaml.Node
	Name        string
	Triggers    []Trigger
	Permissions Permissions
	Env         *yaml.Node
	Shell       string // defaults.run.shell
	Concurrency *yaml.Node
	Jobs        []*Job
	byID        map[string]*Job
}

// A Trigger is an event that starts a workflow, with its filters.
type Trigger struct {
	Name string
	Key  *yaml.Node // where its name stands
	Node *yaml.Node // its filters; nil without any
}

// A Job is a member of a workflow's jobs. The steps of a composite action stand in a job of their own, which has only
// Node, Key and Steps.
type Job struct {
	Workflow    *Workflow // nil in an action
	ID          string
	Key, Node   *yaml.Node
	Name        string
	If          *yaml.Node
	RunsOn      *yaml.Node
	Needs       []string
	Permissions Permissions
	Env         *yaml.Node
	Shell       string // defaults.run.shell
	Matrix      *yaml.Node
	Environment *yaml.Node
	Concurrency *yaml.Node
	Container   *yaml.Node
	Services    *yaml.Node
	Outputs     *yaml.Node
	Steps       []*Step
	byID        map[string]*Step
	Tolerant    bool // continue-on-error

	// A job that calls a reusable workflow has these in place of steps.
	Uses    *yaml.Node
	Ref     Ref
	With    *yaml.Node
	Secrets *yaml.Node
}

// A Step is one of a job's steps: it has either Run or Uses.
type Step struct {
	Job      *Job
	Index    int
	Node     *yaml.Node
	ID, Name string
	If       *yaml.Node
	Env      *yaml.Node
	Run      *yaml.Node
	Shell    *yaml.Node
	Dir      *yaml.Node // working-directory
	Uses     *yaml.Node
	Ref      Ref
	With     *yaml.Node
	Tolerant bool // continue-on-error
}

// An Action is a file action.yml.
type Action struct {
	Node    *yaml.Node
	Name    string
	Inputs  *yaml.Node
	Outputs *yaml.Node
	Runs    *yaml.Node
	Using   string     // composite, docker, node20, …
	Image   *yaml.Node // of a docker action
	Job     *Job       // holds the steps of a composite action
}

// Dependabot is the file .github/dependabot.yml.
type Dependabot struct {
	Node    *yaml.Node
	Updates []Update
}

// An Update is what Dependabot does for one ecosystem.
type Update struct {
	Node      *yaml.Node
	Ecosystem string
}

func newWorkflow(top *yaml.Node) *Workflow {
	w := &Workflow{
		Node: top, Name: document.Text(document.Get(top, "name")), Triggers: triggers(document.Get(top, "on")),
		Permissions: newPermissions(top), Env: document.Get(top, "env"), Shell: document.Text(document.Get(top, "defaults", "run", "shell")),
		Concurrency: document.Get(top, "concurrency"), byID: map[string]*Job{},
	}
	for key, node := range document.Pairs(document.Get(top, "jobs")) {
		j := newJob(w, key, node)
		w.Jobs = append(w.Jobs, j)
		w.byID[strings.ToLower(j.ID)] = j
	}
	return w
}

// maxTriggers is more than GitHub has events.
const maxTriggers = 64

func triggers(on *yaml.Node) []Trigger {
	var list []Trigger
	add := func(t Trigger) {
		known := slices.ContainsFunc(list, func(o Trigger) bool { return o.Name == t.Name })
		if t.Name != "" && !known && len(list) < maxTriggers {
			list = append(list, t)
		}
	}
	if document.IsMap(on) {
		for key, node := range document.Pairs(on) {
			add(Trigger{key.Value, key, node})
		}
		return list
	}
	for _, item := range document.Items(on) {
		add(Trigger{document.Text(item), item, nil})
	}
	return list
}

func newJob(w *Workflow, key, node *yaml.Node) *Job {
	get := func(keys ...string) *yaml.Node { return document.Get(node, keys...) }
	j := &Job{
		Workflow: w, ID: key.Value, Key: key, Node: node, Name: document.Text(get("name")), If: get("if"), RunsOn: get("runs-on"),
		Permissions: newPermissions(node), Env: get("env"), Shell: document.Text(get("defaults", "run", "shell")),
		Matrix: get("strategy", "matrix"), Environment: get("environment"), Concurrency: get("concurrency"), Container: get("container"),
		Services: get("services"), Outputs: get("outputs"), Tolerant: document.Text(get("continue-on-error")) == "true",
		Uses: get("uses"), With: get("with"), Secrets: get("secrets"),
	}
	j.Ref = parseRef(document.Text(j.Uses))
	for _, n := range document.Items(get("needs")) {
		j.Needs = append(j.Needs, document.Text(n))
	}
	j.addSteps(get("steps"), maxDepth)
	return j
}

// addSteps appends steps, those of a group that runs in parallel one after another.
func (j *Job) addSteps(list *yaml.Node, depth int) {
	if j.byID == nil {
		j.byID = map[string]*Step{}
	}
	for _, node := range document.Items(list) {
		if group := document.Get(node, "parallel"); group != nil && depth > 0 {
			j.addSteps(group, depth-1)
			continue
		}
		get := func(key string) *yaml.Node { return document.Get(node, key) }
		s := &Step{
			Job: j, Index: len(j.Steps), Node: node, ID: document.Text(get("id")), Name: document.Text(get("name")), If: get("if"), Env: get("env"),
			Run: get("run"), Shell: get("shell"), Dir: get("working-directory"), Uses: get("uses"), With: get("with"),
			Tolerant: document.Text(get("continue-on-error")) == "true",
		}
		s.Ref = parseRef(document.Text(s.Uses))
		j.Steps = append(j.Steps, s)
		if id := strings.ToLower(s.ID); id != "" && j.byID[id] == nil {
			j.byID[id] = s
		}
	}
}

func newAction(top *yaml.Node) *Action {
	runs := document.Get(top, "runs")
	a := &Action{
		Node: top, Name: document.Text(document.Get(top, "name")), Inputs: document.Get(top, "inputs"), Outputs: document.Get(top, "outputs"),
		Runs: runs, Using: document.Text(document.Get(runs, "using")), Image: document.Get(runs, "image"),
		Job: &Job{Node: runs, Key: runs},
	}
	a.Job.addSteps(document.Get(runs, "steps"), maxDepth)
	return a
}

func newDependabot(top *yaml.Node) *Dependabot {
	d := &Dependabot{Node: top}
	for _, node := range document.Items(document.Get(top, "updates")) {
		d.Updates = append(d.Updates, Update{node, document.Text(document.Get(node, "package-ecosystem"))})
	}
	return d
}

// Trigger is the first trigger with one of the names.
func (w *Workflow) Trigger(events ...string) (Trigger, bool) {
	for _, t := range w.Triggers {
		for _, e := range events {
			if t.Name == e {
				return t, true
			}
		}
	}
	return Trigger{}, false
}

// Filter are the values of one of a trigger's filters, such as types or branches.
func (t Trigger) Filter(name string) []string {
	var list []string
	for _, item := range document.Items(document.Get(t.Node, name)) {
		list = append(list, document.Text(item))
	}
	return list
}

// Job is the job with an ID, nil where there is none.
func (w *Workflow) Job(id string) *Job { return w.byID[strings.ToLower(id)] }

// Step is the step with an ID, nil where there is none.
func (j *Job) Step(id string) *Step { return j.byID[strings.ToLower(id)] }

// Label names a step in messages and keys: its ID, its name, or what it uses.
func (s *Step) Label() string {
	switch {
	case s.ID != "":
		return s.ID
	case s.Name != "":
		return s.Name
	case s.Ref.Name() != "":
		return s.Ref.Name()
	}
	return "run"
}

// Key is what keys of faults in a step begin with.
func (s *Step) Key() string { return s.Job.ID + "/" + s.Label() }

// Input is the value of one of the inputs of the action that a step uses. Their names do not depend on case.
func (s *Step) Input(name string) *yaml.Node {
	for k, v := range document.Pairs(s.With) {
		if strings.EqualFold(k.Value, name) {
			return v
		}
	}
	return nil
}

// Is reports whether a step uses one of the actions, given as owner/name or owner/name/path in lower case.
func (s *Step) Is(actions ...string) bool {
	name := s.Ref.Name()
	for _, a := range actions {
		if name == a {
			return true
		}
	}
	return false
}
