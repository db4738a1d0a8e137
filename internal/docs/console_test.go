package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A step is one command of a page, with the lines of the page that hold what it prints.
type step struct {
	command     string
	first, last int // the output is lines[first:last]
}

// steps finds the commands in a page's blocks of console text: lines that begin with "$ ", up to the next one or the end of
// the block. A line that begins with "> " goes on with the command.
func steps(lines []string) []step {
	var all []step
	inside := false
	for i := 0; i < len(lines); i++ {
		switch line := lines[i]; {
		case line == "```console":
			inside = true
		case line == "```":
			inside = false
		case inside && strings.HasPrefix(line, "$ "):
			command := line[2:]
			for i+1 < len(lines) && strings.HasPrefix(lines[i+1], "> ") {
				i++
				command += "\n" + lines[i][2:]
			}
			all = append(all, step{command: command, first: i + 1, last: i + 1})
		case inside && len(all) > 0:
			all[len(all)-1].last = i + 1
		}
	}
	return all
}

// TestTutorial runs the tutorial from its first command to its last in one shell, and compares what it prints.
func TestTutorial(t *testing.T) {
	for _, tool := range []string{"sh", "git"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the tutorial needs %s", tool)
		}
	}
	const page = "docs/tutorial.md"
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	all := steps(lines)
	if len(all) < 10 {
		t.Fatalf("%s has %d commands: its blocks are not found", page, len(all))
	}
	compare(t, page, lines, all, run(t, all))
}

// compare compares what the commands of a page printed with what it says they print, or renews it.
func compare(t *testing.T, page string, lines []string, all []step, outputs []string) {
	t.Helper()
	if *update {
		check(t, page, renew(lines, all, outputs))
		return
	}
	for i, s := range all {
		if diff := cmp.Diff(settled(s.output(lines)), settled(outputs[i])); diff != "" {
			t.Errorf("%s:%d: $ %s\n(-page +run):\n%s\nmake docs renews the page; read what changed", page, s.first, s.command, diff)
		}
	}
}

func (s step) output(lines []string) string { return strings.Join(lines[s.first:s.last], "\n") }

// id is a commit's, in full or cut short. It hangs on every byte of the example and of the baseline, and says nothing.
var id = regexp.MustCompile(`\b(?:[0-9a-f]{40}|[0-9a-f]{12})\b`)

// settled is an output without what is different for every reader.
func settled(output string) string { return id.ReplaceAllString(output, "ID") }

// renew puts new outputs in place of the old where they differ.
func renew(lines []string, all []step, outputs []string) string {
	var out []string
	at := 0
	for i, s := range all {
		out = append(out, lines[at:s.first]...)
		switch old := s.output(lines); {
		case settled(old) == settled(outputs[i]):
			out = append(out, lines[s.first:s.last]...)
		case outputs[i] != "":
			out = append(out, strings.Split(outputs[i], "\n")...)
		}
		at = s.last
	}
	return strings.Join(append(out, lines[at:]...), "\n")
}

const mark = "=== end of a step"

// run gives what each command prints on both its streams, without trailing space. The last exit code stays in $?.
func run(t *testing.T, all []step) []string {
	t.Helper()
	var script strings.Builder
	for _, s := range all {
		fmt.Fprintf(&script, "%s\nlast=$?; echo '%s'; (exit $last)\n", s.command, mark)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "exec 2>&1\n"+script.String()+"exit 0\n")
	cmd.Dir, cmd.Env = workshop(t)
	raw, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	outputs := strings.Split(string(raw), mark+"\n")
	if len(outputs) != len(all)+1 {
		t.Fatalf("%d commands ran of %d; the last printed:\n%s", len(outputs)-1, len(all), outputs[len(outputs)-1])
	}
	for i, s := range outputs[:len(all)] {
		outputs[i] = tidy(s)
	}
	return outputs[:len(all)]
}

func tidy(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// workshop is a folder with a copy of the example, as it is in a clone of this repository, and an environment in which the
// same commands print the same bytes: this test program as assay, and commits with a given author and time.
func workshop(t *testing.T) (dir string, env []string) {
	t.Helper()
	top := t.TempDir()
	dir = filepath.Join(top, "assay")
	bin := filepath.Join(top, "bin")
	home := filepath.Join(top, "home")
	for _, d := range []string{bin, home} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(dir, "examples/payments"), os.DirFS(filepath.Join(root, "examples/payments"))); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "assay")); err != nil {
		t.Skipf("the tutorial needs links: %v", err)
	}
	const who, mail, when = "Ada", "ada@example.com", "2026-11-23T09:00:00Z"
	return dir, []string{
		"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + top, "LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_AUTHOR_NAME=" + who, "GIT_AUTHOR_EMAIL=" + mail, "GIT_AUTHOR_DATE=" + when,
		"GIT_COMMITTER_NAME=" + who, "GIT_COMMITTER_EMAIL=" + mail, "GIT_COMMITTER_DATE=" + when,
	}
}

func TestSteps(t *testing.T) {
	page := "text\n```console\n$ one \\\n> more\nout\n\n$ two\n```\n$ not this\n```sh\n$ nor this\n```"
	want := []step{{"one \\\nmore", 4, 6}, {"two", 7, 7}}
	got := steps(strings.Split(page, "\n"))
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(step{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	renewed := renew(strings.Split(page, "\n"), got, []string{"new\nlines", "2"})
	if want := "text\n```console\n$ one \\\n> more\nnew\nlines\n$ two\n2\n```\n$ not this\n```sh\n$ nor this\n```"; renewed != want {
		t.Errorf("%q", renewed)
	}
}
