package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) > 0 && args[0] == "reader" {
		return readerCommand(args[1:], stdout)
	}
	f, err := parseFlags(args)
	if err != nil {
		return err
	}
	b, err := newBench(ctx, f, stdout)
	if err != nil {
		return err
	}
	defer os.RemoveAll(b.work)
	if err := b.all(ctx); err != nil {
		return err
	}
	return os.WriteFile(f.out, []byte(b.markdown()), 0o644)
}

// flags are what a person can say.
type flags struct {
	runs     int
	out      string
	cache    string
	gitleaks string // its binary, where it is built already
	jobs     int
	dirs     []tree
	gits     []tree

	workflows []tree // folders whose workflows are multiplied
	zizmor    string // its binary; without it nothing is measured beside us
}

// A tree is one thing to measure on: a folder, or a repository's git directory.
type tree struct {
	name     string // what the report calls it
	path     string
	standard bool // Go's standard library, which every machine here has
}

func parseFlags(args []string) (*flags, error) {
	f := &flags{}
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	set.IntVar(&f.runs, "n", 5, "measured runs of each command, after one that warms up")
	set.StringVar(&f.out, "o", filepath.Join("docs", "benchmarks.md"), "report to write")
	set.StringVar(&f.cache, "cache", "", "folder for built peers (default: assay-bench in the user's cache folder)")
	set.StringVar(&f.gitleaks, "gitleaks", "", "gitleaks to measure against (default: built from "+gitleaksModule+"@"+gitleaksVersion+")")
	set.IntVar(&f.jobs, "jobs", runtime.NumCPU(), "workers of assay and of the reader")
	set.Func("dir", "[NAME=]PATH of a folder, repeatable", func(s string) error { return addTree(&f.dirs, s) })
	set.StringVar(&f.zizmor, "zizmor", "", "zizmor to measure workflows against")
	set.Func("workflows", "[NAME=]PATH of a folder whose GitHub workflows are multiplied to a thousand, repeatable", func(s string) error { return addTree(&f.workflows, s) })
	set.Func("git", "[NAME=]PATH of a repository whose history is looked at, repeatable", func(s string) error { return addTree(&f.gits, s) })
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	if f.runs < 1 || f.jobs < 1 {
		return nil, errors.New("-n and -jobs: want a number from 1")
	}
	if f.cache == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("-cache: %w", err)
		}
		f.cache = filepath.Join(cache, "assay-bench")
	}
	return f, nil
}

func addTree(to *[]tree, s string) error {
	name, path, named := strings.Cut(s, "=")
	if !named {
		name, path = "", s
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if info, err := os.Stat(full); err != nil || !info.IsDir() {
		return fmt.Errorf("%s is not a folder", path)
	}
	*to = append(*to, tree{name: name, path: full})
	return nil
}

// A bench is one run of this program.
type bench struct {
	*flags
	stdout   io.Writer
	work     string // temporary files
	assay    string // binary
	self     string // this program's own binary, for the reader
	rules    string // gitleaks' shipped configuration
	machine  machine
	sections []string       // of the report, in order
	later    []func() error // comparisons, once everything is measured
}

func newBench(ctx context.Context, f *flags, stdout io.Writer) (*bench, error) {
	b := &bench{flags: f, stdout: stdout}
	var err error
	if b.self, err = os.Executable(); err != nil {
		return nil, err
	}
	if b.work, err = os.MkdirTemp("", "assay-bench-"); err != nil {
		return nil, err
	}
	if err = b.build(ctx); err != nil {
		os.RemoveAll(b.work)
		return nil, err
	}
	b.machine = thisMachine(ctx, time.Now())
	b.nameTrees(ctx)
	return b, nil
}

// all measures everything, and compares findings afterwards: a large report in memory would count as a child's peak.
func (b *bench) all(ctx context.Context) error {
	for _, part := range []func(context.Context) error{b.directories, b.histories, b.pipelines, b.startUp} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	for _, compare := range b.later {
		if err := compare(); err != nil {
			return err
		}
	}
	return nil
}

// section adds a part to the report and shows it.
func (b *bench) section(text string) {
	b.sections = append(b.sections, text)
	fmt.Fprintln(b.stdout, text)
}
