package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/nearest"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// onlyCommands refuses a word that is no command, with the one it may stand for.
func onlyCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	err := fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
	if near := nearest.Word(args[0], names); near != "" {
		return hint(err, "did you mean %q?", near)
	}
	return hint(err, "%s --help lists the commands", cmd.CommandPath())
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// addCompletion adds cobra's command, which would answer a shell that it does not know with its help, as if that were well.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args, c.RunE = onlyCommands, showHelp
		}
	}
}

// completeFlag lets a shell offer the words that a flag takes.
func completeFlag(cmd *cobra.Command, name string, words []string) {
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// flagError puts an error about a flag into words.
func flagError(cmd *cobra.Command, err error) error {
	var wrong *pflag.InvalidValueError
	if errors.As(err, &wrong) {
		err = fmt.Errorf("--%s: %w", wrong.GetFlag().Name, wrongValue(wrong))
	}
	return hint(err, "%s --help lists the flags", cmd.CommandPath())
}

func wrongValue(e *pflag.InvalidValueError) error {
	switch kind := e.GetFlag().Value.Type(); {
	case errors.Is(e, strconv.ErrRange):
		return fmt.Errorf("%s is too large", e.GetValue())
	case kind == "int":
		return fmt.Errorf("%q is not a whole number", e.GetValue())
	case kind == "bool":
		return fmt.Errorf("%q is neither true nor false", e.GetValue())
	}
	return errors.Unwrap(e)
}

// withoutFlags hides flags that a verb shares with others and has no use for, and refuses them. It must be the last to
// speak about the command's arguments.
func withoutFlags(cmd *cobra.Command, why string, names ...string) {
	for _, name := range names {
		_ = cmd.Flags().MarkHidden(name)
	}
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		for _, name := range names {
			if cmd.Flags().Changed(name) {
				return fmt.Errorf("--%s does not apply: %s", name, why)
			}
		}
		return nil
	}
}

// exclusive are flags of which one holds at most.
var exclusive = []string{"staged", "history", "diff-base"}

// flagsFromEnvironment sets each flag that is not given from the variable of its name: ASSAY_DIFF_BASE is --diff-base. A
// flag that is given leaves no room for those it excludes; those that a verb has no use for are not read.
func (a *app) flagsFromEnvironment(cmd *cobra.Command) error {
	flags := cmd.Flags()
	settled := slices.ContainsFunc(exclusive, func(name string) bool {
		f := flags.Lookup(name)
		return f != nil && f.Changed && f.Value.String() != "false"
	})
	var err error
	flags.VisitAll(func(f *pflag.Flag) {
		name := "ASSAY_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value := a.Getenv(name)
		switch {
		case f.Changed || f.Hidden || value == "" || err != nil:
		case f.Name == "help" || f.Name == "version": // ASSAY_VERSION belongs to whoever installs a release
		case settled && slices.Contains(exclusive, f.Name):
		default:
			err = setFromEnvironment(flags, f, name, value)
		}
	})
	return err
}

func setFromEnvironment(flags *pflag.FlagSet, f *pflag.Flag, variable, value string) error {
	err := flags.Set(f.Name, value)
	var wrong *pflag.InvalidValueError
	if errors.As(err, &wrong) {
		err = wrongValue(wrong)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", variable, err)
	}
	if f.Annotations == nil {
		f.Annotations = map[string][]string{}
	}
	f.Annotations[fromVariable] = []string{variable}
	return nil
}

// fromVariable annotates a flag with the variable that set it.
const fromVariable = "assay-variable"
