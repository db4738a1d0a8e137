package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/workplace"
	"github.com/spf13/cobra"
)

func hookCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hook",
		Short: "Put the gate into git's hooks, on a developer's machine and on a server",
		Long: "Hook puts the gate into a repository's hooks. A hook that is there already keeps working, and uninstall leaves it as it was.\n" +
			"The folder is the one that git uses, core.hooksPath included.",
		Example: "  assay hook install\n  assay hook install --stage pre-push\n  assay hook install --stage pre-receive   # on a server, in the bare repository",
		Args:    onlyCommands,
		RunE:    showHelp,
	}
	cmd.AddCommand(hookChange(a, "install", "Let git ask the gate", a.install), hookChange(a, "uninstall", "Leave the hooks as they were", a.uninstall),
		hookRunCommand(a), receiveCommand(a))
	return cmd
}

// hookChange is a verb that changes a hook.
func hookChange(a *app, verb, short string, change func(repo *git.Repo, hook string) error) *cobra.Command {
	var stage string
	cmd := &cobra.Command{
		Use:   verb + " [FOLDER]",
		Short: short,
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			t := &target{dir: append(slices.Clone(args), ".")[0]}
			t.name = t.dir
			if err := a.openRepo(t); err != nil {
				return err
			}
			repo, err := t.needRepo("hook " + verb)
			if err != nil {
				return err
			}
			defer repo.Close()
			hook := stage
			if hook == "" {
				hook = "pre-commit"
				if repo.WorkTree() == "" {
					hook = "pre-receive" // nobody commits in a repository without a work tree
				}
			}
			if !slices.Contains(workplace.Hooks, hook) {
				return unknownWord("--stage", hook, workplace.Hooks)
			}
			return change(repo, hook)
		},
	}
	cmd.Flags().StringVar(&stage, "stage", "", "the hook: pre-commit, pre-push or pre-receive (default: pre-commit, and pre-receive in a bare repository)")
	completeFlag(cmd, "stage", workplace.Hooks)
	return cmd
}

// install puts our lines into a hook.
func (a *app) install(repo *git.Repo, hook string) error {
	place, root, err := a.openHooks(repo)
	if err != nil {
		return err
	}
	defer root.Close()
	path := filepath.Join(place.dir, hook)
	file, mode, err := readHook(root, hook, place.sourced)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if file.State(hook) == workplace.HookCurrent {
		say(a.Stdout, "in place: "+path)
		return nil
	}
	plan, err := file.Install(hook)
	if err != nil {
		return hint(fmt.Errorf("%s: %w", path, err), "take the lines between >>> assay hook >>> and <<< assay hook <<< out by hand")
	}
	if plan.SetAside || mode == 0 {
		mode = 0
	} else if !place.sourced {
		mode |= mode & 0o444 >> 2 // whoever may read it may run it
	}
	if err := carryOut(root, hook, plan, mode); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	say(a.Stdout, "installed: "+path)
	a.tellPlace(repo, place, hook, plan)
	return nil
}

// tellPlace says what is worth knowing about where a hook was put.
func (a *app) tellPlace(repo *git.Repo, place hookPlace, hook string, plan workplace.HookPlan) {
	switch {
	case plan.SetAside:
		a.note("  the hook that was there goes on working: it is now %s%s", hook, workplace.Aside)
	case plan.Kept:
		a.note("  the hook that was there goes on working, after ours")
	}
	if place.from != nil {
		a.note("  the folder is core.hooksPath of %s", place.from.File)
		if place.from.Maybe {
			a.note("  that setting hangs on a condition (includeIf) that could not be answered; git config core.hooksPath tells")
		}
		if !isWithin(repo.WorkTree(), place.dir) && !isWithin(repo.CommonDir(), place.dir) {
			a.note("  it lies outside of the repository: the gate is now asked in every repository that uses this folder")
		}
	}
	if top := repo.WorkTree(); top != "" && !place.sourced && hook == "pre-commit" {
		read := func(path string) ([]byte, error) { return readOwn(top, filepath.FromSlash(path)) }
		for _, m := range workplace.ManagersOf(onDisk(top)) {
			if m.Asks(read) {
				continue
			}
			a.note("  %s is used here and may renew the hook without ours; what lasts is to add", m.Name)
			for _, line := range linesOf(m.Add) {
				a.note("    %s", line)
			}
		}
	}
}

// onDisk reports whether a folder has a path.
func onDisk(folder string) func(string) bool {
	return func(path string) bool {
		_, err := os.Lstat(filepath.Join(folder, filepath.FromSlash(path)))
		return err == nil
	}
}

// uninstall takes our lines out again.
func (a *app) uninstall(repo *git.Repo, hook string) error {
	place, root, err := a.openHooks(repo)
	if err != nil {
		return err
	}
	defer root.Close()
	path := filepath.Join(place.dir, hook)
	file, mode, err := readHook(root, hook, place.sourced)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	plan, ok, err := file.Uninstall()
	switch {
	case err != nil:
		return hint(fmt.Errorf("%s: %w", path, err), "take the lines between >>> assay hook >>> and <<< assay hook <<< out by hand")
	case !ok:
		say(a.Stdout, "not installed: "+path)
		return nil
	}
	if err := carryOut(root, hook, plan, mode); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	say(a.Stdout, "uninstalled: "+path)
	return nil
}

func (a *app) openHooks(repo *git.Repo) (hookPlace, *os.Root, error) {
	place, err := a.hooksOf(repo, true)
	if err != nil {
		return place, nil, err
	}
	root, err := os.OpenRoot(place.dir)
	return place, root, err
}

// hookRunCommand is what the hooks of a developer's machine call.
func hookRunCommand(a *app) *cobra.Command {
	var f lookFlags
	cmd := &cobra.Command{
		Use:       "run pre-commit|pre-push [ARG…]",
		Short:     "What the hooks call: judge what is about to be committed or pushed",
		ValidArgs: workplace.Hooks[:2],
		Args:      cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch args[0] {
			case "pre-commit":
				return a.runPreCommit(cmd.Context(), &f)
			case "pre-push":
				return a.runPrePush(cmd.Context(), args[1:], &f)
			}
			return unknownWord("hook", args[0], workplace.Hooks[:2])
		},
	}
	f.add(cmd, policy.PreCommit)
	withoutFlags(cmd, "the hook decides what is looked at", "staged", "history", "diff-base", "stage", "verify", "no-cache",
		"format", "output", "severity", "show-suppressed")
	return cmd
}

// runPreCommit judges what is staged. Git tells by GIT_INDEX_FILE which index the commit will be made of.
func (a *app) runPreCommit(ctx context.Context, f *lookFlags) error {
	f.staged, f.stage = true, policy.PreCommit
	a.global.quiet = true // what is worth a note is so for each commit, and assay scan tells it
	p, err := a.perform(ctx, nil, f)
	if err != nil {
		return err
	}
	return a.answer(p, f, commitAdvice)
}

// runPrePush judges what a push would bring to the other side, as far as the references to it tell what it has
// (githooks(5), "pre-push").
func (a *app) runPrePush(ctx context.Context, args []string, f *lookFlags) error {
	f.stage = policy.PullRequest
	lines, err := readPushed(a.Stdin, func(l pushLine) (pushed, error) { return l.pushed(3, 1, 2, 4) })
	if err != nil {
		return err
	}
	remote := "origin"
	if len(args) > 0 {
		remote = args[0]
	}
	return a.receive(ctx, lines, f, func(r *receiver) error {
		for _, l := range lines {
			r.know(l.old)
		}
		return r.fromRemote(remote)
	})
}

// fromRemote takes what the references to a remote lead to for known, and its default branch for the policy.
func (r *receiver) fromRemote(remote string) error {
	refs, err := r.repo.Refs()
	if err != nil {
		return err
	}
	within := "refs/remotes/" + remote + "/"
	found := map[string]odb.ID{}
	for _, ref := range refs {
		if len(ref.Name) > len(within) && ref.Name[:len(within)] == within {
			r.know(ref.ID)
			found[ref.Name[len(within):]] = ref.ID
		}
	}
	for _, name := range []string{"HEAD", "main", "master"} {
		r.onto = remote + "/" + name
		if id := found[name]; !id.IsZero() {
			return r.policyOf(id)
		}
	}
	if len(found) > 0 {
		return hint(errors.New("which branch of the remote is the default one, whose policy holds, is not known here"), "git remote set-head %s --auto", shellWord(remote))
	}
	return r.policyOf(odb.ID{})
}
