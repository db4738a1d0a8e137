package sarif

import (
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/reporttest"
)

func TestWrite(t *testing.T) { reporttest.All(t, Write, ".sarif") }

func BenchmarkWrite(b *testing.B) { reporttest.Growth(b, Write) }

// TestWhatHoldsBack holds that a program can read who holds a finding back and until which day, and that a warning tells
// what permits nothing any more.
func TestWhatHoldsBack(t *testing.T) {
	d := reporttest.Recorded()
	d.Targets = d.Targets[:1]
	r := parse(t, d)
	want := map[string]any{"kind": "exception", "source": "EX-7", "owner": "team-platform", "lastDay": "2027-01-31"}
	found := slices.ContainsFunc(r.Results, func(res result) bool {
		return len(res.Suppressions) == 1 && reflect.DeepEqual(res.Suppressions[0].Properties, want)
	})
	if !found {
		t.Errorf("no suppression has the properties %v", want)
	}
	levels, places := map[string]string{}, map[string]int{}
	for _, n := range r.Invocations[0].ToolExecutionNotifications {
		levels[n.Message.Text], places[n.Message.Text] = n.Level, len(n.Locations)
	}
	const loosens = "the change adds the exception EX-15 (.assay/exceptions.yaml:31), which loosens what judges it"
	if levels[loosens] != "warning" || places[loosens] != 1 {
		t.Errorf("level %q and %d places of what loosens", levels[loosens], places[loosens])
	}
	for text, level := range levels {
		if strings.HasPrefix(text, "exceptions: EX-9 is void") != (level == "warning" && strings.Contains(text, "EX-9")) {
			t.Errorf("%q has level %q", text, level)
		}
	}
}

func parse(t *testing.T, d *report.Document) run {
	t.Helper()
	var l struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []run  `json:"runs"`
	}
	dec := json.NewDecoder(strings.NewReader(reporttest.Render(t, Write, d, report.Options{})))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&l); err != nil {
		t.Fatal(err)
	}
	if l.Version != "2.1.0" || len(l.Runs) != 1 {
		t.Fatalf("version %q, %d runs", l.Version, len(l.Runs))
	}
	return l.Runs[0]
}

// TestConstraints checks what the specification asks of the parts that we write.
func TestConstraints(t *testing.T) {
	for _, recording := range reporttest.Recordings {
		t.Run(recording.Name, func(t *testing.T) {
			r := parse(t, recording.New())
			if r.Tool.Driver.Name == "" || r.ColumnKind != "unicodeCodePoints" || r.Results == nil {
				t.Error("driver.name, columnKind or results")
			}
			checkRules(t, r.Tool.Driver.Rules)
			for _, n := range r.Invocations[0].ToolExecutionNotifications {
				checkLevel(t, n.Level)
				checkText(t, n.Message)
				checkLocations(t, r, n.Locations)
			}
			for _, res := range r.Results {
				checkResult(t, r, res)
			}
		})
	}
}

func checkRules(t *testing.T, rules []rule) {
	t.Helper()
	for i, r := range rules {
		if i > 0 && rules[i-1].ID >= r.ID {
			t.Errorf("rule %q is not unique or not in order", r.ID)
		}
		checkLevel(t, r.DefaultConfiguration.Level)
		for _, x := range []text{r.ShortDescription, r.FullDescription, r.Help} {
			checkText(t, x)
		}
		tags := r.Properties["tags"].([]any)
		if len(tags) > maxTags || len(tags) < 2 {
			t.Errorf("rule %q has %d tags", r.ID, len(tags))
		}
	}
}

func checkResult(t *testing.T, r run, res result) {
	t.Helper()
	if r.Tool.Driver.Rules[res.RuleIndex].ID != res.RuleID { // §3.27.6
		t.Errorf("ruleIndex %d is not %s", res.RuleIndex, res.RuleID)
	}
	if res.Kind != "fail" { // §3.27.9: a level needs the kind "fail"
		t.Errorf("kind %q", res.Kind)
	}
	if *res.Rank < 0 || *res.Rank > 100 { // §3.27.25
		t.Errorf("rank %d", *res.Rank)
	}
	if !strings.HasPrefix(res.PartialFingerprints["assay/v1"], "a1:") {
		t.Errorf("fingerprints %v", res.PartialFingerprints)
	}
	if !slices.Contains([]string{"", "new", "unchanged"}, res.BaselineState) {
		t.Errorf("baselineState %q", res.BaselineState)
	}
	checkLevel(t, res.Level)
	checkText(t, res.Message)
	checkLocations(t, r, res.Locations)
	checkLocations(t, r, res.RelatedLocations)
	for _, s := range res.Suppressions {
		if s.Kind != "inSource" && s.Kind != "external" {
			t.Errorf("suppression kind %q", s.Kind)
		}
	}
	for _, c := range res.CodeFlows {
		for _, f := range c.ThreadFlows {
			if len(f.Locations) < 2 {
				t.Error("a flow of one step")
			}
		}
	}
}

func checkLevel(t *testing.T, level string) {
	t.Helper()
	if !slices.Contains([]string{"none", "note", "warning", "error"}, level) {
		t.Errorf("level %q", level)
	}
}

func checkText(t *testing.T, x text) {
	t.Helper()
	if x.Text == "" {
		t.Error("a message without text") // §3.11.8
	}
	if strings.Contains(strings.ReplaceAll(x.Text, `\]`, ""), "](") {
		t.Errorf("message %q holds a link", x.Text)
	}
}

func checkLocations(t *testing.T, r run, locations []location) {
	t.Helper()
	ids := map[int]bool{}
	for _, l := range locations {
		if l.ID != nil {
			if ids[*l.ID] {
				t.Errorf("location ID %d is not unique", *l.ID)
			}
			ids[*l.ID] = true
		}
		a := l.PhysicalLocation.ArtifactLocation
		u, err := url.Parse(a.URI)
		if err != nil || u.IsAbs() || u.Host != "" || u.RawQuery != "" || u.Fragment != "" || strings.HasPrefix(u.Path, "/") && !strings.HasPrefix(a.URI, "%2F") {
			t.Errorf("URI %q, %v", a.URI, err)
		}
		if _, ok := r.OriginalURIBaseIDs[a.URIBaseID]; !ok {
			t.Errorf("uriBaseId %q is not known", a.URIBaseID)
		}
		checkRegion(t, l.PhysicalLocation)
	}
}

func checkRegion(t *testing.T, p *physicalLocation) {
	t.Helper()
	r, c := p.Region, p.ContextRegion
	if r == nil {
		if c != nil {
			t.Error("a contextRegion without a region") // §3.29.5
		}
		return
	}
	if r.StartLine < 1 || r.EndLine != 0 && r.EndLine < r.StartLine || r.EndLine == r.StartLine && r.EndColumn < r.StartColumn {
		t.Errorf("region %+v", *r)
	}
	if c != nil && (c.StartLine > r.StartLine || c.EndLine < max(r.StartLine, r.EndLine)) {
		t.Errorf("contextRegion %+v does not hold %+v", *c, *r)
	}
}

func TestGapsFailTheRun(t *testing.T) {
	partial := reporttest.Clean()
	partial.Coverage[0].Status = coverage.Partial
	optional := reporttest.Clean()
	optional.Coverage = append(optional.Coverage, coverage.Record{Target: "t1", Engine: "dependency", Status: coverage.NotRun, Reason: "no database"})
	required := reporttest.Clean()
	required.Verdict.Incomplete = []policy.Unmet{{Engine: "dependency", Reason: "dependency did not run"}}
	unseen := reporttest.Clean()
	unseen.Coverage = nil
	for _, tt := range []struct {
		name          string
		d             *report.Document
		success       bool
		notifications int
	}{
		{"clean", reporttest.Clean(), true, 0},
		{"failed", reporttest.Failed(), false, 1},
		{"empty", reporttest.Empty(), false, 1},
		{"partial", partial, false, 1},
		{"optional engine did not run", optional, true, 1},
		{"required engine has no record", required, false, 1},
		{"no coverage", unseen, false, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := parse(t, tt.d).Invocations[0]
			if i.ExecutionSuccessful != tt.success || len(i.ToolExecutionNotifications) != tt.notifications {
				t.Errorf("successful %v, notifications %+v", i.ExecutionSuccessful, i.ToolExecutionNotifications)
			}
		})
	}
}

// TestContext holds that a context is more than its region (§3.29.5).
func TestContext(t *testing.T) {
	for _, tt := range []struct {
		from, to int
		lines    []string
		want     bool
	}{
		{1, 4, []string{"abc"}, false},
		{2, 4, []string{"abc"}, true},
		{1, 3, []string{"abc"}, true},
		{1, 4, []string{"abc", "next"}, true},
		{1, 0, []string{"abc"}, false},
	} {
		p := &finding.Place{
			Path: "a", Start: finding.Position{Line: 1, Column: tt.from}, End: finding.Position{Line: 1, Column: tt.to},
			Frame: &finding.Frame{First: 1, Lines: tt.lines},
		}
		if tt.to == 0 {
			p.End = finding.Position{}
		}
		if got := locationOf(report.Look(reporttest.Clean()), "t1", p).PhysicalLocation.ContextRegion != nil; got != tt.want {
			t.Errorf("%d to %d of %q: context %v", tt.from, tt.to, tt.lines, got)
		}
	}
}

// TestRelated holds that steps are a flow, and that other appearances of a fault are not, and that lists end.
func TestRelated(t *testing.T) {
	d := reporttest.Recorded()
	f := &d.Findings[0]
	step := finding.Place{Kind: finding.InFile, Path: "b", Start: finding.Position{Line: 1}}
	for _, tt := range []struct {
		name    string
		n       int
		commit  *finding.Commit
		related int
		flow    bool
		words   string
	}{
		{"steps", 2, nil, 2, true, "step 1 of 2"},
		{"appearances", 2, &finding.Commit{ID: "12"}, 2, false, "the same fault"},
		{"too many steps", maxRelated + 1, nil, maxRelated, false, "step 1 of 101"},
	} {
		step.Commit = tt.commit
		f.Related = slices.Repeat([]finding.Place{step}, tt.n)
		got := resultOf(report.Look(d), f, 0)
		if len(got.RelatedLocations) != tt.related || (got.CodeFlows != nil) != tt.flow || got.RelatedLocations[0].Message.Text != tt.words {
			t.Errorf("%s: %d related, flows %v, %q", tt.name, len(got.RelatedLocations), got.CodeFlows, got.RelatedLocations[0].Message.Text)
		}
	}
}

func TestTooManyNotifications(t *testing.T) {
	d := reporttest.Clean()
	d.Coverage[0].Unchecked = make([]coverage.Unchecked, maxUnchecked+3)
	d.Coverage[0].Status = coverage.Partial
	d.Coverage[0].Capped = make([]coverage.Capped, maxCapped+2)
	said := parse(t, d).Invocations[0].ToolExecutionNotifications
	if want := 1 + maxUnchecked + 1 + maxCapped + 1; len(said) != want {
		t.Fatalf("%d notifications, want %d", len(said), want)
	}
	if got := said[1+maxUnchecked].Message.Text; got != "secret could not check 3 more files" {
		t.Errorf("got %q", got)
	}
	if got := said[len(said)-1].Message.Text; got != "rules of secret found more than is reported in 2 more places" {
		t.Errorf("got %q", got)
	}
}

func TestTooManyResults(t *testing.T) {
	r := runOf(report.Look(reporttest.Huge(MaxResults + 7)))
	if len(r.Results) != MaxResults {
		t.Fatalf("%d results", len(r.Results))
	}
	said := r.Invocations[0].ToolExecutionNotifications[0].Message.Text
	if !strings.HasPrefix(said, "7 findings of lower risk left out: ") {
		t.Errorf("notification %q", said)
	}
	if r.Results[0].Level != "error" || r.Results[MaxResults-1].Level != "note" {
		t.Error("results are not sorted by risk")
	}
}
