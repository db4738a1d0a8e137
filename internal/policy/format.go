package policy

import (
	"fmt"
	"strconv"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// days prints a span of time as people count it.
func days(d time.Duration) string {
	if n := int(d / (24 * time.Hour)); n != 0 {
		return plural(n, "day")
	}
	return d.Round(time.Minute).String()
}

// plural prints a number with its noun.
func plural(n int, noun string) string {
	if n == 1 || n == -1 {
		return fmt.Sprintf("%d %s", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
