package main

import (
	"fmt"
	"path"
	"strings"
)

// markdown is the whole report.
func (b *bench) markdown() string {
	var s strings.Builder
	fmt.Fprintf(&s, `# Benchmarks

Assay beside gitleaks %s, in one run on one machine. This file is written by `+"`go run ./bench`"+`. Commands run in turn, round
by round; the first round warms up and does not count. Each figure is the median of %d runs, with the least and the greatest
beside it for wall time. user+sys counts the programs that a command starts, such as the git that gitleaks runs; peak is that
of the largest single process. The last columns of a table tell how many times faster a command is than the first one. Rules are gitleaks' own shipped configuration for
both, unless a line says "its own rules". Ignore files are off on both sides.

- machine: %s
- assay: commit %s, %d workers
- gitleaks: %s@%s, built from the module as released

To repeat, from the top of the repository, with the trees checked out beside it:

`+"```\n%s\n```\n", gitleaksVersion, b.runs, b.machine, b.machine.assay, b.jobs, gitleaksModule, gitleaksVersion, b.invocation())
	for _, section := range b.sections {
		s.WriteString("\n" + section)
	}
	return s.String()
}

// invocation is the command that made the report, with names in place of this machine's paths.
func (b *bench) invocation() string {
	args := []string{"go run ./bench", fmt.Sprintf("-n %d", b.runs)}
	for _, t := range b.dirs {
		args = append(args, "-dir "+t.invoked())
	}
	for _, t := range b.gits {
		args = append(args, "-git "+t.invoked())
	}
	for _, t := range b.workflows {
		args = append(args, "-workflows "+t.invoked())
	}
	if b.zizmor != "" {
		args = append(args, "-zizmor zizmor")
	}
	return strings.Join(args, " \\\n  ")
}

// invoked is how a tree is named on the command line, wherever it lies.
func (t tree) invoked() string {
	if t.standard {
		return `"$(go env GOROOT)/src"`
	}
	repository, _, _ := strings.Cut(t.name, "@")
	return fmt.Sprintf("%s=../%s", t.name, path.Base(repository))
}
