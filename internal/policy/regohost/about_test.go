package regohost

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
)

// What is said about a finding is the same where the others are left out of what does not look at them.
func TestAbout(t *testing.T) {
	texts := map[string]string{}
	for name, r := range unknownRules {
		texts[name] = r.text
	}
	for seed := range uint64(60) {
		w := &writer{r: rand.New(rand.NewPCG(seed, 11))}
		body := "deny contains {\"msg\": f.path, \"fingerprint\": f.fingerprint} if { some f in input.findings; " + w.body("f", 2) + " }\n"
		texts[body] = body + strings.Join(w.helpers, "\n")
	}
	in := input(t, found("a", finding.Critical, novelty("unknown")), found("b", finding.Critical), found("c", finding.Critical, novelty("no")))
	compiled := 0
	for name, text := range texts {
		// Every rule of the table speaks of findings by their paths, which end in their fingerprints.
		text = strings.ReplaceAll(text, "deny contains f.path if", `deny contains {"msg": "x", "fingerprint": substring(f.path, 4, 1)} if`)
		p, err := Compile(rules(text))
		if err != nil {
			continue // made-up rules need not be well typed
		}
		compiled++
		for i := range in.Risks {
			alone := *in
			alone.Risks = in.Risks[i : i+1]
			id := in.Risks[i].Fingerprint
			got := about(id, p.About(alone.Document(), in.Document, in.Now))
			if diff := cmp.Diff(about(id, p.Decide(in.Document(), in.Now)), got); diff != "" {
				t.Errorf("%s, %s (-whole +alone)\n%s\n%s", name, id, text, diff)
			}
		}
	}
	if compiled < 50 {
		t.Errorf("only %d rules compile", compiled)
	}
}

func about(id string, list []policy.Statement) []policy.Statement {
	var out []policy.Statement
	for _, s := range list {
		if s.Fingerprint == id {
			out = append(out, s)
		}
	}
	return out
}

// A rule is asked about one finding alone only where no other can matter.
func TestOneByOne(t *testing.T) {
	const said = `deny contains {"msg": "x", "fingerprint": f.fingerprint} if { `
	for text, want := range map[string]bool{
		said + `some f in input.findings; f.new }`:                                                                 true,
		said + `f := input.findings[_]; not f.new; f.risk.level in {"high"} }`:                                     true,
		said + `some f in input.findings; mild(f) }` + "\nmild(f) if f.risk.score < input.levels.high":             true,
		said + `some i, f in input.findings; i < 5 }`:                                                              false,
		said + `some f in input.findings; some g in input.findings; f.path == g.path }`:                            false,
		said + `some f in input.findings; count(input.findings) > 2 }`:                                             false,
		said + `some f in input.findings; many }` + "\nmany if count(input.findings) > 2":                          false,
		said + `some f in input.findings; every g in input.findings { g.new } }`:                                   false,
		said + `some f in input.findings; walk(input, [_, f.path]) }`:                                              false,
		said + `some f in input.findings; input[_] == f.path }`:                                                    false,
		said + `some f in [g | some g in input.findings; g.new] }`:                                                 false,
		said + `some f in input.findings; many with input.findings as [] }` + "\nmany if input.stage == \"build\"": false,
		said + `f := {"fingerprint": input.stage}; count(input.findings) > 1 }`:                                    false,
		said + `f := {"fingerprint": input.stage}; not input.findings[0].new }`:                                    false,
	} {
		p := program(t, text)
		for _, r := range p.modules[file].Rules {
			if _, ok := decision(r); ok && p.oneByOne(r) != want {
				t.Errorf("%s: %v, want %v", text, !want, want)
			}
		}
	}
	for text, want := range map[string]bool{
		`deny contains "x" if input.findings[_].new`:                                                    true,
		`deny contains sprintf("%s", [f.path]) if some f in input.findings`:                             true,
		`deny contains msg if { some f in input.findings; msg := concat(" ", [f.path, f.rule]) }`:       true,
		`deny contains msg if { some f in input.findings; msg := {"msg": "x", "fingerprint": f.path} }`: false,
		`deny contains f if some f in input.findings`:                                                   false,
	} {
		p := program(t, text)
		if r := p.modules[file].Rules[0]; onlyText(r) != want {
			t.Errorf("%s: %v, want %v: %v", text, !want, want, r)
		}
	}
}
