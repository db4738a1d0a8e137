package regohost

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
)

// covers checks that the answer that leaves values open is true of each world in which they have a value.
func covers(t *testing.T, name string, p *Program) {
	t.Helper()
	in := input(t, found("a", finding.Critical, novelty(risk.NewUnknown)), found("b", finding.Critical), found("c", finding.Critical, novelty(risk.NewNo)))
	certain, open, anything := map[string]bool{}, map[string]bool{}, false
	for _, s := range p.Decide(in.Document(), in.Now) {
		if s.Error != "" && s.Message == "" {
			anything = true // it denies whatever else it may have said
			continue
		}
		certain[s.Message] = certain[s.Message] || s.Error == ""
		open[s.Message] = true
	}
	for _, world := range worlds(t) {
		said, failed := map[string]bool{}, false
		for _, s := range p.Decide(world.Document(), world.Now) {
			said[s.Message], failed = true, failed || s.Error != ""
			if !open[s.Message] && !anything {
				t.Errorf("%s: %q (%s) holds in a world, and the answer without it does not say so", name, s.Message, s.Error)
			}
		}
		for message, sure := range certain {
			if sure && !said[message] && !failed {
				t.Errorf("%s: %q is called certain, and does not hold in a world", name, message)
			}
		}
	}
}

// A writer makes up rules.
type writer struct {
	r       *rand.Rand
	helpers []string
}

func (w *writer) pick(list ...string) string { return list[w.r.IntN(len(list))] }

func (w *writer) atom(f string, depth int) string {
	if depth == 0 || w.r.IntN(3) > 0 {
		return strings.ReplaceAll(w.pick(
			"F.new", "F.new == true", "F.new != true", "F.service.tier == \"critical\"", "F.service.tier != \"low\"", "F.overdue",
			"\"personal\" in F.service.data", "F.service.data[_] == \"public\"", "F.path == \"app/a\"", "F.path != \"app/b\"", "F.age > 0", "count(F.service.data) > 1",
			"input.levels[F.service.tier] > 3", "F.risk.level == \"critical\"", "F.due < input.now", "F.service.tier in {\"low\", \"medium\"}", "object.get(F, \"new\", true)",
			"[F.new, F.path] == [true, \"app/a\"]", "{F.new, 1} == {true, 1}", "{\"x\": F.new}.x", "is_boolean(F.new)", "startswith(F.service.tier, \"c\")", "F.new == input.findings[_].new",
		), "F", f)
	}
	g := fmt.Sprintf("g%d", w.r.IntN(1_000_000))
	inner := func() string { return w.body(g, depth-1) }
	switch w.r.IntN(9) {
	case 0:
		return "not " + w.atom(f, 0)
	case 1:
		return fmt.Sprintf("count([%s | some %s in input.findings; %s]) %s %d", g, g, inner(), w.pick("==", ">", "<", "!="), w.r.IntN(4))
	case 2:
		return fmt.Sprintf("%s.path in {%s.path | some %s in input.findings; %s}", f, g, g, inner())
	case 3:
		return fmt.Sprintf("every %s in input.findings { %s }", g, inner())
	case 4:
		return w.pick("", "not ") + w.function(depth-1) + "(" + f + ")"
	case 5:
		return fmt.Sprintf("%s%s(%s) == %d", w.pick("", "not "), w.valued(depth-1), f, 1+w.r.IntN(2))
	case 6:
		return w.pick("", "not ") + w.set(depth-1) + "[" + f + ".path]"
	case 7:
		return fmt.Sprintf("count(%s) %s %d", w.set(depth-1), w.pick("==", ">", "<"), w.r.IntN(3))
	}
	return w.pick("", "not ") + w.object(depth-1) + "[" + f + ".path]"
}

func (w *writer) body(f string, depth int) string {
	var list []string
	for range 1 + w.r.IntN(3) {
		list = append(list, w.atom(f, depth))
	}
	return strings.Join(list, "; ")
}

func (w *writer) name() string { return fmt.Sprintf("h%d", w.r.IntN(1_000_000)) }

func (w *writer) help(format string, args ...any) {
	w.helpers = append(w.helpers, fmt.Sprintf(format, args...))
}

func (w *writer) function(depth int) string {
	name := w.name()
	if w.r.IntN(3) == 0 {
		w.help("default %s(_) := false", name)
	}
	for range 1 + w.r.IntN(2) {
		w.help("%s(f) if { %s }", name, w.body("f", depth))
	}
	return name
}

func (w *writer) valued(depth int) string {
	name := w.name()
	w.help("%s(f) := 1 if { %s } else := %d if { %s } else := 2", name, w.body("f", depth), 1+w.r.IntN(2), w.body("f", depth))
	return name
}

func (w *writer) set(depth int) string {
	name := w.name()
	for range 1 + w.r.IntN(2) {
		w.help("%s contains f.path if { some f in input.findings; %s }", name, w.body("f", depth))
	}
	return name
}

func (w *writer) object(depth int) string {
	name := w.name()
	w.help("%s[f.path] := %s if { some f in input.findings; %s }", name, w.pick("true", "f.new", "f.overdue"), w.body("f", depth))
	return name
}

// Whatever a rule says, it says no less where values are unknown.
func TestRandomRulesAreNeverMilder(t *testing.T) {
	compiled, count := 0, 150
	if testing.Short() {
		count = 50
	}
	for seed := range uint64(count) {
		w := &writer{r: rand.New(rand.NewPCG(seed, 7))}
		text := "deny contains f.path if { some f in input.findings; " + w.body("f", 3) + " }\n"
		text += strings.Join(w.helpers, "\n")
		p, err := Compile(rules(text))
		if err != nil {
			continue // made-up rules need not be well typed
		}
		compiled++
		covers(t, text, p)
	}
	if t.Logf("%d rules", compiled); compiled < count/2 {
		t.Errorf("only %d of %d rules compile", compiled, count)
	}
}
