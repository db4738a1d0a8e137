package expr

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestFallbacks makes automata give up, one level after the other, and asks for the same answers.
func TestFallbacks(t *testing.T) {
	levels := []struct {
		name string
		fail func(w *warm)
	}{
		{"relaxed forward part", func(w *warm) {
			for i := range w.parts {
				w.parts[i].forward.giveUp = true
			}
		}},
		{"no forward part", func(w *warm) {
			for i := range w.parts {
				w.parts[i].loose = newDFA(w.parts[i].forward.p, allThreads)
				w.parts[i].loose.giveUp = true
			}
		}},
		{"no backward part", func(w *warm) {
			for i := range w.parts {
				if w.parts[i].reverse != nil {
					w.parts[i].reverse.giveUp = true
				}
			}
		}},
		{"no search", func(w *warm) { w.search.giveUp = true }},
		{"no start", func(w *warm) { w.start.giveUp = true }},
	}
	rng := rand.New(rand.NewPCG(15, 16))
	patterns := slices.Clone(shapes)
	for range 150 {
		if pattern := randomPattern(rng, 1+rng.IntN(4)); syntaxIsRight(pattern) {
			patterns = append(patterns, pattern)
		}
	}
	for _, pattern := range patterns {
		p := newPeer(t, pattern)
		for _, level := range levels {
			var m Machine
			w := m.warm(p.Expr)
			if p.split != nil {
				w.prepareParts(p.Expr)
			}
			w.prepareWhole(p.Expr)
			level.fail(w)
			for round := range 12 {
				if round == 6 && w.sieve != nil {
					w.sieve.giveUp = true
				}
				if !p.compare(t, &m, randomText(rng, p.tree)) {
					t.Fatalf("with %s", level.name)
				}
			}
		}
	}
}

func syntaxIsRight(pattern string) bool {
	_, err := regexp.Compile(pattern)
	return err == nil
}

// TestVariety has too many different characters for automata, in one part or in all.
func TestVariety(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	var many strings.Builder
	for r := rune(0x4e00); r < 0x4e00+3000; r++ {
		many.WriteRune(r)
		many.WriteString("?")
	}
	for _, pattern := range []string{many.String() + "x", "key" + many.String() + "[^y]", "(?:" + many.String() + ")key\\b", "foo.{0,50}" + many.String() + "bar"} {
		var m Machine
		p := newPeer(t, pattern)
		for range 3 {
			text := randomText(rng, p.tree)
			p.compare(t, &m, text[:min(len(text), 1500)])
		}
		if got := m.GroupMatch(NewGroup([]*Expr{p.Expr, mustExpr(t, "key")}), []byte("no key"), nil); len(got) == 0 {
			t.Errorf("%.10s…: the group does not match", pattern)
		}
	}
}

// TestShared uses expressions and a group from several goroutines at once, each with a machine of its own.
func TestShared(t *testing.T) {
	var peers []peer
	var exprs []*Expr
	for _, pattern := range shapes {
		peers = append(peers, newPeer(t, pattern))
		exprs = append(exprs, peers[len(peers)-1].Expr)
	}
	g := NewGroup(exprs)
	var wait sync.WaitGroup
	for n := range uint64(4) {
		wait.Go(func() {
			rng := rand.New(rand.NewPCG(23, n))
			var m Machine
			for _, p := range peers {
				text := randomText(rng, p.tree)
				p.compare(t, &m, text)
				m.GroupMatch(g, text, nil)
			}
		})
	}
	wait.Wait()
}

// TestMachineForgets fills a machine's memory between uses.
func TestMachineForgets(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	var m Machine
	for _, pattern := range shapes {
		p := newPeer(t, pattern)
		for range 4 {
			m.memory = machineMemory
			p.compare(t, &m, randomText(rng, p.tree))
		}
	}
}

// TestAutomatonStartsAnew has more states than memory allows, after enough text for the automaton to seem worthwhile.
func TestAutomatonStartsAnew(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 20))
	text := bytes.Repeat([]byte("b"), 300_000)
	for range 60_000 {
		text = append(text, "abababababababc"[rng.IntN(15)])
	}
	for _, pattern := range []string{`a[ab]{13}c`, `(a)[ab]{13}(c)\b`} {
		var m Machine
		p := newPeer(t, pattern)
		p.compare(t, &m, text)
		if w := m.exprs[p.Expr]; w.search.memory > dfaMemory+1<<16 || w.search.read > len(text)/2 {
			t.Errorf("%s: %d bytes of states, not thrown away for %d bytes of text", pattern, w.search.memory, w.search.read)
		}
	}
}

// TestLongMatches are too long for the backtracker.
func TestLongMatches(t *testing.T) {
	text := []byte("x key=" + strings.Repeat("value, and more of it\n", 10_000) + "end. key=short end")
	for _, pattern := range []string{`(?s)key=(.*)end`, `(?s)key=(.*?)end`, `(?s)(\w+)\s(key)=(?:(v[^\n]*\n)|.)*?end`, `(?s)(.*)(end)`} {
		var m Machine
		newPeer(t, pattern).compare(t, &m, text)
	}
}
