package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// stagedFiles is how many files the start-up measurement stages.
const stagedFiles = 10

// startUp measures what a person waits for: the version, and a look at what is staged, with and without what an earlier
// run left in the cache folder. gitleaks does the same beside it.
func (b *bench) startUp(ctx context.Context) error {
	repo, err := b.staged(ctx)
	if err != nil {
		return err
	}
	cache := filepath.Join(b.work, "cache")
	env := []string{"XDG_CACHE_HOME=" + cache}
	forget := func() error { return os.RemoveAll(cache) }
	scan := []string{b.assay, "scan", "--staged", "--quiet", "--format", "json", "--output", b.report("staged", 0, "assay"), repo}
	gitleaks := append(b.gitleaksScan("git", repo, b.report("staged", 0, "gitleaks")), "--staged")
	commands := []command{
		{name: "gitleaks --version", args: []string{b.gitleaks, "--version"}},
		{name: "assay --version", args: []string{b.assay, "--version"}},
		{name: "gitleaks git --staged", args: gitleaks},
		{name: "assay scan --staged, cold: no cache", args: scan, env: env, okay: incomplete, cold: forget},
		{name: "assay scan --staged, warm", args: scan, env: env, okay: incomplete},
	}
	costs, err := b.inTurn(ctx, commands)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("## Start-up\n\nA repository with %d staged files, each side with its own rules.\n\n"+
		"| command | wall ms: min | median | max | user+sys ms |\n| --- | ---: | ---: | ---: | ---: |\n", stagedFiles)
	for i, c := range commands {
		wall, cpu := spreadBy(costs[i], wallSeconds), spreadBy(costs[i], cpuSeconds)
		text += fmt.Sprintf("| %s | %.1f | %.1f | %.1f | %.1f |\n", c.name, 1e3*wall.min, 1e3*wall.median, 1e3*wall.max, 1e3*cpu.median)
	}
	b.section(text + shownAll(b, commands, "REPOSITORY"))
	return nil
}

// staged makes a repository with one commit and files that are staged and not committed.
func (b *bench) staged(ctx context.Context) (string, error) {
	repo := filepath.Join(b.work, "staged")
	if err := os.Mkdir(repo, 0o755); err != nil {
		return "", err
	}
	as := []string{"-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false"}
	steps := [][]string{{"init", "--quiet"}, append(as, "commit", "--quiet", "--allow-empty", "--message=start"), {"add", "."}}
	for i, step := range steps {
		if i == len(steps)-1 {
			if err := writeFiles(repo); err != nil {
				return "", err
			}
		}
		if _, err := git(ctx, repo, step...); err != nil {
			return "", err
		}
	}
	return repo, nil
}

func writeFiles(dir string) error {
	for i := range stagedFiles {
		text := fmt.Sprintf("package staged\n\n// Number%d is the number of this file.\nconst Number%d = %d\n", i, i, i)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("file%d.go", i)), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
