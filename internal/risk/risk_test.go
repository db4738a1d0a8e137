package risk

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/testkit"
)

var update = flag.Bool("update", false, "write the golden files and the generated parts of docs/risk.md anew")

var profiles = []struct {
	name    string
	service profile.Service
}{
	{"nothing known", profile.Service{}},
	{"critical, internet, cardholder", profile.Service{
		Tier: profile.TierCritical, Exposure: profile.Internet, Data: []profile.Data{profile.CardholderData}}},
	{"medium, internal, personal", profile.Service{
		Tier: profile.TierMedium, Exposure: profile.Internal, Data: []profile.Data{profile.PersonalData}}},
	{"low, isolated, public", profile.Service{
		Tier: profile.TierLow, Exposure: profile.Isolated, Data: []profile.Data{profile.PublicData}}},
}

var tenFindings = []struct {
	name string
	finding.Finding
}{
	{"cloud key in code", finding.Finding{Rule: "secret/a", Severity: finding.Critical, Confidence: finding.HighConfidence,
		Place: finding.Place{Path: "app/config.go"}}},
	{"cloud key, live", finding.Finding{Rule: "secret/a", Severity: finding.Critical, Confidence: finding.HighConfidence,
		Place: finding.Place{Path: "app/config.go"}, Verification: finding.Live}},
	{"cloud key, dead", finding.Finding{Rule: "secret/a", Severity: finding.Critical, Confidence: finding.HighConfidence,
		Place: finding.Place{Path: "app/config.go"}, Verification: finding.Dead}},
	{"cloud key in a test", finding.Finding{Rule: "secret/a", Severity: finding.Critical, Confidence: finding.HighConfidence,
		Place: finding.Place{Path: "app/testdata/config.go"}}},
	{"cloud key, only in history", finding.Finding{Rule: "secret/a", Severity: finding.Critical, Confidence: finding.HighConfidence,
		Place: finding.Place{Path: "app/config.go", Commit: &finding.Commit{ID: "c"}}}},
	{"password, likely", finding.Finding{Rule: "secret/b", Severity: finding.High, Confidence: finding.MediumConfidence,
		Place: finding.Place{Path: "app/db.yaml"}}},
	{"generic key, live", finding.Finding{Rule: "secret/c", Severity: finding.Medium, Confidence: finding.LowConfidence,
		Place: finding.Place{Path: "app/x"}, Verification: finding.Live}},
	{"injection", finding.Finding{Rule: "code/a", Severity: finding.High, Confidence: finding.HighConfidence,
		Place: finding.Place{Path: "app/x.py"}}},
	{"weak hash", finding.Finding{Rule: "code/b", Severity: finding.Medium, Confidence: finding.HighConfidence,
		Place: finding.Place{Path: "app/x.py"}}},
	{"severity unknown", finding.Finding{Rule: "import/a", Confidence: finding.HighConfidence,
		Place: finding.Place{Path: "app/x.py"}}},
}

func TestTenFindingsUnderFourProfiles(t *testing.T) {
	var b strings.Builder
	fmt.Fprint(&b, "| finding |")
	for _, p := range profiles {
		fmt.Fprintf(&b, " %s |", p.name)
	}
	fmt.Fprint(&b, "\n| --- |"+strings.Repeat(" --- |", len(profiles))+"\n")
	changed := 0
	for _, f := range tenFindings {
		levels := map[finding.Severity]bool{}
		fmt.Fprintf(&b, "| %s |", f.name)
		for _, p := range profiles {
			a := Assess(&f.Finding, &p.service)
			levels[a.Level] = true
			fmt.Fprintf(&b, " %v (%d) |", a.Level, a.Score)
		}
		b.WriteByte('\n')
		if len(levels) > 1 {
			changed++
		}
	}
	if changed*2 < len(tenFindings) {
		t.Errorf("the profile changes the level of %d of %d findings only", changed, len(tenFindings))
	}
	testkit.Section(t, docFile, "ten-findings", b.String(), *update)
}

// The levels of every severity and confidence, and the points of every input, as docs/risk.md shows them.
func TestDocumentedTables(t *testing.T) {
	testkit.Section(t, docFile, "levels", levelsTable(), *update)
	testkit.Section(t, docFile, "points", pointsTable(), *update)
	testkit.Section(t, docFile, "kinds", kindsTable(), *update)
	testkit.Section(t, docFile, "due", dueTable(), *update)
}

func levelsTable() string {
	return fmt.Sprintf("| level | score |\n| --- | --- |\n| critical | %d to 100 |\n| high | %d to %d |\n"+
		"| medium | %d to %d |\n| low | %d to %d |\n| info | 0 to %d |\n",
		fromCritical, fromHigh, fromCritical-1, fromMedium, fromHigh-1, fromLow, fromMedium-1, fromLow-1)
}

// pointsTable measures what each value does to the score of a critical finding that is otherwise as bad as it gets.
func pointsTable() string {
	var b strings.Builder
	fmt.Fprint(&b, "| input | value | points |\n| --- | --- | --- |\n")
	for _, in := range inputs {
		if in.name == "factors" {
			continue
		}
		for i, value := range in.values {
			f := finding.Finding{Severity: finding.High, Confidence: finding.HighConfidence, Rule: "code/x"}
			base := Assess(&f, &profile.Service{}).Score
			s := profile.Service{}
			in.set(&f, &s, i)
			points := Assess(&f, &s).Score - base
			if in.name == "severity" {
				fmt.Fprintf(&b, "| severity | %s | starts at %d |\n", value, base+points)
				continue
			}
			fmt.Fprintf(&b, "| %s | %s | %d |\n", in.name, value, points)
		}
	}
	return b.String()
}

// kindsTable gives the level of every kind of finding under every profile.
func kindsTable() string {
	var b strings.Builder
	fmt.Fprint(&b, "| kind | severity | confidence |")
	for _, p := range profiles {
		fmt.Fprintf(&b, " %s |", p.name)
	}
	fmt.Fprint(&b, "\n| --- | --- | --- |"+strings.Repeat(" --- |", len(profiles))+"\n")
	kinds := []struct {
		name string
		set  func(f *finding.Finding)
	}{
		{"any fault in product code", func(*finding.Finding) {}},
		{"any fault in test code or an example", func(f *finding.Finding) { f.Place.Path = "testdata/x" }},
		{"any fault in vendored code", func(f *finding.Finding) { f.Place.Path = "vendor/x" }},
		{"any fault but a secret, only in history", func(f *finding.Finding) { f.Place.Commit = &finding.Commit{} }},
		{"secret, only in history", func(f *finding.Finding) { f.Rule, f.Place.Commit = "secret/x", &finding.Commit{} }},
		{"secret, live", func(f *finding.Finding) { f.Rule, f.Verification = "secret/x", finding.Live }},
		{"secret, dead", func(f *finding.Finding) { f.Rule, f.Verification = "secret/x", finding.Dead }},
	}
	for _, k := range kinds {
		for i := len(Levels) - 1; i >= 0; i-- {
			for _, c := range []finding.Confidence{finding.HighConfidence, finding.MediumConfidence, finding.LowConfidence} {
				f := finding.Finding{Rule: "code/x", Severity: Levels[i], Confidence: c}
				k.set(&f)
				fmt.Fprintf(&b, "| %s | %v | %v |", k.name, Levels[i], c)
				for _, p := range profiles {
					fmt.Fprintf(&b, " %v |", Assess(&f, &p.service).Level)
				}
				b.WriteByte('\n')
			}
		}
	}
	return b.String()
}

func dueTable() string {
	var b strings.Builder
	fmt.Fprint(&b, "| tier |")
	for i := len(Levels) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, " %v |", Levels[i])
	}
	fmt.Fprint(&b, "\n| --- |"+strings.Repeat(" --- |", len(Levels))+"\n")
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tier := range append([]profile.Tier{profile.TierUnknown}, profile.TierCritical, profile.TierHigh, profile.TierMedium, profile.TierLow) {
		name := string(tier)
		if name == "" {
			name = "unknown"
		}
		fmt.Fprintf(&b, "| %s |", name)
		for i := len(Levels) - 1; i >= 0; i-- {
			days := DefaultDue().Due(tier, Levels[i], start).Sub(start).Hours() / 24
			fmt.Fprintf(&b, " %.0f |", days)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const docFile = "../../docs/risk.md"

func TestAssessReasons(t *testing.T) {
	f := finding.Finding{Rule: "secret/a", Severity: finding.High, Place: finding.Place{Path: "examples/x"}, Verification: finding.Live}
	got := Assess(&f, &profile.Service{Exposure: profile.Internal, Data: []profile.Data{profile.PublicData, profile.HealthData}})
	want := Assessment{Level: finding.High, Score: 67, Reasons: []string{
		"severity is high (+70)",
		"confidence is unknown and weighs as high",
		"exposure is internal (-8)",
		"tier is unknown and weighs as critical",
		"data is health",
		"it lies in an example (-15)",
		"the provider accepts the credential: it is live (+20)",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestClassOf(t *testing.T) {
	for path, want := range map[string]Class{
		"src/Shop.Tests/a.cs": InTest, "shop-test/a": InTest, "contest/a": InProduct, "latest/a": InProduct, "testutil/a.go": InTest, "demo/a": InExample,
		"": InProduct, "main.go": InProduct, "a/b_test.go": InTest, "testdata": InProduct, "a/TestData/x": InTest,
		"x.spec.ts": InTest, "test_a.py": InTest, "test_a.go": InProduct, "contest/x": InProduct,
		".env.example": InExample, "config.example.yaml": InExample, "vendor/a/testdata/x": InVendored,
		"a.zip!/tests/x": InTest, "latest.go": InProduct,
	} {
		if got := ClassOf(path); got != want {
			t.Errorf("ClassOf(%q) = %q, want %q", path, got, want)
		}
	}
}

// A worse level or tier never gets more time.
func TestDueIsMonotone(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tiers := append(profile.Tiers[:4:4], profile.TierUnknown)
	for i, tier := range tiers {
		for j, level := range Levels {
			due := DefaultDue().Due(tier, level, start)
			if i > 0 && due.After(DefaultDue().Due(tiers[i-1], level, start)) {
				t.Errorf("%v %v gets more time than a milder tier", tier, level)
			}
			if j > 0 && due.After(DefaultDue().Due(tier, Levels[j-1], start)) {
				t.Errorf("%v %v gets more time than a milder level", tier, level)
			}
		}
	}
}

func TestNewAndSetDue(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 12, 0, 0, 0, time.UTC) }
	services := []profile.Service{{Name: "pay", Tier: profile.TierHigh, Owner: "team", Paths: []string{"pay"}}}
	c := profile.NewCatalog(services, nil)
	at := func(date time.Time) finding.Finding {
		return finding.Finding{Rule: "code/x", Severity: finding.High, Confidence: finding.HighConfidence,
			Place: finding.Place{Path: "pay/x", Commit: &finding.Commit{ID: "c", Date: date, InHead: true}}}
	}
	risks := []Risk{New(at(day(1)), "t1", c), New(at(day(30)), "t1", c), New(finding.Finding{Rule: "code/x"}, "t1", c)}
	SetDue(risks, DefaultDue(), services, day(20))
	type row struct {
		Service, Owner, Engine string
		New                    Novelty
		Status                 Status
		FirstSeen, Due         time.Time
	}
	var got []row
	for _, r := range risks {
		got = append(got, row{r.Service, r.Owner, r.Engine, r.New, r.Status, r.FirstSeen, r.Due})
	}
	want := []row{
		{"pay", "team", "code", NewUnknown, Open, day(1), day(31)},
		{"pay", "team", "code", NewUnknown, Open, time.Time{}, time.Time{}}, // dated after now: nobody can know
		{profile.Unassigned, "", "code", NewUnknown, Open, time.Time{}, time.Time{}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if overdue, known := risks[0].Overdue(day(31).Add(time.Second)); !overdue || !known {
		t.Error("not overdue after its due date")
	}
	if _, known := risks[1].Overdue(day(31)); known {
		t.Error("overdue is known without a date")
	}
}
