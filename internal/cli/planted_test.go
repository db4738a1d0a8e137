package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report/json"
)

// plantedFault is what examples/payments says of itself.
type plantedFault struct {
	Path string `yaml:"path"`
	Line int    `yaml:"line"`
	Rule string `yaml:"rule"`
}

// TestPlantedFaults looks at the example: every planted fault of an engine that is here is told at its line, and no near
// miss is.
func TestPlantedFaults(t *testing.T) {
	example := filepath.Join("..", "..", "examples", "payments")
	text, err := os.ReadFile(filepath.Join(example, "FAULTS.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Faults []plantedFault `yaml:"faults"`
		Misses []plantedFault `yaml:"nearMisses"`
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	_, stdout, stderr := runCLI(t, "scan", "--no-cache", "-f", "json", example)
	report, err := json.Read(strings.NewReader(stdout))
	if err != nil {
		t.Fatal(err, stderr)
	}
	for _, f := range report.Findings {
		for line := f.Place.Start.Line; line <= f.Place.End.Line; line++ {
			told[fmt.Sprintf("%s:%d %s", f.Place.Path, line, f.Rule)] = true
		}
	}
	here := map[string]bool{}
	for _, name := range engines.Names() {
		here[name] = true
	}
	seen := 0
	for _, p := range doc.Faults {
		if key := fmt.Sprintf("%s:%d %s", p.Path, p.Line, p.Rule); here[finding.EngineOf(p.Rule)] {
			if seen++; !told[key] {
				t.Errorf("not found: %s", key)
			}
		}
	}
	for _, p := range doc.Misses {
		if key := fmt.Sprintf("%s:%d %s", p.Path, p.Line, p.Rule); told[key] && here[finding.EngineOf(p.Rule)] {
			t.Errorf("a near miss is told: %s", key)
		}
	}
	if seen < 15 {
		t.Errorf("only %d planted faults", seen)
	}
}
