package assembly

import (
	"fmt"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/finding"
)

// A Cloud is a provider whose long-lived credentials a pipeline can do without.
type Cloud struct{ Name, Advice string }

// A Voice is how a platform tells what shell remarks on.
type Voice struct {
	Platform string            // before the IDs of its rules
	Unit     string            // what runs a script: job, step
	Log      string            // where its output goes: "the log"
	Clouds   map[string]*Cloud // by shell's names for them
}

// Fault puts a remark into the platform's words, without its place; false for what no rule tells.
func (v *Voice) Fault(m *shell.Remark) (fault.Fault, bool) {
	f := fault.Fault{Key: strings.Join(strings.Fields(m.Tool+" "+m.Detail+" "+m.URL+" "+m.Package+" "+m.Name), " ")}
	say := func(rule, format string, args ...any) {
		f.Rule, f.Message = v.Platform+"-"+rule, fmt.Sprintf(format, args...)
	}
	switch m.Kind {
	case shell.PipedInstaller:
		say("piped-installer", "What is downloaded%s runs at once, whatever it is by then", from(m.URL))
	case shell.UncheckedDownload:
		say("piped-installer", "What was downloaded%s runs without a check of its digest or signature", from(m.URL))
		f.Severity, f.Confidence = finding.Low, finding.MediumConfidence
	case shell.InsecureTransport:
		say("disabled-tls", "%q turns off a check of certificates, hosts or signatures", m.Detail)
	case shell.PlainHTTP:
		say("plain-http", "Code comes%s over a connection that anybody on the way can change", from(m.URL))
	case shell.IgnoredScanner:
		say("ignored-scanner", "The failure of %s is ignored (%s), so what it finds stops nothing", m.Tool, m.Detail)
	case shell.Obfuscated:
		say("obfuscated-command", "The script decodes a text and runs what comes out")
	case shell.UnpinnedInstall:
		say("unpinned-tool", "%s brings %q in whatever version is the newest", m.Tool, m.Package)
	case shell.SecretArgument:
		say("secret-argument", "The secret %s stands on the command line of %s", m.Name, m.Tool)
	case shell.PrintedSecret:
		v.printed(&f, m, say)
	case shell.LongLivedLogin:
		if c := v.Clouds[m.Tool]; c != nil {
			say("long-lived-credential", "The %s logs in to %s with a credential that does not expire (%s)", v.Unit, c.Name, m.Detail)
			f.Advice = c.Advice
		}
	}
	return f, f.Rule != ""
}

func (v *Voice) printed(f *fault.Fault, m *shell.Remark, say func(rule, format string, args ...any)) {
	if m.Name == "" {
		say("printed-secret", "%s writes every variable into %s, secrets included", m.Tool, v.Log)
		f.Severity = finding.Low
		return
	}
	say("printed-secret", "%s writes the secret %s into %s", m.Tool, m.Name, v.Log)
}

func from(url string) string {
	if url == "" {
		return ""
	}
	return fmt.Sprintf(" from %q", url)
}

// UnpinnedImage says how an image is named that has no digest; kind is what it is: image, service.
func UnpinnedImage(rule, kind, name string) fault.Fault {
	f := fault.Fault{Rule: rule}
	tag := ""
	if at := strings.LastIndexByte(name, ':'); at > strings.LastIndexByte(name, '/') {
		tag = name[at+1:]
	}
	switch tag {
	case "":
		f.Message = fmt.Sprintf("The %s %q has neither a tag nor a digest", kind, name)
	case "latest":
		f.Message = fmt.Sprintf("The %s %q is whatever was pushed last", kind, name)
	default:
		f.Message = fmt.Sprintf("The %s %q is named by a tag, which may be moved to other bytes", kind, name)
		f.Severity = finding.Low
	}
	return f
}

// Publications are the artefacts that a file publishes, which are told where nothing in the file says how they were built.
type Publications struct {
	list   []fault.Fault
	proven bool
}

// Note notes what a script publishes. tell gives the rest of a fault: its rule, place and key.
func (p *Publications) Note(s *shell.Script, tell func(m *shell.Remark) fault.Fault) {
	for _, m := range s.Published() {
		if m.Kind == shell.Signed || m.Proven {
			p.proven = true
			continue
		}
		p.Add(tell(&m), m.Tool)
	}
}

// Add notes that a tool publishes something.
func (p *Publications) Add(f fault.Fault, tool string) {
	f.Message = fmt.Sprintf("%s publishes an artefact, and nothing here says how it was built", tool)
	p.list = append(p.list, f)
}

// Proven notes that something says how artefacts were built.
func (p *Publications) Proven() { p.proven = true }

// Unproven are the faults to tell, one for each key.
func (p *Publications) Unproven() []fault.Fault {
	if p.proven {
		return nil
	}
	var out []fault.Fault
	told := map[string]bool{}
	for _, f := range p.list {
		if !told[f.Key] {
			told[f.Key] = true
			out = append(out, f)
		}
	}
	return out
}
