package scan_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/engine/secret"
	"github.com/assaysec/assay/internal/litscan"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/source"
)

// thorough has rules that look around what they find: to word boundaries, to lines before, and at the path alone.
func thorough(t testing.TB) *secret.Engine {
	t.Helper()
	c, _, err := secret.ParseConfig("test", []byte("[[rules]]\nid = \"key\"\nregex = '''\\bkey_[0-9a-z]{4}\\b'''\nkeywords = [\"key_\"]\n"+
		"[[rules]]\nid = \"pair\"\nregex = '''user=(\\w+)\\s+pass=(\\w+)'''\nkeywords = [\"pass=\"]\nsecretGroup = 2\n"+
		"[[rules]]\nid = \"line\"\nregex = '''(?m)^start (\\w+)$'''\nkeywords = [\"start\"]\n"+
		"[[rules]]\nid = \"name\"\npath = '''large$'''\n"), false)
	if err != nil {
		t.Fatal(err)
	}
	e, err := secret.New(c, secret.Options{Foreign: true, MaxPerRule: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// shown are the findings of one file on disk, with the places and fingerprints they have.
func shown(t *testing.T, text []byte, limit int64) []string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := scan.Run(context.Background(), source.NewFile(name), []scan.Engine{thorough(t)}, scan.Options{Workers: 1, MaxFile: limit})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Coverage[0].Unchecked) > 0 || r.Coverage[0].Files != 1 {
		t.Errorf("coverage %+v", r.Coverage[0])
	}
	var out []string
	for i := range r.Findings {
		f := &r.Findings[i]
		out = append(out, fmt.Sprint(f.Rule, f.Place.Start, f.Place.End, f.Surroundings, f.Fingerprint))
	}
	return out
}

// dense is a text in which something to be found often stands where a piece begins or ends.
func dense(rng *rand.Rand, newlines bool) string {
	var b strings.Builder
	breaks := []string{" ", " ", "é", "\t", "x"}
	if newlines {
		breaks = append(breaks, "\n", "\n", "\r\n")
	}
	for b.Len() < 200<<10 {
		switch rng.IntN(40) {
		case 0:
			fmt.Fprintf(&b, "key_%04d", rng.IntN(10_000))
		case 1:
			fmt.Fprintf(&b, "user=ada%spass=p%d", strings.Repeat(breaks[rng.IntN(2)], 1+rng.IntN(3)), rng.IntN(100))
		case 2:
			b.WriteString("user=bob")
		case 3:
			b.WriteString("start it")
		default:
			b.WriteString("some words ")
		}
		b.WriteString(breaks[rng.IntN(len(breaks))])
	}
	return b.String()
}

// In pieces a file has the findings that it has as a whole, in UTF-8 and in UTF-16.
func TestPiecesAgreeWithTheWhole(t *testing.T) {
	for seed := range uint64(4) {
		for _, newlines := range []bool{true, false} {
			text := dense(rand.New(rand.NewPCG(seed, 1)), newlines)
			want := shown(t, []byte(text), 1<<20)
			if len(want) < 500 {
				t.Fatalf("%d findings", len(want))
			}
			for name, raw := range map[string][]byte{"UTF-8": []byte(text), "little endian": encoded(text, binary.LittleEndian), "big endian": encoded(text, binary.BigEndian)} {
				if diff := cmp.Diff(want, shown(t, raw, 1000)); diff != "" {
					t.Errorf("%s, seed %d, newlines %v (-whole +pieces)\n%.2000s", name, seed, newlines, diff)
				}
			}
		}
	}
}

// encoded is a text in UTF-16 with a byte order mark.
func encoded(text string, order binary.AppendByteOrder) []byte {
	out := order.AppendUint16(nil, 0xfeff)
	for _, u := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

// A greedy engine remembers how many hits it was given at most.
type greedy struct {
	*secret.Engine
	most *int
}

func (g greedy) Look(_ context.Context, f *scan.File) scan.Result {
	*g.most = max(*g.most, len(f.Hits))
	return scan.Result{}
}

func (g greedy) Literals() []litscan.Literal {
	return []litscan.Literal{{Text: "aa"}, {Text: "aaa"}, {Text: "aaaa"}}
}

// A text made of nothing but literals takes no more memory than any other.
func TestFloodOfHits(t *testing.T) {
	most := 0
	text := bytes.Repeat([]byte("a"), 6<<20)
	r, err := scan.Run(context.Background(), oneText(text), []scan.Engine{greedy{thorough(t), &most}}, scan.Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if most == 0 || most > 4<<20 {
		t.Errorf("%d hits at once", most)
	}
	if c := r.Coverage[0]; c.Files != 1 || c.Bytes != 6<<20 || len(c.Unchecked) > 0 {
		t.Errorf("coverage %+v", c)
	}
}

// However many workers there are, only so many large files are in memory at a time.
func TestLargeFilesInFlight(t *testing.T) {
	var now, most atomic.Int32
	var files manyTexts
	for range 40 {
		files = append(files, bytes.Repeat([]byte("some text\n"), 450_000))
	}
	e := slowEngine{thorough(t), func() {
		most.Store(max(most.Load(), now.Add(1)))
		time.Sleep(2 * time.Millisecond)
		now.Add(-1)
	}}
	r, err := scan.Run(context.Background(), files, []scan.Engine{e}, scan.Options{Workers: 40})
	if err != nil || r.Coverage[0].Files != 40 {
		t.Errorf("%v, %+v", err, r.Coverage[0])
	}
	if n := most.Load(); n > 8 {
		t.Errorf("%d large files at a time", n)
	}
}

type slowEngine struct {
	*secret.Engine
	look func()
}

func (e slowEngine) Look(context.Context, *scan.File) scan.Result {
	e.look()
	return scan.Result{}
}
