package github

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/finding"
)

// remarks gives what package shell remarks on each script.
func (c *context) remarks(find func(*shell.Script) []shell.Remark, visit func(sc *Script, r shell.Remark)) {
	for _, s := range c.steps() {
		sc := c.script(s)
		if sc.Shell == nil {
			continue
		}
		for _, r := range find(sc.Shell) {
			visit(sc, r)
		}
	}
}

// pipedInstaller: what a server answers is run at once, whatever it is today.
func pipedInstaller(c *context) {
	c.remarks((*shell.Script).PipedInstallers, func(sc *Script, r shell.Remark) {
		from := cleanURL(r.URL)
		if r.Kind == shell.UncheckedDownload {
			f := c.tell(sc.Span(r.Range), sc.Step.Key()+" "+r.Tool+" "+from, fmt.Sprintf("step %q runs what it downloaded%s without a check of its digest or signature", sc.Step.Label(), of(from)))
			f.Severity, f.Confidence = finding.Low, finding.MediumConfidence
			return
		}
		f := c.tell(sc.Span(r.Range), sc.Step.Key()+" "+r.Tool+" "+from, fmt.Sprintf("step %q runs what a server answers%s", sc.Step.Label(), of(from)))
		if namesCommit(from) {
			f.Severity = finding.Low
		}
	})
}

// namesCommit reports whether an address holds the full name of a commit, so that its content stays.
func namesCommit(address string) bool {
	for part := range strings.SplitSeq(address, "/") {
		if len(part) == 40 && isHex(part) {
			return true
		}
	}
	return false
}

// of puts an address behind a sentence where there is one.
func of(address string) string {
	if address == "" {
		return ""
	}
	return " (" + address + ")"
}

// cleanURL is an address without what may be secret in it.
func cleanURL(u string) string {
	u, _, _ = strings.Cut(u, "?")
	return u
}

// disabledVerification: a check of certificates, hosts or signatures is turned off.
func disabledVerification(c *context) {
	c.remarks((*shell.Script).InsecureTransport, func(sc *Script, r shell.Remark) {
		what := r.Detail
		if r.Tool != "" {
			what = r.Tool + " " + what
		}
		f := c.tell(sc.Span(r.Range), sc.Step.Key()+" "+what, fmt.Sprintf("step %q turns off a check of whom it talks to: %s", sc.Step.Label(), what))
		if strings.Contains(r.Detail, "StrictHostKeyChecking") || c.asksItself(sc.Step.Job) {
			f.Severity = finding.Low
		}
	})
	c.eachEnv(func(where string, k, v *yaml.Node) {
		if value := document.Text(v); shell.InsecureSetting(k.Value, value) {
			c.tellAt(k, where+" "+k.Value, fmt.Sprintf("%s: %s turns off a check of whom the steps talk to", k.Value, value))
		}
	})
}

// asksItself reports whether a job talks to a server that it starts itself, whose certificate nobody has signed.
func (c *context) asksItself(j *Job) bool {
	return remember(c.memo.releases.loopback, j, func() bool {
		return slices.ContainsFunc(j.Steps, func(s *Step) bool {
			text := document.Text(s.Run)
			return strings.Contains(text, "https://localhost") || strings.Contains(text, "https://127.0.0.1")
		})
	})
}

// plainHTTP: code comes over a connection that anybody on the way can change.
func plainHTTP(c *context) {
	c.remarks((*shell.Script).PlainHTTP, func(sc *Script, r shell.Remark) {
		c.tell(sc.Span(r.Range), sc.Step.Key()+" "+cleanURL(r.URL), fmt.Sprintf("step %q gets code over http from %s", sc.Step.Label(), cleanURL(r.URL)))
	})
	for _, s := range c.steps() {
		for k, v := range document.Pairs(s.With) {
			if name := strings.ToLower(k.Value); strings.Contains(name, "registry") || strings.HasSuffix(name, "index-url") {
				c.plainRegistry(v, s.Key()+" "+k.Value, fmt.Sprintf("step %q", s.Label()))
			}
		}
	}
	if c.dependabot != nil {
		for k, registry := range document.Pairs(document.Get(c.dependabot.Node, "registries")) {
			c.plainRegistry(document.Get(registry, "url"), "registries "+k.Value, "Dependabot")
		}
	}
}

func (c *context) plainRegistry(n *yaml.Node, key, who string) {
	text := document.Text(n)
	host, plain := strings.CutPrefix(text, "http://")
	if !plain || strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "[::1]") {
		return
	}
	c.tellAt(n, key, who+" gets packages over http, which anybody on the way can change")
}

// unlockedInstall: packages and tools are installed without a version or outside of a lock file.
func unlockedInstall(c *context) {
	c.remarks((*shell.Script).Unpinned, func(sc *Script, r shell.Remark) {
		c.tell(sc.Span(r.Range), sc.Step.Key()+" "+r.Tool+" "+r.Package, fmt.Sprintf("step %q installs %s with %s: %s", sc.Step.Label(), orWord(r.Package, "packages"), r.Tool, r.Detail))
	})
}

func orWord(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// obfuscatedCommand: a script decodes what it runs, so that nobody who reads it sees what it does.
func obfuscatedCommand(c *context) {
	c.remarks((*shell.Script).ObfuscatedCode, func(sc *Script, r shell.Remark) {
		c.tell(sc.Span(r.Range), sc.Step.Key()+" "+r.Detail, fmt.Sprintf("step %q decodes what it runs: %s", sc.Step.Label(), r.Detail))
	})
}

// looseFileMode: files are made writable for everybody on the machine.
func looseFileMode(c *context) {
	c.remarks((*shell.Script).FileModes, func(sc *Script, r shell.Remark) {
		c.tell(sc.Span(r.Range), sc.Step.Key()+" chmod", fmt.Sprintf("step %q lets every account of the machine change files: chmod %s", sc.Step.Label(), r.Detail))
	})
}
