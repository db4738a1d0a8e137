package github

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/finding"
)

// misfeature: a part of GitHub Actions is used that hides faults by the way it works.
func misfeature(c *context) {
	for _, s := range c.steps() {
		if n := s.Input("pip-install"); n != nil && s.Is("actions/setup-python") {
			c.tellAt(n, s.Key()+" pip-install", fmt.Sprintf("step %q installs packages into the tool's own environment, without a lock", s.Label()))
		}
		c.cmdShell(s.Shell, s.Key())
	}
	if c.workflow == nil {
		return
	}
	c.cmdShell(document.Get(c.workflow.Node, "defaults", "run", "shell"), "workflow")
	for _, j := range c.workflow.Jobs {
		c.cmdShell(document.Get(j.Node, "defaults", "run", "shell"), j.ID)
	}
}

// knownShells are the programs that GitHub lists, and those by which others are started.
var knownShells = named("bash", "sh", "pwsh", "powershell", "python", "python3", "node", "perl", "ruby", "env", "/usr/bin/env", "/bin/bash", "/bin/sh", "/usr/bin/bash", "zsh", "wsl-bash", "msys2", "nix", "sudo")

// cmdShell tells of cmd, which goes on after a command that fails.
func (c *context) cmdShell(n *yaml.Node, where string) {
	program, _, _ := strings.Cut(strings.ToLower(document.Text(n)), " ")
	if program == "cmd" || program == "cmd.exe" {
		c.tellAt(n, where+" shell", "the shell cmd goes on after a command that fails, and has no safe way to quote a value")
		return
	}
	if program != "" && !strings.Contains(program, "${{") && !knownShells[program] {
		f := c.tellAt(n, where+" shell", fmt.Sprintf("%q is a program that no tool reads the scripts of", program))
		f.Severity = finding.Info
	}
}

// debugLog: the log holds everything that the runner and the actions do, values included that no mask covers.
func debugLog(c *context) {
	c.eachEnv(func(where string, k, v *yaml.Node) {
		if (k.Value == "ACTIONS_STEP_DEBUG" || k.Value == "ACTIONS_RUNNER_DEBUG") && document.Text(v) == "true" {
			c.tellAt(k, where+" "+k.Value, fmt.Sprintf("%s is always on", k.Value)).Fix = c.file.Put("Turn the debug log off", v, "false")
		}
	})
}
