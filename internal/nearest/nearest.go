// Package nearest finds, among the words that are known, the one that a mistyped word stands for.
package nearest

// maxWord bounds the bytes of a word that is compared: the work grows with its square.
const maxWord = 200

// Word gives the known word that a mistyped one most likely stands for, or nothing where none is close.
func Word(word string, known []string) string {
	best, limit := "", min(max(len(word)/3, min(len(word)/2, 1)), 3)+1
	for _, k := range known {
		if d := Distance(word, k, limit); d < limit {
			best, limit = k, d
		}
	}
	return best
}

// Distance counts the insertions, deletions, replacements and swaps of neighbours between a and b. It is limit where there
// are as many or more, and for longer words than anybody types.
func Distance(a, b string, limit int) int {
	if max(len(a), len(b)) > maxWord || max(len(a)-len(b), len(b)-len(a)) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit)
}
