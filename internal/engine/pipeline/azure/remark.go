package azure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

var voice = assembly.Voice{Platform: "azure", Unit: "step", Log: "the log", Clouds: clouds}

// remarks tells what is wrong with the commands of a script whatever is pasted into it.
func (r *reader) remarks(t *text, s *shell.Script, c context) {
	isHoleSecret := func(i int) bool { return i < len(t.names) && isSecret(t.names[i]) }
	all := slices.Concat(s.PipedInstallers(), s.InsecureTransport(), s.PlainHTTP(), s.IgnoredScanners(), s.LongLivedLogins(), s.ObfuscatedCode(),
		s.Unpinned(), s.Secrets(func(name string) bool { return isSecret(name) }, isHoleSecret))
	for i := range all {
		m := &all[i]
		if m.Name == "" && (m.Kind == shell.PrintedSecret || m.Kind == shell.SecretArgument) {
			if m.Name = t.secretIn(m.Range); m.Name == "" {
				continue // the whole environment, which has no secrets but those of env:
			}
		}
		if m.Kind == shell.SecretArgument && inProcess(s, m) {
			continue
		}
		if f, ok := voice.Fault(m); ok {
			if m.Kind == shell.PrintedSecret && setsVariable(&s.Commands[m.Command]) {
				f.Severity, f.Message = finding.Low, fmt.Sprintf("The secret %s goes into a variable without issecret=true, so the agent does not hide it in the log", m.Name)
			}
			f.Span = t.span(m.Range)
			f.Key = strings.TrimSpace(c.job + " " + f.Key)
			r.add(f)
		}
	}
	r.published.Note(s, func(m *shell.Remark) fault.Fault {
		return fault.Fault{Rule: "azure-unproven-artefact", Span: t.span(m.Range), Key: strings.TrimSpace(c.job + " " + m.Tool)}
	})
	r.commands(t, s, c)
}

// setsVariable says that what a command prints is an order to the agent, which does not show it.
func setsVariable(c *shell.Command) bool {
	return slices.ContainsFunc(c.Args, func(w shell.Word) bool { return strings.HasPrefix(w.Text, "##vso[task.setvariable ") })
}

// secretIn is the name of a secret that is pasted into a part of the script.
func (t *text) secretIn(r shell.Range) string {
	for i, h := range t.holes {
		if r.Start <= h.Start && h.End <= r.End && isSecret(t.names[i]) {
			return t.names[i]
		}
	}
	return ""
}

// inProcess says that a command is one of PowerShell's own, whose arguments no other process sees.
func inProcess(s *shell.Script, m *shell.Remark) bool {
	c := &s.Commands[m.Command]
	return s.Dialect == shell.PowerShell && (strings.Contains(m.Tool, "-") || len(c.Args) > 0 && c.Args[0].Text == "=")
}

// commands looks at single commands: who uses the credentials of git, who sends the pipeline's token away, who deploys.
func (r *reader) commands(t *text, s *shell.Script, c context) {
	tested := false
	for i := range s.Commands {
		cmd := &s.Commands[i]
		if cmd.Name == "git" && cmd.Has("push", "fetch", "pull", "submodule", "lfs") {
			r.pushes = true
		}
		switch cmd.Name {
		case "kind", "minikube", "k3d", "k3s", "localstack", "molecule":
			tested = true
		}
		tested = tested || cmd.Has("--dry-run", "--check", "--diff", "--what-if")
	}
	for _, m := range tokenURL().FindAllStringSubmatchIndex(t.scalar.Value, 50) {
		host := strings.ToLower(t.scalar.Value[m[2]:m[3]])
		if strings.HasSuffix(host, "azure.com") || strings.HasSuffix(host, "visualstudio.com") {
			continue
		}
		r.add(fault.Fault{Rule: "azure-access-token-elsewhere", Span: t.span(shell.Range{Start: m[0], End: m[1]}), Key: host,
			Message: fmt.Sprintf("The pipeline's token is sent to %q", host)})
	}
	if tested || c.deploys || c.template {
		return
	}
	for _, m := range s.Deploys() {
		r.deployed(t.span(m.Range), strings.TrimSpace(m.Tool+" "+m.Detail), c)
	}
}

var tokenURL = lazyregexp.New(`(?i)https?://[^@/\s"']*(?:\$\(System\.AccessToken\)|\$\{?SYSTEM_ACCESSTOKEN\}?|\$env:SYSTEM_ACCESSTOKEN)@([a-z0-9][\w.-]*)`)

// finish tells what is known once the whole file was read.
func (r *reader) finish() {
	for _, f := range r.persists {
		if r.pushes {
			f.Severity, f.Confidence = finding.Low, finding.MediumConfidence
		}
		r.add(f)
	}
	for _, f := range r.published.Unproven() {
		r.add(f)
	}
}
