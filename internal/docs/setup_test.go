package docs

import (
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/workplace"
)

// sampleCommit stands for the commit that a program was built from.
const sampleCommit = "0123456789abcdef0123456789abcdef01234567"

// TestSetupPage holds that the page shows the workflow that init writes.
func TestSetupPage(t *testing.T) {
	const page, before, after = "docs/pipelines-setup.md", "### GitHub\n\n", "\nThe action builds the program"
	text := read(t, page)
	head, rest, ok1 := strings.Cut(text, before)
	_, tail, ok2 := strings.Cut(rest, after)
	if !ok1 || !ok2 {
		t.Fatalf("%s: no place for the workflow", page)
	}
	shown := "`assay init` writes `.github/workflows/assay.yml`. Here " + sampleCommit[:7] + "… is the commit that your program was built from:\n\n" +
		"```yaml\n" + workplace.GitHubText(sampleCommit) + "```\n"
	check(t, page, head+before+shown+after+tail)
}
