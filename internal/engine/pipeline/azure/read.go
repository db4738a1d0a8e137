package azure

import (
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// A reader looks at one file.
type reader struct {
	path   string
	doc    *document.File
	top    *yaml.Node
	facts  facts
	faults fault.Set
	budget int // of values that are visited

	declared  map[string]bool // variables of the file, in lower case
	pushes    bool            // a script uses the credentials of git
	published assembly.Publications
	persists  []fault.Fault
}

// A context is what stands around a step.
type context struct {
	stage, job string
	deploys    bool // in a deployment job, which names an environment
	pool       string
	template   bool // given to a template, which may put it anywhere
	depth      int
}

// Look looks at one file by itself.
func Look(name string, text []byte) (faults []fault.Fault, summary []byte, unchecked []string) {
	_, sure := Wants(name)
	if !sure && !mayBe(text) {
		return nil, nil, nil
	}
	doc, err := document.Parse(text)
	r := &reader{path: name, doc: doc, top: doc.Top(), declared: map[string]bool{}, budget: 200_000}
	if err != nil {
		r.facts.Uncheckedf("not read as a whole: %v", err)
	}
	if document.IsMap(r.top) {
		r.file()
	}
	r.facts.Root = r.root()
	r.facts.ByHand = document.Text(document.Get(r.top, "trigger")) == "none" && document.Text(document.Get(r.top, "pr")) == "none" && document.Get(document.Get(r.top, "resources"), "pipelines") == nil
	found := r.faults.Sorted()
	if !sure && r.facts.empty() && len(found) == 0 {
		return nil, nil, nil
	}
	faults, unchecked = r.facts.Settle(sure, found)
	return faults, assembly.Encode(&r.facts), unchecked
}

// root says that pipelines begin with the file: it says when or on what it runs, which templates cannot.
func (r *reader) root() bool {
	for _, key := range []string{"trigger", "pr", "schedules", "resources", "extends"} {
		if k, _ := document.Entry(r.top, key); k != nil {
			return true
		}
	}
	return !strings.Contains(r.path, "template") && document.Get(r.top, "pool") != nil
}

func (r *reader) add(f fault.Fault) { r.faults.Add(f) }

func (r *reader) file() {
	r.parameters(document.Get(r.top, "parameters"))
	r.resources(document.Get(r.top, "resources"))
	r.declare(r.top, 0)
	r.walk(r.top, context{template: r.stepsOnly()})
	r.finish()
}

// stepsOnly says that the file is a list of steps for jobs of other files, of which nothing is known here.
func (r *reader) stepsOnly() bool {
	return document.Get(r.top, "steps") != nil && !r.root() && !strings.Contains(path.Base(r.path), "azure-pipelines")
}

// declare notes the names of all variables, so that a script's $(name) can be told from a command.
func (r *reader) declare(n *yaml.Node, depth int) {
	n = document.Follow(n)
	if n == nil || depth > 40 || r.budget < 0 {
		return
	}
	r.budget--
	if n.Kind == yaml.MappingNode {
		if v := document.Get(n, "variables"); v != nil {
			for _, one := range r.assignments(v, 0) {
				r.declared[strings.ToLower(one.name)] = true
			}
		}
	}
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode {
			r.declare(c, depth+1)
		}
	}
}

// walk goes through everything that may hold stages, jobs and steps.
func (r *reader) walk(n *yaml.Node, c context) {
	n = document.Follow(n)
	c.depth++
	if r.budget--; n == nil || c.depth > 60 || r.budget < 0 {
		return
	}
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			r.walk(item, c)
		}
	case yaml.MappingNode:
		r.mapping(n, c)
	}
}

// stepKinds are the keys that make a mapping a step which runs something.
var stepKinds = []string{"script", "bash", "pwsh", "powershell", "task", "checkout"}

func (r *reader) mapping(n *yaml.Node, c context) {
	for _, kind := range stepKinds {
		if v := document.Get(n, kind); document.IsScalar(v) {
			r.step(n, kind, c)
			return
		}
	}
	if v := document.Get(n, "template"); document.Text(v) != "" {
		r.call(n, v)
	}
	if name := document.Text(document.Get(n, "stage")); name != "" {
		c.stage = name
	}
	for _, kind := range []string{"job", "deployment"} {
		if v := document.Get(n, kind); document.IsScalar(v) {
			c.job = document.Text(v)
			c.deploys = document.Get(n, "environment") != nil
			r.services(n)
		}
	}
	r.always(n)
	if pool := document.Get(n, "pool"); pool != nil {
		c.pool = poolOf(pool)
		r.pool(pool)
	}
	for k, v := range document.Pairs(n) {
		switch k.Value {
		case "variables":
			r.variables(v)
		case "resources":
		case "parameters":
			inner := c
			inner.template = document.Get(n, "template") != nil
			r.walk(v, inner)
		case "container":
			r.container(v)
		case "condition":
			r.condition(v)
		default:
			r.walk(v, c)
		}
	}
}

// pool tells of own agents that build pull requests.
func (r *reader) pool(n *yaml.Node) {
	pr := document.Get(r.top, "pr")
	name := document.Get(n, "name")
	text := document.Text(name)
	if pr == nil || document.Text(pr) == "none" || text == "" || document.Get(n, "vmImage") != nil || strings.Contains(text, "$") ||
		strings.HasPrefix(text, "Azure Pipelines") || strings.HasPrefix(text, "Hosted") || strings.HasPrefix(text, "NetCore") {
		return
	}
	r.add(fault.Fault{Rule: "azure-self-hosted-on-pull-request", Span: r.doc.Span(name), Key: text,
		Message: fmt.Sprintf("Pull requests are built on the pool %q", text)})
}

// poolOf is the image or name of a pool, in lower case.
func poolOf(n *yaml.Node) string {
	for _, key := range []string{"vmImage", "name"} {
		if v := document.Text(document.Get(n, key)); v != "" {
			return strings.ToLower(v)
		}
	}
	return strings.ToLower(document.Text(n))
}

// An assignment is one of variables:, in either form.
type assignment struct {
	name  string
	key   *yaml.Node
	value *yaml.Node
}

// assignments reads variables: as a mapping or a list, through conditions.
func (r *reader) assignments(n *yaml.Node, depth int) []assignment {
	n = document.Follow(n)
	if n == nil || depth > 20 {
		return nil
	}
	var out []assignment
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			out = append(out, r.assignments(item, depth+1)...)
		}
	case yaml.MappingNode:
		if name := document.Get(n, "name"); document.Text(name) != "" {
			if v := document.Get(n, "value"); v != nil {
				return []assignment{{document.Text(name), name, v}}
			}
		}
		if document.Get(n, "group") != nil || document.Get(n, "template") != nil {
			return nil
		}
		for k, v := range document.Pairs(n) {
			if strings.HasPrefix(k.Value, "${{") {
				out = append(out, r.assignments(v, depth+1)...)
			} else if document.IsScalar(v) {
				out = append(out, assignment{k.Value, k, v})
			}
		}
	}
	return out
}

func (r *reader) variables(n *yaml.Node) {
	for _, a := range r.assignments(n, 0) {
		r.facts.Vars = append(r.facts.Vars, variable{strings.ToLower(a.name), refsOf(document.Text(a.value)), r.doc.Span(a.key)})
		r.variable(a)
	}
	for _, item := range document.Items(n) {
		if v := document.Get(item, "template"); v != nil {
			r.call(item, v)
		}
	}
}

// parameters reads those of a pipeline or template, as a list with types or as a mapping of defaults.
func (r *reader) parameters(n *yaml.Node) {
	if document.IsMap(n) {
		for k, v := range document.Pairs(n) {
			r.facts.Params = append(r.facts.Params, param{k.Value, document.IsScalar(v), r.doc.Span(k)})
		}
		return
	}
	for _, item := range document.Items(n) {
		name := document.Get(item, "name")
		if document.Text(name) == "" {
			continue
		}
		kind := document.Text(document.Get(item, "type"))
		r.facts.Params = append(r.facts.Params, param{document.Text(name), (kind == "" || kind == "string") && document.Get(item, "values") == nil, r.doc.Span(name)})
	}
}

// call notes the use of a template. One of another repository is not read.
func (r *reader) call(n, v *yaml.Node) {
	name, repo, other := strings.Cut(document.Text(v), "@")
	if strings.Contains(name, "${{") {
		r.facts.Uncheckedf("which template %q is, is known only when the pipeline begins", document.Text(v))
		return
	}
	if other && repo != "self" {
		return
	}
	c := call{Span: r.doc.Span(v)}
	if strings.HasPrefix(name, "/") {
		c.Path = strings.TrimPrefix(path.Clean(name), "/")
	} else {
		c.Path = path.Join(path.Dir(r.path), name)
	}
	for k, val := range document.Pairs(document.Get(n, "parameters")) {
		if document.IsScalar(val) {
			c.With = append(c.With, variable{k.Value, refsOf(document.Text(val)), r.doc.Span(val)})
		}
	}
	r.facts.Calls = append(r.facts.Calls, c)
}
