package azure

import (
	"testing"

	"github.com/assaysec/assay/internal/engine/pipeline/pipelinetest"
)

var platform = &pipelinetest.Platform{Name: "azure", Path: "azure-pipelines.yml", Wants: Wants, Look: Look, Join: Join}

func TestRules(t *testing.T) { platform.TestExamples(t) }

func TestRulesKnown(t *testing.T) { platform.TestKnown(t, "azure-pipelines", "azure-pipeline") }
