package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// manyWorkflows is how many workflows are looked at.
const manyWorkflows = 1000

// pipelines measures a thousand workflows: those of the given folders, copied under other names until there are enough.
// Actions of the folders are left out, since a copy of a workflow would find them in one place only.
func (b *bench) pipelines(ctx context.Context) error {
	if len(b.workflows) == 0 {
		return nil
	}
	root := filepath.Join(b.work, "workflows")
	n, size, err := b.multiply(filepath.Join(root, ".github", "workflows"))
	if err != nil {
		return err
	}
	var names []string
	for _, t := range b.workflows {
		names = append(names, nameOf(ctx, t))
	}
	var commands []command
	if b.zizmor != "" {
		commands = append(commands, command{name: "zizmor --offline", args: []string{b.zizmor, "--offline", "--no-config", "--no-progress", "--persona", "auditor", "--format", "json", root}, okay: []int{11, 12, 13, 14}})
	}
	commands = append(commands, command{name: "assay", okay: incomplete,
		args: []string{b.assay, "scan", root, "--engine", "pipeline", "--no-cache", "--format", "json", "--output", b.report("workflows", 0, "assay"), "--quiet"}})
	costs, err := b.inTurn(ctx, commands)
	if err != nil {
		return err
	}
	b.section(fmt.Sprintf("## Workflows\n\n%d workflows, %d bytes, multiplied from the %d of %s.\n\n%s", manyWorkflows, size, n, strings.Join(names, ", "), table(commands, costs)) +
		shownAll(b, commands, "WORKFLOWS"))
	return nil
}

// multiply fills a folder with workflows, and tells from how many they were made and how large they are.
func (b *bench) multiply(to string) (n, size int, err error) {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return 0, 0, err
	}
	var texts [][]byte
	for _, t := range b.workflows {
		files, err := filepath.Glob(filepath.Join(t.path, ".github", "workflows", "*.y*ml"))
		if err != nil {
			return 0, 0, err
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				return 0, 0, err
			}
			texts = append(texts, text)
		}
	}
	if len(texts) == 0 {
		return 0, 0, fmt.Errorf("no workflows in the folders that -workflows names")
	}
	for i := range manyWorkflows {
		text := texts[i%len(texts)]
		size += len(text)
		if err := os.WriteFile(filepath.Join(to, fmt.Sprintf("w%04d.yml", i)), text, 0o644); err != nil {
			return 0, 0, err
		}
	}
	return len(texts), size, nil
}
