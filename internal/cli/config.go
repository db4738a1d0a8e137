package cli

import (
	"fmt"
	"slices"
	"text/tabwriter"

	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/source"
	"github.com/spf13/cobra"
)

func configCommand(a *app) *cobra.Command {
	var own string
	var origin bool
	cmd := &cobra.Command{
		Use:   "config [FOLDER]",
		Short: "Check the configuration and show what holds",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := a.openTarget(append(slices.Clone(args), ".")[0])
			if err != nil {
				return err
			}
			h, err := openHouse(cmd.Context(), t, &source.Account{})
			if err != nil {
				return err
			}
			s, err := readSettings(h, diskHouse{root: "."}, own)
			if err != nil {
				return masked(err)
			}
			return a.showConfig(s.config, origin)
		},
	}
	cmd.Flags().StringVarP(&own, "config", "c", "", "configuration file (default: "+config.Name+" of the folder)")
	cmd.Flags().BoolVar(&origin, "origin", false, "show which file and line sets each value")
	return cmd
}

// showConfig lists the services and, for each stage, the lines of its policy.
func (a *app) showConfig(c *config.Config, origin bool) error {
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	for _, s := range c.Services {
		fmt.Fprintf(w, "service %s\ttier %s, exposure %s, data %v\t%s\n", escape.Line(s.Name), orUnknown(string(s.Tier)), orUnknown(string(s.Exposure)), s.Data, from(origin, s.Source))
	}
	for _, stage := range policy.Stages {
		for _, scope := range c.Gate(stage) {
			a.showLines(w, stage, "deny", scope.Text.Deny, origin)
			a.showLines(w, stage, "warn", scope.Text.Warn, origin)
		}
	}
	return w.Flush()
}

func (a *app) showLines(w *tabwriter.Writer, stage, kind string, lines []policy.Line, origin bool) {
	if lines == nil {
		fmt.Fprintf(w, "gate.%s.%s\tdefault policy\t%s\n", stage, kind, from(origin, "default"))
	}
	for _, l := range lines {
		fmt.Fprintf(w, "%s\t%s\t%s\n", l.Key, escape.Line(l.Expr), from(origin, l.At.String()))
	}
}

func from(show bool, where string) string {
	if !show {
		return ""
	}
	return escape.Line(where)
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}
