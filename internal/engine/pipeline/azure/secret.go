package azure

import (
	"fmt"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

var (
	secretName = lazyregexp.New(`(?i)(?:^|[_.-]|[a-z](?-i:[A-Z]))?(?:PASSWORD|PASSWD|PWD|SECRET|TOKEN|PRIVATE_?KEY|API_?KEY|ACCESS_?KEY|CREDENTIALS?|CLIENT_?SECRET|ACCOUNT_?KEY|(?:^|[_.-])PAT)$`)
	standIn    = lazyregexp.New(`(?i)change_?me|example|dummy|placeholder|your|todo|xxx|\*\*\*|<|test|fake|sample|default|insecure|null|none|secret$|password$`)
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

// looksSecret says that a value is no word, no reference, no path and no stand-in: it mixes letters and digits.
func looksSecret(value string) bool {
	if len(value) < 8 || len(value) > 512 || strings.ContainsAny(value, "$ ") || strings.Contains(value, "://") || standIn().MatchString(value) ||
		strings.ContainsAny(value[:1], "/.~") || strings.ContainsAny(value, `/\`) && strings.Contains(value, ".") {
		return false
	}
	letters, digits := 0, 0
	for _, c := range value {
		switch {
		case unicode.IsDigit(c):
			digits++
		case unicode.IsLetter(c):
			letters++
		}
	}
	return letters >= 4 && digits >= 2 && !shell.WellKnownSecret(value)
}
