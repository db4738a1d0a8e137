package assembly

import (
	"strings"
	"unicode"

	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/lazyregexp"
)

var standIn = lazyregexp.New(`(?i)change_?me|example|dummy|placeholder|your|todo|xxx|\*\*\*|<|test|fake|sample|default|insecure|null|none|secret$|password$`)

// LooksMade says that a value is no word, no reference, no path and no stand-in for a secret: it mixes letters and digits,
// as made ones do, and is none that everybody knows.
func LooksMade(value string) bool {
	if len(value) < 8 || len(value) > 512 || strings.ContainsAny(value, "$ ") || strings.Contains(value, "://") || strings.ContainsAny(value[:1], "/.~") ||
		standIn().MatchString(value) {
		return false
	}
	letters, digits := 0, 0
	for _, c := range value {
		switch {
		case unicode.IsDigit(c):
			digits++
		case unicode.IsLetter(c):
			letters++
		}
	}
	return letters >= 4 && digits >= 2 && !shell.WellKnownSecret(value)
}
