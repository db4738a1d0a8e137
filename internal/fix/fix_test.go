package fix

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/assaysec/assay/internal/finding"
	"github.com/google/go-cmp/cmp"
)

func pos(line, column int) finding.Position { return finding.Position{Line: line, Column: column} }

func want(start, end finding.Position, text string) Wanted {
	return Wanted{Finding: &finding.Finding{Rule: "pipeline/x", Place: finding.Place{Path: "f", Start: start}},
		Fix: finding.Fix{Title: "put " + text, Edits: []finding.Edit{{Start: start, End: end, Text: text}}}}
}

// two makes the edits of two fixes one fix.
func two(a, b Wanted) Wanted {
	a.Fix.Edits = append(a.Fix.Edits, b.Fix.Edits...)
	return a
}

func TestApply(t *testing.T) {
	const text = "ä: one\nb: two\n"
	for _, c := range []struct {
		name   string
		wanted []Wanted
		want   string
		left   int
	}{
		{"one", []Wanted{want(pos(1, 4), pos(1, 7), "ONE")}, "ä: ONE\nb: two\n", 0},
		{"the same twice", []Wanted{want(pos(1, 4), pos(1, 7), "ONE"), want(pos(1, 4), pos(1, 7), "ONE")}, "ä: ONE\nb: two\n", 0},
		{"two", []Wanted{want(pos(2, 4), pos(2, 7), "TWO"), want(pos(1, 4), pos(1, 7), "ONE")}, "ä: ONE\nb: TWO\n", 0},
		{"overlap waits", []Wanted{want(pos(1, 4), pos(1, 7), "ONE"), want(pos(1, 5), pos(1, 6), "N")}, "ä: ONE\nb: two\n", 1},
		{"insertion", []Wanted{want(pos(2, 1), pos(2, 1), "x: y\n")}, "ä: one\nx: y\nb: two\n", 0},
		{"a line after a word", []Wanted{want(pos(1, 7), pos(1, 7), "\n  x: y"), two(want(pos(1, 4), pos(1, 7), "ONE"), want(pos(1, 7), pos(1, 7), " # c"))}, "ä: ONE # c\n  x: y\nb: two\n", 0},
		{"two lines at one place", []Wanted{want(pos(2, 1), pos(2, 1), "x: y\n"), want(pos(2, 1), pos(2, 1), "z: y\n")}, "ä: one\nx: y\nb: two\n", 1},
		{"a line before a word", []Wanted{want(pos(2, 1), pos(2, 1), "x: y\n"), want(pos(2, 1), pos(2, 2), "B")}, "ä: one\nx: y\nB: two\n", 0},
		{"nothing new", []Wanted{want(pos(1, 4), pos(1, 7), "one")}, text, 0},
		{"at the end", []Wanted{want(pos(3, 1), pos(3, 1), "c: d\n")}, text + "c: d\n", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Apply("f", []byte(text), c.wanted)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got.New)); diff != "" || got.Left != c.left {
				t.Errorf("%d left, want %d (-want +got):\n%s", got.Left, c.left, diff)
			}
		})
	}
	if _, err := Apply("f", []byte(text), []Wanted{want(pos(9, 1), pos(9, 1), "x")}); err == nil {
		t.Error("an edit outside of the file was taken")
	}
}

// TestPatchApplies makes random edits and lets git apply what WritePatch says.
func TestPatchApplies(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not here")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 60 {
		var text strings.Builder
		lines := r.IntN(40)
		for i := range lines {
			text.WriteString(strings.Repeat(string(rune('a'+r.IntN(5))), r.IntN(6)))
			if i < lines-1 || r.IntN(2) == 0 {
				text.WriteByte('\n')
			}
		}
		old := []byte(text.String())
		c := &Change{Path: "f", Old: old}
		for at := 0; at < len(old); {
			from := at + r.IntN(len(old)-at+1)
			to := min(len(old), from+r.IntN(12))
			c.edits = append(c.edits, edit{from, to, []string{"", "X", "Y\n", "Q\nW\n", "\n\n"}[r.IntN(5)]})
			at = to + 1 + r.IntN(60)
		}
		if c.New = c.apply(); bytes.Equal(c.New, old) {
			continue
		}
		dir := t.TempDir()
		var patch bytes.Buffer
		if err := c.WritePatch(&patch); err != nil {
			t.Fatal(err)
		}
		for name, content := range map[string][]byte{"f": old, "p": patch.Bytes()} {
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("git", "apply", "p")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		got, _ := os.ReadFile(filepath.Join(dir, "f"))
		if err != nil || !bytes.Equal(got, c.New) {
			t.Fatalf("case %d: git apply: %v %s\nold %q\nwant %q\ngot %q\n%s", n, err, out, old, c.New, got, patch.Bytes())
		}
	}
}

const commit = "8f4b7f84864484a7bf31766abe9204da3cbe65b3"

func pins(t *testing.T) *Pins {
	p, err := ParsePins("pins.yaml", []byte("pins:\n  - {uses: actions/checkout@v4, commit: "+commit+", version: v4.2.2, checked: 2026-11-24}\n"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// usesInTest is what the engine's places cover.
var usesInTest = regexp.MustCompile(`^(&\w+ )?[^ }\r\n]*`)

func TestPinned(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "- uses: actions/checkout@v4\n", "- uses: actions/checkout@" + commit + " # v4.2.2\n"},
		{"space behind", "- uses: actions/checkout@v4  \n", "- uses: actions/checkout@" + commit + "   # v4.2.2\n"},
		{"comment", "- uses: actions/checkout@v4 # get it\n", "- uses: actions/checkout@" + commit + " # v4.2.2, get it\n"},
		{"quotes", "- uses: \"actions/checkout@v4\"\r\n", "- uses: \"actions/checkout@" + commit + "\" # v4.2.2\r\n"},
		{"the same comment", "- uses: actions/checkout@v4 # v4.2.2\n", "- uses: actions/checkout@" + commit + " # v4.2.2\n"},
		{"anchor", "- uses: &c actions/checkout@v4\n", "- uses: &c actions/checkout@" + commit + " # v4.2.2\n"},
		{"anchor and quotes", "- uses: &c 'actions/checkout@v4'\n", "- uses: &c 'actions/checkout@" + commit + "' # v4.2.2\n"},
		{"no name", "- uses: &c\n", "- uses: &c\n"},
		{"path", "- uses: actions/checkout/sub/dir@v4", "- uses: actions/checkout/sub/dir@" + commit + " # v4.2.2"},
		{"flow", "- {uses: actions/checkout@v4}\n", "- {uses: actions/checkout@" + commit + "}\n"},
		{"not pinned", "- uses: actions/cache@v4\n", "- uses: actions/cache@v4\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			from := strings.Index(c.in, "uses: ") + 6
			to := from + len(usesInTest.FindString(c.in[from:]))
			place := finding.Place{Path: "f", Start: pos(1, from+1), End: pos(1, to+1)}
			got := c.in
			if f, ok := Pinned([]byte(c.in), &place, pins(t)); ok {
				change, err := Apply("f", []byte(c.in), []Wanted{{&finding.Finding{Place: place}, f}})
				if err != nil {
					t.Fatal(err)
				}
				got = string(change.New)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParsePinsErrors(t *testing.T) {
	entry := func(text string) string { return "pins:\n  - " + text + "\n" }
	for _, c := range []struct{ name, text, want string }{
		{"short hash", entry("{uses: a/b@v1, commit: abc, checked: 2026-11-24}"), "p:2:5: commit of a/b@v1: want the full hash"},
		{"no tag", entry("{uses: a/b, commit: " + commit + ", checked: 2026-11-24}"), `p:2:5: uses is "a/b": want owner/repository@tag`},
		{"a day that is none", entry("{uses: a/b@v1, commit: " + commit + ", checked: 2026-02-30}"), `p:2:5: checked of a/b@v1: "2026-02-30" is no date such as 2026-11-24`},
		{"unknown key", entry("{uses: a/b@v1, comit: x}"), `p:2:5: unknown key "comit": there is uses, commit, version, ref, checked`},
		{"twice", entry("{uses: a/b@v1, commit: "+commit+", checked: 2026-11-24}") + "  - {uses: a/b@v1, commit: " + commit + ", checked: 2026-11-24}\n", "p:3:5: a/b@v1 is pinned twice"},
		{"a tag that is a command", entry("{uses: a/b@v1, commit: " + commit + ", version: \"v1 $(x)\", checked: 2026-11-24}"), `p:2:5: version of a/b@v1: "v1 $(x)" is no tag`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParsePins("p", []byte(c.text))
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestPinsRoundTrip(t *testing.T) {
	p := pins(t)
	for _, pin := range []Pin{
		{Uses: "a/b@main", Commit: commit, Checked: "2026-11-24"},
		{Uses: "Actions/Checkout@v4", Commit: commit, Version: "v4.3.0", Checked: "2026-11-25"},
		{Uses: "-/b@1", Commit: commit, Checked: "2026-11-24"},
	} {
		if err := p.Put(pin); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Put(Pin{Uses: "a/b@v1#x", Commit: commit, Checked: "2026-11-24"}); err == nil {
		t.Error("a pin was put that cannot be read again")
	}
	if got, ok := p.Find("ACTIONS/checkout/sub@v4"); !ok || got.Version != "v4.3.0" || p.Len() != 3 {
		t.Errorf("%d pins, %v", p.Len(), got)
	}
	if _, ok := p.Find("actions/checkout@V4"); ok {
		t.Error("a tag was found in another case")
	}
	again, err := ParsePins("p", p.Bytes())
	if err != nil {
		t.Fatalf("%v\n%s", err, p.Bytes())
	}
	if diff := cmp.Diff(p.byKey, again.byKey); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzParsePins(f *testing.F) {
	f.Add([]byte("pins:\n  - {uses: a/b@v1, commit: " + commit + ", checked: 2026-11-24}\n"))
	f.Add([]byte("pins: &a [*a]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ParsePins("p", text)
		if err != nil {
			return
		}
		if again, err := ParsePins("p", p.Bytes()); err != nil || again.Len() != p.Len() {
			t.Errorf("%q does not survive a round trip: %v", text, err)
		}
	})
}

func FuzzApply(f *testing.F) {
	f.Add([]byte("a\nä b\n"), 1, 1, 2, 3, "x\n")
	f.Fuzz(func(t *testing.T, text []byte, l1, c1, l2, c2 int, with string) {
		c, err := Apply("f", text, []Wanted{want(pos(l1, c1), pos(l2, c2), with)})
		if err != nil {
			return
		}
		if utf8.Valid(text) && utf8.ValidString(with) && !utf8.Valid(c.New) {
			t.Errorf("%q became %q", text, c.New)
		}
		if err := c.WritePatch(&bytes.Buffer{}); err != nil {
			t.Error(err)
		}
	})
}
