package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// gitleaksScan is gitleaks with its shipped rules, with no mark or ignore file from elsewhere. It cannot be told to pass
// over a .gitleaksignore at the root of the target.
func (b *bench) gitleaksScan(verb, path, report string) []string {
	return []string{b.gitleaks, verb, path, "--config", b.rules, "--no-banner", "--no-color", "--log-level", "error", "--exit-code", "0",
		"--ignore-gitleaks-allow", "--gitleaks-ignore-path", b.none(), "--report-format", "json", "--report-path", report}
}

// none is a path at which there is nothing.
func (b *bench) none() string { return filepath.Join(b.work, "none") }

// assayScan is assay with the given rules; without any, with its own pack.
func (b *bench) assayScan(path, report, rules string, more ...string) []string {
	args := []string{b.assay, "scan", path, "--engine", "secret", "--no-ignore", "--no-cache", "--jobs", strconv.Itoa(b.jobs), "--format", "json", "--output", report, "--quiet"}
	if rules != "" {
		args = append(args, "--rules", rules)
	}
	return append(args, more...)
}

// incomplete is assay's exit code where something could not be checked. What that was is in the report.
var incomplete = []int{3}

// shown is a command as the report shows it, without this machine's paths.
func (b *bench) shown(args []string, name string) string {
	words := make([]string, len(args))
	for i, a := range args {
		switch {
		case a == b.gitleaks:
			a = "gitleaks"
		case a == b.assay:
			a = "assay"
		case a == b.zizmor && a != "":
			a = "zizmor"
		case a == b.self:
			a = "go run ./bench"
		case a == b.rules:
			a = "gitleaks.toml"
		case a == b.none():
			a = "none"
		case strings.HasPrefix(a, b.work+"/") && strings.HasSuffix(a, ".json"):
			a = strings.TrimPrefix(a, b.work+"/")
		case filepath.IsAbs(a):
			a = name
		}
		words[i] = a
	}
	return strings.Join(words, " ")
}

func shownAll(b *bench, commands []command, name string) string {
	var s strings.Builder
	s.WriteString("\n```\n")
	for _, c := range commands {
		fmt.Fprintln(&s, b.shown(c.args, name))
	}
	s.WriteString("```\n")
	return s.String()
}
