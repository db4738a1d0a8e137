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

// tools are what any room may use: they hold no word of ours, and know nothing of what they are used for.
var tools = []string{"internal/lazyregexp", "internal/nearest", "internal/wildcard"}

// plan is every room, from the shared words to the shell. The first that fits a package holds for it. Data moves one way
// (docs/architecture.md): a new arrow is a decision, so it is written down here together with its reason, or not drawn.
var plan = []room{
	{"internal/finding", nil, "it holds the words that all others share, so it imports none of ours"},
	{"internal/coverage", nil, "it is a shared word as finding is, and says nothing about faults"},
	{"internal/lazyregexp", nil, "it is a tool for all rooms"},
	{"internal/nearest", nil, "it is a tool for all rooms"},
	{"internal/wildcard", nil, "it is a tool for all rooms"},
	{"internal/testkit", nil, "it is for tests"},
	{"internal/diagnostic", nil, "it says what is wrong in a file, whatever the file is for"},
	{"internal/strictyaml", []string{"internal/diagnostic"}, "it reads files of ours and knows the meaning of none"},
	{"internal/litscan", nil, "it finds literals in bytes and knows of nothing else"},
	{"internal/expr", []string{"internal/litscan"}, "it matches expressions in bytes; what a match means is its caller's"},
	{"internal/cache", nil, "it keeps bytes under keys; what they say and when they hold is its callers'"},
	{"internal/rules/...", nil, "rule packs are data; what their fields mean is the engines'"},
	{"internal/git/...", []string{"internal/git/..."}, "it reads repositories and knows nothing of scanning"},

	{"internal/source", []string{"internal/finding", "internal/coverage", "internal/git/..."},
		"it says where bytes come from and knows no engine, so that every engine works over every source"},
	{"internal/exception/native", []string{"internal/finding"}, "it reads marks in text, and what they do is decided elsewhere"},
	{"internal/scan", []string{"internal/finding", "internal/coverage", "internal/litscan", "internal/cache", "internal/git/...", "internal/source", "internal/exception/native"},
		"it is handed the list of engines and knows none of them"},
	{"internal/engine/secret", []string{"internal/finding", "internal/coverage", "internal/litscan", "internal/expr", "internal/scan", "internal/rules/secret"},
		"engines are ignorant of one another, of sources and of verdicts: they share facts, never code"},
	{"internal/engine/pipeline/fault", []string{"internal/finding"}, "it holds the words that the platforms share"},
	{"internal/engine/pipeline/document", []string{"internal/engine/pipeline/fault"}, "it knows where values stand, and no pipeline"},
	{"internal/engine/pipeline/shell", []string{"internal/engine/pipeline/fault"}, "it knows scripts, and no platform"},
	{"internal/engine/pipeline/assembly", []string{"internal/finding", "internal/engine/pipeline/fault", "internal/engine/pipeline/shell"}, "it holds what platforms share, and knows none"},
	{"internal/engine/pipeline/pipelinetest", []string{"internal/finding", "internal/engine/pipeline/fault"}, "it is tests of any platform"},
	{"internal/engine/pipeline", []string{"internal/finding", "internal/coverage", "internal/scan", "internal/rules/pipeline", "internal/engine/pipeline/..."},
		"engines are ignorant of one another, of sources and of verdicts: they share facts, never code"},
	{"internal/engine/pipeline/...", []string{"internal/finding", "internal/engine/pipeline/fault", "internal/engine/pipeline/document", "internal/engine/pipeline/shell", "internal/engine/pipeline/assembly"},
		"platforms are ignorant of one another and of the engine"},
	{"internal/verify", []string{"internal/finding"}, "it asks providers about a credential; who finds it, and whether anybody may be asked, is decided elsewhere"},
	{"internal/engines", []string{"internal/scan", "internal/engine/..."}, "it is the list of engines and nothing else"},

	{"internal/profile", []string{"internal/finding"}, "what a service is does not depend on what was found in it"},
	{"internal/risk", []string{"internal/finding", "internal/profile"}, "a risk is a finding in its context; what may pass is policy's"},
	{"internal/exception", []string{"internal/finding", "internal/risk"}, "what holds a finding back is decided before policy is asked"},
	{"internal/sshsig", nil, "it signs and verifies bytes; what they say is its callers'"},
	{"internal/exception/native/ignorefile", []string{"internal/strictyaml", "internal/finding", "internal/exception/native", "internal/git/ignore"}, "it reads files of tools, and what they do is decided elsewhere"},
	{"internal/exception/native/effect", []string{"internal/finding", "internal/risk", "internal/exception/native", "internal/exception/native/ignorefile"}, "it says what marks do to risks, and asks for the gate's answer"},
	{"internal/exception/census", []string{"internal/exception/native", "internal/exception/native/effect", "internal/report/escape"}, "it lists what marks do"},
	{"internal/exception/register", []string{"internal/diagnostic", "internal/strictyaml", "internal/finding", "internal/risk", "internal/sshsig"}, "what an exception permits does not depend on what the gate would say"},
	{"internal/exception/probe", []string{"internal/exception/register"}, "it asks one question over the network"},
	{"internal/policy", []string{"internal/diagnostic", "internal/finding", "internal/coverage", "internal/profile", "internal/risk"},
		"a verdict is a pure function of values; it reads no file and links no expression language"},
	{"internal/policy/...", []string{"internal/diagnostic", "internal/finding", "internal/coverage", "internal/profile", "internal/risk", "internal/policy"},
		"a host evaluates expressions for policy and decides nothing"},
	{"internal/config", []string{"internal/diagnostic", "internal/strictyaml", "internal/coverage", "internal/finding", "internal/policy", "internal/profile", "internal/risk"},
		"it turns a file into the values of others and runs none of them"},

	{"internal/judge", []string{"internal/diagnostic", "internal/finding", "internal/coverage", "internal/profile", "internal/risk", "internal/policy", "internal/exception/...", "internal/sshsig"},
		"it is one function from a case to a verdict; hosts of languages are handed in"},
	{"internal/receipt", []string{"internal/diagnostic", "internal/finding", "internal/coverage", "internal/profile", "internal/risk", "internal/policy", "internal/exception/...", "internal/judge", "internal/report", "internal/report/json"},
		"it writes a case down and decides it again"},
	{"internal/loosening", []string{"internal/finding", "internal/coverage", "internal/profile", "internal/risk", "internal/policy", "internal/config", "internal/exception", "internal/exception/register", "internal/exception/native/ignorefile", "internal/fix"},
		"it compares files that judge, and judges nothing"},
	{"internal/fix", []string{"internal/finding"}, "bytes in, bytes out: who asks for a fix, and where it is written, is decided elsewhere"},
	{"internal/workplace", []string{"internal/git"}, "it knows the texts of hooks and pipelines, and writes no file"},

	{"internal/report/escape", nil, "it makes text safe for a place and knows no report"},
	{"internal/report/frame", []string{"internal/finding"}, "it lays out the lines around a place"},
	{"internal/report/formats", []string{"internal/report/...", "internal/report"}, "it is the list of formats and nothing else"},
	{"internal/report/jsonl", append([]string{"internal/report/json"}, reportMay...), "it writes the objects of the report json, one a line"},
	{"internal/report/comment", append([]string{"internal/report/annotation"}, reportMay...), "it stops for what an annotation stops for"},
	{"internal/report/github", append([]string{"internal/report/annotation", "internal/report/comment"}, reportMay...), "its summary is the comment, longer"},
	{"internal/report/azure", append([]string{"internal/report/annotation"}, reportMay...), "it writes what annotation chose"},
	{"internal/forge/rest", []string{"internal/report/escape"}, "it sends requests and knows no forge"},
	{"internal/forge/forgetest", nil, "it is a server for tests"},
	{"internal/forge", []string{"internal/forge/rest"}, "what a comment says is report/comment's"},
	{"internal/forge/...", []string{"internal/forge", "internal/forge/rest", "internal/report/escape"}, "a forge is asked; what is said to it is decided elsewhere"},
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
			if !slices.ContainsFunc(slices.Concat(r.may, tools), func(may string) bool { return fits(may, imported) }) {
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
