package reporttest

import (
	"regexp"
	"strings"
)

// WithoutFences removes fenced blocks as CommonMark finds them.
func WithoutFences(s string) string {
	var b strings.Builder
	fence := ""
	for line := range strings.Lines(s) {
		ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3 && !strings.Contains(line[len(ticks):], "`"):
			fence = ticks
		case fence == "":
			b.WriteString(line)
		case len(ticks) >= len(fence) && strings.TrimSpace(line) == ticks:
			fence = ""
		}
	}
	return b.String()
}

// WithoutSpans removes code spans: a run of backticks up to the next run of the same length.
func WithoutSpans(s string) string {
	runs := regexp.MustCompile("`+").FindAllStringIndex(s, -1)
	var b strings.Builder
	at := 0
	for i := 0; i < len(runs); i++ {
		b.WriteString(s[at:runs[i][0]])
		at = runs[i][0]
		for j := i + 1; j < len(runs); j++ {
			if runs[j][1]-runs[j][0] == runs[i][1]-runs[i][0] {
				at, i = runs[j][1], j
				break
			}
		}
	}
	return b.String() + s[at:]
}
