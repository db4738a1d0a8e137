package secret

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/scan"
	"github.com/google/go-cmp/cmp"
)

// TestTraceOfEncoded edits texts full of encoded runs and compares what is found in the changed one from its base with what
// is found in it alone.
func TestTraceOfEncoded(t *testing.T) {
	c, _, err := ParseConfig("t.toml", []byte("[[rules]]\nid='key'\nregex='''\\bkey-[a-z0-9]{6}'''\nkeywords=['key-']\n[[rules]]\nid='name'\nregex='''token\\s*[=:]\\s*([a-z0-9-]{8,40})'''\n"), true)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(c, Options{Foreign: true})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	line := func() string {
		s := []string{fmt.Sprintf("key-%06d", r.IntN(1e6)), fmt.Sprintf("token = abcd-%d", r.IntN(1e6)), "lorem ipsum dolor", "key-", "x"}[r.IntN(5)]
		switch r.IntN(4) {
		case 0:
			s = base64.StdEncoding.EncodeToString([]byte("v1: " + s + " ."))
		case 1:
			s = strings.ReplaceAll(s, " ", "%20") + "%21"
		}
		return s + []string{"\n", " ", "\n\n"}[r.IntN(3)]
	}
	for range 300 {
		var lines []string
		for range 200 {
			lines = append(lines, line())
		}
		base := strings.Join(lines, "")
		at := r.IntN(len(lines))
		head, tail := strings.Join(lines[:at], ""), strings.Join(lines[at+1:], "")
		middle := line()
		text := head + middle + tail
		copies := []scan.Copy{{From: 0, To: 0, Len: len(head)}, {From: len(base) - len(tail), To: len(head) + len(middle), Len: len(tail)}}
		state := e.Trace(context.Background(), traced(base), nil, nil).State
		from := e.Trace(context.Background(), traced(text), state, copies).Seen
		alone := e.Trace(context.Background(), traced(text), nil, nil).Seen
		if diff := cmp.Diff(told(e, text, alone), told(e, text, from)); diff != "" {
			t.Fatalf("line %d becomes %q (-alone +from its base)\n%s", at, middle, diff)
		}
	}
}

func traced(text string) *scan.File {
	return &scan.File{FileInfo: scan.FileInfo{Path: "a.txt", Size: int64(len(text)), Class: coverage.Source}, Text: []byte(text)}
}

func told(e *Engine, text string, seen []scan.Sighting) []string {
	var out []string
	for _, f := range e.Retell(traced(text), seen) {
		out = append(out, fmt.Sprintf("%s %d:%d %s", f.Rule, f.Place.Start.Line, f.Place.Start.Column, f.Properties.(Properties).Value.Reveal()))
	}
	return out
}
