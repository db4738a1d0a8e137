package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/verify"
	"github.com/spf13/cobra"
)

// Env is all that a command may touch of the world; tests pass buffers, a map and a fixed clock.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time

	// Width is the number of columns of the terminal that a stream is, 0 where it is none.
	Width func(w io.Writer) int

	// Network is what --verify and other verbs about the network ask through. Nil makes a way to the network when the first
	// question is put.
	Network http.RoundTripper
}

// The exit codes, the same for every verb.
const (
	Done       = 0 // and for gate: allowed
	Denied     = 1 // by the gate or by --fail-on
	Wrong      = 2 // wrong usage or configuration
	Incomplete = 3 // a required check is not complete
)

// A UserError is one the reader can act on. Error and Unwrap give Err; Hint is printed on a line of its own.
type UserError struct {
	Err  error
	Hint string // the next thing to type or to check
	Code int    // the exit code; 0 means Wrong
}

func (e *UserError) Error() string { return e.Err.Error() }

func (e *UserError) Unwrap() error { return e.Err }

func hint(err error, format string, args ...any) error {
	return &UserError{Err: err, Hint: fmt.Sprintf(format, args...)}
}

// A maskedError is one that may quote what stands in a target's file, where somebody may have put a credential.
type maskedError struct{ err error }

func (e maskedError) Error() string { return scan.MaskQuoted(e.err.Error()) }

func (e maskedError) Unwrap() error { return e.err }

func masked(err error) error {
	if err == nil {
		return nil
	}
	return maskedError{err}
}

// errExit carries an exit code up to Main once everything has been said.
type errExit int

func (e errExit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Main runs one command and returns its exit code.
func Main(ctx context.Context, args []string, env Env) int {
	out := checkStdout(&env)
	a := &app{Env: env, builtin: map[string][]scan.Engine{}}
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	addCompletion(root)
	code := exitCode(env.Stderr, a.lost(root.ExecuteContext(ctx)))
	if code == Done && out.err != nil {
		return exitCode(env.Stderr, fmt.Errorf("standard output: %w", out.err))
	}
	return code
}

func exitCode(stderr io.Writer, err error) int {
	var code errExit
	var user *UserError
	switch {
	case err == nil:
		return Done
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, context.Canceled):
		say(stderr, "assay: interrupted before the end: nothing was decided and no report written")
		return Incomplete
	}
	sayError(stderr, err)
	if errors.As(err, &user) {
		if user.Hint != "" {
			say(stderr, "  → "+user.Hint)
		}
		if user.Code != 0 {
			return user.Code
		}
	}
	return Wrong
}

// A mistake is one thing that is wrong in a file, with its advice.
type mistake struct{ said, hint string }

// mistakesOf are those of a configuration, of a file of exceptions, or of policies.
func mistakesOf(err error) (list []mistake) {
	var several faults
	var all diagnostic.Errors
	switch {
	case errors.As(err, &several):
		for _, err := range several {
			list = append(list, mistakesOrSaid(err)...)
		}
	case !errors.As(err, &all):
		all = exprErrors(err)
	}
	for _, m := range all {
		list = append(list, mistake{m.Error(), m.Hint})
	}
	return list
}

// mistakesOrSaid are the mistakes in an error, or the error itself with what to do about it.
func mistakesOrSaid(err error) []mistake {
	if list := mistakesOf(err); len(list) > 0 {
		return list
	}
	m := mistake{said: strings.ReplaceAll(err.Error(), "\n", "; ")}
	var user *UserError
	if errors.As(err, &user) {
		m.hint = user.Hint
	}
	return []mistake{m}
}

// sayError tells what is wrong, line by line.
func sayError(stderr io.Writer, err error) {
	if list := mistakesOf(err); len(list) > 0 {
		for _, m := range list {
			say(stderr, "assay: "+scan.MaskQuoted(m.said))
			if m.hint != "" {
				say(stderr, "  → "+scan.MaskQuoted(m.hint))
			}
		}
		return
	}
	for line := range strings.Lines(err.Error()) {
		say(stderr, "assay: "+strings.TrimRight(line, "\n"))
	}
}

// say prints one line, safe for a terminal and for the log of a pipeline: an error's text may hold names from a target.
func say(w io.Writer, line string) { fmt.Fprintln(w, escape.Terminal(line)) }

// app is what all commands share.
type app struct {
	Env
	global   globals
	verifier *verify.Client           // made when it is first needed
	builtin  map[string][]scan.Engine // those with built-in rules, by their settings
	literals scan.Literals            // of the engines that looked last
	hiders   []scan.Hider
	borrowed string // a folder of objects that a repository names and that was not opened
}

// globals are the flags of all commands.
type globals struct {
	noColor, quiet bool
	now            string
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "assay",
		Short: "One decision about every risk, from the first commit to the running workload",
		Long: "Assay looks at a repository, weighs what it finds and decides what may pass.\n\n" +
			"  assay scan                            look at this folder, and tell what the gate would say\n" +
			"  assay scan --history                  look at everything the repository ever held\n" +
			"  assay gate --diff-base origin/main    judge what a change brings in\n" +
			"  assay baseline                        record what is there today, so that only news is judged\n\n" +
			"Exit codes: 0 done or allowed, 1 denied, 2 wrong usage or configuration, 3 a required check is incomplete.",
		Version:       Version(),
		SilenceErrors: true, SilenceUsage: true,
		Args: onlyCommands,
		RunE: showHelp,
	}
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := refuseEmpty(cmd); err != nil {
			return err
		}
		return a.flagsFromEnvironment(cmd)
	}
	root.SetVersionTemplate("assay {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	flags := root.PersistentFlags()
	flags.BoolVar(&a.global.noColor, "no-color", false, "no colours, as with NO_COLOR")
	flags.BoolVarP(&a.global.quiet, "quiet", "q", false, "only reports, no progress and no notes")
	flags.StringVar(&a.global.now, "now", "", "the time that counts, as 2026-11-23 or RFC 3339 (default: the clock)")
	for _, add := range commands {
		root.AddCommand(add(a))
	}
	return root
}

// commands are all verbs, in the order help shows them.
var commands = []func(*app) *cobra.Command{
	scanCommand, gateCommand, baselineCommand, exceptionsCommand, explainCommand, rulesCommand, configCommand, versionCommand,
	replayCommand, fixCommand, commentCommand, initCommand, hookCommand, doctorCommand, manCommand,
}

// now is the one time of a run.
func (a *app) now() (time.Time, error) {
	text := a.global.now
	if text == "" {
		return a.Now().UTC().Truncate(time.Second), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, hint(fmt.Errorf("--now %q is not a time", text), "write it as 2026-11-23 or 2026-11-23T09:00:00Z")
}

// color reports whether a stream takes colours.
func (a *app) color(w io.Writer) bool {
	return !a.global.noColor && a.Getenv("NO_COLOR") == "" && a.Getenv("TERM") != "dumb" && a.Width(w) > 0
}

// note tells a person something beside the reports.
func (a *app) note(format string, args ...any) {
	if !a.global.quiet {
		say(a.Stderr, a.hide(fmt.Sprintf(format, args...)))
	}
}

// hide takes credentials out of what is quoted from targets: their rules tell what one looks like.
func (a *app) hide(text string) string {
	for _, h := range a.hiders {
		text = h.Hide(text)
	}
	return text
}

// System is the world as it is.
func System() Env {
	return Env{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Now: time.Now, Width: terminalWidth}
}
