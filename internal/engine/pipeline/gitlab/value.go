package gitlab

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// cache tells of a cache that jobs of any branch share with those of protected ones.
func (r *reader) cache(n *yaml.Node) {
	v := document.Get(n, "unprotect")
	if document.Text(v) != "true" {
		return
	}
	f := fault.Fault{Rule: "gitlab-shared-cache", Span: r.doc.Span(v), Key: document.Text(document.Get(n, "key")),
		Message: "Jobs of unprotected branches write the cache that jobs of protected branches read",
		Fix:     r.doc.Put("Keep the caches apart", v, "false")}
	if ofOneRun().MatchString(f.Key) {
		f.Severity, f.Message = finding.Low, "Jobs of any branch can write this cache of one pipeline, whose number everybody sees while it runs"
	}
	r.add(f)
}

// ofOneRun finds the names of one pipeline, or of its commit, in the key of a cache.
var ofOneRun = lazyregexp.New(`\$\{?(?:CI_PIPELINE_I?ID|CI_JOB_ID|CI_COMMIT_SHA|CI_COMMIT_SHORT_SHA)\b`)

// privatePath are files whose name says that they hold credentials.
var privatePath = lazyregexp.New(`(?i)(?:^|/)(?:\.env(?:\.(?:production|prod|local|staging))?|\.netrc|\.npmrc|\.pypirc|\.git-credentials|id_(?:rsa|dsa|ecdsa|ed25519)|kubeconfig(?:\.ya?ml)?|[\w.-]*(?:private|secret)[\w.-]*\.(?:pem|key)|\.(?:ssh|aws|kube|gnupg|docker)(?:/.*)?|credentials\.json|terraform\.tfstate|\*\.tfstate)$`)

// artifacts tells of credentials that everybody gets who may download what a job leaves.
func (r *reader) artifacts(n *yaml.Node) {
	open := document.Text(document.Get(n, "access")) != "none"
	excluded := texts(document.Get(n, "exclude"))
	paths, _ := plain(document.Get(n, "paths"))
	for _, p := range paths {
		name := strings.TrimPrefix(document.Text(p), "./")
		if name == "$CI_PROJECT_DIR" || name == "${CI_PROJECT_DIR}" || name == "" && document.Text(p) == "./" {
			name = "."
		}
		name = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, "$CI_PROJECT_DIR/"), "${CI_PROJECT_DIR}/"), "/")
		f := fault.Fault{Rule: "gitlab-secret-in-artifact", Span: r.doc.Span(p), Key: name}
		switch {
		case !open || slices.Contains(excluded, name):
			continue
		case name == "." || name == "**" || name == "**/*" || name == "*":
			if slices.ContainsFunc(excluded, func(e string) bool { return strings.HasPrefix(strings.TrimPrefix(e, "./"), ".git") }) {
				continue
			}
			f.Message = "The artifact is the whole folder of the job, with every file that it wrote a credential to"
			f.Severity = finding.Low
			if name == "." {
				f.Severity = finding.Medium
				f.Message += " and the .git folder"
			}
		case privatePath().MatchString(name):
			f.Message = fmt.Sprintf("The artifact holds %q, a file for credentials, and everybody who sees the job can download it", name)
		default:
			continue
		}
		r.add(f)
	}
	if v := document.Get(n, "untracked"); document.Text(v) == "true" && open {
		r.add(fault.Fault{Rule: "gitlab-secret-in-artifact", Span: r.doc.Span(v), Key: "untracked", Severity: finding.Low, Confidence: finding.LowConfidence,
			Message: "The artifact is every file that git does not know, which is where jobs write credentials to"})
	}
}

// tokens checks the audience of each of id_tokens:.
func (r *reader) tokens(n *yaml.Node) {
	for k, v := range document.Pairs(n) {
		aud := document.Get(v, "aud")
		f := fault.Fault{Rule: "gitlab-wide-id-token", Span: r.doc.Span(k), Key: k.Value}
		switch list := texts(aud); {
		case !document.IsMap(v):
			continue
		case aud == nil:
			f.Message = fmt.Sprintf("The token %s has no audience, so nothing ties it to one service", k.Value)
		case slices.Contains(list, "*"):
			f.Message = fmt.Sprintf("The token %s is for any audience", k.Value)
		case len(list) > 1:
			f.Message = fmt.Sprintf("The token %s is for %d audiences, and each of them can use it with the others", k.Value, len(list))
		default:
			continue
		}
		r.add(f)
	}
}

// trigger checks what a downstream pipeline is given.
func (r *reader) trigger(n *yaml.Node) {
	v := document.Get(n, "forward", "pipeline_variables")
	if document.Text(v) != "true" {
		return
	}
	r.add(fault.Fault{Rule: "gitlab-forwarded-variables", Span: r.doc.Span(v), Key: document.Text(document.Get(n, "project")),
		Message: "What somebody entered when starting this pipeline overrides the variables of the pipeline that it starts",
		Fix:     r.doc.Put("Do not forward them", v, "false")})
}

// scannerJob are the jobs of GitLab's own templates and the usual names of those that look for secrets and known faults.
var scannerJob = lazyregexp.New(`(?i)(?:^|[^a-z])(?:secret[-_ ]?(?:detection|scan(?:ning)?)|dependency[-_ ]?(?:scan(?:ning)?|check|audit)|gemnasium|container[-_ ]?scan(?:ning)?|sast|gitleaks|trufflehog|trivy|grype|snyk|semgrep|osv[-_ ]?scanner|npm[-_ ]?audit|pip[-_ ]?audit|cargo[-_ ]?audit|bundler?[-_ ]?audit|govulncheck|security[-_ ]?(?:scan|audit)|vuln(?:erability)?[-_ ]?scan(?:ning)?)(?:[^a-z]|$)`)

// allowFailure tells of a scanner's job whose failure stops nothing.
func (r *reader) allowFailure(job, v *yaml.Node) {
	if document.Text(v) != "true" || !scannerJob().MatchString(r.job) {
		return
	}
	f := fault.Fault{Rule: "gitlab-ignored-scanner", Span: r.doc.Span(v), Key: "allow_failure",
		Message: fmt.Sprintf("The job %q may fail, so what it finds stops nothing", r.job),
		Fix:     r.doc.Put("Let a failure count", v, "false")}
	if strings.HasPrefix(r.job, ".") || document.Get(job, "script") == nil {
		f.Severity, f.Confidence = finding.Low, finding.MediumConfidence
	}
	r.add(f)
}

// condition tells of rules:if that always or never holds.
func (r *reader) condition(n *yaml.Node) {
	text := document.Text(n)
	e := parseExpr(text)
	t := constant(e)
	if t == unknown {
		return
	}
	word := "always"
	if t == no {
		word = "never"
	}
	r.add(fault.Fault{Rule: "gitlab-constant-condition", Span: r.doc.Span(n), Key: text, Message: fmt.Sprintf("The condition %q %s holds", text, word)})
}
