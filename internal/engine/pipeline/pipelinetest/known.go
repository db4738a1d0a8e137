package pipelinetest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestKnown finds rules that the code of the package names and the file of rules does not have; that none of the file is
// without a check is what TestExamples shows. Others are words of the code that only look like rules.
func (p *Platform) TestKnown(t *testing.T, others ...string) {
	rules := p.Rules(t)
	word := regexp.MustCompile(`"(` + p.Name + `-[a-z-]+)"`)
	sources, _ := filepath.Glob("*.go")
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range word.FindAllSubmatch(text, -1) {
			rule := string(m[1])
			if rules[rule] == 0 && !slices.Contains(others, rule) {
				t.Errorf("%s: the rule %s is not in %s.yaml", name, rule, p.Name)
			}
		}
	}
}

// TestNoSecrets looks for a credential of a file in what is told of it, which has to be something.
func (p *Platform) TestNoSecrets(t *testing.T, text, credential string, least int) {
	faults, _ := p.Run(map[string][]byte{p.Path: []byte(text)})
	if len(faults) < least {
		t.Errorf("%d faults, want %d at least", len(faults), least)
	}
	for _, f := range faults {
		if strings.Contains(f.Message+f.Key+f.Advice, credential) {
			t.Errorf("%s tells the credential: %q, key %q", f.Rule, f.Message, f.Key)
		}
	}
}

// Fuzz looks at any text as the platform's own file and as others beside it: every fault has a place in it.
func (p *Platform) Fuzz(f *testing.F, beside []string, seeds ...string) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		files := map[string][]byte{p.Path: text}
		for _, name := range beside {
			files[name] = text
		}
		faults, _ := p.Run(files)
		for _, fault := range faults {
			if fault.Span.Start < 0 || fault.Span.Start > fault.Span.End || fault.Span.End > len(text) {
				t.Fatalf("%s at %v of %d", fault.Rule, fault.Span, len(text))
			}
		}
	})
}
