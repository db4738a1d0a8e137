package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

// A suite is one public set of tests that this program can read.
type suite struct {
	name string // of its folder
	from string // where it comes from
	run  func(dir string) (*account, error)
}

// suites are all that are known, in the order the report shows them.
var suites = []suite{
	{name: "gitleaks", from: "the test data of the Go module " + gitleaksModule + ": those of its tests whose input is a file (configurations, directories, archives, histories without log options, staged changes), not those whose input is built by Go code", run: runGitleaks},
	{name: "kingfisher", from: "the examples of the rules of mongodb/kingfisher, `data/rules`", run: runKingfisher},
	{name: "actionlint", from: "the test data of rhysd/actionlint, `testdata/ok` and `testdata/examples`", run: runActionlint},
	{name: "zizmor", from: "zizmor 1.32, offline, every persona, on six public repositories", run: runZizmor},
}

// flags are what a person can say.
type flags struct {
	out     string
	commits map[string]string
}

func run(args []string, getenv func(string) string, stdout io.Writer) error {
	f := flags{commits: map[string]string{}}
	set := flag.NewFlagSet("conformance", flag.ContinueOnError)
	set.StringVar(&f.out, "o", filepath.Join("docs", "conformance.md"), "report to write")
	set.Func("commit", "NAME=REVISION of a suite that is no git checkout, repeatable", func(s string) error {
		name, revision, ok := strings.Cut(s, "=")
		if !ok {
			return errors.New("want NAME=REVISION")
		}
		f.commits[name] = revision
		return nil
	})
	if err := set.Parse(args); err != nil {
		return err
	}
	folders, err := list(getenv("SUITES"))
	if err != nil {
		return err
	}
	r, err := runAll(folders, f.commits)
	if err != nil {
		return err
	}
	r.print(stdout)
	return os.WriteFile(f.out, []byte(r.markdown()), 0o644)
}

// list finds the folders of the suites by name: those under SUITES, and gitleaks' in the module cache.
func list(root string) (map[string]string, error) {
	folders := map[string]string{}
	if root != "" {
		entries, err := os.ReadDir(root)
		if err != nil {
			return nil, fmt.Errorf("SUITES: %w", err)
		}
		for _, e := range entries {
			full := filepath.Join(root, e.Name())
			if info, err := os.Stat(full); err == nil && info.IsDir() {
				folders[e.Name()] = full
			}
		}
	}
	if folders["gitleaks"] == "" {
		if dir, err := gitleaksFolder(); err == nil {
			folders["gitleaks"] = dir
		}
	}
	if len(folders) == 0 {
		return nil, errors.New("no suite at hand: name the folder that holds them in SUITES")
	}
	return folders, nil
}

func runAll(folders, commits map[string]string) (*results, error) {
	r := &results{}
	for _, s := range suites {
		dir := folders[s.name]
		delete(folders, s.name)
		if dir == "" {
			r.absent = append(r.absent, s.name)
			continue
		}
		a, err := s.run(dir)
		if err != nil {
			return nil, fmt.Errorf("suite %s: %w", s.name, err)
		}
		a.suite, a.revision = s, revision(s.name, dir, commits)
		r.accounts = append(r.accounts, a)
	}
	for name := range folders {
		r.unsupported = append(r.unsupported, name)
	}
	slices.Sort(r.unsupported)
	return r, nil
}
