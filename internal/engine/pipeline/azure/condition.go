package azure

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/lazyregexp"
)

var alwaysCondition = lazyregexp.New(`(?i)^\s*(?:always|succeededOrFailed)\s*\(\s*\)\s*$`)

// always tells of a deployment that takes place even after its tests failed.
func (r *reader) always(n *yaml.Node) {
	cond := document.Get(n, "condition")
	if cond == nil || !alwaysCondition().MatchString(document.Text(cond)) {
		return
	}
	name := document.Text(document.Get(n, "deployment"))
	if name == "" {
		for _, job := range document.Items(document.Get(n, "jobs")) {
			if d := document.Text(document.Get(job, "deployment")); d != "" && document.Text(document.Get(n, "stage")) != "" {
				name = d
			}
		}
	}
	if name == "" {
		return
	}
	r.add(fault.Fault{Rule: "azure-deploy-always", Span: r.doc.Span(cond), Key: name,
		Message: fmt.Sprintf("The deployment %q takes place even where a stage or job before it failed", name)})
}

// condition tells of one that does not depend on anything.
func (r *reader) condition(n *yaml.Node) {
	text := document.Text(n)
	word := constant(text)
	if word == "" {
		return
	}
	r.add(fault.Fault{Rule: "azure-constant-condition", Span: r.doc.Span(n), Key: text, Message: fmt.Sprintf("The condition %q %s holds", text, word)})
}

var (
	equalTexts = lazyregexp.New(`(?i)^(eq|ne)\(\s*('[^']*'|true|false|\d+)\s*,\s*('[^']*'|true|false|\d+)\s*\)$`)
	sameTwice  = lazyregexp.New(`(?i)^(eq|ne)\(\s*([\w.\['\]]+)\s*,\s*([\w.\['\]]+)\s*\)$`)
)

// constant is "always" or "never" for a condition of fixed texts. true, false and always() alone say what they mean.
func constant(text string) string {
	if text = strings.TrimSpace(text); strings.Contains(text, "${{") || strings.Contains(text, "$(") {
		return ""
	}
	m := equalTexts().FindStringSubmatch(text)
	if m == nil {
		if m = sameTwice().FindStringSubmatch(text); m == nil || !strings.EqualFold(m[2], m[3]) {
			return ""
		}
	}
	if strings.EqualFold(strings.Trim(m[2], "'"), strings.Trim(m[3], "'")) == strings.EqualFold(m[1], "eq") {
		return "always"
	}
	return "never"
}
