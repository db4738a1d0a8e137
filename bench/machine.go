package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// A machine says where and with what a run was made.
type machine struct {
	date                      time.Time
	cpu, system               string
	cores                     int
	assay, gitVersion, golang string
}

func thisMachine(ctx context.Context, now time.Time) machine {
	m := machine{date: now.UTC(), cpu: cpuModel(), cores: runtime.NumCPU(), golang: runtime.Version(),
		system: runtime.GOOS + "/" + runtime.GOARCH}
	m.gitVersion, _ = output(exec.CommandContext(ctx, "git", "version"))
	m.assay, _ = git(ctx, ".", "rev-parse", "HEAD")
	if changed, err := git(ctx, ".", "status", "--porcelain", "--", "*.go", "*.toml", "go.mod"); err == nil && changed != "" {
		m.assay += " with uncommitted changes"
	}
	return m
}

// cpuModel is what Linux calls the processor; empty elsewhere.
func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func (m machine) String() string {
	return fmt.Sprintf("%s, %s with %d processors (%s), %s, %s", m.date.Format(time.DateOnly), m.system, m.cores, m.cpu, m.golang, m.gitVersion)
}
