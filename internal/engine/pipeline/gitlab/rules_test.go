package gitlab

import (
	"testing"

	"github.com/assaysec/assay/internal/engine/pipeline/pipelinetest"
)

var platform = &pipelinetest.Platform{Name: "gitlab", Path: ".gitlab-ci.yml", Wants: Wants, Look: Look, Join: Join}

func TestRules(t *testing.T) { platform.TestExamples(t) }

func TestRulesKnown(t *testing.T) { platform.TestKnown(t, "gitlab-ci") }
