package expr

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"unicode"
)

// generate writes a text that the tree matches, but for assertions, which it ignores.
func generate(rng *rand.Rand, re *syntax.Regexp, b *strings.Builder) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 {
				for range rng.IntN(4) {
					r = unicode.SimpleFold(r)
				}
			}
			b.WriteRune(r)
		}
	case syntax.OpCharClass:
		if len(re.Rune) == 0 {
			return
		}
		i := 2 * rng.IntN(len(re.Rune)/2)
		low, high := re.Rune[i], re.Rune[i+1]
		b.WriteRune(low + rune(rng.IntN(int(min(high-low, 300))+1)))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteString([]string{"a", " ", "\n", "é", "\xff", "K", "_"}[rng.IntN(7)])
	case syntax.OpStar:
		repeat(rng, re.Sub[0], rng.IntN(4), b)
	case syntax.OpPlus:
		repeat(rng, re.Sub[0], 1+rng.IntN(4), b)
	case syntax.OpQuest:
		repeat(rng, re.Sub[0], rng.IntN(2), b)
	case syntax.OpRepeat:
		more := 3
		if re.Max >= 0 {
			more = min(more, re.Max-re.Min)
		}
		repeat(rng, re.Sub[0], re.Min+rng.IntN(more+1), b)
	case syntax.OpAlternate:
		generate(rng, re.Sub[rng.IntN(len(re.Sub))], b)
	default:
		for _, sub := range re.Sub {
			generate(rng, sub, b)
		}
	}
}

func repeat(rng *rand.Rand, re *syntax.Regexp, n int, b *strings.Builder) {
	for range n {
		generate(rng, re, b)
	}
}

// randomText joins matching texts with noise and then breaks some of it.
func randomText(rng *rand.Rand, tree *syntax.Regexp) []byte {
	noise := []string{"", "", " ", "\n", "x", "_", "key", "=", "\"", "\xe2", "\x84\xaa", "é", "\u212a", "ſ", "\x00", "\xff", "A1", ".", "-", "\r\n", "secret: ", "ß", "ẞ", "Σ", "ς", "İ", "\xed\xa0\x80", "\xf4\x8f\xbf\xbf", "\xc3"}
	var b strings.Builder
	for range rng.IntN(4) {
		b.WriteString(noise[rng.IntN(len(noise))])
		generate(rng, tree, &b)
		b.WriteString(noise[rng.IntN(len(noise))])
	}
	text := []byte(b.String())
	for range rng.IntN(4) {
		if len(text) == 0 {
			break
		}
		i := rng.IntN(len(text))
		switch rng.IntN(4) {
		case 0:
			text[i] = byte(rng.IntN(256))
		case 1:
			text = append(text[:i], text[i+1:]...)
		case 2:
			text = append(text[:i:i], append([]byte(noise[rng.IntN(len(noise))]), text[i:]...)...)
		case 3:
			text[i] ^= 0x20
		}
	}
	return text
}

// randomPattern writes an expression of any shape; not all of them compile.
func randomPattern(rng *rand.Rand, depth int) string {
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	if depth == 0 {
		switch rng.IntN(4) {
		case 0:
			return pick("foo", "key", "task", "api", "_a_", "ſk", "日本", "abc", "x-y", "sk-", "aa", "straße", "STRAẞE", "ΣΑΣ", "ǆa", "İı", "µm", "\\x{212a}ey", "\\x{1e9e}x", "\\x{10ffff}a")
		case 1:
			return pick("[a-z]", "[^a]", `\w`, `\W`, `\d`, ".", "[ks]", "[Kk]", `\s`, "[a\u212a-\u2130]", `\pL`, `[^\n]`, `\x{fffd}`, "[fk]",
				"[ſß]", `\p{Greek}`, `\P{Lu}`, "[[:^word:]]", "[^\x00-\x7f]", "[σ-ω]", `\C`, `[\x{80}-\x{10ffff}]`, `\D`, `[^\W_]`)
		case 2:
			return pick(`\b`, `\B`, "^", "$", `\A`, `\z`, "(?m:^)", "(?m:$)", "", `\b\B`, "(?:)", `(?m:$\n^)`, `(?:\b|^)`)
		}
		return pick("a", "b", "k", "S", "é", "_", "-", " ", "K", "ς", "ẞ", `\n`, "ſ")
	}
	sub := func() string { return randomPattern(rng, depth-1) }
	switch rng.IntN(9) {
	case 8:
		return pick("(?:|"+sub()+")", "(?:"+sub()+"|)", "("+sub()+"|"+sub()+"|)")
	case 0:
		return pick("(", "(?:", "(?i:", "(?s:", "(?-i:", "(?U:", "(?m:", "(?ims:", "(?i-s:", "(?P<n>") + sub() + ")"
	case 1:
		return "(?:" + sub() + "|" + sub() + ")"
	case 2:
		return "(" + sub() + "|" + sub() + "|" + sub() + ")"
	case 3:
		return "(?:" + sub() + ")" + pick("*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{2,}?", "{0,14}", "{3,20}", "{0,2}?")
	}
	return sub() + sub()
}
