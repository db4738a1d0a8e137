package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// directories measures each folder: gitleaks, assay with the same rules, assay with its own, and the reader.
func (b *bench) directories(ctx context.Context) error {
	for i, t := range b.dirs {
		theirs, same := b.report("dir", i, "gitleaks"), b.report("dir", i, "assay")
		commands := []command{
			{name: "gitleaks dir", args: b.gitleaksScan("dir", t.path, theirs)},
			{name: "assay, the same rules", args: b.assayScan(t.path, same, b.rules), okay: incomplete},
			{name: "assay, its own rules", args: b.assayScan(t.path, b.report("dir", i, "own"), ""), okay: incomplete},
			{name: "the reader", args: []string{b.self, "reader", "-jobs", strconv.Itoa(b.jobs), t.path}},
		}
		costs, err := b.inTurn(ctx, commands)
		if err != nil {
			return err
		}
		read, err := output(exec.CommandContext(ctx, b.self, "reader", t.path))
		if err != nil {
			return err
		}
		b.section(fmt.Sprintf("## Directory: %s\n\n%s.\n\n%s%s", t.name, firstTwo(read), table(commands, costs), againstReader(costs)) +
			shownAll(b, commands, "TREE"))
		b.later = append(b.later, func() error { return b.compareDirectory(t, theirs, same) })
	}
	return nil
}

// firstTwo keeps "N files, M bytes" of what the reader says.
func firstTwo(read string) string {
	files, rest, _ := strings.Cut(read, ", ")
	bytes, _, _ := strings.Cut(rest, ", ")
	return files + ", " + bytes
}

// againstReader tells how many times as long as the reader assay takes.
func againstReader(costs [][]cost) string {
	reader, same := costs[3], costs[1]
	return fmt.Sprintf("\nAgainst the reader, which only walks, opens and adds up bytes: assay with the same rules takes %s times its wall time and %s times its CPU time.\n",
		ratio(spreadBy(same, wallSeconds).median, spreadBy(reader, wallSeconds).median),
		ratio(spreadBy(same, cpuSeconds).median, spreadBy(reader, cpuSeconds).median))
}

func (b *bench) report(kind string, n int, who string) string {
	return filepath.Join(b.work, fmt.Sprintf("%s-%d-%s.json", kind, n+1, who))
}

// nameTrees gives every tree a name that is the same on every machine.
func (b *bench) nameTrees(ctx context.Context) {
	root, err := output(exec.CommandContext(ctx, "go", "env", "GOROOT"))
	for i := range b.dirs {
		t := &b.dirs[i]
		if t.standard = err == nil && t.path == filepath.Join(root, "src"); t.standard && t.name == "" {
			t.name = "GOROOT/src of " + b.machine.golang
		}
		t.name = nameOf(ctx, *t)
	}
	for i := range b.gits {
		b.gits[i].name = nameOf(ctx, b.gits[i])
	}
}

// nameOf is the name given, or the last part of the path, with the commit where there is one.
func nameOf(ctx context.Context, t tree) string {
	name := t.name
	if name == "" {
		name = filepath.Base(t.path)
	}
	top, err := git(ctx, t.path, "rev-parse", "--show-cdup")
	if err != nil || top != "" || strings.Contains(name, "@") || t.standard {
		return name
	}
	head, err := git(ctx, t.path, "rev-parse", "--short=12", "HEAD")
	if err != nil {
		return name
	}
	return name + "@" + head
}
