package azure

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

var (
	commitHash = lazyregexp.New(`^[0-9a-f]{40}$`)
	tagRef     = lazyregexp.New(`^refs/tags/`)
)

// resources checks what is taken from elsewhere.
func (r *reader) resources(n *yaml.Node) {
	for _, item := range document.Items(document.Get(n, "repositories")) {
		r.repository(item)
	}
	for _, item := range document.Items(document.Get(n, "containers")) {
		r.container(item)
	}
	for _, item := range document.Items(document.Get(n, "webhooks")) {
		if name := document.Text(document.Get(item, "webhook")); name != "" {
			r.facts.Hooks = append(r.facts.Hooks, name)
		}
	}
}

// repository checks the ref of a repository that templates or sources are taken from.
func (r *reader) repository(n *yaml.Node) {
	name := document.Get(n, "repository")
	ref := document.Get(n, "ref")
	at := document.Text(ref)
	used := r.templatesOf(document.Text(name))
	if document.Text(name) == "" || document.Text(name) == "self" || !used && r.checksOut(document.Text(name)) || strings.Contains(at, "${{") || commitHash().MatchString(at) || tagRef().MatchString(at) {
		return
	}
	f := fault.Fault{Rule: "azure-unpinned-template", Key: document.Text(name), Span: r.doc.Span(name)}
	switch {
	case ref == nil:
		f.Message = fmt.Sprintf("The repository %q has no ref, so every push to its default branch changes what runs here", document.Text(document.Get(n, "name")))
	default:
		f.Span = r.doc.Span(ref)
		f.Message = fmt.Sprintf("The repository %q is taken from %q, so every push to it changes what runs here", document.Text(document.Get(n, "name")), at)
	}
	if !used { // by this file; a template may
		f.Severity, f.Confidence = finding.Low, finding.MediumConfidence
	}
	r.add(f)
}

// templatesOf says that the file uses templates of a repository.
func (r *reader) templatesOf(alias string) bool {
	return alias != "" && strings.Contains(string(r.doc.Text), "@"+alias)
}

// checksOut says that the file takes sources from a repository.
func (r *reader) checksOut(alias string) bool {
	return strings.Contains(string(r.doc.Text), "checkout: "+alias)
}

// container checks an image that jobs run in, named in a job or among the resources.
func (r *reader) container(n *yaml.Node) {
	n = document.Follow(n)
	image := n
	if document.IsMap(n) {
		image = document.Get(n, "image")
		r.options(document.Get(n, "options"))
	}
	name := document.Text(image)
	isAlias := image == n && !strings.ContainsAny(name, ":/.") // names one of the resources
	if name == "" || isAlias || strings.ContainsAny(name, "$ ") || strings.Contains(name, "@sha256:") || document.Text(document.Get(n, "type")) != "" {
		return
	}
	f := assembly.UnpinnedImage("azure-unpinned-image", "image", name)
	f.Span, f.Key = r.doc.Span(image), name
	r.add(f)
}

// options tells of containers that can take over their machine.
func (r *reader) options(n *yaml.Node) {
	text := document.Text(n)
	if strings.Contains(text, "--privileged") || strings.Contains(text, "docker.sock") {
		r.add(fault.Fault{Rule: "azure-privileged-container", Span: r.doc.Span(n), Key: "options",
			Message: "The options of the container let a step take over the agent's machine"})
	}
}

// services checks the containers that run beside a job.
func (r *reader) services(job *yaml.Node) {
	for _, v := range document.Pairs(document.Get(job, "services")) {
		r.container(v)
	}
}

// variable checks one of variables:.
func (r *reader) variable(a assignment) {
	r.setting(a.key, a.value)
	r.literalSecret(a.name, a.value)
	r.cloudVariable(&yaml.Node{Kind: yaml.ScalarNode, Value: a.name, Line: a.key.Line, Column: a.key.Column}, document.Text(a.value))
	value := document.Text(a.value)
	if m := loneMacro().FindStringSubmatch(value); m != nil && strings.EqualFold(m[1], "System.AccessToken") {
		r.add(fault.Fault{Rule: "azure-secret-for-all-steps", Span: r.doc.Span(a.value), Key: a.name,
			Message: fmt.Sprintf("The variable %s gives the pipeline's token to the environment of every step and tool", a.name)})
	}
}

// setting checks a variable whose name says what its value does.
func (r *reader) setting(k, v *yaml.Node) {
	name, value := k.Value, document.Text(v)
	if name == "name" {
		return
	}
	if strings.EqualFold(name, "system.debug") && strings.EqualFold(value, "true") {
		r.add(fault.Fault{Rule: "azure-debug-log", Span: r.doc.Span(v), Key: name, Message: "system.debug makes every task write its inputs and answers into the log",
			Fix: r.doc.Put("Turn the debug log off", v, "false")})
	}
	if upper := strings.ToUpper(name); shell.InsecureSetting(upper, value) && !strings.HasPrefix(upper, "GO") {
		r.add(fault.Fault{Rule: "azure-disabled-tls", Span: r.doc.Span(k), Key: name,
			Message: fmt.Sprintf("The variable %s turns off a check of certificates or signatures in every command that sees it", name)})
	}
}
