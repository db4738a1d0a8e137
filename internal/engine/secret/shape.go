package secret

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plainLetters is how many letters of one case are too few for a random value.
const plainLetters = 24

// isPlain reports whether a value is few letters of one case only, but for a capital at the head of each part, whatever
// stands between them: words of a language that no list holds look like that. A number behind them, which a separator
// sets off, counts for nothing: account-2.
func isPlain(s string) bool {
	if cut := strings.LastIndexAny(s, "-_.:/#@"); cut > 0 && strings.Trim(s[cut+1:], "0123456789") == "" {
		s = s[:cut]
	}
	var lower, upper, heads int
	head := true
	for i := range len(s) {
		switch c := s[i]; {
		case isLower(c):
			lower++
		case isUpper(c) && head:
			heads++
		case isUpper(c):
			upper++
		case isDigit(c):
			return false
		}
		head = !isAlnum(s[i])
	}
	return (lower == 0 || upper == 0) && lower+upper+heads < plainLetters
}

// isNumber reports whether a value holds no letter.
func isNumber(s string) bool { return strings.IndexFunc(s, unicode.IsLetter) < 0 }

// partLength is how long a part of a value must be, in letters and digits, to be judged by itself: a random part behind a
// name is a secret.
const partLength = 12

// everyPart reports whether all long parts of a value, between characters other than letters and digits, pass a test.
func everyPart(s string, test func(part string) bool) bool {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r < 0x80 && !isAlnum(byte(r)) }) {
		if len(part) >= partLength && len(part) < len(s) && !test(part) {
			return false
		}
	}
	return true
}

const (
	shortRunLength  = 3 // abc
	runLength       = 4 // abcd
	strideRunLength = 6 // a1b2c3
	longRun         = 8
	shortRunsLength = 8   // of a value that short runs make up
	maxSequence     = 128 // longer values are keys, whose heads and paddings hold runs
)

// isSequence reports whether runs make up half of a value, or a quarter if one is long, or whether it is short runs for the
// most part, or repeats itself.
func isSequence(s string) bool {
	if len(s) < runLength || len(s) > maxFiltered {
		return false
	}
	lower := strings.ToLower(s)
	if half, ok := halved(lower); ok && len(half) >= runLength {
		lower = half
	}
	if repeats(lower) {
		return true
	}
	in := make([]bool, len(lower))
	longest := max(markRuns(in, lower, 1, runLength), markRuns(in, lower, 2, strideRunLength), markRows(in, lower))
	n := count(in)
	return 2*n >= len(lower) || longest >= longRun && 4*n >= len(lower) || isShortRuns(lower) || isMash(s)
}

const (
	homeRow = "asdfghjkl"
	// mashed and missed are what a letter of the home row and another one weigh for a mashed keyboard against chance: the
	// logarithms of 0.72/0.346 and 0.28/0.654, the shares of the row in what hands mash and among all letters.
	mashed, missed = 0.73, -0.85
	mashAt         = 5.0 // reached by 1 in 2,000 random values of one case
	mashLetters    = 8
)

// isMash reports whether a value was made by hands drumming on the home row of a keyboard.
func isMash(s string) bool {
	var letters, changes int
	var weight float64
	var last byte
	hex := true
	for i := range len(s) {
		c := s[i]
		if !isLetter(c) {
			continue
		}
		if last != 0 && isUpper(c) != isUpper(last) {
			changes++
		}
		letters, last = letters+1, c
		hex = hex && c|0x20 <= 'f'
		if strings.IndexByte(homeRow, c|0x20) >= 0 {
			weight += mashed
		} else {
			weight += missed
		}
	}
	return letters >= mashLetters && !hex && changes <= max(2, letters/4) && weight >= mashAt
}

// isShortRuns reports whether three quarters of a value, what stands between letters and digits apart, are runs such as
// abc, in lower case, as in abc123def456.
func isShortRuns(lower string) bool {
	in := make([]bool, len(lower))
	markRuns(in, lower, 1, shortRunLength)
	all := 0
	for i := range len(lower) {
		if isAlnum(lower[i]) {
			all++
		}
	}
	return all >= shortRunsLength && 4*count(in) >= 3*all
}

func count(marks []bool) int {
	n := 0
	for _, x := range marks {
		if x {
			n++
		}
	}
	return n
}

// halved undoes the doubling of each character: aabbcc.
func halved(s string) (string, bool) {
	if len(s)%2 != 0 {
		return "", false
	}
	out := make([]byte, 0, len(s)/2)
	for i := 0; i < len(s); i += 2 {
		if s[i] != s[i+1] {
			return "", false
		}
		out = append(out, s[i])
	}
	return string(out), true
}

// repeats reports whether s is one part at least twice.
func repeats(s string) bool {
	for period := 1; period <= len(s)/2; period++ {
		if s[:len(s)-period] == s[period:] {
			return true
		}
	}
	return false
}

// markRuns marks the runs of s, of characters stride apart that stay the same or count up or down, that are long enough,
// and returns the length of the longest.
func markRuns(in []bool, s string, stride, enough int) int {
	longest := 0
	for _, by := range []int{0, 1, -1} {
		start := 0
		for i := stride; i <= len(s); i++ {
			if i < len(s) && follows(s[i-stride], s[i], by) {
				continue
			}
			if n := i - start; n >= enough {
				longest = max(longest, n)
				for k := start; k < i; k++ {
					in[k] = true
				}
			}
			start = i - stride + 1
		}
	}
	return longest
}

// follows reports whether b comes by places after a, where 9 is followed by 0 and a.
func follows(a, b byte, by int) bool {
	if !isAlnum(a) || !isAlnum(b) {
		return false
	}
	switch by {
	case 1:
		return b == a+1 || a == '9' && (b == '0' || b == 'a')
	case -1:
		return follows(b, a, 1)
	}
	return a == b
}

// rows are those of keyboards. The digits' row is a run anyway.
var rows = []string{"!@#$%^&*()", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertz", "azerty", "qazwsx", "edcrfv", "1qaz2wsx3edc4rfv"}

const rowLength = 4

// markRows marks stretches of keyboard rows and returns the length of the longest.
func markRows(in []bool, s string) int {
	longest := 0
	for i := 0; i+rowLength <= len(s); i++ {
		for _, row := range rows {
			if at := strings.Index(row, s[i:i+rowLength]); at >= 0 {
				n := rowLength
				for i+n < len(s) && at+n < len(row) && s[i+n] == row[at+n] {
					n++
				}
				longest = max(longest, n)
				for k := i; k < i+n; k++ {
					in[k] = true
				}
			}
		}
	}
	return longest
}

// beforeBytes is how much of what stands before a value filters see.
const beforeBytes = 96

// embeddedRun is how many characters of base 64 right before a value make it a part of them. Paths are broken by dots and
// dashes much earlier.
const embeddedRun = 80

// isEmbedded reports whether a value that stands after before is a piece of a longer text in base 64.
func isEmbedded(before []byte) bool {
	if len(before) < embeddedRun {
		return false
	}
	for _, c := range before[len(before)-embeddedRun:] {
		if !isAlnum(c) && c != '+' && c != '/' {
			return false
		}
	}
	return true
}

// hashReach is how far before a value, in bytes, the word may stand that makes it a hash of content.
const hashReach = 48

// hashSized reports whether a value has the size of a hash, in hex or base 64: MD5 and UUIDs, SHA-1, SHA-2.
func hashSized(s string) bool {
	if raw, err := hex.DecodeString(s); err == nil {
		return isHashLength(len(raw))
	}
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if raw, err := e.DecodeString(s); err == nil {
			return isHashLength(len(raw))
		}
	}
	return false
}

func isHashLength(n int) bool {
	switch n {
	case 16, 20, 28, 32, 48, 64:
		return true
	}
	return false
}

// printable decodes a value that is printable text in base 64, as a Kubernetes Secret or a header holds it, and returns ""
// for any other. Random values of 12 characters and more do not decode to text: 1 in 10,000.
func printable(s string) string {
	if len(s) < 8 {
		return ""
	}
	s = strings.Trim(s, ".,;:!=~- \t\r\n")
	raw, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return ""
	}
	text := strings.TrimRight(withoutMarks(raw), "\r\n")
	for i := range len(text) {
		if c := text[i]; (c < ' ' || c > '~') && c != '\n' && c != '\r' && c != '\t' {
			return ""
		}
	}
	return text
}

// unmarked are the letters of Latin-1 from U+00C0 on without their marks, for those that have one.
const unmarked = "AAAAAAACEEEEIIIIDNOOOOO*OUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty"

// withoutMarks is a text in UTF-8 or Latin-1 with its letters as ASCII has them, where no more than a quarter of them have
// marks: random bytes are not to look like text.
func withoutMarks(raw []byte) string {
	text := []rune(string(raw))
	if !utf8.Valid(raw) {
		text = text[:0]
		for _, c := range raw {
			text = append(text, rune(c))
		}
	}
	marked := 0
	for i, c := range text {
		if at := int(c) - 0xc0; at >= 0 && at < len(unmarked) {
			text[i] = rune(unmarked[at])
			marked++
		}
	}
	if 4*marked > len(text) {
		return string(raw)
	}
	return string(text)
}

// armoured is how many characters of base 64 a private key has at least.
const armoured = 40

// holdsKey reports whether a text holds a private key in PEM, which a rule of its own finds.
func holdsKey(text string) bool {
	_, body, ok := strings.Cut(text, "PRIVATE KEY-----")
	if !ok {
		return false
	}
	body, _, _ = strings.Cut(body, "-----END")
	return len(body) >= armoured
}
