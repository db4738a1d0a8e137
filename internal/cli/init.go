package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/workplace"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func initCommand(a *app) *cobra.Command {
	var yes bool
	var forge string
	cmd := &cobra.Command{
		Use:   "init [FOLDER]",
		Short: "Set a repository up: configuration, hook, workflow",
		Long: "Init looks at a repository, shows what it would write, and asks. It writes a first configuration, the hook for commits and\n" +
			"the workflow of the forge. What is there is never written over, and no program is started. A second run finds all in place.",
		Example: "  assay init\n  assay init --yes --forge github   # in a script",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if forge != "" && !slices.Contains(workplace.Forges, forge) {
				return unknownWord("--forge", forge, workplace.Forges)
			}
			return a.initialise(append(slices.Clone(args), ".")[0], workplace.Forge(forge), yes)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "write without asking")
	cmd.Flags().StringVar(&forge, "forge", "", "whose workflow: github, gitlab, azure or none (default: what the repository tells)")
	completeFlag(cmd, "forge", workplace.Forges)
	return cmd
}

// A setup is one repository that is being set up.
type setup struct {
	app  *app
	top  string
	root *os.Root
	repo *git.Repo // nil where there is none yet
	ask  *bufio.Reader
	all  bool // no more questions
}

// initialise sets up the repository that a folder lies in, or the folder itself.
func (a *app) initialise(folder string, forge workplace.Forge, yes bool) error {
	t, err := a.openTarget(folder)
	switch {
	case err != nil:
		return err
	case t.stdin || t.file || t.revision != "" && !t.bare:
		return hint(fmt.Errorf("%s: init takes a folder", folder), "assay init, in the repository")
	case t.bare:
		return hint(fmt.Errorf("%s has no work tree", folder), "on a server it is the hook that counts: assay hook install")
	}
	s := &setup{app: a, top: t.dir, repo: t.repo, all: yes}
	remote := ""
	if t.repo != nil {
		defer t.repo.Close()
		s.top = t.repo.WorkTree()
		remote, _ = t.repo.Config().Get("remote", "origin", "url")
	}
	if s.top, err = filepath.Abs(s.top); err != nil {
		return err
	}
	if s.root, err = os.OpenRoot(s.top); err != nil {
		return err
	}
	defer s.root.Close()
	if forge == "" {
		forge = workplace.ForgeOf(onDisk(s.top), remote)
	}
	r := workplace.Repository{
		Read: s.read, Remote: remote, Folder: filepath.Base(s.top), Forge: forge, Action: ownRevision(),
		Config: config.Name, Deny: policy.DefaultDeny, Warn: policy.DefaultWarn,
	}
	return s.run(r.Plan(), forge)
}

// run shows what would be done, asks, and does it.
func (s *setup) run(steps []workplace.Step, forge workplace.Forge) error {
	a := s.app
	hook, err := s.hook(steps)
	if err != nil {
		return err
	}
	steps = append(steps, hook...)
	open := s.show(steps, forge)
	switch {
	case open == 0:
		say(a.Stdout, "Nothing is left to write.")
		return nil
	case !s.all && !isTerminal(a.Stdin):
		say(a.Stdout, "Nothing was written: there is nobody to ask. Write all of it with: assay init --yes")
		return nil
	}
	s.ask = bufio.NewReader(a.Stdin)
	for i := range steps {
		if step := &steps[i]; step.Kind == workplace.Create || step.Kind == workplace.Extend {
			goOn, err := s.step(step)
			if err != nil {
				return err
			}
			if !goOn {
				say(a.Stdout, "Stopped: nothing more is written. assay init goes on from here.")
				return nil
			}
		}
	}
	say(a.Stdout, "Next: commit this. Then assay scan shows what is there today, and assay baseline records it, so that only what is new counts.")
	return nil
}

// hookStep is the path of the step for the hook, which is carried out in its own way.
const hookStep = "git hook pre-commit"

// hook is what is done about the hook. Where that of the pre-commit framework is at work, it calls ours; a configuration of
// the framework alone calls nothing.
func (s *setup) hook(steps []workplace.Step) ([]workplace.Step, error) {
	if s.repo == nil {
		return []workplace.Step{{Path: hookStep, Kind: workplace.ByHand, Why: "this is no git repository yet", Add: "git init\nassay hook install"}}, nil
	}
	file, path, err := s.app.hookFile(s.repo, "pre-commit")
	var user *UserError
	if errors.As(err, &user) {
		return []workplace.Step{{Path: hookStep, Kind: workplace.ByHand, Why: err.Error(), Add: user.Hint}}, nil
	}
	if err != nil {
		return nil, err
	}
	if file.ByFramework() && slices.ContainsFunc(steps, func(step workplace.Step) bool {
		return step.Path == workplace.PreCommitConfig && step.Kind != workplace.ByHand
	}) {
		return nil, nil
	}
	step := workplace.Step{Path: hookStep, Kind: workplace.Create, Why: path, After: []byte("assay hook run pre-commit\n")}
	if file.State("pre-commit") == workplace.HookCurrent {
		step = workplace.Step{Path: hookStep, Kind: workplace.InPlace}
	}
	return []workplace.Step{step}, nil
}

// show lists what would be done, with what would be written, and counts what is open.
func (s *setup) show(steps []workplace.Step, forge workplace.Forge) (open int) {
	a := s.app
	w := a.Stdout
	said := string(forge)
	if forge == workplace.NoForge {
		said = "none that is known here, so no workflow (--forge names one)"
	}
	say(w, a.hide("Repository: "+s.top))
	say(w, "Forge:      "+said)
	for i := range steps {
		say(w, a.hide(fmt.Sprintf("  %-9s %s", steps[i].Kind, steps[i].Path)))
	}
	for i := range steps {
		step := &steps[i]
		switch step.Kind {
		case workplace.InPlace:
			continue
		case workplace.Keep, workplace.ByHand:
			say(w, "")
			say(w, step.Path+": "+step.Why)
			if step.Add != "" {
				say(w, "  to add:")
				for _, line := range linesOf(step.Add) {
					say(w, "    "+line)
				}
			}
			continue
		}
		open++
		s.showDiff(step)
	}
	return open
}

func (s *setup) showDiff(step *workplace.Step) {
	a := s.app
	fmt.Fprintln(a.Stdout)
	where := step.Path
	if step.Path == hookStep {
		where += " (" + step.Why + ")"
	}
	say(a.Stdout, where)
	green, plain := "", ""
	if a.color(a.Stdout) {
		green, plain = "\x1b[32m", "\x1b[0m"
	}
	for _, line := range step.Diff() {
		line = escape.Line(a.hide(line))
		if strings.HasPrefix(line, "+") {
			line = green + line + plain
		}
		fmt.Fprintln(a.Stdout, "  "+line)
	}
	if step.Note != "" {
		say(a.Stdout, "  note: "+step.Note)
	}
}

// step asks about one step and carries it out. goOn is false where the person has had enough.
func (s *setup) step(step *workplace.Step) (goOn bool, err error) {
	if step.Needs != "" && !onDisk(s.top)(step.Needs) {
		say(s.app.Stdout, fmt.Sprintf("not written: %s, which would name %s", step.Path, step.Needs))
		return true, nil
	}
	yes, goOn := s.agreed(step.Path)
	if !yes {
		return goOn, nil
	}
	if step.Path == hookStep {
		return true, s.app.install(s.repo, "pre-commit")
	}
	if err := s.write(step); err != nil {
		return false, fmt.Errorf("%s: %w", step.Path, err)
	}
	say(s.app.Stdout, "written: "+step.Path)
	return true, nil
}

// agreed asks whether a file is to be written. The end of the input, and what is no answer three times, is no.
func (s *setup) agreed(path string) (yes, goOn bool) {
	for range 3 {
		if s.all {
			return true, true
		}
		fmt.Fprintf(s.app.Stdout, "\nWrite %s? [y]es, [n]o, [a]ll, [q]uit: ", escape.Line(path))
		line, err := s.ask.ReadString('\n')
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes":
			return true, true
		case "n", "no":
			return false, true
		case "a", "all":
			s.all = true
		case "q", "quit":
			return false, false
		}
		if err != nil {
			return false, false
		}
	}
	return s.all, false
}

// read gives a file of the repository.
func (s *setup) read(path string) ([]byte, error) { return readOwn(s.top, filepath.FromSlash(path)) }

// write writes a file: a new one, or an old one that has not changed since it was read.
func (s *setup) write(step *workplace.Step) error {
	name := filepath.FromSlash(step.Path)
	if step.Kind == workplace.Create {
		if err := s.root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return plainError(err)
		}
		f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return plainError(err)
		}
		_, err = f.Write(step.After)
		return plainError(errors.Join(err, f.Close()))
	}
	info, err := s.root.Lstat(name)
	if err != nil {
		return plainError(err)
	}
	if !info.Mode().IsRegular() {
		return hint(errNotRegular, "add to what it leads to by hand")
	}
	if now, _ := s.read(step.Path); string(now) != string(step.Before) {
		return hint(errors.New("it has changed since it was read"), "assay init, again")
	}
	return writeFile(s.root, name, step.After, info.Mode())
}

// isTerminal reports whether a person can answer there.
func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// ownRevision is the commit that this program was built from; empty where the build does not say, or was changed.
func ownRevision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	id := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			id = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			return ""
		}
	}
	return id
}
