package github

import (
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
)

// scriptExecutes tells how a script runs what was put into a folder, or into the workspace where there is none: from
// within, by its path, or after it was moved among the files of the workspace.
func (c *context) scriptExecutes(s *Step, f *foreignCheckout) string {
	sc := c.script(s)
	if sc.Shell == nil {
		return ""
	}
	inside := f.dir == "" || liesIn(document.Text(s.Dir), f.dir)
	for i := range sc.Shell.Commands {
		cmd := &sc.Shell.Commands[i]
		if s == f.step && sc.Span(cmd.Range).Start <= f.span.Start {
			continue
		}
		if how := runsWorkspace(cmd); how != "" && (inside || runsIn(cmd, f.dir)) {
			return how
		}
		inside = inside || (cmd.Name == "cd" || cmd.Name == "pushd") && names(cmd, f.dir)
		if spreads(cmd, f.dir) {
			f.dir, inside = "", true
		}
	}
	return ""
}

// runsIn reports whether a command that runs files takes them from a folder. What an interpreter gets behind its script is
// data.
func runsIn(cmd *shell.Command, dir string) bool {
	if _, ok := projectTools[cmd.Name]; ok {
		return names(cmd, dir)
	}
	return liesIn(cmd.Path, dir) || interprets[cmd.Name] && len(cmd.Args) > 0 && liesIn(cmd.Args[0].Text, dir)
}

// spreads reports whether a command puts a folder's files, or the members of an archive in it, among those of the
// workspace.
func spreads(cmd *shell.Command, dir string) bool {
	if dir == "" || !names(cmd, dir) {
		return false
	}
	switch cmd.Name {
	case "tar", "bsdtar":
		return !slices.ContainsFunc(cmd.Args, func(w shell.Word) bool { return w.Text == "-C" || strings.HasPrefix(w.Text, "--directory") })
	case "unzip":
		return !cmd.Has("-d")
	case "cp", "mv", "rsync":
		ops := cmd.Operands()
		return len(ops) > 1 && slices.Contains([]string{".", "./", "$GITHUB_WORKSPACE", "$GITHUB_WORKSPACE/"}, ops[len(ops)-1].Text)
	}
	return false
}

func names(cmd *shell.Command, dir string) bool {
	return slices.ContainsFunc(cmd.Args, func(w shell.Word) bool { return liesIn(w.Text, dir) })
}

// liesIn reports whether a text names a folder, or a file in it.
func liesIn(text, dir string) bool {
	for rest := text; dir != ""; {
		at := strings.Index(rest, dir)
		if at < 0 {
			return false
		}
		after := rest[at+len(dir):]
		if (at == 0 || !partOfName(rest[at-1])) && (after == "" || !partOfName(after[0])) {
			return true
		}
		rest = rest[at+1:]
	}
	return false
}

func partOfName(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' || b == '-'
}

// folderOf is the folder that a step's input names, from the workspace; "" for the workspace itself.
func folderOf(s *Step, input string) string {
	dir := strings.TrimSpace(document.Text(s.Input(input)))
	for _, root := range []string{"${{ github.workspace }}", "${{github.workspace}}", "."} {
		if dir == root {
			return ""
		}
		dir = strings.TrimPrefix(dir, root+"/")
	}
	return strings.Trim(dir, "/")
}
