package gitlab

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// image checks the image of a job or of a service.
func (r *reader) image(n *yaml.Node, kind string) {
	if document.IsMap(n) {
		n = document.Get(n, "name")
	}
	n = document.Follow(n)
	written := document.Text(n)
	name := r.expand(written)
	r.dind(n, name, kind)
	if name == "" || strings.ContainsAny(name, "$[ ") || strings.Contains(name, "@sha256:") {
		return
	}
	f := fault.Fault{Rule: "gitlab-unpinned-image", Span: r.doc.Span(n), Key: written}
	tag := ""
	if at := strings.LastIndexByte(name, ':'); at > strings.LastIndexByte(name, '/') {
		tag = name[at+1:]
	}
	switch tag {
	case "":
		f.Message = fmt.Sprintf("The %s %q has neither a tag nor a digest", kind, name)
	case "latest":
		f.Message = fmt.Sprintf("The %s %q is whatever was pushed last", kind, name)
	default:
		f.Message = fmt.Sprintf("The %s %q is named by a tag, which may be moved to other bytes", kind, name)
		f.Severity = finding.Low
	}
	r.add(f)
}

// expand puts literal global variables of the same file into a name. What is left of variables stays.
func (r *reader) expand(name string) string {
	for range 3 {
		if !strings.Contains(name, "$") {
			break
		}
		name = variableRef().ReplaceAllStringFunc(name, func(ref string) string {
			v, ok := r.globals[strings.Trim(ref, "${}")]
			if !ok {
				return ref
			}
			if document.IsMap(v) {
				v = document.Get(v, "value")
			}
			if value := document.Text(v); value != "" && len(value) < 200 {
				return value
			}
			return ref
		})
	}
	return name
}

var dindName = lazyregexp.New(`(?:^|/)docker:(?:[\w.-]*-)?dind(?:-rootless)?(?:@|$)`)

// dind tells of Docker in Docker, which asks for a runner whose containers are privileged.
func (r *reader) dind(n *yaml.Node, name, kind string) {
	if kind != "service" || !dindName().MatchString(name) || strings.Contains(name, "rootless") {
		return
	}
	r.add(fault.Fault{Rule: "gitlab-privileged-docker", Span: r.doc.Span(n), Key: "dind",
		Message: fmt.Sprintf("The service %q runs only in privileged containers, from which a job can take over the runner's machine", name)})
}
