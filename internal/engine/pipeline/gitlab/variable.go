package gitlab

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// A setting is a variable that shows too much or opens a door when it has one of the values.
type setting struct {
	rule    string
	values  func() *regexp.Regexp
	message string
	safe    string // what to write instead; empty where more has to change
	level   finding.Severity
}

var isTrue = lazyregexp.New(`^(?i:true|1)$`)

// settings are variables whose name says what their value does. https://docs.gitlab.com/ci/variables/predefined_variables/
var settings = map[string]setting{
	"CI_DEBUG_TRACE":     {"gitlab-debug-trace", isTrue, "CI_DEBUG_TRACE writes every command and every variable into the job's log, secrets included", "false", 0},
	"CI_DEBUG_SERVICES":  {"gitlab-debug-trace", isTrue, "CI_DEBUG_SERVICES writes what the services print into the job's log", "false", finding.Low},
	"DOCKER_TLS_CERTDIR": {"gitlab-docker-without-tls", lazyregexp.New(`^$`), "An empty DOCKER_TLS_CERTDIR makes the Docker service listen without TLS and without asking who calls", "", 0},
}

var plainDocker = lazyregexp.New(`^tcp://[\w.-]+:2375/?$`)

// variable checks one variable of variables:.
func (r *reader) variable(k, v *yaml.Node) {
	if document.IsMap(v) {
		v = document.Get(v, "value")
	}
	if !document.IsScalar(v) {
		return
	}
	value := document.Text(v)
	if s, ok := settings[k.Value]; ok && v.Tag != "!!null" && s.values().MatchString(value) {
		f := fault.Fault{Rule: s.rule, Span: r.doc.Span(v), Key: k.Value, Message: s.message, Severity: s.level}
		if s.safe != "" {
			f.Fix = r.doc.Put(fmt.Sprintf("Set %s to %q", k.Value, s.safe), v, `"`+s.safe+`"`)
		}
		r.add(f)
		return
	}
	if shell.InsecureSetting(k.Value, value) && !strings.HasPrefix(k.Value, "GO") {
		r.add(fault.Fault{Rule: "gitlab-disabled-tls", Span: r.doc.Span(k), Key: k.Value,
			Message: fmt.Sprintf("The variable %s turns off a check of certificates or signatures in every command of the job", k.Value)})
		return
	}
	if k.Value == "DOCKER_HOST" && plainDocker().MatchString(value) {
		r.add(fault.Fault{Rule: "gitlab-docker-without-tls", Span: r.doc.Span(v), Key: k.Value, Severity: finding.Low, Confidence: finding.MediumConfidence,
			Message: fmt.Sprintf("DOCKER_HOST is %q: Docker is spoken to without TLS", value)})
	}
	r.cloudVariable(k, value)
	r.literalSecret(k, v, value)
}

var (
	secretName  = lazyregexp.New(`(?i)(?:^|_)(?:PASSWORD|PASSWD|PASS|PWD|SECRET|SECRETS|TOKEN|PRIVATE_?KEY|API_?KEY|ACCESS_?KEY|AUTH_?KEY|CREDENTIALS?|SECRET_?KEY|DEPLOY_?KEY)$`)
	testService = lazyregexp.New(`(?i)^(?:POSTGRES|MYSQL|MARIADB|MONGO|REDIS|RABBITMQ|MSSQL|SA|PG|DB|DATABASE|ES|ELASTIC|MINIO|LDAP)`)
)

// literalSecret tells of a value that looks like a credential under a name that says so. The value is not told.
func (r *reader) literalSecret(k, v *yaml.Node, value string) {
	if !secretName().MatchString(k.Value) || !looksSecret(value) {
		return
	}
	f := fault.Fault{Rule: "gitlab-literal-secret", Span: r.doc.Span(v), Key: k.Value,
		Message: fmt.Sprintf("The variable %s has its secret written into the file", k.Value)}
	if testService().MatchString(k.Value) || len(value) < 16 {
		f.Severity, f.Confidence = finding.Low, finding.LowConfidence
	}
	r.add(f)
}

// looksSecret says that a value is a made one, and neither an input nor a path.
func looksSecret(value string) bool {
	path := strings.HasSuffix(value, ".json") || strings.HasSuffix(value, ".pem") || strings.Contains(value, "/") && strings.Contains(value, ".")
	return assembly.LooksMade(value) && !path && !strings.Contains(value, "[[")
}
