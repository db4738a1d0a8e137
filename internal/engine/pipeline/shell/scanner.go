package shell

import (
	"slices"
	"strings"
)

// scanners find secrets, weaknesses and vulnerable dependencies, by the words that follow their name; an empty list
// means that every run is a scan.
var scanners = map[string][]string{
	"gitleaks": {"detect", "protect", "dir", "git", "stdin"}, "trufflehog": nil, "trivy": nil, "grype": nil, "snyk": {"test", "code", "container", "iac", "monitor"},
	"semgrep": {"scan", "ci"}, "opengrep": {"scan", "ci"}, "checkov": nil, "osv-scanner": nil, "pip-audit": nil, "govulncheck": nil, "bandit": nil, "gosec": nil,
	"tfsec": nil, "assay": {"scan", "gate"}, "detect-secrets": {"scan", "audit"}, "detect-secrets-hook": nil, "codeql": {"database"}, "zizmor": nil, "kics": {"scan"},
	"terrascan": {"scan"}, "hadolint": nil, "safety": {"check", "scan"}, "bundler-audit": {"check"}, "bundle-audit": {"check"}, "dependency-check": nil,
	"dependency-check.sh": nil, "audit-ci": nil, "brakeman": nil, "kubesec": {"scan"}, "kube-linter": {"lint"}, "poutine": nil, "octoscan": nil, "ggshield": {"secret", "iac", "sca"},
	"nancy": {"sleuth"}, "retire": nil, "whispers": nil, "noseyparker": {"scan"}, "dockle": nil, "conftest": {"test", "verify"}, "actionlint": nil,
	"cargo-audit": nil, "cargo-deny": {"check"}, "better-npm-audit": nil, "betterleaks": nil, "kingfisher": {"scan"}, "mobsfscan": nil, "njsscan": nil, "horusec": nil, "wpscan": nil, "nuclei": nil,
}

// scanSubcommands are the scans that package managers have.
var scanSubcommands = map[string][]string{
	"npm": {"audit"}, "yarn": {"audit"}, "pnpm": {"audit"}, "bun": {"audit"}, "cargo": {"audit", "deny"}, "composer": {"audit"}, "dotnet": {"list"}, "bundle": {"audit"},
	"docker": {"scout", "scan"}, "mvn": {"dependency-check:check", "org.owasp:dependency-check-maven:check"}, "gradle": {"dependencyCheckAnalyze"},
	"gradlew": {"dependencyCheckAnalyze"}, "uv": {"audit"}, "gh": {"zizmor"},
}

// Scanner names the scan that a command is, such as "npm audit" or "trivy"; empty where it is none.
func (c *Command) Scanner() string {
	if c.Kind != Simple || c.Has("--version", "--help", "-h") && c.Name != "npm" || c.verb(0) == "version" || c.verb(0) == "help" {
		return ""
	}
	if tool, ok := c.packaged(); ok {
		if _, known := scanners[tool]; known {
			return tool
		}
	}
	if verbs, ok := scanners[c.Name]; ok {
		if len(verbs) > 0 && !slices.ContainsFunc(c.Args, func(w Word) bool { return slices.Contains(verbs, w.Text) }) && !(c.Name == "semgrep" && c.Has("--config")) {
			return ""
		}
		if c.Name == "trivy" && slices.Contains([]string{"convert", "plugin", "server", "registry", "clean", "module"}, c.verb(0)) {
			return ""
		}
		return c.Name
	}
	verbs, ok := scanSubcommands[c.Name]
	if !ok {
		return ""
	}
	for _, v := range verbs {
		if c.Name == "dotnet" {
			if c.Has("--vulnerable") {
				return "dotnet list package --vulnerable"
			}
			continue
		}
		for i, w := range c.Args {
			if w.Text == v && (i == 0 || strings.HasPrefix(c.Args[0].Text, "-") || strings.HasPrefix(c.Args[0].Text, "+") || c.Name == "mvn" || strings.HasPrefix(c.Name, "gradle")) {
				if v == "audit" && len(c.Args) > i+1 && (c.Args[i+1].Text == "fix" || c.Args[i+1].Text == "signatures") {
					return ""
				}
				return c.Name + " " + v
			}
		}
	}
	return ""
}

// packaged is the tool that docker run, npx, uvx, pipx run or go run starts.
func (c *Command) packaged() (string, bool) {
	switch c.Name {
	case "docker", "podman":
		if c.verb(0) != "run" {
			return "", false
		}
		for _, w := range c.Args {
			image, _, _ := strings.Cut(baseName(w.Text), "@")
			image, _, _ = strings.Cut(image, ":")
			if _, known := scanners[image]; known {
				return image, true
			}
		}
	case "npx", "uvx", "pipx", "go", "bunx", "pnpm", "uv", "poetry", "bundle":
		for _, w := range c.Args {
			tool, _, _ := strings.Cut(w.Text, "@")
			tool = baseName(tool)
			if tool != "install" && tool != "get" && tool != "add" {
				if _, known := scanners[tool]; known {
					return tool, true
				}
				continue
			}
			return "", false
		}
	}
	return "", false
}

// lenientFlags are options by which a scanner reports and never fails.
var lenientFlags = []string{"--soft-fail", "--no-fail", "--exit-zero", "--no-exit-code", "--no-error"}

// IgnoredScanners are scans whose result changes nothing: their failure is caught, turned off or overwritten.
func (s *Script) IgnoredScanners() []Remark {
	var out []Remark
	for i := range s.Commands {
		c := &s.Commands[i]
		tool := c.Scanner()
		if tool == "" {
			continue
		}
		detail := s.lenient(i)
		if detail == "" {
			continue
		}
		r := s.remark(IgnoredScanner, i)
		r.Tool, r.Detail = tool, detail
		out = append(out, r)
	}
	return inOrder(out)
}

// lenient is what makes a scan's result change nothing.
func (s *Script) lenient(i int) string {
	c := &s.Commands[i]
	for _, flag := range lenientFlags {
		if c.Has(flag) && !valueFalse(c, flag) {
			return flag
		}
	}
	switch w, at := c.Value("--exit-code"); {
	case at >= 0 && (w.Text == "0"):
		return "--exit-code 0"
	}
	if c.Name == "zizmor" && c.Has("--no-exit-codes") {
		return "--no-exit-codes"
	}
	if c.Name == "gosec" && c.Has("-no-fail") {
		return "-no-fail"
	}
	if c.Ignored == "|" && s.rescued(i) || c.Captured && c.Ignored == "" {
		return ""
	}
	if c.Ignored == "set +e" && s.decides(i) {
		return ""
	}
	return c.Ignored
}

// rescued says that the pipe's last command judges what the scanner printed.
func (s *Script) rescued(i int) bool {
	for _, n := range s.readers[s.Commands[i].Out] {
		r := &s.Commands[n]
		if r.Scanner() != "" || r.Name == "grep" && r.Has("-q") || r.Name == "jq" && r.Has("-e", "--exit-status") || r.Name == "reviewdog" {
			return true
		}
	}
	return false
}

// decides says that under set +e a command's status still counts: it is the last one, or the next ones look at $?.
func (s *Script) decides(i int) bool {
	if i == len(s.Commands)-1 {
		return true
	}
	for n := i + 1; n < min(i+4, len(s.Commands)); n++ {
		c := &s.Commands[n]
		for _, w := range c.Args {
			if strings.Contains(w.Text, "$?") {
				return true
			}
		}
		for _, a := range c.Assigns {
			if strings.Contains(a.Value.Text, "$?") {
				return s.exits(n, a.Name)
			}
		}
	}
	return false
}

// exits says that a status that was kept is used later: exit $status, or a test of it.
func (s *Script) exits(from int, name string) bool {
	for n := from + 1; n < len(s.Commands); n++ {
		c := &s.Commands[n]
		if c.Name != "exit" && c.Kind != Test && c.Name != "[" && c.Name != "test" && c.Kind != Calculation && c.Name != "return" && c.Stdout == nil {
			continue
		}
		for _, w := range c.Args {
			if slices.Contains(w.Variables(), name) || strings.Contains(w.Text, "$"+name) {
				return true
			}
		}
	}
	return false
}
