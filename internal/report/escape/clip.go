package escape

// Clip shortens s to n code points.
func Clip(s string, n int) string {
	count := 0
	for i := range s {
		if count == n {
			return s[:i] + "…"
		}
		count++
	}
	return s
}

// Middle shortens a path to n code points, so that its end, with name and line, stays.
func Middle(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n/3]) + "…" + string(runes[len(runes)-(n-n/3):])
}
