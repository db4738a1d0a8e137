package gitlab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/lazyregexp"
)

var voice = assembly.Voice{Platform: "gitlab", Unit: "job", Log: "the job's log", Clouds: clouds}

// remarks tells what is wrong with the commands of a script whatever its variables hold.
func (r *reader) remarks(t *text, s *shell.Script) {
	all := slices.Concat(s.PipedInstallers(), s.InsecureTransport(), s.PlainHTTP(), s.IgnoredScanners(), s.LongLivedLogins(), s.ObfuscatedCode(),
		s.Unpinned(), s.Secrets(isSecret, nil))
	for i := range all {
		if f, ok := voice.Fault(&all[i]); ok {
			f.Span = t.span(all[i].Range)
			r.add(f)
		}
	}
	r.published.Note(s, func(m *shell.Remark) fault.Fault {
		return fault.Fault{Rule: "gitlab-unproven-artefact", Span: t.span(m.Range), Key: strings.TrimSpace(r.job + " " + m.Tool + " " + m.Package)}
	})
}

// secretKnown are the predefined variables that open something.
var secretKnown = map[string]bool{"CI_JOB_TOKEN": true, "CI_REGISTRY_PASSWORD": true, "CI_DEPLOY_PASSWORD": true, "CI_JOB_JWT": true, "CI_DEPENDENCY_PROXY_PASSWORD": true}

// isSecret says that a variable holds a secret, by its name.
func isSecret(name string) bool {
	return secretKnown[name] || secretName().MatchString(name) && name != "PWD" && name != "OLDPWD"
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
