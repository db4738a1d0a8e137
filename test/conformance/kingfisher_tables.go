package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// sightTables tell how examples were found, what dropped the others, and lists those by rule.
func sightTables(sights []sight) string {
	var b strings.Builder
	b.WriteString("\nEach example goes through the built-in pack end to end, filters on. Passed is: told by a rule of the example's own\n" +
		"provider; of a provider that the pack does not name, by any rule but a generic one. Unsupported is an example of such a\n" +
		"provider that no rule, or only a generic one, tells.\n\n" +
		"| examples | own provider | another rule | generic rule | missed | of | found, generic apart |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, part := range []struct {
		name string
		in   func(*sight) bool
	}{
		{"all", func(*sight) bool { return true }},
		{"of visible rules", (*sight).visible},
		{"of providers that the pack names", func(s *sight) bool { return s.named }},
		{"of both", func(s *sight) bool { return s.named && s.visible() }},
	} {
		writeSightRow(&b, part.name, sights, part.in)
	}
	writeDropped(&b, sights)
	writeMisses(&b, sights)
	return b.String()
}

func writeSightRow(b *strings.Builder, name string, sights []sight, in func(*sight) bool) {
	n := map[string]int{}
	total := 0
	for i := range sights {
		if in(&sights[i]) {
			n[sights[i].how]++
			total++
		}
	}
	found := n[byOwn] + n[byOther]
	fmt.Fprintf(b, "| %s | %d (%.1f %%) | %d | %d | %d | %d | %d (%.1f %%) |\n", name,
		n[byOwn], percent(n[byOwn], total), n[byOther], n[byGeneric], n[missed], total, found, percent(found, total))
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

// writeDropped counts what kept an example from being told by its own provider's rules.
func writeDropped(b *strings.Builder, sights []sight) {
	n := map[string][2]int{}
	for _, s := range sights {
		if s.dropped == "" {
			continue
		}
		c := n[s.dropped]
		if s.named {
			c[0]++
		} else {
			c[1]++
		}
		n[s.dropped] = c
	}
	b.WriteString("\nWhat kept an example from its own provider's rules (a filter is named where the pack without it alone tells the example):\n\n" +
		"| filter | of providers that the pack names | of others |\n| --- | ---: | ---: |\n")
	for _, k := range slices.SortedFunc(maps.Keys(n), func(x, y string) int {
		return cmp.Or(n[y][0]-n[x][0], n[y][1]-n[x][1], strings.Compare(x, y))
	}) {
		fmt.Fprintf(b, "| %s | %d | %d |\n", k, n[k][0], n[k][1])
	}
}

// writeMisses lists the examples that their own provider's rules do not tell, by rule and number.
func writeMisses(b *strings.Builder, sights []sight) {
	type key struct{ id, how, dropped string }
	numbers := map[key][]string{}
	var named, others []key
	for _, s := range sights {
		if s.how == byOwn || !s.named && s.how == byOther {
			continue
		}
		k := key{s.rule.ID, s.how, s.dropped}
		if numbers[k] == nil && s.named {
			named = append(named, k)
		} else if numbers[k] == nil {
			others = append(others, k)
		}
		numbers[k] = append(numbers[k], fmt.Sprint(s.number))
	}
	for _, part := range []struct {
		title string
		keys  []key
	}{{"Not told by their own provider's rules, of providers that the pack names", named}, {"Not told by any but a generic rule, of other providers", others}} {
		fmt.Fprintf(b, "\n%s:\n\n| rule of the suite | examples | instead | dropped by |\n| --- | --- | --- | --- |\n", part.title)
		for _, k := range part.keys {
			fmt.Fprintf(b, "| %s | %s | %s | %s |\n", cell(k.id), strings.Join(numbers[k], ", "), k.how, k.dropped)
		}
	}
}

// negativeTable tells which negative examples are silent, and lists those that a rule of their own provider tells.
func negativeTable(a *account) string {
	n := map[string]int{}
	var told strings.Builder
	for _, r := range a.results {
		if r.group != "negative examples" {
			continue
		}
		n[r.note]++
		if r.outcome != passed {
			fmt.Fprintf(&told, "- %s\n", r.name)
		}
	}
	text := fmt.Sprintf("\nOf the negative examples %d are silent, %d are told by a rule of another provider or kind, %d by a generic rule, %d by a rule of\n"+
		"their own provider", n[missed], n[byOther], n[byGeneric], n[byOwn])
	if told.Len() == 0 {
		return text + ".\n"
	}
	return text + ":\n\n" + told.String()
}
