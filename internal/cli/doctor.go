package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/exception"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/source"
	"github.com/assaysec/assay/internal/workplace"
	"github.com/spf13/cobra"
)

// A health says how one thing is.
type health string

// The answers, best first.
const (
	well    health = "ok"
	warning health = "warning" // the gate works, and somebody should look at this
	broken  health = "broken"  // something does not work
)

// A diagnosis is what a check says, and the next thing to type or to look at.
type diagnosis struct {
	health health
	says   string
	next   string
}

func fine(format string, args ...any) diagnosis {
	return diagnosis{health: well, says: fmt.Sprintf(format, args...)}
}

// A patient is what the checks look at. The repository is nil where there is none.
type patient struct {
	app *app
	t   *target
	now time.Time
}

// A check looks at one thing. One that has nothing to look at here says nothing.
type check struct {
	name string
	look func(ctx context.Context, p *patient) []diagnosis
}

// checks are all of them, in the order they are shown.
var checks = []check{
	{"version", checkVersion},
	{"repository", checkRepository},
	{"configuration", checkConfiguration},
	{"hook", checkHook},
	{"workflow", checkWorkflow},
	{"baseline", checkBaseline},
	{"cache", checkCache},
	{"clock", checkClock},
}

func doctorCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor [FOLDER]",
		Short: "Check the set-up, and say what is wrong and what to do",
		Long: "Doctor looks at the set-up of a repository: configuration, hook, workflow, baseline, cache, clock. It writes nothing into\n" +
			"the repository, and uses no network. Exit code 0 where all works, warnings included; 2 where something is broken.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			now, err := a.now()
			if err != nil {
				return err
			}
			folder := "."
			if len(args) == 1 {
				folder = args[0]
			}
			t, err := a.openTarget(folder)
			if err != nil {
				return err
			}
			if t.repo != nil {
				defer t.repo.Close()
			}
			return a.examine(cmd.Context(), &patient{app: a, t: t, now: now})
		},
	}
}

// examine makes all checks, shows what they say, and ends with the worst of it.
func (a *app) examine(ctx context.Context, p *patient) error {
	count := map[health]int{}
	for _, c := range checks {
		for _, d := range c.look(ctx, p) {
			count[d.health]++
			say(a.Stdout, a.hide(fmt.Sprintf("%-8s %-14s %s", d.health, c.name, d.says)))
			if d.next != "" {
				say(a.Stdout, strings.Repeat(" ", 24)+"→ "+a.hide(d.next))
			}
		}
	}
	say(a.Stdout, "")
	if n := count[broken]; n > 0 {
		say(a.Stdout, fmt.Sprintf("%s broken, %s.", report.Plural(n, "thing"), report.Plural(count[warning], "warning")))
		return errExit(Wrong)
	}
	say(a.Stdout, fmt.Sprintf("All works; %s.", report.Plural(count[warning], "warning")))
	return nil
}

func checkVersion(_ context.Context, p *patient) []diagnosis {
	if Version() == "dev" {
		return []diagnosis{{warning, "assay dev: a build that does not say what it was made from", "build a release: make release VERSION=…"}}
	}
	return []diagnosis{fine("assay %s", Version())}
}

func checkRepository(ctx context.Context, p *patient) []diagnosis {
	repo := p.t.repo
	if repo == nil {
		return []diagnosis{{warning, "this is no git repository: what is new is not known, and nothing is asked before a commit", "git init"}}
	}
	head, err := repo.Head()
	if err != nil && !errors.Is(err, git.ErrNoRef) {
		return []diagnosis{{broken, "HEAD cannot be read: " + err.Error(), "git fsck"}}
	}
	if head.ID.IsZero() {
		return []diagnosis{fine("no commit yet")}
	}
	var account source.Account
	entries, err := commitEntries(ctx, repo, head.ID, &account)
	if err == nil && len(account.Unchecked()) > 0 {
		gap := account.Unchecked()[0]
		err = fmt.Errorf("%s: %s", gap.Path, gap.Reason)
	}
	switch {
	case err != nil:
		return []diagnosis{{broken, "the tree of HEAD cannot be read: " + err.Error(), "git fsck"}}
	case repo.IsShallow():
		return []diagnosis{{warning, "the clone is shallow: the base of a change may not be in it", "git fetch --unshallow; in a pipeline: fetch-depth 0"}}
	case repo.IsPartial():
		return []diagnosis{{warning, "the clone is partial: what it left out cannot be looked at", "git fetch --refetch --no-filter"}}
	}
	return []diagnosis{fine("%s in HEAD", report.Plural(len(entries), "file"))}
}

func checkConfiguration(ctx context.Context, p *patient) []diagnosis {
	var account source.Account
	h, err := openHouse(ctx, p.t, &account)
	if err == nil {
		var set *settings
		if set, err = readSettings(h, saidFiles{}, ""); err == nil {
			switch {
			case !set.own && p.t.bare:
				return []diagnosis{{warning, "the default branch has none: the defaults hold, and nothing is known of the service", "assay init in a clone, and push it"}}
			case !set.own:
				return []diagnosis{{warning, "there is none: the defaults hold, and nothing is known of the service", "assay init"}}
			case len(set.config.Services) == 0:
				return []diagnosis{{warning, "it describes no service: what is unknown weighs as the worst", "docs/configuration.md, service"}}
			}
			return unknownsOf(set)
		}
	}
	return []diagnosis{{broken, masked(err).Error(), "assay config"}}
}

// unknownsOf names what the configuration does not say of services.
func unknownsOf(set *settings) (out []diagnosis) {
	for _, s := range set.config.Services {
		var unknown []string
		for _, v := range []struct {
			name string
			said bool
		}{{"tier", s.Tier != ""}, {"exposure", s.Exposure != ""}, {"data", len(s.Data) > 0}} {
			if !v.said {
				unknown = append(unknown, v.name)
			}
		}
		if len(unknown) > 0 {
			out = append(out, diagnosis{warning, fmt.Sprintf("service %s: %s unknown, which weighs as the worst", s.Name, strings.Join(unknown, ", ")), "say it in " + s.Source})
		}
	}
	if out == nil {
		out = []diagnosis{fine("valid, %s", report.Plural(len(set.config.Services), "service"))}
	}
	return out
}

// checkHook looks at the hook that counts here: the one before commits, and on a server the one before pushes.
func checkHook(_ context.Context, p *patient) []diagnosis {
	if p.t.repo == nil {
		return nil
	}
	hook := "pre-commit"
	if p.t.repo.WorkTree() == "" {
		hook = "pre-receive"
	}
	file, path, err := p.app.hookFile(p.t.repo, hook)
	var user *UserError
	switch {
	case errors.As(err, &user):
		return []diagnosis{{broken, err.Error(), user.Hint}}
	case err != nil:
		return []diagnosis{{broken, err.Error(), "assay hook install"}}
	}
	if hook == "pre-commit" && file.State(hook) == workplace.HookAbsent && frameworkAsks(p.t.repo.WorkTree()) {
		if file.ByFramework() {
			return []diagnosis{fine("%s asks, and pre-commit calls it: %s", workplace.PreCommitConfig, path)}
		}
		return []diagnosis{{warning, workplace.PreCommitConfig + " asks, but nothing calls it in this clone", "pre-commit install, or: assay hook install"}}
	}
	switch file.State(hook) {
	case workplace.HookCurrent:
		return []diagnosis{fine("%s is in place: %s", hook, path)}
	case workplace.HookOff:
		return []diagnosis{{broken, path + " may not be run, so git passes it over", "assay hook install"}}
	case workplace.HookOld:
		return []diagnosis{{warning, path + " is that of another version", "assay hook install"}}
	}
	return []diagnosis{{warning, "no " + hook + " hook: nothing is asked before it is too late", "assay hook install"}}
}

// frameworkAsks reports whether the configuration of the pre-commit framework names our hook.
func frameworkAsks(top string) bool {
	text, err := readOwn(top, workplace.PreCommitConfig)
	if err != nil {
		return false
	}
	_, done, err := workplace.AddPreCommit(text)
	return err == nil && done
}

// maxWorkflows bounds how many workflows are read.
const maxWorkflows = 1000

func checkWorkflow(_ context.Context, p *patient) []diagnosis {
	if p.t.repo == nil || p.t.repo.WorkTree() == "" {
		return nil
	}
	top := p.t.repo.WorkTree()
	var out []diagnosis
	for _, file := range workflowsOf(top) {
		text, err := readOwn(top, filepath.FromSlash(file))
		if err != nil {
			out = append(out, diagnosis{warning, fmt.Sprintf("%s: %v", file, err), ""})
			continue
		}
		switch asks, pinned := workplace.Pinned(file, text); {
		case !asks:
		case !pinned:
			out = append(out, diagnosis{warning, file + " asks the gate, with an action that is not pinned to a commit", "uses: assaysec/assay@ with the 40 digits of a commit"})
		default:
			out = append(out, fine("%s asks the gate", file))
		}
	}
	if out == nil {
		return []diagnosis{{warning, "no workflow asks the gate: who goes past the hook is not stopped", "assay init"}}
	}
	return out
}

// workflowsOf lists the files of a repository that pipelines are made of.
func workflowsOf(top string) []string {
	var out []string
	for _, file := range []string{".gitlab-ci.yml", ".gitlab/assay.yml", "azure-pipelines.yml", ".azure/assay.yml"} {
		if onDisk(top)(file) {
			out = append(out, file)
		}
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		return out
	}
	defer root.Close()
	entries, _ := fs.ReadDir(root.FS(), ".github/workflows")
	for i, e := range entries {
		if ext := path.Ext(e.Name()); i < maxWorkflows && (ext == ".yml" || ext == ".yaml") {
			out = append(out, ".github/workflows/"+e.Name())
		}
	}
	return out
}

func checkBaseline(ctx context.Context, p *patient) []diagnosis {
	var account source.Account
	h, err := openHouse(ctx, p.t, &account)
	if err != nil {
		return nil // the configuration says so
	}
	text, err := h.read(exception.BaselineFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []diagnosis{fine("none, which is well where pull requests are judged against their base")}
	case err != nil:
		return []diagnosis{{broken, exception.BaselineFile + ": " + err.Error(), "assay baseline"}}
	}
	b, err := exception.ParseBaseline(exception.BaselineFile, text)
	if err != nil {
		return []diagnosis{{broken, masked(err).Error(), "assay baseline"}}
	}
	gone := 0
	for _, e := range b.Entries {
		file, _, _ := strings.Cut(e.Path, "!/")
		if _, err := h.read(file); file != "" && errors.Is(err, fs.ErrNotExist) {
			gone++
		}
	}
	if gone > 0 {
		return []diagnosis{{warning, fmt.Sprintf("%d of %s speak of files that are gone", gone, report.Plural(len(b.Entries), "entry")), "assay baseline takes them out"}}
	}
	return []diagnosis{fine("%s", report.Plural(len(b.Entries), "entry"))}
}

// checkCache writes a file where results are kept, and takes it away again.
func checkCache(_ context.Context, p *patient) []diagnosis {
	dir := p.app.cacheDir()
	if dir == "" {
		return []diagnosis{{warning, "there is no folder for it: every scan looks at every file", "set XDG_CACHE_HOME or ASSAY_CACHE_DIR"}}
	}
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		var f *os.File
		if f, err = os.CreateTemp(dir, "doctor-*"); err == nil {
			err = errors.Join(f.Close(), os.Remove(f.Name()))
		}
	}
	if err != nil {
		return []diagnosis{{warning, fmt.Sprintf("%s cannot be written: %v", dir, cause(err)), "every scan looks at every file; make it writable, or name another folder: ASSAY_CACHE_DIR"}}
	}
	return []diagnosis{fine("%s", dir)}
}

// written is a day on which this program was there already: a clock before it is wrong.
var written = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// checkClock compares the clock with what cannot be later: exceptions and due dates hang on it.
func checkClock(_ context.Context, p *patient) []diagnosis {
	now := p.now
	if now.Before(written) {
		return []diagnosis{{broken, fmt.Sprintf("it says %s, before this program was written: exceptions would not expire", now.Format(time.DateOnly)), "set the clock"}}
	}
	if p.t.repo != nil {
		if head, err := p.t.repo.Head(); err == nil && !head.ID.IsZero() {
			if c, err := p.t.repo.Commit(head.ID); err == nil && c.Committer.When.After(now.Add(24*time.Hour)) {
				return []diagnosis{{warning, fmt.Sprintf("it says %s, and HEAD is of %s", now.Format(time.DateOnly), report.Day(c.Committer.When)), "one of the two machines has a wrong clock"}}
			}
		}
	}
	return []diagnosis{fine("%s", now.Format(time.RFC3339))}
}
