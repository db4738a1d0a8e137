package config

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/policy/celhost"
	"github.com/assaysec/assay/internal/testkit"
)

var update = flag.Bool("update", false, "write the generated parts of docs/configuration.md anew")

const docFile = "../../docs/configuration.md"

func documentation(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(docFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// documentedExamples gives every YAML example of docs/configuration.md.
func documentedExamples(t *testing.T) []string {
	t.Helper()
	var examples []string
	rest := documentation(t)
	for {
		_, after, ok := strings.Cut(rest, "```yaml\n")
		if !ok {
			return examples
		}
		example, tail, _ := strings.Cut(after, "```")
		examples, rest = append(examples, example), tail
	}
}

// Every example that the documentation shows is taken, expressions included.
func TestDocumentedExamples(t *testing.T) {
	examples := documentedExamples(t)
	if len(examples) < 5 {
		t.Fatalf("only %d examples", len(examples))
	}
	for _, example := range examples {
		f, err := Parse(Name, []byte(example), engines)
		if err != nil {
			t.Errorf("%s\n%v", example, err)
			continue
		}
		c, err := Merge(f)
		if err != nil {
			t.Errorf("%s\n%v", example, err)
			continue
		}
		if err := c.Check(celhost.New()); err != nil {
			t.Errorf("%s\n%v", example, err)
		}
	}
}

func TestDocumentedNames(t *testing.T) {
	var b strings.Builder
	b.WriteString("| name | type | meaning |\n| --- | --- | --- |\n")
	row := func(name string, typ policy.Type, doc string, words []string) {
		if len(words) > 0 {
			var list []string
			form := "`'%s'`"
			if typ == policy.Level {
				form = "`%s`"
			}
			for _, w := range words {
				list = append(list, fmt.Sprintf(form, w))
			}
			doc += ": " + strings.Join(list, ", ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, typeNames[typ], doc)
	}
	for _, n := range policy.FindingNames {
		row(n.Name, n.Type, n.Doc, n.Words)
	}
	testkit.Section(t, docFile, "finding-names", b.String(), *update)
	b.Reset()
	b.WriteString("| name | type | meaning |\n| --- | --- | --- |\n")
	for _, n := range policy.RunNames {
		row(n.Name, n.Type, n.Doc, n.Words)
	}
	for _, f := range policy.CoverageFields {
		row("c."+f.Name, f.Type, f.Doc, f.Words)
	}
	testkit.Section(t, docFile, "run-names", b.String(), *update)
	testkit.Section(t, docFile, "default-policy", fmt.Sprintf("```\ndeny: %s\nwarn: %s\n```\n", policy.DefaultDeny, policy.DefaultWarn), *update)
}

var typeNames = map[policy.Type]string{
	policy.Bool: "true or false", policy.Int: "number", policy.String: "text", policy.Strings: "list of texts",
	policy.Level: "level", policy.Time: "time", policy.Duration: "duration", policy.Records: "list of records",
}
