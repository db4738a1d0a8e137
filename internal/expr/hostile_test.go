package expr

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestHostile runs expressions and texts made to be slow. Each pair would take minutes if any step were quadratic or
// exponential; the limit leaves room for a busy machine.
func TestHostile(t *testing.T) {
	const size = 1 << 20
	fill := func(s string) []byte { return []byte(strings.Repeat(s, size/len(s))) }
	rng := rand.New(rand.NewPCG(11, 12))
	random := func(words ...string) []byte {
		var text []byte
		for len(text) < size {
			text = append(text, words[rng.IntN(len(words))]...)
		}
		return text
	}
	const ab = "a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b a b"
	coin := append(strings.Fields(ab), "c", "key", "d")
	tests := []struct {
		name    string
		pattern string
		text    []byte
	}{
		{"long check at every hit", `key[^~]*~~`, fill("key ")},
		{"long check backward at every hit", `(?s)~.{0,900}key`, fill("key ")},
		{"nothing ends", `(?s)key.*~~`, fill("key ")},
		{"nothing begins", `(?s)~.*key`, fill("key ")},
		{"nested loops", `(a*)*(a*)*(a|aa)+~`, fill("a")},
		{"nested loops around a literal", `((key)+\s*)+((key)+\s*)+~~`, fill("key ")},
		{"exponential automaton", `[ab]*a[ab]{30}c`, random(coin...)},
		{"exponential automaton after a literal", `key[ab]*a[ab]{30}c`, random(coin...)},
		{"exponential automaton before a literal", `a[ab]{30}key[^x]`, random(coin...)},
		{"exponential automaton around a literal", `(a[ab]{20})(key)([ab]{20}a[ab]{30})d`, random(coin...)},
		{"exponential automaton, unbounded", `(?s)a[ab]{30}c.*d[ab]{30}c`, random(coin...)},
		{"counting that overlaps", `(?s)key.{0,500}\sdata.{0,500}~~`, random("key ", "data ", "x", "\n", "~~", "yyyyyyyy")},
		{"counting without literal", `\w{3,90}\W{1,90}\d{3,90}~`, random("abc", "12", " ,", ";", "5678", "~")},
		{"many alternatives", `(?:` + strings.TrimSuffix(strings.Repeat(`[a-z]{2,40}\d|`, 40), "|") + `)~`, fill("abcdefgh12")},
		{"many classes", `\pL{1,40}\pN{1,40}\pP~`, fill("жé世1٣。")},
		{"invalid bytes", `(?s).{5,50}~`, fill("\xff\xe4\xb8")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var m Machine
			p := newPeer(t, tt.pattern)
			hits := p.set.Append(nil, tt.text)
			began := time.Now()
			matches := m.FindAll(nil, p.Expr, tt.text, hits)
			took := time.Since(began)
			t.Logf("%v for %d matches", took, len(matches))
			if took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if m.memory > machineMemory {
				t.Errorf("the machine holds %d bytes", m.memory)
			}
			p.compare(t, &m, tt.text[:20_000])
		})
	}
}
