package scan

import "strings"

// Hidden stands where Mask took something out.
const Hidden = "…"

// Mask takes out of a text that people wrote, such as a comment or a line of a file of settings, every word that could be
// a piece of a credential: eight characters or more in which letters and digits mix, or upper and lower case do, as they
// do in no language. What it leaves can be shown, and kept on disk.
func Mask(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		end := i
		for end < len(text) && alphanumeric(text[end]) {
			end++
		}
		switch word := text[i:end]; {
		case end == i:
			b.WriteByte(text[i])
			end++
		case couldBeValue(word):
			b.WriteString(Hidden)
		default:
			b.WriteString(word)
		}
		i = end
	}
	return b.String()
}

// MaskQuoted is Mask for what an error quotes. The rest is the program's own.
func MaskQuoted(text string) string {
	var b strings.Builder
	for {
		open := strings.IndexAny(text, "\"'`")
		if open < 0 {
			return b.String() + text
		}
		end := strings.IndexByte(text[open+1:], text[open])
		if end < 0 {
			return b.String() + text[:open] + Mask(text[open:])
		}
		end += open + 2
		b.WriteString(text[:open] + Mask(text[open:end]))
		text = text[end:]
	}
}

func alphanumeric(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' }

func couldBeValue(word string) bool {
	if len(word) < 8 {
		return false
	}
	digits, lower, upper, switches := 0, 0, 0, 0
	for i := range len(word) {
		switch c := word[i]; {
		case c <= '9':
			digits++
		case c >= 'a':
			lower++
		default:
			if upper++; i > 0 && word[i-1] >= 'a' {
				switches++
			}
		}
	}
	switch {
	case digits == len(word):
		return digits > 9
	case digits == 0:
		return switches > 3 || len(word) > 40
	}
	return digits > 2 || lower > 0 && upper > 0 || len(word) > 40
}
