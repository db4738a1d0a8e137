package docs

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/engine/pipeline"
	"github.com/assaysec/assay/internal/finding"
)

// A platform has a page of its own in the reference.
type platform struct{ name, title string }

var platforms = []platform{
	{"github", "GitHub Actions"},
	{"gitlab", "GitLab CI"},
	{"azure", "Azure Pipelines"},
}

func platformPages() []string {
	var names []string
	for _, p := range platforms {
		names = append(names, "pipeline-"+p.name)
	}
	return names
}

func rulesOf(t *testing.T, p platform) []pipeline.Rule {
	c, err := pipeline.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var list []pipeline.Rule
	for _, r := range c.Rules {
		if strings.HasPrefix(r.ID, p.name+"-") {
			list = append(list, r)
		}
	}
	return list
}

func pipelineIndex(t *testing.T) string {
	var b strings.Builder
	b.WriteString("\nThe pipeline engine looks at the files that build, test and deploy. Each of its rules is shown with a pipeline that has the\n" +
		"fault and the nearest one that has not; the tests run both.\n\n| page | rules | by severity |\n| --- | --- | --- |\n")
	for _, p := range platforms {
		rules, counts := rulesOf(t, p), map[finding.Severity]int{}
		for _, r := range rules {
			counts[r.Severity]++
		}
		var words []string
		for s := finding.Critical; s >= finding.Info; s-- {
			if counts[s] > 0 {
				words = append(words, fmt.Sprintf("%d %s", counts[s], s))
			}
		}
		fmt.Fprintf(&b, "| [%s](pipeline-%s.md) | %d | %s |\n", p.title, p.name, len(rules), strings.Join(words, ", "))
	}
	return b.String()
}

// TestPipelineRules compares the pages of the platforms with the rules and their examples.
func TestPipelineRules(t *testing.T) {
	for _, p := range platforms {
		var b strings.Builder
		fmt.Fprintf(&b, "# Rules: %s\n\n%s", p.title, generated)
		rules := rulesOf(t, p)
		b.WriteString("| rule | finds | severity | confidence |\n| --- | --- | --- | --- |\n")
		for _, r := range rules {
			fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", r.ID, anchor(r.Name()), cell(r.Title), r.Severity, r.Confidence)
		}
		for _, r := range rules {
			fmt.Fprintf(&b, "\n## %s\n\n**%s.** %s\n\n%s\n", r.Name(), r.Title, text(r.About), text(r.Advice))
			fmt.Fprintf(&b, "\nSeverity %s, confidence %s. Also known as %s.\n", r.Severity, r.Confidence, cmp.Or(strings.Join(r.Names(), ", "), "nothing else"))
			for _, side := range []struct{ name, title string }{{"bad", "What it finds"}, {"good", "What it passes over"}} {
				fmt.Fprintf(&b, "\n%s:\n\n```yaml\n%s```\n", side.title, example(t, r.ID, side.name))
			}
		}
		check(t, "docs/rules/pipeline-"+p.name+".md", b.String())
	}
}

// text is a paragraph of the rules on one line.
func text(s string) string { return strings.Join(strings.Fields(s), " ") }

// anchor is what a forge makes of a heading.
func anchor(heading string) string { return strings.NewReplacer("/", "").Replace(heading) }

func example(t *testing.T, id, side string) string {
	base := filepath.Join(root, "internal/rules/pipeline/testdata", id, side)
	for _, ext := range []string{".yml", ".txtar"} {
		text, err := os.ReadFile(base + ext)
		if err != nil {
			continue
		}
		return strings.TrimRight(comments(string(text)), "\n") + "\n"
	}
	t.Errorf("%s has no example %s", id, side)
	return ""
}

// comments makes the names of files in an archive comments, so that what is shown is YAML.
func comments(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "-- ") && strings.HasSuffix(strings.TrimSpace(line), " --") {
			line = "# " + strings.Trim(strings.TrimSpace(line), "- ") + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}
