package gitlab

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
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
	f := assembly.UnpinnedImage("gitlab-unpinned-image", kind, name)
	f.Span, f.Key = r.doc.Span(n), written
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
