package gitlab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// remarks tells what is wrong with the commands of a script whatever its variables hold.
func (r *reader) remarks(t *text, s *shell.Script) {
	all := slices.Concat(s.PipedInstallers(), s.InsecureTransport(), s.PlainHTTP(), s.IgnoredScanners(), s.LongLivedLogins(), s.ObfuscatedCode(),
		s.Unpinned(), s.Secrets(isSecret, nil))
	for i := range all {
		if f, ok := remark(&all[i]); ok {
			f.Span = t.span(all[i].Range)
			r.add(f)
		}
	}
	r.published(t, s)
}

// remark turns one of shell's into a fault.
func remark(m *shell.Remark) (fault.Fault, bool) {
	f := fault.Fault{Key: strings.Join(strings.Fields(m.Tool+" "+m.Detail+" "+m.URL+" "+m.Package+" "+m.Name), " ")}
	switch m.Kind {
	case shell.PipedInstaller:
		f.Rule, f.Message = "gitlab-piped-installer", fmt.Sprintf("What is downloaded%s runs at once, whatever it is by then", from(m.URL))
	case shell.UncheckedDownload:
		f.Rule, f.Message = "gitlab-piped-installer", fmt.Sprintf("What was downloaded%s runs without a check of its digest or signature", from(m.URL))
		f.Severity, f.Confidence = finding.Low, finding.MediumConfidence
	case shell.InsecureTransport:
		f.Rule, f.Message = "gitlab-disabled-tls", fmt.Sprintf("%q turns off a check of certificates, hosts or signatures", m.Detail)
	case shell.PlainHTTP:
		f.Rule, f.Message = "gitlab-plain-http", fmt.Sprintf("Code comes%s over a connection that anybody on the way can change", from(m.URL))
	case shell.IgnoredScanner:
		f.Rule, f.Message = "gitlab-ignored-scanner", fmt.Sprintf("The failure of %s is ignored (%s), so what it finds stops nothing", m.Tool, m.Detail)
	case shell.Obfuscated:
		f.Rule, f.Message = "gitlab-obfuscated-command", "The script decodes a text and runs what comes out"
	case shell.UnpinnedInstall:
		f.Rule, f.Message = "gitlab-unpinned-tool", fmt.Sprintf("%s brings %q in whatever version is the newest", m.Tool, m.Package)
	default:
		return secretRemark(f, m)
	}
	return f, true
}

func secretRemark(f fault.Fault, m *shell.Remark) (fault.Fault, bool) {
	switch m.Kind {
	case shell.PrintedSecret:
		f.Rule, f.Message = "gitlab-printed-secret", fmt.Sprintf("%s writes the secret %s into the job's log", m.Tool, m.Name)
		if m.Name == "" {
			f.Message, f.Severity = fmt.Sprintf("%s writes every variable into the job's log, secrets included", m.Tool), finding.Low
		}
	case shell.SecretArgument:
		f.Rule, f.Message = "gitlab-secret-argument", fmt.Sprintf("The secret %s stands on the command line of %s", m.Name, m.Tool)
	case shell.LongLivedLogin:
		c := clouds[m.Tool]
		if c == nil {
			return f, false
		}
		f.Rule, f.Message, f.Advice = "gitlab-long-lived-credential", fmt.Sprintf("The job logs in to %s with a credential that does not expire (%s)", c.name, m.Detail), c.advice
	default:
		return f, false
	}
	return f, true
}

func from(url string) string {
	if url == "" {
		return ""
	}
	return fmt.Sprintf(" from %q", url)
}

// secretKnown are the predefined variables that open something.
var secretKnown = map[string]bool{"CI_JOB_TOKEN": true, "CI_REGISTRY_PASSWORD": true, "CI_DEPLOY_PASSWORD": true, "CI_JOB_JWT": true, "CI_DEPENDENCY_PROXY_PASSWORD": true}

// isSecret says that a variable holds a secret, by its name.
func isSecret(name string) bool {
	return secretKnown[name] || secretName().MatchString(name) && name != "PWD" && name != "OLDPWD"
}

// published keeps what leaves the pipeline, which is told where nothing in the file signs, and tells what takes over the
// runner.
func (r *reader) published(t *text, s *shell.Script) {
	for _, m := range s.Published() {
		if m.Kind == shell.Signed || m.Proven {
			r.signs = true
			continue
		}
		r.unproven = append(r.unproven, fault.Fault{Rule: "gitlab-unproven-artefact", Span: t.span(m.Range), Key: strings.TrimSpace(r.job + " " + m.Tool + " " + m.Package),
			Message: fmt.Sprintf("%s publishes an artefact, and nothing here says how it was built", m.Tool)})
	}
}

// unsigned tells what is published by a file in which nothing is signed, once for each job and tool.
func (r *reader) unsigned() {
	if r.signs {
		return
	}
	told := map[string]bool{}
	for _, f := range r.unproven {
		if !told[f.Key] {
			told[f.Key] = true
			r.add(f)
		}
	}
}

// commands tells what single commands do with the job's token and the runner's machine, and notes those that deploy.
func (r *reader) commands(t *text, s *shell.Script, got *script) {
	tested := false
	for i := range s.Commands {
		c := &s.Commands[i]
		tested = tested || testCluster(c)
		for _, a := range c.Args {
			if m := tokenURL().FindStringSubmatch(a.Text); m != nil && !strings.Contains(strings.ToLower(m[1]), "gitlab") {
				r.add(fault.Fault{Rule: "gitlab-job-token-elsewhere", Span: t.span(a.Range), Key: m[1],
					Message: fmt.Sprintf("The job's token for this GitLab is sent to %q", m[1])})
			}
		}
		if what := takesOver(c); what != "" {
			r.add(fault.Fault{Rule: "gitlab-privileged-docker", Span: t.span(c.Range), Key: c.Name + " " + what,
				Message: fmt.Sprintf("The container that %s starts with %q can take over the runner's machine", c.Name, what)})
		}
	}
	if tested {
		return
	}
	for _, m := range s.Deploys() {
		got.Deploys = append(got.Deploys, act{What: strings.TrimSpace(m.Tool + " " + m.Detail), Span: t.span(m.Range)})
	}
}

// testCluster says that a command starts a cluster of the job's own, or leaves the real one as it is.
func testCluster(c *shell.Command) bool {
	switch c.Name {
	case "kind", "minikube", "k3d", "k3s", "microk8s", "ctlptl", "localstack", "tflocal", "awslocal", "molecule":
		return true
	}
	return c.Has("--dry-run", "--check", "--noop", "--diff")
}

// takesOver is the option by which a container gets power over the machine.
func takesOver(c *shell.Command) string {
	if c.Name != "docker" && c.Name != "podman" && c.Name != "nerdctl" || len(c.Args) == 0 {
		return ""
	}
	if verb := c.Args[0].Text; verb != "run" && verb != "create" && verb != "container" {
		return ""
	}
	if c.Has("--privileged") {
		return "--privileged"
	}
	for _, a := range c.Args {
		if strings.Contains(a.Text, "docker.sock:") {
			return "docker.sock"
		}
	}
	return ""
}

// tokenURL is a URL of a fixed host that the job's token goes to.
var tokenURL = lazyregexp.New(`https?://[^@/\s]*\$CI_JOB_TOKEN@([a-zA-Z0-9][\w.-]*)`)
