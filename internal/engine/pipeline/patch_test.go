package pipeline

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

func TestPatch(t *testing.T) {
	edit := func(from, to int, text string) fault.Edit {
		return fault.Edit{Span: fault.Span{Start: from, End: to}, Text: text}
	}
	const made = "8f4b7f84864484a7bf31766abe9204da3cbe65b3"
	for _, c := range []struct {
		name, text string
		edits      []fault.Edit
		want       string
	}{
		{"one line", "a\nb\nc\n", []fault.Edit{edit(2, 3, "B")}, "@@ -2 +2 @@\n-b\n+B\n"},
		{"a line more", "a\nb\n", []fault.Edit{edit(1, 1, "\nx")}, "@@ -1,0 +2 @@\n+x\n"},
		{"two places, not in order", "a\nb\nc\n", []fault.Edit{edit(4, 5, "C\nD"), edit(0, 0, "x\n")}, "@@ -0,0 +1 @@\n+x\n@@ -3 +4,2 @@\n-c\n+C\n+D\n"},
		{"two of one line", "a b\n", []fault.Edit{edit(0, 1, "A"), edit(2, 3, "B")}, "@@ -1 +1 @@\n-a b\n+A B\n"},
		{"no end of the last line", "a", []fault.Edit{edit(1, 1, "b")}, "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+ab\n\\ No newline at end of file\n"},
		{"a line that may not be shown", "a: " + made + "\n", []fault.Edit{edit(0, 1, "b")}, ""},
		{"a text that may not be shown", "a\n", []fault.Edit{edit(0, 1, made)}, ""},
		{"beside what may not be shown", "a: " + made + "\n", []fault.Edit{edit(43, 43, "\nb: c")}, "@@ -1,0 +2 @@\n+b: c\n"},
		{"a long line", strings.Repeat("a ", maxPatch) + "\n", []fault.Edit{edit(0, 1, "b")}, ""},
		{"edits that overlap", "abc\n", []fault.Edit{edit(0, 2, "x"), edit(1, 3, "y")}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := c.want
			if want != "" {
				want = "--- a/f\n+++ b/f\n" + want
			}
			if diff := cmp.Diff(want, patch("f", []byte(c.text), newLayout([]byte(c.text)), c.edits)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := patch("a\nb", []byte("a\n"), newLayout([]byte("a\n")), []fault.Edit{edit(0, 1, "b")}); got != "" {
		t.Errorf("a path of two lines: %s", got)
	}
}

// TestPatchApplies lets git apply the patches of random edits.
func TestPatchApplies(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not here")
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		text := ""
		for i := range 1 + r.IntN(30) {
			text += strings.Repeat(string(rune('a'+i%5)), r.IntN(5)) + []string{"\n", "\r\n", "ä\n"}[r.IntN(3)]
		}
		text = strings.TrimSuffix(text, []string{"", "\n"}[r.IntN(2)])
		var edits []fault.Edit
		want, last := "", 0
		for at := r.IntN(len(text) + 1); at < len(text); at += 1 + r.IntN(40) {
			to := min(len(text), at+r.IntN(9))
			e := fault.Edit{Span: fault.Span{Start: at, End: to}, Text: []string{"", "X", "Y\n", "\nQ\nW"}[r.IntN(4)]}
			edits, want, last, at = append(edits, e), want+text[last:at]+e.Text, to, to
		}
		want += text[last:]
		r.Shuffle(len(edits), func(i, j int) { edits[i], edits[j] = edits[j], edits[i] })
		if p := patch("f", []byte(text), newLayout([]byte(text)), edits); want != text {
			if got, err := gitApplies(t, text, p); err != "" || got != want {
				t.Fatalf("git apply: %s\nold  %q\nwant %q\ngot  %q\n%s", err, text, want, got, p)
			}
		}
	}
}

func gitApplies(t *testing.T, text, patch string) (got, complaint string) {
	dir := t.TempDir()
	for name, content := range map[string]string{"f": text, "p": patch} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("git", "apply", "--unidiff-zero", "--whitespace=nowarn", "p")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", err.Error() + " " + string(out)
	}
	now, err := os.ReadFile(filepath.Join(dir, "f"))
	if err != nil {
		t.Fatal(err)
	}
	return string(now), ""
}

// TestFixOfFinding has the ends of lines that its file has, and a patch that shows no credential.
func TestFixOfFinding(t *testing.T) {
	text := "on: issues\njobs:\n  a:\n    steps:\n      - run: echo ${{ github.event.issue.title }}\n      - run: echo 8f4b7f84864484a7bf31766abe9204da3cbe65b3 ${{ github.event.issue.title }}\n"
	for _, end := range []string{"\n", "\r\n"} {
		res := look(newEngine(t, 0), ".github/workflows/a.yml", strings.ReplaceAll(text, "\n", end))
		var patches []string
		for _, f := range res.Findings {
			if f.Rule != "pipeline/github-script-injection" {
				continue
			}
			patches = append(patches, f.Fixes[0].Patch)
		}
		want := "--- a/.github/workflows/a.yml\n+++ b/.github/workflows/a.yml\n@@ -5 +5,3 @@\n" +
			strings.ReplaceAll("-      - run: echo ${{ github.event.issue.title }}\n+      - env:\n+          ISSUE_TITLE: ${{ github.event.issue.title }}\n+        run: echo \"$ISSUE_TITLE\"\n", "\n", end)
		if diff := cmp.Diff([]string{want, ""}, patches); diff != "" {
			t.Errorf("patches (-want +got):\n%s", diff)
		}
	}
}

// A fix would repeat the credential that stands in an expression.
func TestFixWithCredential(t *testing.T) {
	const value = "8f4b7f84864484a7bf31766abe9204da3cbe65b3"
	res := look(newEngine(t, 0), ".github/workflows/a.yml", "on: issues\njobs:\n  a:\n    steps:\n      - run: echo ${{ format('"+value+"{0}', github.event.issue.title) }}\n")
	found := false
	for _, f := range res.Findings {
		found = found || f.Rule == "pipeline/github-script-injection"
		f.Surroundings = "" // is written nowhere
		if strings.Contains(fmt.Sprint(f), value) {
			t.Errorf("%s holds the credential: %+v", f.Rule, f)
		}
	}
	if !found {
		t.Error("the fault is not told")
	}
}
