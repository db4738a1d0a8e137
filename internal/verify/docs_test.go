package verify

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	pack "github.com/assaysec/assay/internal/rules/secret"
)

var update = flag.Bool("update", false, "renew the table in docs/verify.md")

var (
	rulePattern  = regexp.MustCompile(`(?m)^(id|verify) = "([^"]*)"$`)
	tablePattern = regexp.MustCompile(`(?m)(?:^\|.*\n)+`)
)

// ruleNames lists the built-in rules that name each verifier.
func ruleNames(t *testing.T) map[string][]string {
	t.Helper()
	rules := map[string][]string{}
	for _, name := range pack.Files() {
		text, err := pack.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		id := ""
		for _, m := range rulePattern.FindAllStringSubmatch(string(text), -1) {
			if m[1] == "id" {
				id = m[2]
				continue
			}
			rules[m[2]] = append(rules[m[2]], id)
		}
	}
	return rules
}

// Every verifier that a rule names exists, and every one that exists is named by a rule.
func TestRules(t *testing.T) {
	rules := ruleNames(t)
	for name, ids := range rules {
		if Find(name) == nil {
			t.Errorf("rules %v: no verifier %q: there is %v", ids, name, names())
		}
	}
	for _, p := range All {
		if len(rules[p.Name]) == 0 {
			t.Errorf("no rule names verifier %s", p.Name)
		}
	}
}

// TestDocs compares the table of docs/verify.md with the list.
func TestDocs(t *testing.T) {
	const page = "../../docs/verify.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want := table(ruleNames(t))
	if *update {
		text = tablePattern.ReplaceAllLiteral(text, []byte(want))
		if err := os.WriteFile(page, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, string(tablePattern.Find(text))); diff != "" {
		t.Errorf("table of %s is not what is in the program: go test ./internal/verify -run TestDocs -update (-want +got):\n%s", page, diff)
	}
}

func table(rules map[string][]string) string {
	var b strings.Builder
	b.WriteString("| verifier | provider | asked | at | rules |\n| --- | --- | --- | --- | --- |\n")
	for _, p := range All {
		hosts := "`" + strings.Join(p.Hosts(), "` `") + "`"
		if len(p.Hosts()) == 0 {
			hosts = "the registry of your npm configuration"
		}
		slices.Sort(rules[p.Name])
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s | `%s` |\n", p.Name, p.Title, p.Asks(), hosts, strings.Join(rules[p.Name], "` `"))
	}
	return b.String()
}
