package profile

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// Files that a stranger wrote to keep us busy: each is read, and asked about, in time that grows with its size and not
// with its square.
func TestOwnersWorkGrowsWithTheFile(t *testing.T) {
	lines := func(format string) string {
		var b strings.Builder
		for i := range 100_000 {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for name, content := range map[string]string{
		"sections":            lines("[s%d]\n"),
		"sections, all match": lines("[s%[1]d]\n* @o%[1]d\n"),
		"owners of one line":  "* " + lines(" @o%d"),
		"lines of no use":     lines("[ab %d\n"),
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			owners, errs := ParseOwners(".gitlab/CODEOWNERS", []byte(content))
			owners.Of("a/b")
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			if len(errs) > maxLineErrors+1 {
				t.Errorf("%d errors are told", len(errs))
			}
		})
	}
}

// The short ways of match and the table say the same.
func TestMatchAgreesWithTheTable(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	for range 100_000 {
		text, names := pick("", "/"), []string{pick("a", "b", "ab")}
		for range 1 + random.IntN(4) {
			text += pick("a", "b", "*", "**", "?", "a*") + "/"
			names = append(names, pick("a", "b", "ab"))
		}
		text = strings.TrimSuffix(text, pick("", "/"))
		for _, p := range []pattern{compileGitHub(text), compileGitLab(text), compilePath(text)} {
			if p.match(names) != p.matchDeep(p.elements, names) {
				t.Fatalf("%q, %v: %v", text, names, p.match(names))
			}
		}
	}
}
