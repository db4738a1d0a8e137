package litscan

import (
	"math"
	"sync"
)

// rarity is how rare each ASCII byte is in source trees, in half bits: a byte with probability 2^-k has 2k. It was
// counted over Go, YAML, TypeScript and Markdown files; only the order of magnitude matters.
var rarity = [128]uint8{
	54, 48, 49, 49, 48, 48, 47, 46, 52, 10, 10, 49, 36, 52, 45, 52,
	48, 46, 46, 46, 50, 47, 39, 47, 50, 53, 51, 47, 47, 48, 48, 48,
	6, 19, 13, 23, 21, 20, 19, 20, 13, 13, 18, 19, 11, 17, 12, 13,
	10, 12, 13, 14, 14, 15, 14, 16, 15, 15, 13, 19, 20, 14, 20, 27,
	27, 13, 16, 15, 15, 14, 16, 18, 18, 15, 22, 20, 16, 16, 16, 15,
	15, 19, 15, 14, 14, 17, 16, 19, 16, 19, 21, 17, 15, 17, 26, 14,
	22, 10, 14, 11, 12, 9, 12, 13, 14, 10, 20, 16, 12, 13, 10, 11,
	12, 20, 10, 10, 9, 12, 15, 16, 11, 14, 19, 15, 19, 15, 29, 49,
}

// follow is how rare a class of bytes is after another, in quarter bits: 'A' is 0, 'Z' 25, 'a' 26, 'z' 51, '0' 52 and
// so on. Rows and columns are classes. Without it words of programming languages ("int", "type", "new") would look rare.
const follow = "" +
	"GZdZceadfbokdcdfcobWYfbkbprWmicF" +
	"UZVRRicUtWrbNQOsQoNRLYaeddnWlkdU" +
	"OQaVbMafhSTmOgjQdjUVhPkjgOlPdhST" +
	"RMhYVNggQYrRQZjKelVaOZgmletUdiWR" +
	"LQbZSKbgjOnmYbdTchUVdWdfecqTYXVK" +
	"OVgSRbXbjfumVWPgWZLNPkYbTcuYdgXN" +
	"OQfbYSPioMpnUYdNeqVWXOpmpesRfkbL" +
	"MZiajKedVPpgWaUMZmSQYXhlpiiWXiSO" +
	"QLjefHgmlOpmedjQfpVTRUklpZnYbfZQ" +
	"WbbQUUPUtoulPSIOYrVPOrYtevYipmgb" +
	"MUabeIedeZdbaXcQdaeLcUcVeedUkjOT" +
	"NRgcbIcUhOlkafWZcidScQigjhkRbYSN" +
	"OQifULdkkLrjPcgNXnhSTQgjqXqcfhaP" +
	"PLZfVIkjkQoiYTiOOohUYVjnoepaZiWT" +
	"PQkPPQWOmSqcdeaSeqgPKaZorbqfhgaN" +
	"UZYRTdUZrZaXTRKVRuLUSPVWgiufgebS" +
	"QMhYZMidXTvaPihNPoOTQWfmicrZeiWU" +
	"NZcZbbedcdhfaddfbYabdFefedcQYpSL" +
	"PRiVaJZTpQtfbZROeoPTUUWjrXwXfgZO" +
	"MWdWgMjfVQwdZgfTTmcRKWkfrVpdYeSM" +
	"OPhZfMejNOvncegRXsPUWSlhcUsVbcTO" +
	"fYSUcNYZrPsrQVKiTpKNPpprZqmdqxie" +
	"QJdaYHdhgNnjbZfYYbeZdeacamlNYjVU" +
	"OMfZaPbcPKkiecTQbhPRYfcahjjWZfXQ" +
	"NUVWaUXolXookgecRligOkifYciFahZQ" +
	"KXfaXahjjcncZSSaLlXOPgfiiihTdZVK" +
	"NRcYbFecdUefbWeVdeabeVbbbcWQfaYV" +
	"JXZYZYYnjmppkknoljofflkoOqjFdbUP" +
	"RQbPVWWUaPndWTXZSfRQSVUaegmON5oU" +
	"SSXPYXZXaXmbWZWYRpSRVaaZgsjL5KcN" +
	"MRZPYRVTXTfaWUTVTnSQSYaageqPozQU" +
	"LUZWbWXcdUoibZYZZqUVTcabfgpSgemF"

// classes of bytes: one for each letter, one for all digits, and these.
const (
	classOther = 0
	classDigit = 26 + iota
	classUnderscore
	classDash
	classDot
	classSpace
	numClasses
)

func class(b byte) int {
	switch {
	case isLetter(b):
		return int(b & 0x1f)
	case '0' <= b && b <= '9':
		return classDigit
	case b == '_':
		return classUnderscore
	case b == '-':
		return classDash
	case b == '.':
		return classDot
	case b == ' ' || b == '\t':
		return classSpace
	}
	return classOther
}

// Rates are looked up often while a set is made, so they are computed once.
var (
	followRates [numClasses][numClasses]float64
	byteRates   [256]float64 // how often a byte occurs in source text, as a share of all bytes
	foldedRates [256]float64 // the same for a letter in either case
	classRates  [numClasses]float64
)

var prepareRates = sync.OnceFunc(func() {
	for b := range byteRates {
		byteRates[b] = 1.0 / 4096
		if b < len(rarity) {
			byteRates[b] = math.Exp2(-float64(rarity[b]) / 2)
		}
		classRates[class(byte(b))] += byteRates[b]
	}
	for b := range foldedRates {
		foldedRates[b] = byteRates[b]
		if isLetter(byte(b)) {
			foldedRates[b] = classRates[class(byte(b))]
		}
	}
	for i := range follow {
		followRates[i/numClasses][i%numClasses] = math.Exp2(-float64(quarterBits(follow[i])) / 4)
	}
})

func quarterBits(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 26
	case c >= 'A':
		return c - 'A'
	}
	return c - '0' + 52
}

// Rate estimates how many times a literal occurs per byte of source text. It is a means of choosing between literals
// and not a forecast.
func Rate(l Literal) float64 { return rate(l.Text, l.Fold) }

func rate(text string, fold bool) float64 {
	prepareRates()
	r := 1.0
	for i := range len(text) {
		b := text[i]
		c := class(b)
		switch {
		case i == 0:
			r *= classRates[c]
		case i > 1 && b == text[i-1] && b == text[i-2]: // rules, padding and test data: where there are three there are more
			r *= 0.9
			continue
		default:
			r *= followRates[class(text[i-1])][c]
		}
		if !fold || !isLetter(b) {
			r *= byteRates[b] / classRates[c]
		}
	}
	return r
}

func isLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }
