package secret

import (
	"fmt"
	"strings"
)

// A language knows how surprising a letter is after the two before it, in names and prose. Letters without order
// surprise by some 8 bits each, words by 3.5. A nil one knows nothing.
type language struct{ bits []uint8 } // quarter bits, by first, second and third symbol

const (
	symbolDigit = 26
	symbolOther = 27
	symbols     = 28
	levels      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

func newLanguage(table string) (*language, error) {
	table = strings.Join(strings.Fields(table), "")
	if table == "" {
		return nil, nil
	}
	if len(table) != symbols*symbols*symbols {
		return nil, fmt.Errorf("trigrams: %d digits, want %d", len(table), symbols*symbols*symbols)
	}
	l := &language{bits: make([]uint8, len(table))}
	for i := range len(table) {
		level := strings.IndexByte(levels, table[i])
		if level < 0 {
			return nil, fmt.Errorf("trigrams: %q is no digit of the table", table[i])
		}
		l.bits[i] = uint8(level)
	}
	return l, nil
}

// Below these, in bits for each letter, a value reads like a name. The longer it is, the less chance can make it do so;
// the line is where 1 in 2,000 random values of an alphabet is lost.
const (
	readsAt     = 5.2 // at 12 letters and digits
	readsGrowth = 0.075
	readsMin    = 5.0
	readsMax    = 6.2
)

// reads reports whether a value reads like a name or prose.
func (l *language) reads(s string) bool {
	return l != nil && l.readsWhole(s) && everyPart(s, l.readsWhole)
}

func (l *language) readsWhole(s string) bool {
	surprise, n, hex := l.surprise(s)
	return n > 0 && !hex && surprise < min(max(readsAt+readsGrowth*float64(n-12), readsMin), readsMax)
}

// disorder is the surprise from which letters are no words of any language, in bits for each.
const disorder = 7.0

// isDisorder reports whether the letters of s have no order.
func (l *language) isDisorder(s string) bool {
	if l == nil {
		return false
	}
	bits, _, _ := l.surprise(s)
	return bits >= disorder
}

// surprise returns the mean surprise of the letters of s in bits (a digit weighs half: runs of digits are common
// anywhere), the number of letters and digits, and whether these are hex digits, which say nothing about language. A
// capital after a small letter begins a new word, as in names.
func (l *language) surprise(s string) (bits float64, n int, hex bool) {
	var sum, letters, digits int
	first, second := symbolOther, symbolOther
	step := func(symbol int) {
		sum += int(l.bits[(first*symbols+second)*symbols+symbol])
		first, second = second, symbol
	}
	hex = true
	var prev byte
	for i := range len(s) {
		c := s[i]
		switch {
		case isLetter(c):
			letters++
			if isUpper(c) && (isLower(prev) || isDigit(prev)) {
				step(symbolOther)
			}
			step(int(c | 0x20 - 'a'))
			hex = hex && c|0x20 <= 'f'
		case isDigit(c):
			digits++
			step(symbolDigit)
		case second != symbolOther:
			step(symbolOther)
		}
		prev = c
	}
	if second != symbolOther {
		step(symbolOther)
	}
	if letters+digits == 0 {
		return 0, 0, false
	}
	return float64(sum) / 4 / (float64(letters) + float64(digits)/2), letters + digits, hex && digits > 0
}
