package git

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// originsOf asks for lines, given as path and text, from HEAD.
func originsOf(t *testing.T, dir string, lines ...Line) []string {
	t.Helper()
	r, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	head, err := r.Resolve("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	ids, err := r.Origins(context.Background(), head, lines)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(ids))
	for i, id := range ids {
		if !id.IsZero() {
			out[i] = id.String()
		}
	}
	return out
}

// TestOriginsAreBlames compares with git blame over random histories with merges, in which each line occurs once.
func TestOriginsAreBlames(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 3))
			f := newFixture(t)
			lines := []string{"line 0"}
			next := 1
			grow := func(at int) {
				lines = append(lines[:at:at], append([]string{fmt.Sprintf("line %d", next)}, lines[at:]...)...)
				next++
			}
			save := func() {
				f.write("dir/file", strings.Join(lines, "\n")+"\n")
				f.write("other", fmt.Sprint(rng.IntN(5)))
				f.git("add", "-A")
				f.git("commit", "-q", "--allow-empty", "-m", "x")
			}
			save()
			for range 25 {
				switch rng.IntN(5) {
				case 0:
					f.git("checkout", "-q", "-b", fmt.Sprint("side", next))
					before := append([]string(nil), lines...)
					grow(len(lines)) // at the end on the side, at the top on main
					save()
					mine := lines[len(lines)-1]
					f.git("checkout", "-q", "main")
					lines = before
					grow(0)
					save()
					f.git("merge", "-q", "-s", "ours", "--no-commit", f.git("branch", "--sort=-committerdate", "--format=%(refname:short)", "--no-merged"))
					lines = append(lines, mine)
					save()
				case 1:
					if len(lines) > 3 {
						at := rng.IntN(len(lines))
						lines = append(lines[:at:at], lines[at+1:]...)
					}
					save()
				default:
					grow(rng.IntN(len(lines) + 1))
					save()
				}
			}
			var want []string
			var asked []Line
			for i, l := range lines {
				blame := f.git("blame", "-l", "-s", "--root", "-L", fmt.Sprintf("%d,%d", i+1, i+1), "dir/file")
				want = append(want, strings.Fields(blame)[0])
				asked = append(asked, Line{"dir/file", l})
			}
			if diff := cmp.Diff(want, originsOf(t, f.dir, asked...)); diff != "" {
				t.Errorf("(-blame +origins)\n%s", diff)
			}
		})
	}
}

func TestOrigins(t *testing.T) {
	f := newFixture(t)
	commit := func() string {
		f.git("add", "-A")
		f.git("commit", "-q", "-m", "x")
		return f.git("rev-parse", "HEAD")
	}
	f.write("a/key", "one\ntwo\r\n")
	first := commit()
	f.write("a/key", "one\ntwo\r\nthree\n")
	second := commit()
	f.git("mv", "a", "b")
	commit()
	f.write("b/key", "zero\none\ntwo\r\nthree\n")
	f.git("mv", "b/key", "b/token")
	renamed := commit()
	f.git("rm", "-q", "b/token")
	commit()
	f.write("c", "three\n")
	again := commit()
	f.write("b/token", "zero\none\ntwo\r\nthree\n")
	back := commit()

	got := originsOf(t, f.dir, Line{"c", "three"}, Line{"b/token", "one"}, Line{"c", "none"}, Line{"nowhere", "three"})
	if diff := cmp.Diff([]string{again, back, "", ""}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	f.git("checkout", "-q", renamed)
	got = originsOf(t, f.dir, Line{"b/token", "one"}, Line{"b/token", "two"}, Line{"b/token", "three"}, Line{"b/token", "zero"})
	// The last rename changed name and content at once: it is a new file.
	if diff := cmp.Diff([]string{renamed, renamed, renamed, renamed}, got); diff != "" {
		t.Errorf("renamed and changed (-want +got)\n%s", diff)
	}
	f.git("checkout", "-q", renamed+"~1")
	got = originsOf(t, f.dir, Line{"b/key", "one"}, Line{"b/key", "two"}, Line{"b/key", "three"})
	if diff := cmp.Diff([]string{first, first, second}, got); diff != "" {
		t.Errorf("renamed (-want +got)\n%s", diff)
	}

	clone := filepath.Join(t.TempDir(), "clone")
	f.git("checkout", "-q", "main")
	f.git("clone", "-q", "--depth", "2", "file://"+f.dir, clone)
	got = originsOf(t, clone, Line{"b/token", "one"}, Line{"c", "three"})
	if diff := cmp.Diff([]string{back, ""}, got); diff != "" {
		t.Errorf("shallow (-want +got)\n%s", diff)
	}
}

// Many lines of one file are one search.
func TestOriginsOfManyLines(t *testing.T) {
	f := newFixture(t)
	var text strings.Builder
	var lines []Line
	for i := range 3000 {
		fmt.Fprintf(&text, "line %d\n", i)
		lines = append(lines, Line{"file", fmt.Sprintf("line %d", i)})
	}
	f.write("file", text.String())
	for i := range 40 {
		f.write("other", fmt.Sprint(i))
		f.git("add", "-A")
		f.git("commit", "-q", "-m", "x")
	}
	first := f.git("rev-list", "--max-parents=0", "HEAD")
	for i, id := range originsOf(t, f.dir, lines...) {
		if id != first {
			t.Fatalf("line %d: %q, want %s", i, id, first)
		}
	}
}
