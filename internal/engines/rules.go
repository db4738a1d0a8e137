package engines

import (
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline"
	"github.com/assaysec/assay/internal/engine/secret"
	"github.com/assaysec/assay/internal/scan"
)

// newPipeline makes the pipeline engine. It has its built-in rules alone.
func newPipeline(s Settings) (scan.Engine, []string, error) {
	return pipeline.New(s.MaxPerRule), nil, nil
}

func pipelineRuleList() ([]Rule, error) {
	c, err := pipeline.Builtin()
	if err != nil {
		return nil, err
	}
	list := make([]Rule, len(c.Rules))
	for i := range c.Rules {
		r := &c.Rules[i]
		list[i] = Rule{
			ID: r.Name(), Finds: r.Title, Severity: r.Severity.String(), Confidence: r.Confidence.String(), Aliases: r.Names(), Advice: strings.TrimSpace(r.Advice),
			More: [][2]string{{"about", strings.TrimSpace(r.About)}, {"references", strings.Join(r.References, ", ")}},
		}
	}
	return list, nil
}

func secretRuleList() ([]Rule, error) {
	c, err := secret.Builtin()
	if err != nil {
		return nil, err
	}
	list := make([]Rule, len(c.Rules))
	for i := range c.Rules {
		r := &c.Rules[i]
		list[i] = Rule{
			ID: "secret/" + r.ID, Finds: r.Description, Severity: r.Severity, Confidence: r.Confidence, Aliases: r.Aliases, Advice: r.Advice,
			More: [][2]string{{"provider", r.Provider}, {"keywords", strings.Join(r.Keywords, ", ")}, {"expression", r.Regex}, {"path", r.Path}},
		}
	}
	return list, nil
}
