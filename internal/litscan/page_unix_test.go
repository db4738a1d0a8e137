//go:build unix

package litscan

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// beforeNothing is memory of two pages that ends, and begins, where there is no memory: reading one byte too many is a fault.
func beforeNothing(t *testing.T) []byte {
	t.Helper()
	page := os.Getpagesize()
	all, err := unix.Mmap(-1, 0, 4*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = unix.Munmap(all) })
	for _, guard := range [][]byte{all[:page], all[3*page:]} {
		if err := unix.Mprotect(guard, unix.PROT_NONE); err != nil {
			t.Skip(err)
		}
	}
	return all[page : 3*page : 3*page]
}

// No way of filtering reads beyond the text, and all find the same, wherever it begins and ends in a page.
func TestWaysAtPageBoundaries(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	memory := beforeNothing(t)
	lits := append(manyPairs()[:20], sampleLiterals(100)...)
	lits = append(lits, Literal{Text: "\xff\xfe\xfd"}, Literal{Text: "é€", Fold: true}, Literal{Text: "a"})
	for range 40 {
		words := [][]byte{[]byte(" "), []byte("é€"), {0xff, 0xfe, 0xfd}, {0x80}}
		for i := 0; i < len(memory); {
			word := words[rng.IntN(len(words))]
			if rng.IntN(3) == 0 {
				word = []byte(lits[rng.IntN(len(lits))].Text)
			}
			i += copy(memory[i:], word)
		}
		few := slices.Clone(lits)
		rng.Shuffle(len(few), func(i, j int) { few[i], few[j] = few[j], few[i] })
		few = few[:1+rng.IntN(len(few))]
		s, err := New(few)
		if err != nil {
			t.Fatal(err)
		}
		for range 60 {
			n := rng.IntN(300)
			for name, text := range map[string][]byte{"end": memory[len(memory)-n:], "begin": memory[:n:n]} {
				want := bruteForce(few, text)
				for way, set := range ways(s) {
					if got := set.Append(nil, text); !slices.Equal(want, got) {
						t.Fatalf("%s at the %s, %d bytes: %v, want %v", way, name, n, got, want)
					}
				}
			}
		}
	}
}
