// Package cli is the shell around everything else: it alone knows of flags, the environment, files that are written,
// terminals and exit codes. Each command reads from top to bottom as parse, validate, run, render.
package cli
