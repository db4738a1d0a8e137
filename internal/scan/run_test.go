package scan

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/litscan"
	"github.com/assaysec/assay/internal/source"
)

// A wordEngine finds its words wherever they stand, by the hits it is given.
type wordEngine struct {
	name  string
	words []string
}

func (e wordEngine) Name() string    { return e.name }
func (e wordEngine) Version() string { return "1" }
func (e wordEngine) Digests() map[string]string {
	return map[string]string{"words": strings.Join(e.words, " ")}
}
func (e wordEngine) Wants(f *FileInfo) bool { return !strings.HasSuffix(f.Path, ".not") }

func (e wordEngine) Literals() []litscan.Literal {
	var out []litscan.Literal
	for _, w := range e.words {
		out = append(out, litscan.Literal{Text: w})
	}
	return out
}

func (e wordEngine) Look(_ context.Context, f *File) Result {
	var out Result
	for _, h := range f.Hits {
		word := e.words[h.Lit]
		at := int(h.Pos)
		switch word {
		case "panic":
			panic(string(f.Text))
		case "part":
			out.Unchecked = append(out.Unchecked, "a part of it")
		}
		line := bytes.Count(f.Text[:at], []byte{'\n'}) + 1
		column := at - bytes.LastIndexByte(f.Text[:at], '\n')
		out.Findings = append(out.Findings, finding.Finding{Rule: e.name + "/" + word, Surroundings: word,
			Place: finding.Place{Kind: finding.InFile, Path: f.Path, Start: finding.Position{Line: line, Column: column}}})
	}
	return out
}

// A listed source hands out files that are in memory.
type listed []*source.File

func (l listed) Target() finding.Target { return finding.Target{Kind: "test", Name: "test"} }

func (l listed) Each(ctx context.Context, workers int, _ *source.Account, visit func(int, *source.File)) error {
	next := make(chan *source.File)
	done := make(chan bool)
	for n := range workers {
		go func() {
			for f := range next {
				visit(n, f)
			}
			done <- true
		}()
	}
	for _, f := range l {
		next <- f
	}
	close(next)
	for range workers {
		<-done
	}
	return ctx.Err()
}

func told(r *Report) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, fmt.Sprintf("%s:%d:%d %s", f.Place.Path, f.Place.Start.Line, f.Place.Start.Column, f.Rule))
	}
	return out
}

// Each engine gets the hits of its own literals, under its own numbers, and no other's.
func TestHitsAreSplitBetweenEngines(t *testing.T) {
	engines := []Engine{
		wordEngine{"a", []string{"red", "green"}}, wordEngine{"none", nil}, wordEngine{"b", []string{"blue", "red"}}, wordEngine{"c", []string{"green"}},
	}
	src := listed{source.NewHeld("x", []byte("red blue\ngreen gitleaks:allow\n")), source.NewHeld("x.not", []byte("red"))}
	r, err := Run(context.Background(), src, engines, Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"x:1:1 a/red", "x:1:1 b/red", "x:1:5 b/blue", "x:2:1 a/green", "x:2:1 c/green"}
	if diff := cmp.Diff(want, told(r)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(r.Facts) != 1 || r.Facts[0].Name != "gitleaks:allow" || r.Facts[0].Place.Start != (finding.Position{Line: 2, Column: 7}) {
		t.Errorf("marks: %+v", r.Facts)
	}
}

// However many workers there are, the report is the same.
func TestSameReportWithAnyNumberOfWorkers(t *testing.T) {
	var src listed
	for i := range 500 {
		src = append(src, source.NewHeld(fmt.Sprintf("f%03d", i*7919%500), []byte(strings.Repeat("red blue part\n", i%5))))
	}
	engines := []Engine{wordEngine{"a", []string{"red", "part"}}, wordEngine{"b", []string{"blue"}}}
	var first *Report
	for _, workers := range []int{1, 2, 16} {
		r, err := Run(context.Background(), src, engines, Options{Workers: workers, Keep: func(p string) bool { return p < "f003" }})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = r
			continue
		}
		if diff := cmp.Diff(first.Findings, r.Findings); diff != "" {
			t.Errorf("%d workers: findings (-one +many)\n%s", workers, diff)
		}
		if diff := cmp.Diff(first.Coverage, r.Coverage); diff != "" {
			t.Errorf("%d workers: coverage (-one +many)\n%s", workers, diff)
		}
		if diff := cmp.Diff(first.Kept, r.Kept); diff != "" {
			t.Errorf("%d workers: kept (-one +many)\n%s", workers, diff)
		}
	}
	if len(first.Findings) == 0 || len(first.Kept) != 3 {
		t.Errorf("%d findings, %d files kept", len(first.Findings), len(first.Kept))
	}
}

// A panic is something that could not be checked, by that engine, and shows nothing of the file.
func TestPanicBecomesUnchecked(t *testing.T) {
	engines := []Engine{wordEngine{"a", []string{"panic", "red"}}, wordEngine{"b", []string{"red"}}}
	src := listed{source.NewHeld("bad", []byte("red panic hunter2")), source.NewHeld("good", []byte("red"))}
	r, err := Run(context.Background(), src, engines, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"bad:1:1 b/red", "good:1:1 a/red", "good:1:1 b/red"}, told(r)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	a, b := r.Coverage[0], r.Coverage[1]
	if a.Status != coverage.Partial || len(a.Unchecked) != 1 || a.Unchecked[0].Path != "bad" || b.Status != coverage.Done {
		t.Errorf("coverage %+v and %+v", a, b)
	}
	if strings.Contains(fmt.Sprint(a), "hunter2") {
		t.Errorf("the panic's value is shown: %+v", a)
	}
}

func TestUncheckedFiles(t *testing.T) {
	var bomb bytes.Buffer
	w := zip.NewWriter(&bomb)
	f, err := w.Create("zeros")
	if err != nil {
		t.Fatal(err)
	}
	for range 64 {
		if _, err := f.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	broken := &source.File{Path: "broken", Size: -1, Class: coverage.Source, Read: func([]byte, int64) ([]byte, error) { return nil, errors.New("disk on fire") }}
	pointer := "version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("ab", 32) + "\nsize 12345\n"
	src := listed{broken, source.NewHeld("large", make([]byte, 101)), source.NewHeld("bomb.zip", bomb.Bytes()), source.NewHeld("model.bin", []byte(pointer))}
	r, err := Run(context.Background(), src, []Engine{wordEngine{"a", []string{"red"}}}, Options{MaxFile: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, u := range r.Coverage[0].Unchecked {
		got[u.Path] = u.Reason
	}
	for path, reason := range map[string]string{"broken": "disk on fire", "bomb.zip!/zeros": "larger than the limit", "model.bin": "Git LFS"} {
		if !strings.Contains(got[path], reason) && !(path == "bomb.zip!/zeros" && strings.Contains(got["bomb.zip"], "times its size")) {
			t.Errorf("%s: %q, want %q", path, got[path], reason)
		}
	}
	if r.Coverage[0].Status != coverage.Partial {
		t.Errorf("status %s", r.Coverage[0].Status)
	}
}

// A run that is cut short is an error, and its coverage says so.
func TestCancelledRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	slow := &source.File{Path: "slow", Size: -1, Read: func([]byte, int64) ([]byte, error) {
		cancel()
		return []byte("red"), nil
	}}
	r, err := Run(ctx, listed{slow}, []Engine{wordEngine{"a", []string{"red"}}}, Options{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if r.Coverage[0].Status != coverage.Error {
		t.Errorf("status %s", r.Coverage[0].Status)
	}
}

func TestMarks(t *testing.T) {
	text := "a\n  # assay:ignore x until=2027-01-01\nb // gitleaks:allow ghp" + "_0123456789abcdefABCDEF end\n"
	set, err := litscan.New(markLiterals())
	if err != nil {
		t.Fatal(err)
	}
	got := marks("p", []byte(text), set.Append(nil, []byte(text)), 0)
	fact := func(line, column int, f native.Found) Fact {
		at := finding.Position{Line: line, Column: column}
		f.Line, f.Column = line, column
		return Fact{Kind: MarkKind, Name: f.Word, Mark: &f, Place: finding.Place{Kind: finding.InFile, Path: "p", Start: at, End: at}}
	}
	want := []Fact{
		fact(2, 5, native.Found{Tool: "assay", Word: "assay:ignore", Rules: []string{"x"}, Until: "2027-01-01", Text: "assay:ignore x until=2027-01-01", Reach: []native.Reach{{First: 3, Last: 3}}}),
		fact(3, 6, native.Found{Tool: "gitleaks", Word: "gitleaks:allow", Text: "gitleaks:allow ghp_… end", Reach: []native.Reach{{First: 3, Last: 3}}}),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"":                                              "",
		"a plain reason, ticket ABC-1234":               "a plain reason, ticket ABC-1234",
		"secret/github-personal-access-token":           "secret/github-personal-access-token",
		"CKV_SECRET_2 CWE-798 until=2027-01-31":         "CKV_SECRET_2 CWE-798 until=2027-01-31",
		"camelCaseName and SCREAMING_NAMES":             "camelCaseName and SCREAMING_NAMES",
		"token=Zq8vT2mK" + "x0LrPd4w!":                  "token=…!",
		"pass u5AfTn" + "Dz1lJYFs, EHa9TJ" + "xJo3keTb": "pass …, …",
		"naïve 😀 text":                                  "naïve 😀 text",
	} {
		if got := Mask(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got, want := MaskQuoted(`file.go:12 at a0b1c2d3e4f5: unknown key "a0b1c2d3e4f5" or 'a0b1c2d3e4f5`), `file.go:12 at a0b1c2d3e4f5: unknown key "…" or '…`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Literals are put together once for runs with the same engines, and anew for others.
func TestLiteralsAreKept(t *testing.T) {
	a, b := &wordEngine{name: "a", words: []string{"alpha"}}, &wordEngine{name: "b", words: []string{"beta"}}
	var kept Literals
	sets := map[*literalSet]bool{}
	for _, engines := range [][]Engine{{a, b}, {a, b}, {b, a}, {a}, {a}} {
		r, err := newRun(engines, Options{Workers: 1, Literals: &kept})
		if err != nil {
			t.Fatal(err)
		}
		if sets[r.literalSet] = true; len(r.first) != len(engines)+1 {
			t.Errorf("%d places of literals for %d engines", len(r.first), len(engines))
		}
	}
	if len(sets) != 3 {
		t.Errorf("%d sets were made, want 3", len(sets))
	}
}
