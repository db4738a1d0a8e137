package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/cli"
	"github.com/assaysec/assay/internal/engine/secret"
)

const (
	gitleaksModule  = "github.com/zricethezav/gitleaks/v8"
	gitleaksVersion = "v8.30.1"
)

// gitleaksFolder is where the module cache holds gitleaks, test data included.
func gitleaksFolder() (string, error) {
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(strings.TrimSpace(string(cache)), filepath.FromSlash(gitleaksModule)+"@"+gitleaksVersion)
	_, err = os.Stat(dir)
	return dir, err
}

func runGitleaks(dir string) (*account, error) {
	a := &account{}
	configs, err := filepath.Glob(filepath.Join(dir, "testdata", "config", "*", "*.toml"))
	if err != nil || len(configs) == 0 {
		return nil, errors.Join(errors.New("no testdata/config in it"), err)
	}
	for _, c := range expectedConfigs {
		a.add("configuration", c.name, func() (outcome, string) { return c.try(dir) })
	}
	work, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	for i, d := range expectedDetections {
		d.at = filepath.Join(work, fmt.Sprint(i))
		d.config = filepath.Join(dir, "testdata", "config", d.config+".toml")
		told, err := d.scan(dir)
		for _, want := range d.want {
			a.add(d.group, d.source+": "+want, func() (outcome, string) { return d.judge(told, want, err) })
		}
		a.add(d.group, d.source+": and no more", func() (outcome, string) { return d.judgeRest(told, err) })
	}
	return a, nil
}

// try loads one configuration. Paths in it count from the folder that gitleaks runs its tests in.
func (c *expectedConfig) try(dir string) (outcome, string) {
	read := func(name string) ([]byte, error) {
		return os.ReadFile(filepath.Join(dir, "config", filepath.FromSlash(name)))
	}
	config, _, err := secret.Load(read, "../testdata/config/"+c.name+".toml")
	if err == nil {
		_, err = secret.New(config, secret.Options{Foreign: true})
	}
	switch {
	case c.refused && err == nil:
		return failed, "is to be refused and loads"
	case c.refused:
		return passed, ""
	case err != nil:
		return failed, "is to load and is refused: " + strings.ReplaceAll(err.Error(), dir, "")
	}
	var ids []string
	for _, r := range config.Rules {
		ids = append(ids, r.ID)
	}
	for _, want := range c.rules {
		if !slices.Contains(ids, want) {
			return failed, "rule " + want + " is not in it"
		}
	}
	if !c.more && len(ids) != len(c.rules) {
		return failed, fmt.Sprintf("has %d rules, not %d", len(ids), len(c.rules))
	}
	return passed, ""
}

// scan copies the source, since gitleaks keeps its repositories under another name than .git, and looks at the copy.
func (d *expectedDetection) scan(dir string) ([][]string, error) {
	from := filepath.Join(dir, "testdata", filepath.FromSlash(d.source))
	info, err := os.Stat(from)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		if err = os.MkdirAll(d.at, 0o755); err == nil {
			err = copyFile(from, filepath.Join(d.at, filepath.Base(from)))
		}
	} else if err = os.CopyFS(d.at, os.DirFS(from)); err == nil {
		err = writable(d.at)
	}
	if err != nil {
		return nil, err
	}
	if err := d.fromHere(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(d.at, "dotGit")); err == nil {
		if err := os.Rename(filepath.Join(d.at, "dotGit"), filepath.Join(d.at, ".git")); err != nil {
			return nil, err
		}
	}
	return assayTells(append([]string{"scan", d.at, "--rules", d.config, "--no-ignore"}, d.flags...))
}

// fromHere writes the paths in an ignore file as seen from the target. gitleaks' tests run elsewhere and write them from
// there.
func (d *expectedDetection) fromHere() error {
	name := filepath.Join(d.at, ".gitleaksignore")
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(name, bytes.ReplaceAll(text, []byte("../testdata/"+d.source+"/"), nil), 0o644)
}

// writable undoes the module cache's protection.
func writable(root string) error {
	return filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.Type()&fs.ModeSymlink != 0 {
			return err
		}
		if e.IsDir() {
			return os.Chmod(p, 0o755)
		}
		return os.Chmod(p, 0o644)
	})
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}

// assayTells runs Assay and returns, for every open finding, its places as "rule path:line".
func assayTells(args []string) ([][]string, error) {
	var out, problems bytes.Buffer
	env := cli.Env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &problems, Now: time.Now,
		Getenv: func(string) string { return "" }, Width: func(io.Writer) int { return 0 },
	}
	code := cli.Main(context.Background(), append(args, "--format", "json"), env)
	if code != cli.Done && code != cli.Incomplete {
		return nil, fmt.Errorf("exit code %d: %s", code, problems.String())
	}
	return places(out.Bytes())
}

type place struct {
	Path  string
	Start struct{ Line int }
}

func places(document []byte) ([][]string, error) {
	var d struct {
		Findings []struct {
			Rule, Status string
			Location     place
			Related      []place
		}
	}
	if err := json.Unmarshal(document, &d); err != nil {
		return nil, err
	}
	var told [][]string
	for _, f := range d.Findings {
		if f.Status != "open" {
			continue
		}
		var at []string
		for _, p := range append([]place{f.Location}, f.Related...) {
			at = append(at, fmt.Sprintf("%s %s:%d", strings.TrimPrefix(f.Rule, "secret/"), compressedName(p.Path), p.Start.Line))
		}
		told = append(told, at)
	}
	return told, nil
}

// compressedName is the name that gitleaks gives to what is in a compressed file: that of the file. Assay calls it
// "main.go.gz!/main.go".
func compressedName(p string) string {
	if outer, inner, ok := cutLast(p, "!/"); ok && !strings.Contains(inner, "/") {
		if packed := path.Base(outer); strings.TrimSuffix(packed, path.Ext(packed)) == inner {
			return outer
		}
	}
	return p
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func (d *expectedDetection) judge(told [][]string, want string, err error) (outcome, string) {
	switch {
	case err != nil:
		return failed, err.Error()
	case slices.ContainsFunc(told, func(at []string) bool { return slices.Contains(at, want) }):
		return passed, ""
	}
	for _, u := range unsupportedContainers {
		if strings.Contains(want, u) {
			return unsupported, "archives of this kind are not opened; the file is counted as binary"
		}
	}
	return failed, "not told"
}

// judgeRest asks that every finding has a place that gitleaks tells as well. A finding may have more of them: gitleaks
// looks at what branches and tags reach, Assay at everything that the repository holds.
func (d *expectedDetection) judgeRest(told [][]string, err error) (outcome, string) {
	if err != nil {
		return failed, err.Error()
	}
	for _, at := range told {
		if !slices.ContainsFunc(at, func(p string) bool { return slices.Contains(d.want, p) }) {
			return failed, "also told: " + at[0] + d.because
		}
	}
	return passed, ""
}
