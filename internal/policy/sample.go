package policy

import (
	"slices"
	"strings"
	"time"
)

// maxSampled bounds how often a check is tried. Few get far: one that can fail does so early.
const maxSampled = 1024

// CannotFail reports whether a check holds whatever it reads, as path == path does. It tries the values that a check can tell
// apart by what it says: its own texts, numbers and times, and others beside them. Where those are too many, or one of them
// lets the answer open, the check is not said to be constant.
func CannotFail(p FindingProgram, said []any) bool {
	var names []string
	var values [][]any
	combinations := 1
	for _, name := range p.Reads() {
		n := byName[name]
		if n == nil {
			return false
		}
		list := n.samples(said)
		if combinations *= len(list); len(list) == 0 || combinations > maxSampled {
			return false
		}
		names, values = append(names, name), append(values, list)
	}
	for i := range combinations {
		chosen, rest := map[string]any{}, i
		for j, name := range names {
			chosen[name] = values[j][rest%len(values[j])]
			rest /= len(values[j])
		}
		o := p.Eval(func(name string) (any, bool) { v, ok := chosen[name]; return v, ok })
		if o.Err != nil || len(o.Unknowns) > 0 || !o.Holds {
			return false
		}
	}
	return true
}

// samples are values of a name that tell apart what a check says.
func (n *Name) samples(said []any) []any {
	if few := n.domain(); len(few) > 0 {
		return few
	}
	switch n.Type {
	case String:
		var list []any
		for _, s := range textSamples(said) {
			list = append(list, s)
		}
		return list
	case Strings:
		words := n.Words
		if words == nil {
			words = textSamples(said)
		}
		list := []any{[]string{}, slices.Clone(words)}
		for _, w := range words {
			list = append(list, []string{w})
		}
		return list
	case Int:
		return intSamples(n, said)
	case Time:
		return timeSamples(n, said)
	case Duration:
		list := []any{time.Duration(0), 100 * 365 * 24 * time.Hour}
		for _, d := range of[time.Duration](said) {
			list = append(list, max(0, d-1), max(0, d), max(0, d+1))
		}
		return list
	}
	return nil
}

func of[T any](said []any) (list []T) {
	for _, v := range said {
		if x, ok := v.(T); ok {
			list = append(list, x)
		}
	}
	return list
}

const maxSampleSize = 10_000 // of a text; a check of paths by their length has less

// textSamples are the texts of a check, alone and with something around them, texts as long as its numbers say, and those
// before and behind all others.
func textSamples(said []any) []string {
	list := []string{"", "a/B-1", "\U0010ffff", strings.Repeat("a", maxSampleSize)}
	for _, s := range of[string](said) {
		list = append(list, s, s+"x", "x"+s)
	}
	for _, n := range of[int](said) {
		if n > 0 && n < maxSampleSize {
			list = append(list, strings.Repeat("a", n))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func intSamples(n *Name, said []any) []any {
	highest := 1 << 31
	if n.Name == "risk.score" {
		highest = 100
	}
	list := []any{0, 1, highest}
	for _, i := range of[int](said) {
		for _, near := range []int{i - 1, i, i + 1} {
			if near >= 0 && near <= highest {
				list = append(list, near)
			}
		}
	}
	return list
}

// begun is before every verdict that can still be given: what only compares the time of the verdict with an earlier day has
// nothing left to find out.
var begun = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func timeSamples(n *Name, said []any) []any {
	var list []any
	add := func(t time.Time) {
		if n.Name != nowName.Name || !t.Before(begun) {
			list = append(list, t)
		}
	}
	for _, t := range append(of[time.Time](said), begun, begun.AddDate(-50, 0, 0), begun.AddDate(500, 0, 0)) {
		add(t.Add(-1))
		add(t)
		add(t.Add(1))
	}
	return list
}
