package expr

import (
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assaysec/assay/internal/litscan"
)

// shapes are expressions of every shape the package treats in its own way.
var shapes = []string{
	// no literal
	``, `a`, `.`, `a*`, `(a|b)*`, `[a-f0-9]{4}`, `\b`, `^`, `$`, `(?m)^$`, `(?m)^.*$`, `\B`, `x*|y`, `(|a)*`, `(|a)+`, `a*?`, `a??b`,
	`(?i)\b(\d{3,4}(\||%)[0-9a-z_-]{5,9})(?:[\x60'"\s;]|\\[nr]|$)`, `\pL+`, `\PL`, `[^a]`, `[^\x00-\x7f]+`, `(?s).`, `\x{fffd}`,
	`(a)|(b)|(c)`, `(a*)(b*)`, `(?:(a)|b)*`, `(a){0}b`, `[[:word:]]+`, `(?i)[k]`, `(?i)[^k]`, `(?i)s+`,
	// one literal, plain and folded
	`abc`, `(?i)key`, `(?i)token`, `(?i)mask`, `(?i)access_secret_keys`, `(?i)sssssssskkkk`, `(?i)Straße`, `(?i)ÉCOLE`, `(?i)k`, `(?i)sk-`,
	`ab`, `(?i:a)b(?i:c)`, `[Kk]ey`, `[Kk\x{212a}]ey`, `(?i)[ks]ecret`, `日本語`, `a\x{fffd}bc`, `abc\x{fffd}`, `ab\x{10ffff}c`,
	// context
	`\bfoo\b`, `\Bfoo\B`, `^foo`, `foo$`, `(?m)^foo$`, `\Afoo\z`, `(?:^|\s)foo(?:\s|$)`, `x?\bfoo\b\.?`, `(?m:^)\s*foo`, `foo\b-\bbar`,
	`\b(AKIA[A-Z2-7]{4})\b`, `\b((?:A3T[A-Z0-9]|AKIA|ASIA)[A-Z2-7]{4})\b`, `foo(?:\z|$|\b)`, `[^\w]foo[^\w]`, `.foo.`, `.?foo.?`, `\Wfoo\W`,
	`(?s).{0,3}foo.{0,3}`, `é?foo`, `[^a]{0,4}?foo`,
	// room before and after
	`[\w.-]{0,5}?(?:key|auth)[ \t]{0,3}=[ ]{0,3}([a-z]{3,5})`, `[a-z]{2}foo`, `[a-z]{0,9}foo[a-z]{0,9}`, `a{0,3}ab`, `(a{0,3})(ab)`,
	`(?i)[\w.-]{0,50}?(?:access|auth|(?-i:[Aa]pi|API)|key|passw(?:or)?d|token)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:)[\x60'"\s=]{0,5}([\w.=-]{10,15}|[a-z0-9][a-z0-9+/]{11,}={0,3})(?:[\x60'"\s;]|\\[nr]|$)`,
	`.*foo`, `.*foo.*`, `(?s).*foo`, `(?s).*?foo`, `foo.*`, `(?s)foo.*`, `foo.*?bar`, `foo.*bar`, `(?s)foo.*?bar|foo`, `[a-z]+foo`, `\s*foo`,
	`(?i)-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----[\s\S-]{6,}?KEY(?: BLOCK)?-----`,
	// alternatives and repetitions
	`foo|bar`, `foo|bar|`, `(foo)|(bar)`, `foo|foobar`, `foobar|foo`, `(?:foo|fo)(?:o|bar)?`, `a+foo|b+bar`, `\bfoo|bar\b`, `foo\d|[a-z]bar`,
	`(?:foo)+`, `(foo)+`, `(foo|bar)+`, `(foo|bar){2}`, `(foo|bar){2,}`, `(?:xo[ab]-){2,3}y`, `(foo.)+?`, `([a-z]foo){1,2}`, `(?:foo)?bar`, `(?:foo)*bar`,
	`q(?:hvs\.[\w-]{3}|s\.(?i:[a-z]{4}))z`, `\b((?:hvs\.[\w-]{3}|s\.(?i:[a-z]{4})))(?:;|$)`, `[fb]oo`, `[a-z]oo`, `f[aeiou]{2}`, `(?:a|b|c|d)(?:e|f)gh`,
	`foo(?:bar|)baz`, `x(?:foo|[0-9]bar)y`, `(?:\d-)?foo`, `aa`, `aaa?`, `(aa)|(aaa)`, `aba`, `(?:ab){2}`, `(?U)foo.*bar`, `(?U)foo+`, `(?i)foo(?-i)BAR`,
	`(?P<name>foo)=(?P<value>\w+)`, `\Qa.b\E+`, `foo\x00bar`, `(?:foo[^\n]*\n){2}`, `(?m)^key:\s*(\S+)$`, `(?m)^key:\s*(\S+?)\s*$`,
}

func mustExpr(t testing.TB, pattern string) *Expr {
	t.Helper()
	e, err := Compile(pattern)
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	return e
}

// A peer is an expression beside the standard library's compilation of it.
type peer struct {
	*Expr
	std *regexp.Regexp
	set *litscan.Set
}

func newPeer(t testing.TB, pattern string) peer {
	t.Helper()
	e := mustExpr(t, pattern)
	set, err := litscan.New(e.Literals)
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	return peer{e, regexp.MustCompile(pattern), set}
}

// compare reports where the two differ, and whether they agree.
func (p peer) compare(t *testing.T, m *Machine, text []byte) bool {
	t.Helper()
	want := p.std.FindAllSubmatchIndex(text, -1)
	hits := p.set.Append(nil, text)
	if diff := cmp.Diff(want, m.FindAll(nil, p.Expr, text, hits)); diff != "" {
		t.Errorf("%s\non %q\nliterals %+v (-want +got):\n%s", p, text, p.Literals, diff)
		return false
	}
	if diff := cmp.Diff(want[:min(len(want), 2)], m.FindUpTo(nil, p.Expr, text, hits, 2), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s\non %q\nup to two (-want +got):\n%s", p, text, diff)
		return false
	}
	if m.Matches(p.Expr, text) != (want != nil) {
		t.Errorf("%s on %q: Matches is %v", p, text, want == nil)
		return false
	}
	return p.inBounds(t, text, hits, want)
}

// inBounds checks that every match contains a literal and reaches no further from it than Bounds says.
func (p peer) inBounds(t *testing.T, text []byte, hits []litscan.Hit, locs [][]int) bool {
	t.Helper()
	if p.Literals == nil {
		return true
	}
	left, right := p.Before, p.After
	for _, loc := range locs {
		ok := slices.ContainsFunc(hits, func(h litscan.Hit) bool {
			pos := int(h.Pos)
			end := pos + len(p.Literals[h.Lit].Text)
			return loc[0] <= pos && end <= loc[1] && (left == Unbounded || pos-loc[0] <= left) && (right == Unbounded || loc[1]-pos <= right)
		})
		if !ok {
			t.Errorf("%s on %q: match %v is not around a literal within -%d +%d", p, text, loc, left, right)
			return false
		}
	}
	return true
}

func TestFindAllRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var m Machine
	for _, pattern := range shapes {
		p := newPeer(t, pattern)
		for range 400 {
			if !p.compare(t, &m, randomText(rng, p.tree)) {
				break
			}
		}
	}
}

// TestFindAllForeign matches every expression against texts made for the others.
func TestFindAllForeign(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var texts [][]byte
	for _, pattern := range shapes {
		texts = append(texts, randomText(rng, mustExpr(t, pattern).tree))
	}
	var m Machine
	for _, pattern := range shapes {
		p := newPeer(t, pattern)
		for _, text := range texts {
			if !p.compare(t, &m, text) {
				break
			}
		}
	}
}

// TestFindAllRandomExpressions leaves the choice of expressions to chance as well. ASSAY_TEST_ROUNDS asks for more.
func TestFindAllRandomExpressions(t *testing.T) {
	rounds := 400
	if more, err := strconv.Atoi(os.Getenv("ASSAY_TEST_ROUNDS")); err == nil {
		rounds = more
	}
	rng := rand.New(rand.NewPCG(uint64(rounds), 14))
	var m Machine
	split := 0
	for range rounds {
		pattern := randomPattern(rng, 1+rng.IntN(5))
		if rng.IntN(3) == 0 {
			pattern = "(?i)" + pattern
		}
		if _, err := regexp.Compile(pattern); err != nil {
			continue
		}
		p := newPeer(t, pattern)
		if p.split != nil {
			split++
		}
		for range 12 {
			if !p.compare(t, &m, randomText(rng, p.tree)) {
				break
			}
		}
	}
	t.Logf("%d of %d expressions have literals", split, rounds)
}

func TestLiterals(t *testing.T) {
	exact := func(texts ...string) (lits []litscan.Literal) {
		for _, x := range texts {
			lits = append(lits, litscan.Literal{Text: x})
		}
		return lits
	}
	tests := []struct {
		pattern       string
		want          []litscan.Literal
		before, after int
	}{
		{`[a-f0-9]{40}`, nil, Unbounded, Unbounded},
		{`a|b`, nil, Unbounded, Unbounded},
		{`foo|`, nil, Unbounded, Unbounded},
		{`\bAKIA[A-Z2-7]{16}\b`, exact("AKIA"), 0, 20},
		{`(?i)dark`, []litscan.Literal{{Text: "dark", Fold: true}, {Text: "dar\u212a", Fold: true}}, 0, 6},
		{`[Kk]ey`, []litscan.Literal{{Text: "key", Fold: true}}, 0, 3},
		{`[\w.-]{0,50}?zeta.*`, exact("zeta"), 50, Unbounded},
		{`.*zeta`, exact("zeta"), Unbounded, 4},
		{`\x{fffd}zeta`, exact("zeta"), 3, 4},
		{`q(?:hvs\.x+|zz\.y)z`, exact("qhvs.", "qzz.y"), 0, Unbounded},
	}
	for _, tt := range tests {
		e := mustExpr(t, tt.pattern)
		if diff := cmp.Diff(tt.want, e.Literals); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.pattern, diff)
		}
		if e.Before != tt.before || e.After != tt.after {
			t.Errorf("%s: bounds %d, %d; want %d, %d", tt.pattern, e.Before, e.After, tt.before, tt.after)
		}
	}
}

func TestKnown(t *testing.T) {
	text := []byte("a key=12345 b")
	e := mustExpr(t, `key=(\d+)`)
	known := Known(e.String(), e.Facts)
	hits := []litscan.Hit{{Pos: 2}}
	var m Machine
	if diff := cmp.Diff(m.FindAll(nil, e, text, hits), m.FindAll(nil, known, text, hits)); diff != "" {
		t.Errorf("(-compiled +known)\n%s", diff)
	}
	if got := m.GroupMatch(NewGroup([]*Expr{Known(e.String(), e.Facts)}), text, nil); len(got) != 1 {
		t.Errorf("group finds %v", got)
	}
}

func TestCompileExplains(t *testing.T) {
	tests := []struct{ pattern, want string }{
		{`foo(?=bar)`, "lookahead `(?=` at byte 4"},
		{`foo(?!bar)`, "negative lookahead `(?!` at byte 4"},
		{`(?<=x)foo`, "lookbehind `(?<=` at byte 1"},
		{`(?<!x)foo`, "negative lookbehind `(?<!` at byte 1"},
		{`(?>a+)`, "atomic group `(?>` at byte 1"},
		{`(a)\1`, "backreference `\\1` at byte 4"},
		{`(?P<n>a)(?P=n)`, "backreference `(?P=` at byte 9"},
		{`[\1(?=]a++`, "possessive quantifier `+` at byte 10"},
		{`a{2}+`, "possessive quantifier `+` at byte 5"},
		{`\Q(?=\E(?R)`, "recursion `(?R` at byte 8"},
		{`(a`, "missing closing ): `(a` at byte 1"},
		{`a{2000}`, "invalid repeat count: `{2000}` at byte 2"},
		{strings.Repeat(`[a-z]{1000}`, 60), "too large"},
		{strings.Repeat(`(a)`, 2000), "too large"},
		{`[z-a]`, "invalid character class range: `z-a` at byte 2"},
		{"a\xff", "invalid UTF-8"},
	}
	for _, tt := range tests {
		if _, err := Compile(tt.pattern); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.pattern, err, tt.want)
		}
	}
}

func TestGroupMatch(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	var exprs []*Expr
	for _, pattern := range shapes {
		exprs = append(exprs, mustExpr(t, pattern))
	}
	g := NewGroup(exprs)
	var m Machine
	for _, e := range exprs {
		text := randomText(rng, e.tree)
		var want []int
		for i, e := range exprs {
			if regexp.MustCompile(e.pattern).Match(text) {
				want = append(want, i)
			}
		}
		for range 2 { // cold and warm
			if diff := cmp.Diff(want, m.GroupMatch(g, text, nil)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", text, diff)
			}
		}
	}
}

func FuzzFindAll(f *testing.F) {
	f.Add(uint16(0), []byte("AKIA2222 key = abc foo\nbar"))
	f.Add(uint16(40), []byte("\u212aEY \xe2\x84 kEy ſK-"))
	var m Machine
	var peers []peer
	for _, pattern := range shapes {
		peers = append(peers, newPeer(f, pattern))
	}
	f.Fuzz(func(t *testing.T, n uint16, text []byte) {
		peers[int(n)%len(peers)].compare(t, &m, text[:min(len(text), 2048)])
	})
}
