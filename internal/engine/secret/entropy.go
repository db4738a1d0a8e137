package secret

import (
	"math"
	"slices"
	"unicode/utf8"
)

// entropy is Shannon's, in bits for each character, with gitleaks' divisor (the length in bytes), so that thresholds
// written for it hold.
func entropy(s string) float64 {
	if s == "" {
		return 0
	}
	var ascii [utf8.RuneSelf]int
	var others map[rune]int
	for _, r := range s {
		if r < utf8.RuneSelf {
			ascii[r]++
			continue
		}
		if others == nil {
			others = map[rune]int{}
		}
		others[r]++
	}
	var sum float64
	add := func(n int) {
		if n > 0 {
			share := float64(n) / float64(len(s))
			sum -= share * math.Log2(share)
		}
	}
	for _, n := range ascii {
		add(n)
	}
	counts := make([]int, 0, len(others))
	for _, n := range others {
		counts = append(counts, n)
	}
	slices.Sort(counts) // floating sums depend on their order; maps have none
	for _, n := range counts {
		add(n)
	}
	return sum
}
