package regohost

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func locals(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "x%d := [input.stage, x%d]\n", i+1, i)
	}
	return "x0 := 1\n" + b.String()
}

// Texts that are made to hurt are refused, or evaluated within the limits.
func TestHostileTexts(t *testing.T) {
	repeat := strings.Repeat
	chain := func(n int) string {
		var b strings.Builder
		b.WriteString("a0 := input.stage\n")
		for i := range n {
			fmt.Fprintf(&b, "a%d := a%d\n", i+1, i)
		}
		fmt.Fprintf(&b, "deny contains a%d", n)
		return b.String()
	}
	in := input(t, found("a", 4))
	doc := in.Document()
	for name, text := range map[string]string{
		"brackets":       "deny contains " + repeat("[", 200_000),
		"closed":         "deny contains " + repeat("[", 50_000) + repeat("]", 50_000),
		"parentheses":    "deny contains \"x\" if " + repeat("(", 50_000) + "1" + repeat(")", 50_000),
		"calls":          "deny contains \"x\" if " + repeat("count([", 20_000) + "1" + repeat("])", 20_000) + " == 1",
		"sum":            "deny contains \"x\" if 1" + repeat("+1", 50_000) + " == 1",
		"nots":           "deny contains \"x\" if " + repeat("not ", 20_000) + "true",
		"comprehensions": "deny contains \"x\" if " + repeat("[y | y := ", 300) + "1" + repeat("]", 300) + " == 1",
		"long body":      "deny contains \"x\" if {\n" + repeat("input.stage\n", 15_000) + "}",
		"many rules":     repeat("deny contains \"x\" if input.stage == \"build\"\n", 5_000),
		"a chain":        chain(1_500),
		"a long chain":   chain(3_000),
		"few nested":     "deny contains \"x\" if " + repeat("[y | y := ", 6) + "1" + repeat("]", 6) + " == 1",
		"nested, often":  repeat("deny contains \"x\" if "+repeat("[y | y := ", 6)+"1"+repeat("]", 6)+" == 1\n", 1_000),
		"long, often":    repeat("deny contains \"x\" if {\n"+repeat("input.stage\n", 490)+"}\n", 20),
		"locals":         "deny contains \"x\" if {\n" + locals(490) + "}",
		"doubled":        "deny contains \"x\" if {\n" + locals(40) + "\nx40 == 1 }",
		"doubled type":   doubling("[%s, %s]", "%s == 1"),
		"doubled key":    doubling("{\"a\": %s, \"b\": %s}", "%s.c == 1"),
		"doubled union":  doubling("[x | x := [%s, [%s, 1]][_]]", "startswith(%s, 1)"),
		"else":           "p := 1 if input.stage == \"deploy\"" + repeat(" else := 2 if input.stage == \"deploy\"", 5_000) + "\ndeny contains \"x\" if p",
		"a path":         "deny contains \"x\" if input" + repeat("[_]", 50_000),
		"a large set":    "deny contains \"x\" if input.stage in {" + repeat("\"a\",", 50_000) + "}",
		"zeroes":         "deny contains \"\x00\" if \x00",
	} {
		start := time.Now()
		p, err := Compile(rules(text))
		if err == nil {
			p.Decide(doc, fixed)
		}
		took := time.Since(start)
		t.Logf("%s: %v", name, took)
	}
}
