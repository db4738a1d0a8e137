package register

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// sameParty reports whether two texts name one person or team, as people write them: in capitals or not, with the name before
// the address or without it, by the address or by what stands before its @.
func sameParty(a, b string) bool {
	for _, x := range spellings(a) {
		if slices.ContainsFunc(spellings(b), func(y string) bool { return sameSpelling(x, y) }) {
			return true
		}
	}
	return false
}

// spellings are the name and the address of a text such as "Ann <ann@example.com>", each in one form.
func spellings(text string) []string {
	text = strings.ToLower(strings.ToUpper(norm.NFKC.String(text))) // both, since some letters have two small forms
	name, rest, bracketed := strings.Cut(text, "<")
	address, _, closed := strings.Cut(rest, ">")
	if !bracketed || !closed {
		name, address = text, ""
	}
	var out []string
	for _, s := range []string{name, address} {
		s = strings.TrimPrefix(strings.TrimPrefix(strings.Trim(s, " \t\"'"), "mailto:"), "@")
		if s != "" {
			out = append(out, strings.Join(strings.Fields(s), " "))
		}
	}
	return out
}

// sameSpelling takes an address for its own name. Two addresses at different places are different people.
func sameSpelling(a, b string) bool {
	aName, aPlace, aIs := strings.Cut(a, "@")
	bName, bPlace, bIs := strings.Cut(b, "@")
	if aIs {
		aName, _, _ = strings.Cut(aName, "+") // what follows a plus only sorts mail
	}
	if bIs {
		bName, _, _ = strings.Cut(bName, "+")
	}
	return aName == bName && (aPlace == bPlace || aIs != bIs)
}
