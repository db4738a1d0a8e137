package azure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

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
		if f, ok := remark(m); ok {
			if m.Kind == shell.PrintedSecret && setsVariable(&s.Commands[m.Command]) {
				f.Severity, f.Message = finding.Low, fmt.Sprintf("The secret %s goes into a variable without issecret=true, so the agent does not hide it in the log", m.Name)
			}
			f.Span = t.span(m.Range)
			f.Key = strings.TrimSpace(c.job + " " + f.Key)
			r.add(f)
		}
	}
	for _, m := range s.Published() {
		if m.Kind == shell.Signed || m.Proven {
			r.signs = true
			continue
		}
		r.unproven = append(r.unproven, fault.Fault{Rule: "azure-unproven-artefact", Span: t.span(m.Range), Key: strings.TrimSpace(c.job + " " + m.Tool),
			Message: fmt.Sprintf("%s publishes an artefact, and nothing here says how it was built", m.Tool)})
	}
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
	told := map[string]bool{}
	for _, f := range r.unproven {
		if !r.signs && !told[f.Key] {
			told[f.Key] = true
			r.add(f)
		}
	}
}

// remark turns one of shell's into a fault.
func remark(m *shell.Remark) (fault.Fault, bool) {
	f := fault.Fault{Key: strings.Join(strings.Fields(m.Tool+" "+m.Detail+" "+m.URL+" "+m.Package+" "+m.Name), " ")}
	from := ""
	if m.URL != "" {
		from = fmt.Sprintf(" from %q", m.URL)
	}
	switch m.Kind {
	case shell.PipedInstaller:
		f.Rule, f.Message = "azure-piped-installer", fmt.Sprintf("What is downloaded%s runs at once, whatever it is by then", from)
	case shell.UncheckedDownload:
		f.Rule, f.Message = "azure-piped-installer", fmt.Sprintf("What was downloaded%s runs without a check of its digest or signature", from)
		f.Severity, f.Confidence = finding.Low, finding.MediumConfidence
	case shell.InsecureTransport:
		f.Rule, f.Message = "azure-disabled-tls", fmt.Sprintf("%q turns off a check of certificates, hosts or signatures", m.Detail)
	case shell.PlainHTTP:
		f.Rule, f.Message = "azure-plain-http", fmt.Sprintf("Code comes%s over a connection that anybody on the way can change", from)
	case shell.IgnoredScanner:
		f.Rule, f.Message = "azure-ignored-scanner", fmt.Sprintf("The failure of %s is ignored (%s), so what it finds stops nothing", m.Tool, m.Detail)
	case shell.Obfuscated:
		f.Rule, f.Message = "azure-obfuscated-command", "The script decodes a text and runs what comes out"
	case shell.UnpinnedInstall:
		f.Rule, f.Message = "azure-unpinned-tool", fmt.Sprintf("%s brings %q in whatever version is the newest", m.Tool, m.Package)
	default:
		return secretRemark(f, m)
	}
	return f, true
}

func secretRemark(f fault.Fault, m *shell.Remark) (fault.Fault, bool) {
	switch m.Kind {
	case shell.PrintedSecret:
		f.Rule, f.Message = "azure-printed-secret", fmt.Sprintf("%s writes the secret %s into the log", m.Tool, m.Name)
	case shell.SecretArgument:
		f.Rule, f.Message = "azure-secret-argument", fmt.Sprintf("The secret %s stands on the command line of %s", m.Name, m.Tool)
	case shell.LongLivedLogin:
		c := clouds[m.Tool]
		if c == nil {
			return f, false
		}
		f.Rule, f.Message, f.Advice = "azure-long-lived-credential", fmt.Sprintf("The step logs in to %s with a credential that does not expire (%s)", c.name, m.Detail), c.advice
	default:
		return f, false
	}
	return f, true
}
