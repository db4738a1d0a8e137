package scan

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assaysec/assay/internal/cache"
	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/source"
)

// A keptEngine is a wordEngine whose answers can be kept.
type keptEngine struct {
	wordEngine
	version string
	looks   *int
}

func (e keptEngine) Version() string          { return e.version }
func (keptEngine) Recall([]byte) (any, error) { return nil, nil }
func (e keptEngine) Wants(f *FileInfo) bool   { return e.wordEngine.Wants(f) }
func (e keptEngine) Look(ctx context.Context, f *File) Result {
	*e.looks++
	return e.wordEngine.Look(ctx, f)
}

// The name of a generation changes with everything that all answers depend on.
func TestGeneration(t *testing.T) {
	engine := func(name, version string, words ...string) []Engine {
		return []Engine{keptEngine{wordEngine{name, words}, version, new(int)}}
	}
	known := map[string]int{}
	for i, name := range []string{
		Generation(engine("a", "1", "red"), Options{}),
		Generation(engine("b", "1", "red"), Options{}),
		Generation(engine("a", "2", "red"), Options{}),
		Generation(engine("a", "1", "blue"), Options{}),
		Generation(engine("a", "1", "red"), Options{MaxFile: 1}),
		Generation(engine("a", "1", "red"), Options{Include: []coverage.Class{coverage.Binary}}),
		Generation(append(engine("a", "1", "red"), engine("b", "1", "red")...), Options{}),
	} {
		if at, ok := known[name]; ok || name == "" {
			t.Errorf("%d has the name of %d: %q", i, at, name)
		}
		known[name] = i
	}
	if name := Generation(engine("a", "1", "red"), Options{Workers: 7}); known[name] != 0 {
		t.Error("the number of workers is no reason to look again")
	}
	if name := Generation([]Engine{wordEngine{"a", nil}}, Options{}); name != "" {
		t.Errorf("answers that cannot be read back are kept under %q", name)
	}
}

// A second run says what the first one said without looking, until the content, the name or the class of a file changes.
func TestRecall(t *testing.T) {
	dir, store := t.TempDir(), t.TempDir()
	write := func(name, text string) {
		t.Helper()
		full := filepath.Join(dir, name)
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(-time.Hour)
		if err := os.Chtimes(full, old, old); err != nil {
			t.Fatal(err)
		}
	}
	write("a", "red\n gitleaks:allow\n")
	write("b", "part red")
	write("c.min.js", "red")
	write("d", "red\x00")
	looks := 0
	run := func(damage func([]byte) []byte) (*Report, int) {
		t.Helper()
		looks = 0
		if file := filepath.Join(store, "g.results"); damage != nil {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, damage(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s := cache.Open(store, "g", cache.DefaultLimit)
		e := keptEngine{wordEngine{"a", []string{"red", "part"}}, "1", &looks}
		r, err := Run(context.Background(), &source.Dir{Root: dir}, []Engine{e}, Options{Workers: 1, Cache: s})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return r, looks
	}
	first, n := run(nil)
	if n != 4 {
		t.Errorf("%d looks", n)
	}
	same := func(name string, r *Report) {
		t.Helper()
		for what, pair := range map[string][2]any{"findings": {first.Findings, r.Findings}, "facts": {first.Facts, r.Facts}, "coverage": {first.Coverage, r.Coverage}} {
			if diff := cmp.Diff(pair[0], pair[1], withoutSurroundings); diff != "" {
				t.Errorf("%s: %s (-first +again)\n%s", name, what, diff)
			}
		}
	}
	again, n := run(nil)
	if same("again", again); n != 0 {
		t.Errorf("%d looks at what is known", n)
	}
	half, n := run(func(text []byte) []byte { return text[:len(text)/2] })
	if same("half of the entries are gone", half); n == 0 {
		t.Error("nothing was looked at again")
	}
	write("a", "red\n")
	if _, n := run(nil); n != 1 {
		t.Errorf("%d looks after one change", n)
	}
	if err := os.Rename(filepath.Join(dir, "b"), filepath.Join(dir, "e.not")); err != nil {
		t.Fatal(err)
	}
	if r, n := run(nil); n != 0 || len(r.Findings) != 2 {
		t.Errorf("%d looks and %d findings after a rename to a name that the engine does not want", n, len(r.Findings))
	}
}

// withoutSurroundings: they serve to number findings, and are not kept.
var withoutSurroundings = cmpopts.IgnoreFields(finding.Finding{}, "Surroundings")

// A record that does not fit is looked past.
func TestDecodeRefuses(t *testing.T) {
	r := &run{engines: []Engine{keptEngine{wordEngine{"a", nil}, "1", new(int)}}}
	for _, text := range []string{"", "{", `{"looked":[]}`, `{"looked":[true,true]}`, `{"looked":[true],"results":[{},{}]}`, `{"looked":[true],"results":[{"findings":[{"severity":"x"}]}]}`} {
		if rec, err := r.decode([]byte(text)); err == nil {
			t.Errorf("%q gives %+v", text, rec)
		}
	}
	if _, err := r.decode([]byte(`{"looked":[true]}`)); err != nil {
		t.Error(err)
	}
}
