package architecture

import (
	"slices"
	"strings"
	"testing"
)

// A room is a package, or with "/..." a package and all below it, and what its code may import of ours. Tests may import
// more.
type room struct {
	name   string
	may    []string
	reason string // why not more
}

// plan is every room, from the shared words to the shell. The first that fits a package holds for it. Data moves one way
// (docs/architecture.md): a new arrow is a decision, so it is written down here together with its reason, or not drawn.
var plan = []room{
	{"internal/finding", nil, "it holds the words that all others share, so it imports none of ours"},
	{"internal/coverage", nil, "it is a shared word as finding is, and says nothing about faults"},
	{"internal/litscan", nil, "it finds literals in bytes and knows of nothing else"},
	{"internal/expr", []string{"internal/litscan"}, "it matches expressions in bytes; what a match means is its caller's"},
	{"internal/cache", nil, "it keeps bytes under keys; what they say and when they hold is its callers'"},
	{"internal/rules/...", nil, "rule packs are data; what their fields mean is the engines'"},
	{"internal/git/...", []string{"internal/git/..."}, "it reads repositories and knows nothing of scanning"},

	{"internal/source", []string{"internal/finding", "internal/coverage", "internal/git/..."},
		"it says where bytes come from and knows no engine, so that every engine works over every source"},
	{"internal/scan", []string{"internal/finding", "internal/coverage", "internal/litscan", "internal/cache", "internal/git/...", "internal/source"},
		"it is handed the list of engines and knows none of them"},
	{"internal/engine/secret", []string{"internal/finding", "internal/coverage", "internal/litscan", "internal/expr", "internal/scan", "internal/rules/secret"},
		"engines are ignorant of one another, of sources and of verdicts: they share facts, never code"},
	{"internal/verify", []string{"internal/finding"}, "it asks providers about a credential; who finds it, and whether anybody may be asked, is decided elsewhere"},
	{"internal/engines", []string{"internal/scan", "internal/engine/..."}, "it is the list of engines and nothing else"},

	{"internal/profile", []string{"internal/finding"}, "what a service is does not depend on what was found in it"},
	{"internal/risk", []string{"internal/finding", "internal/profile"}, "a risk is a finding in its context; what may pass is policy's"},
	{"internal/exception", []string{"internal/finding", "internal/risk"}, "what holds a finding back is decided before policy is asked"},
	{"internal/policy", []string{"internal/finding", "internal/coverage", "internal/profile", "internal/risk"},
		"a verdict is a pure function of values; it reads no file and links no expression language"},
	{"internal/policy/...", []string{"internal/finding", "internal/coverage", "internal/profile", "internal/risk", "internal/policy"},
		"a host evaluates expressions for policy and decides nothing"},
	{"internal/config", []string{"internal/coverage", "internal/finding", "internal/policy", "internal/profile", "internal/risk"},
		"it turns a file into the values of others and runs none of them"},

	{"internal/report/escape", nil, "it makes text safe for a place and knows no report"},
	{"internal/report/frame", []string{"internal/finding"}, "it lays out the lines around a place"},
	{"internal/report/formats", []string{"internal/report/...", "internal/report"}, "it is the list of formats and nothing else"},
	{"internal/report/jsonl", append([]string{"internal/report/json"}, reportMay...), "it writes the objects of the report json, one a line"},
	{"internal/report/...", reportMay, "a format turns a document into bytes; it looks at no disk, clock or network and at no other format"},

	{"internal/architecture", nil, "it is tests"},
	{"internal/docs", nil, "it is tests"},
	{"internal/cli", []string{"internal/..."}, ""},
	{"cmd/assay", []string{"internal/cli"}, "main does nothing but to call the shell"},
}

// reportMay is what every report format may know.
var reportMay = []string{"internal/finding", "internal/coverage", "internal/risk", "internal/policy", "internal/report", "internal/report/escape", "internal/report/frame"}

func TestArrows(t *testing.T) {
	for _, p := range packages(t) {
		r := roomOf(p.path)
		if r == nil {
			t.Errorf("%s is a new room: give it a line in the plan (internal/architecture) that says what it may import and why not more, and one in docs/architecture.md", p.path)
			continue
		}
		for _, imported := range p.imports {
			if !slices.ContainsFunc(r.may, func(may string) bool { return fits(may, imported) }) {
				t.Errorf("%s imports %s: not allowed, because %s", p.path, imported, r.reason)
			}
		}
	}
}

// TestPlan keeps the plan free of rooms that are gone.
func TestPlan(t *testing.T) {
	all := packages(t)
	for _, r := range plan {
		if !slices.ContainsFunc(all, func(p pkg) bool { return fits(r.name, p.path) }) {
			t.Errorf("the plan names %s, and there is no such package", r.name)
		}
	}
}

func roomOf(path string) *room {
	for i := range plan {
		if fits(plan[i].name, path) {
			return &plan[i]
		}
	}
	return nil
}

// fits reports whether a package is the one that name means, or lies below it where name ends in "/...".
func fits(name, path string) bool {
	above, below := strings.CutSuffix(name, "/...")
	return path == above || below && strings.HasPrefix(path, above+"/")
}
