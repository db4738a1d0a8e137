package cli

import (
	"slices"

	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/source"
	"github.com/spf13/cobra"
)

func configCommand(a *app) *cobra.Command {
	var f lookFlags
	var origin bool
	cmd := &cobra.Command{
		Use:   "config [FOLDER]",
		Short: "Check the configuration and show what holds",
		Long: "Config checks the configuration of a folder and shows what holds there: what the file says, what flags and variables\n" +
			"(ASSAY_JOBS is --jobs) say in its place, and the defaults. It takes the flags of scan and looks at nothing.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.validate(); err != nil {
				return err
			}
			t, err := a.openTarget(append(slices.Clone(args), ".")[0])
			if err != nil {
				return err
			}
			if t.repo != nil {
				defer t.repo.Close()
			}
			var account source.Account
			c, err := a.openChange(cmd.Context(), t, &f, &account)
			if err != nil {
				return err
			}
			h := c.house
			if h == nil {
				if h, err = openHouse(cmd.Context(), t, &account); err != nil {
					return err
				}
			}
			s, err := readSettings(h, c.said, f.config)
			if err != nil {
				return masked(err)
			}
			if err := a.join(cmd.Context(), t, &f, c, s, &account); err != nil {
				return masked(err)
			}
			for _, n := range s.notes {
				a.note("assay: note: %s", scan.MaskQuoted(n))
			}
			return a.showConfig(&settingsTable{config: s.config, flags: cmd.Flags()}, &f, origin)
		},
	}
	f.add(cmd, policy.PullRequest)
	cmd.Flags().BoolVar(&origin, "origin", false, "show what set each value: a flag, a variable, a line of the file, or the default")
	return cmd
}
