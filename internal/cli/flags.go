package cli

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/nearest"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report/formats"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// lookFlags are the flags of the verbs that look at a target.
type lookFlags struct {
	formats, outputs []string
	engines          []string
	rules            []string
	include          []string
	stage            string
	severity         string
	failOn           string
	config           string
	baseline         string
	diffBase         string
	jobs             int
	staged           bool
	history          bool
	noIgnore         bool
	allowEmpty       bool
	noCache          bool
	showSuppressed   bool
	verify           bool
	offline          bool
	probe            bool     // ask the probes of exceptions
	receipt          string   // file for the receipt
	subjects         []string // NAME@DIGEST of what was built from this
	makesBaseline    bool     // --baseline names a file to be written
}

func (f *lookFlags) add(cmd *cobra.Command, stage string) {
	flags := cmd.Flags()
	flags.StringSliceVarP(&f.formats, "format", "f", nil, "report format, repeatable: "+strings.Join(formats.Names(), ", "))
	flags.StringSliceVarP(&f.outputs, "output", "o", nil, "file for the format of the same position, repeatable; without it standard output")
	flags.StringSliceVar(&f.engines, "engine", nil, "run these engines only")
	flags.StringArrayVar(&f.rules, "rules", nil, "rule file in place of the built-in rules, repeatable; \"builtin\" names those")
	flags.StringSliceVar(&f.include, "include", nil, "look at files of this class as at source: "+strings.Join(classNames(), ", "))
	flags.StringVar(&f.stage, "stage", stage, "what is judged: "+strings.Join(policy.Stages, ", "))
	flags.StringVar(&f.severity, "severity", "", "report findings of at least this severity")
	flags.StringVarP(&f.config, "config", "c", "", "configuration file (default: "+config.Name+" of the target)")
	flags.StringVar(&f.baseline, "baseline", "", "baseline file (default: .assay/baseline.json of the target)")
	flags.StringVar(&f.diffBase, "diff-base", "", "judge what is new since this revision")
	flags.IntVarP(&f.jobs, "jobs", "j", 0, fmt.Sprintf("files looked at at a time (default: the number of processors, %d)", runtime.GOMAXPROCS(0)))
	flags.BoolVar(&f.staged, "staged", false, "look at what is staged for the next commit")
	flags.BoolVar(&f.history, "history", false, "look at everything the repository ever held")
	flags.BoolVar(&f.noIgnore, "no-ignore", false, "look at what ignore files name, too")
	flags.BoolVar(&f.allowEmpty, "allow-empty", false, "let a target pass that holds no file to look at")
	flags.BoolVar(&f.noCache, "no-cache", false, "look at every file again")
	flags.BoolVar(&f.showSuppressed, "show-suppressed", false, "list what is held back, too")
	flags.BoolVar(&f.verify, "verify", false, "ask providers whether the credentials found are alive (uses the network)")
	flags.BoolVar(&f.offline, "offline", false, "refuse every use of the network")
	completeFlag(cmd, "format", formats.Names())
	completeFlag(cmd, "engine", engines.Names())
	completeFlag(cmd, "include", classNames())
	completeFlag(cmd, "stage", policy.Stages)
	completeFlag(cmd, "severity", policy.LevelWords)
}

func classNames() []string {
	var names []string
	for _, c := range config.IncludeClasses {
		names = append(names, string(c))
	}
	return names
}

// asked is how a command asks for the same look again, as it is typed. stage is the one that need not be said.
func (f *lookFlags) asked(args []string, stage string) string {
	var words []string
	flag := func(name, value string) {
		if value != "" {
			words = append(words, name, shellWord(value))
		}
	}
	flag("--diff-base", f.diffBase)
	flag("--config", f.config)
	flag("--baseline", f.baseline)
	for _, r := range f.rules {
		flag("--rules", r)
	}
	for _, e := range f.engines {
		flag("--engine", e)
	}
	for _, c := range f.include {
		flag("--include", c)
	}
	if f.stage != stage {
		flag("--stage", f.stage)
	}
	for _, s := range []struct {
		name string
		set  bool
	}{{"--staged", f.staged}, {"--history", f.history}, {"--no-ignore", f.noIgnore}, {"--allow-empty", f.allowEmpty}, {"--verify", f.verify}} {
		if s.set {
			words = append(words, s.name)
		}
	}
	for _, arg := range args {
		words = append(words, shellWord(arg))
	}
	return strings.Join(words, " ")
}

// mends is the command that fixes what this look finds, as it is typed; empty where what was looked at is no folder on disk.
func (f *lookFlags) mends(args []string) string {
	folder := "."
	if len(args) > 0 {
		folder = args[0]
	}
	if info, err := os.Stat(folder); len(args) > 1 || f.staged || f.history || err != nil || !info.IsDir() {
		return ""
	}
	own := *f
	own.stage, own.verify = policy.PullRequest, false
	return strings.TrimSuffix("assay fix "+own.asked(args, policy.PullRequest), " ")
}

// shellWord quotes a word for a shell where it needs that.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune("_-./:@+,=~^", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// validate checks what can be checked before anything is read.
func (f *lookFlags) validate() error {
	if !policy.IsStage(f.stage) {
		return unknownWord("--stage", f.stage, policy.Stages)
	}
	for _, c := range f.include {
		if !slices.Contains(classNames(), c) {
			return unknownWord("--include", c, classNames())
		}
	}
	for _, l := range []struct{ flag, level string }{{"--severity", f.severity}, {"--fail-on", f.failOn}} {
		var s finding.Severity
		if l.level != "" && s.UnmarshalText([]byte(l.level)) != nil {
			return unknownWord(l.flag, l.level, policy.LevelWords)
		}
	}
	for _, e := range f.engines {
		if !slices.Contains(engines.Names(), e) {
			return unknownWord("--engine", e, engines.Names())
		}
	}
	if _, err := f.reports(); err != nil {
		return err
	}
	if f.jobs < 0 || f.jobs > config.MaxJobs {
		return fmt.Errorf("--jobs %d: want a number from 1 to %d, or 0 for one for each processor", f.jobs, config.MaxJobs)
	}
	only := 0
	for _, set := range []bool{f.staged, f.history, f.diffBase != ""} {
		if set {
			only++
		}
	}
	if only > 1 {
		return errors.New("--staged, --history and --diff-base exclude each other")
	}
	if len(f.subjects) > 0 && f.receipt == "" {
		return hint(errors.New("--subject goes into a receipt"), "add --receipt FILE")
	}
	for _, text := range f.subjects {
		if _, err := parseSubject(text); err != nil {
			return err
		}
	}
	if f.probe && f.offline {
		return errors.New("--probe uses the network, and --offline refuses it")
	}
	if f.verify && f.offline {
		return errors.New("--verify uses the network, and --offline refuses it")
	}
	return nil
}

// refuseEmpty finds a flag that was given without a value, as by a script whose variable is not set. Taking it for one that
// was left out could loosen a verdict.
func refuseEmpty(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		empty := f.Value.Type() == "string" && f.Value.String() == ""
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values := list.GetSlice()
			empty = len(values) == 0 || slices.Contains(values, "")
		}
		if empty && err == nil {
			err = hint(fmt.Errorf("--%s is empty", f.Name), "leave it out or give it a value; a variable that is not set is such a case")
		}
	})
	return err
}

func unknownWord(flag, word string, known []string) error {
	err := fmt.Errorf("%s %q is not known: there is %s", flag, word, strings.Join(known, ", "))
	if near := nearest.Word(word, known); near != "" {
		return hint(err, "did you mean %q?", near)
	}
	return err
}

func (f *lookFlags) classes() []coverage.Class {
	out := make([]coverage.Class, len(f.include))
	for i, c := range f.include {
		out[i] = coverage.Class(c)
	}
	return out
}
