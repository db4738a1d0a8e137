package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	gitleaksModule  = "github.com/zricethezav/gitleaks/v8"
	gitleaksVersion = "v8.30.1"
)

// build makes both binaries and finds the rules.
func (b *bench) build(ctx context.Context) error {
	if b.gitleaks == "" {
		bin := filepath.Join(b.cache, gitleaksVersion)
		b.gitleaks = filepath.Join(bin, "gitleaks")
		if _, err := os.Stat(b.gitleaks); err != nil {
			if err := os.MkdirAll(bin, 0o755); err != nil {
				return err
			}
			cmd := exec.CommandContext(ctx, "go", "install", gitleaksModule+"@"+gitleaksVersion)
			cmd.Env = append(os.Environ(), "GOBIN="+bin)
			if _, err := output(cmd); err != nil {
				return err
			}
		}
	}
	var err error
	if b.gitleaks, err = filepath.Abs(b.gitleaks); err != nil {
		return err
	}
	b.assay = filepath.Join(b.work, "assay")
	if _, err := output(exec.CommandContext(ctx, "go", "build", "-o", b.assay, "./cmd/assay")); err != nil {
		return fmt.Errorf("%w (bench runs from the top of the repository)", err)
	}
	cache, err := output(exec.CommandContext(ctx, "go", "env", "GOMODCACHE"))
	if err != nil {
		return err
	}
	b.rules = filepath.Join(cache, filepath.FromSlash(gitleaksModule)+"@"+gitleaksVersion, "config", "gitleaks.toml")
	if _, err := os.Stat(b.rules); err != nil {
		_, err := output(exec.CommandContext(ctx, "go", "mod", "download", gitleaksModule+"@"+gitleaksVersion))
		return err
	}
	return nil
}

// output runs a command and returns what it printed, without the space around it.
func output(cmd *exec.Cmd) (string, error) {
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
		}
		return "", fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

func git(ctx context.Context, repo string, args ...string) (string, error) {
	return output(exec.CommandContext(ctx, "git", append([]string{"-C", repo}, args...)...))
}
