package expr

import (
	"bytes"
	"go/build"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"

	"github.com/assaysec/assay/internal/litscan"
)

// A publicRule is what this test needs of a rule in gitleaks' configuration.
type publicRule struct {
	ID         string
	Regex      string
	Path       string
	Keywords   []string
	Allowlists []struct{ Regexes, Paths []string }
}

// publicRules reads the configuration that gitleaks ships, from the module cache. Nothing of it is part of this tree.
func publicRules(tb testing.TB) []publicRule {
	tb.Helper()
	cache := os.Getenv("GOMODCACHE")
	if cache == "" {
		cache = filepath.Join(filepath.SplitList(build.Default.GOPATH)[0], "pkg", "mod")
	}
	text, err := os.ReadFile(filepath.Join(cache, "github.com/zricethezav/gitleaks/v8@v8.30.1/config/gitleaks.toml"))
	if err != nil {
		tb.Skip("gitleaks' configuration is not in the module cache")
	}
	var config struct {
		Allowlist struct{ Regexes, Paths []string }
		Rules     []publicRule
	}
	if err := toml.Unmarshal(text, &config); err != nil {
		tb.Fatal(err)
	}
	return append(config.Rules, publicRule{ID: "global", Allowlists: []struct{ Regexes, Paths []string }{config.Allowlist}})
}

// publicExprs are all expressions in the configuration.
func publicExprs(tb testing.TB) []*Expr {
	var exprs []*Expr
	for _, r := range publicRules(tb) {
		patterns := []string{r.Regex, r.Path}
		for _, a := range r.Allowlists {
			patterns = append(append(patterns, a.Regexes...), a.Paths...)
		}
		for _, p := range patterns {
			if p != "" {
				exprs = append(exprs, mustExpr(tb, p))
			}
		}
	}
	return exprs
}

func TestPublicRulesRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for _, e := range publicExprs(t) {
		var m Machine
		p := newPeer(t, e.pattern)
		for range 25 {
			if !p.compare(t, &m, randomText(rng, e.tree)) {
				break
			}
		}
	}
}

// A pipeline does what the secret engine does: one pass for keywords and literals, then the rules whose keywords occur.
type pipeline struct {
	exprs    []*Expr
	set      *litscan.Set
	keyword  [][]int // literal to the rules it is a keyword of
	required [][]int // literal to the rules it is required by
	always   []bool  // rules without keywords

	machine Machine
	hits    []litscan.Hit
	present []bool
	byRule  [][]litscan.Hit
	locs    [][]int
}

func newPipeline(tb testing.TB) *pipeline {
	p := &pipeline{}
	var lits []litscan.Literal
	index := make(map[litscan.Literal]int)
	at := func(l litscan.Literal) int {
		if l.Fold {
			l.Text = strings.ToLower(l.Text)
		}
		i, ok := index[l]
		if !ok {
			i = len(lits)
			index[l] = i
			lits = append(lits, l)
			p.keyword, p.required = append(p.keyword, nil), append(p.required, nil)
		}
		return i
	}
	for _, r := range publicRules(tb) {
		if r.Regex == "" {
			continue
		}
		e := mustExpr(tb, r.Regex)
		n := len(p.exprs)
		p.exprs = append(p.exprs, e)
		p.always = append(p.always, len(r.Keywords) == 0)
		for _, k := range r.Keywords {
			i := at(litscan.Literal{Text: k, Fold: true})
			p.keyword[i] = append(p.keyword[i], n)
		}
		for _, l := range e.Literals {
			i := at(l)
			p.required[i] = append(p.required[i], n)
		}
	}
	var err error
	if p.set, err = litscan.New(lits); err != nil {
		tb.Fatal(err)
	}
	p.present = make([]bool, len(p.exprs))
	p.byRule = make([][]litscan.Hit, len(p.exprs))
	return p
}

// run calls found for each rule that applies to the text.
func (p *pipeline) run(text []byte, found func(rule int, locs [][]int)) {
	p.hits = p.set.Append(p.hits[:0], text)
	copy(p.present, p.always)
	for i := range p.byRule {
		p.byRule[i] = p.byRule[i][:0]
	}
	for _, h := range p.hits {
		for _, r := range p.keyword[h.Lit] {
			p.present[r] = true
		}
		for _, r := range p.required[h.Lit] {
			p.byRule[r] = append(p.byRule[r], h)
		}
	}
	for r, ok := range p.present {
		if ok {
			p.locs = p.machine.FindAll(p.locs[:0], p.exprs[r], text, p.byRule[r])
			found(r, p.locs)
		}
	}
}

// files reads the regular files below a directory, each up to 2 MiB.
func files(tb testing.TB, root string) [][]byte {
	tb.Helper()
	var all [][]byte
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && len(text) <= 2<<20 && bytes.IndexByte(text[:min(len(text), 8000)], 0) < 0 {
			all = append(all, text)
		}
		return err
	})
	if err != nil {
		tb.Skip(err)
	}
	return all
}

// trees are the directories to measure and compare on: the standard library and what ASSAY_TEST_TREES names.
func trees() []string {
	return append([]string{filepath.Join(runtime.GOROOT(), "src")}, filepath.SplitList(os.Getenv("ASSAY_TEST_TREES"))...)
}

// TestPublicRulesOnTrees compares with regexp on real files. regexp takes minutes for all of them; ASSAY_TEST_FULL asks
// for that, and otherwise a sample is taken.
func TestPublicRulesOnTrees(t *testing.T) {
	p := newPipeline(t)
	std := make([]*regexp.Regexp, len(p.exprs))
	for i, e := range p.exprs {
		std[i] = regexp.MustCompile(e.pattern)
	}
	every := 97
	if os.Getenv("ASSAY_TEST_FULL") != "" {
		every = 1
	}
	for _, tree := range trees() {
		matches := 0
		for i, text := range files(t, tree) {
			if i%every != 0 {
				continue
			}
			p.run(text, func(rule int, locs [][]int) {
				matches += len(locs)
				want := std[rule].FindAllSubmatchIndex(text, -1)
				if diff := cmp.Diff(want, slices.Clip(locs), cmp.Comparer(func(a, b [][]int) bool {
					return slices.EqualFunc(a, b, slices.Equal)
				})); diff != "" {
					t.Errorf("%s (-want +got):\n%s", p.exprs[rule], diff)
				}
			})
		}
		t.Logf("%s: %d matches", filepath.Base(tree), matches)
	}
}

func BenchmarkPipeline(b *testing.B) {
	for _, tree := range trees() {
		b.Run(filepath.Base(tree), func(b *testing.B) {
			p := newPipeline(b)
			texts := files(b, tree)
			size, matches := 0, 0
			for _, text := range texts {
				size += len(text)
			}
			b.SetBytes(int64(size))
			for b.Loop() {
				matches = 0
				for _, text := range texts {
					p.run(text, func(_ int, locs [][]int) { matches += len(locs) })
				}
			}
			b.ReportMetric(float64(matches), "matches")
		})
	}
}

// BenchmarkLiterals is the share of the pipeline that litscan takes.
func BenchmarkLiterals(b *testing.B) {
	p := newPipeline(b)
	for _, tree := range trees() {
		b.Run(filepath.Base(tree), func(b *testing.B) {
			texts := files(b, tree)
			size, hits := 0, 0
			for _, text := range texts {
				size += len(text)
			}
			b.SetBytes(int64(size))
			for b.Loop() {
				hits = 0
				for _, text := range texts {
					p.hits = p.set.Append(p.hits[:0], text)
					hits += len(p.hits)
				}
			}
			b.ReportMetric(float64(size)/float64(hits), "bytes/hit")
		})
	}
}

// BenchmarkCompile is what a start of the program pays for a pack of this size.
func BenchmarkCompile(b *testing.B) {
	rules := publicRules(b)
	for b.Loop() {
		for _, r := range rules {
			if r.Regex != "" {
				mustExpr(b, r.Regex)
			}
		}
	}
}

// BenchmarkFirstUse is what preparing the automata of all rules costs.
func BenchmarkFirstUse(b *testing.B) {
	rules := publicRules(b)
	for b.Loop() {
		b.StopTimer()
		var exprs []*Expr
		for _, r := range rules {
			if r.Regex != "" {
				exprs = append(exprs, mustExpr(b, r.Regex))
			}
		}
		b.StartTimer()
		for _, e := range exprs {
			e.main()
			if e.split != nil {
				e.parts()
			}
		}
	}
}

// BenchmarkGroupMatch asks the path patterns of all allowlists about every path of a tree, warm. To the public patterns
// it adds as many of the kind that people write themselves.
func BenchmarkGroupMatch(b *testing.B) {
	var exprs []*Expr
	for _, r := range publicRules(b) {
		for _, a := range r.Allowlists {
			for _, p := range a.Paths {
				exprs = append(exprs, mustExpr(b, p))
			}
		}
	}
	for _, word := range strings.Fields("test tests mocks fixtures examples docs dist build target vendor third_party bin obj out " +
		"coverage charts manifests locale assets static public migrations generated proto api web ui hack scripts tools e2e") {
		exprs = append(exprs, mustExpr(b, `(?:^|/)`+word+`/`), mustExpr(b, `(?i)[-_.]`+word+`\.(?:go|py|js|ts)$`), mustExpr(b, `^services/.*/`+word+`/.*\.ya?ml$`))
	}
	g := NewGroup(exprs)
	var paths [][]byte
	for _, tree := range trees() {
		filepath.WalkDir(tree, func(path string, _ fs.DirEntry, _ error) error {
			paths = append(paths, []byte(strings.TrimPrefix(path, tree)))
			return nil
		})
	}
	var m Machine
	var dst []int
	matches := 0
	ask := func() {
		for _, path := range paths {
			dst = m.GroupMatch(g, path, dst[:0])
			matches += len(dst)
		}
	}
	ask()
	for b.Loop() {
		ask()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(paths)), "ns/path")
	b.ReportMetric(float64(len(exprs)), "expressions")
	b.ReportMetric(float64(len(m.group(g).states)), "states")
}
