package pipeline

import (
	"github.com/assaysec/assay/internal/engine/pipeline/azure"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/github"
	"github.com/assaysec/assay/internal/engine/pipeline/gitlab"
)

// A platform is what runs pipelines.
type platform struct {
	name  string // of its rule file, and before the IDs of its rules
	wants func(path string) (wants, sure bool)
	look  func(path string, text []byte) (faults []fault.Fault, summary []byte, unchecked []string)
	join  func(paths []string, summaries [][]byte) (faults []fault.Fault, unchecked []string)
}

// platforms are all of them. A file belongs to the first that is sure of it, or else to all that may have it.
var platforms = []platform{
	{"github", github.Wants, github.Look, github.Join},
	{"gitlab", gitlab.Wants, gitlab.Look, gitlab.Join},
	{"azure", azure.Wants, azure.Look, azure.Join},
}

// platformsOf are the platforms that look at a path.
func platformsOf(path string) []*platform {
	var out []*platform
	for i := range platforms {
		wants, sure := platforms[i].wants(path)
		if sure {
			return []*platform{&platforms[i]}
		}
		if wants {
			out = append(out, &platforms[i])
		}
	}
	return out
}
