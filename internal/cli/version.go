package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"text/tabwriter"

	"github.com/assaysec/assay/internal/engines"
	"github.com/spf13/cobra"
)

// release is set by make release.
var release = ""

// Version is the program's version: the release's, else what the Go toolchain wrote down, else "dev".
func Version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

func versionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the version of the program, its engines and its rules",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintf(w, "assay\t%s\t%s %s/%s\n", Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			for _, entry := range engines.All {
				e, _, err := entry.New(engines.Settings{})
				if err != nil {
					return err
				}
				fmt.Fprintf(w, "engine %s\t%s\trules %s\n", entry.Name, e.Version(), e.Digests()["rules"])
			}
			return w.Flush()
		},
	}
}
