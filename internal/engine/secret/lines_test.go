package secret

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// Positions do not depend on what was asked before.
func TestLines(t *testing.T) {
	text := []byte("ä\n\nb€c\r\nlast é line")
	rng := rand.New(rand.NewPCG(1, 2))
	l := newLines(text)
	for range 1000 {
		at := rng.IntN(len(text) + 1)
		for !utf8.RuneStart(append(bytes.Clone(text), 0)[at]) {
			at--
		}
		before := string(text[:at])
		line := strings.Count(before, "\n") + 1
		column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
		if got := l.position(at); got.Line != line || got.Column != column {
			t.Fatalf("offset %d: %d:%d, want %d:%d", at, got.Line, got.Column, line, column)
		}
	}
}

// Options that change answers change what answers are kept under.
func TestDigestsCoverOptions(t *testing.T) {
	c := &Config{Rules: []RuleConfig{{ID: "x", Regex: "x"}}}
	digest := func(o Options) string {
		e, err := New(c, o)
		if err != nil {
			t.Fatal(err)
		}
		return e.Digests()["options"]
	}
	known := map[string]Options{}
	for _, o := range []Options{{}, {DecodeDepth: 1}, {MaxPerRule: 1}, {Foreign: true}, {Skip: []string{"a"}}} {
		d := digest(o)
		if old, again := known[d]; again {
			t.Errorf("%+v and %+v have one digest", o, old)
		}
		known[d] = o
	}
}
