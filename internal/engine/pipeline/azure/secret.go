package azure

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

var (
	secretName = lazyregexp.New(`(?i)(?:^|[_.-]|[a-z](?-i:[A-Z]))?(?:PASSWORD|PASSWD|PWD|SECRET|TOKEN|PRIVATE_?KEY|API_?KEY|ACCESS_?KEY|CREDENTIALS?|CLIENT_?SECRET|ACCOUNT_?KEY|(?:^|[_.-])PAT)$`)
	loneMacro  = lazyregexp.New(`^\$\(([A-Za-z_][\w.-]*)\)$`)
)

// isSecret says that a variable holds a secret, by its name.
func isSecret(name string) bool {
	if strings.EqualFold(strings.TrimPrefix(name, "$"), "PWD") || strings.EqualFold(name, "OLDPWD") {
		return false // the folder that a shell is in
	}
	return strings.EqualFold(name, "System.AccessToken") || strings.EqualFold(name, "SYSTEM_ACCESSTOKEN") || secretName().MatchString(name)
}

// literalSecret tells of a value that looks like a credential under a name that says so. The value is not told.
func (r *reader) literalSecret(name string, v *yaml.Node) {
	if !secretName().MatchString(name) || !looksSecret(document.Text(v)) {
		return
	}
	f := fault.Fault{Rule: "azure-literal-secret", Span: r.doc.Span(v), Key: name, Message: fmt.Sprintf("The variable %s has its secret written into the file", name)}
	if len(document.Text(v)) < 16 {
		f.Severity, f.Confidence = finding.Low, finding.LowConfidence
	}
	r.add(f)
}

// looksSecret says that a value is a made one, and no path.
func looksSecret(value string) bool {
	return assembly.LooksMade(value) && !(strings.ContainsAny(value, `/\`) && strings.Contains(value, "."))
}
