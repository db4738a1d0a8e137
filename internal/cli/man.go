package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/workplace"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func manCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "man [FOLDER]",
		Short: "Write the manual pages",
		Long: "Man writes a manual page for each command into a folder; without one it prints that of assay itself.\n" +
			"The pages are the same on every day: their date is --now, SOURCE_DATE_EPOCH, or none.",
		Example: "  assay man ~/.local/share/man/man1\n  assay man | man -l -",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			date, err := a.manDate()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				_, err := io.WriteString(a.Stdout, manPage(cmd.Root(), date))
				return err
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			return a.writeMan(cmd.Root(), args[0], date)
		},
	}
}

// manDate is the day of the pages.
func (a *app) manDate() (string, error) {
	if epoch := a.Getenv("SOURCE_DATE_EPOCH"); epoch != "" && a.global.now == "" {
		var n int64
		if _, err := fmt.Sscanf(epoch, "%d", &n); err != nil {
			return "", hint(fmt.Errorf("SOURCE_DATE_EPOCH: %q is no number of seconds", epoch), "https://reproducible-builds.org/specs/source-date-epoch/")
		}
		return time.Unix(n, 0).UTC().Format(time.DateOnly), nil
	}
	if a.global.now == "" {
		return "", nil
	}
	now, err := a.now()
	return now.Format(time.DateOnly), err
}

// writeMan writes the page of a command and those of the commands below it.
func (a *app) writeMan(cmd *cobra.Command, folder, date string) error {
	if !cmd.IsAvailableCommand() && cmd.HasParent() {
		return nil
	}
	name := filepath.Join(folder, manName(cmd)+".1")
	err := replace(name, func(w io.Writer) error {
		_, err := io.WriteString(w, manPage(cmd, date))
		return err
	})
	errs := []error{err}
	for _, c := range cmd.Commands() {
		errs = append(errs, a.writeMan(c, folder, date))
	}
	return errors.Join(errs...)
}

// manName is the name of a command's page.
func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manPage is the page of one command.
func manPage(cmd *cobra.Command, date string) string {
	page := workplace.ManPage{
		Name: manName(cmd), Date: date, Version: Version(), Short: cmd.Short, Long: cmd.Long, Usage: cmd.UseLine(), Example: cmd.Example,
		Flags: manFlags(cmd.NonInheritedFlags()), Inherited: manFlags(cmd.InheritedFlags()),
	}
	if cmd.HasParent() {
		page.See = append(page.See, manName(cmd.Parent()))
	}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			page.Commands = append(page.Commands, workplace.ManItem{Term: c.CommandPath(), Text: c.Short})
			page.See = append(page.See, manName(c))
		}
	}
	return page.Roff()
}

func manFlags(flags *pflag.FlagSet) (items []workplace.ManItem) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		word, text := pflag.UnquoteUsage(f)
		term := "--" + f.Name
		if f.Shorthand != "" {
			term = "-" + f.Shorthand + ", " + term
		}
		if word != "" {
			term += " " + word
		}
		if d := f.DefValue; d != "" && d != "false" && d != "0" && d != "[]" {
			text += " (default: " + d + ")"
		}
		// How many processors this machine has is nothing for a page.
		text = strings.Replace(text, fmt.Sprintf("processors, %d)", runtime.GOMAXPROCS(0)), "processors)", 1)
		items = append(items, workplace.ManItem{Term: term, Text: text})
	})
	return items
}
