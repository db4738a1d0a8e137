package json

import (
	"bytes"
	stdjson "encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/reporttest"
	"github.com/assaysec/assay/internal/risk"
)

func TestWrite(t *testing.T) { reporttest.All(t, Write, ".json") }

func BenchmarkWrite(b *testing.B) { reporttest.Growth(b, Write) }

const schemaFile = "../../../docs/report.schema.json"

// schema loads the published schema. A strict one also refuses fields that the schema does not describe, which shows
// when a field was added to the report and not to the schema.
func schema(t *testing.T, strict bool) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if strict {
		closeObjects(doc)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		if v["type"] == "object" && v["properties"] != nil {
			v["additionalProperties"] = false
		}
		for _, child := range v {
			closeObjects(child)
		}
	case []any:
		for _, child := range v {
			closeObjects(child)
		}
	}
}

func TestSchema(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < len(reporttest.Recordings) {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	for _, strict := range []bool{false, true} {
		s := schema(t, strict)
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(doc); err != nil {
				t.Errorf("%s (strict %v): %v", file, strict, err)
			}
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := schema(t, false)
	good := reporttest.Render(t, Write, reporttest.Recorded(), report.Options{})
	for _, change := range []struct{ name, from, to string }{
		{"other version", "assay-report/1", "assay-report/2"},
		{"unknown decision", `"decision": "deny"`, `"decision": "perhaps"`},
		{"unknown status", `"status": "open"`, `"status": "fine"`},
		{"unknown state of an exception", `"state": "void"`, `"state": "fine"`},
		{"null list", `"aliases": []`, `"aliases": null`},
		{"score too high", `"score": 97`, `"score": 970`},
	} {
		bad := strings.Replace(good, change.from, change.to, 1)
		if bad == good {
			t.Fatalf("%s: nothing to change", change.name)
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
		if err != nil {
			t.Fatal(err)
		}
		if s.Validate(doc) == nil {
			t.Errorf("%s: accepted", change.name)
		}
	}
}

func TestNoNull(t *testing.T) {
	for _, r := range reporttest.Recordings {
		if got := reporttest.Render(t, Write, r.New(), report.Options{}); strings.Contains(got, "null") {
			t.Errorf("%s holds null", r.Name)
		}
	}
}

func TestReadIsTheInverseOfWrite(t *testing.T) {
	for _, r := range reporttest.Recordings {
		t.Run(r.Name, func(t *testing.T) {
			text := reporttest.Render(t, Write, r.New(), report.Options{})
			d, err := Read(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(text, reporttest.Render(t, Write, d, report.Options{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadKeepsTheMeaning(t *testing.T) {
	want := reporttest.Recorded()
	d, err := Read(strings.NewReader(reporttest.Render(t, Write, want, report.Options{})))
	if err != nil {
		t.Fatal(err)
	}
	a, b := report.Look(want), report.Look(d)
	for i := range a.ByGroup {
		if len(a.ByGroup[i]) != len(b.ByGroup[i]) {
			t.Errorf("group %d: %d findings, read as %d", i, len(a.ByGroup[i]), len(b.ByGroup[i]))
		}
	}
	if diff := cmp.Diff(report.Gaps(want), report.Gaps(d), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Coverage[0], d.Coverage[0]); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
}

func TestReadErrors(t *testing.T) {
	good := reporttest.Render(t, Write, reporttest.Recorded(), report.Options{})
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", "report: EOF"},
		{"cut short", good[:len(good)/2], "report: unexpected EOF"},
		{"more text", good + "{}", "report: more text after byte"},
		{"other schema", strings.Replace(good, "assay-report/1", "assay-report/9", 1), `report: schema "assay-report/9": want assay-report/1`},
		{"unknown status", strings.Replace(good, `"status": "open"`, `"status": "fine"`, 1), `report: findings[0].status "fine": want one of open, suppressed, excepted, baseline`},
		{"unknown level", strings.Replace(good, `"severity": "critical"`, `"severity": "dire"`, 1), `severity "dire": want one of unknown, info`},
		{"unknown engine status", strings.Replace(good, `"status": "partial"`, `"status": "ok"`, 1), `report: coverage[0].status "ok": want one of done, partial, stale, not run, error`},
		{"unknown decision", strings.Replace(good, `"decision": "deny"`, `"decision": "no"`, 1), `verdict.decision "no": want one of allow, warn, deny`},
		{"unknown answer of a provider", strings.Replace(good, `"verification": "live"`, `"verification": "perhaps"`, 1), `findings[0].verification "perhaps": want one of live, dead, unknown`},
		{"unknown state of an exception", strings.Replace(good, `"state": "void"`, `"state": "fine"`, 1), `exceptions[1].state "fine": want one of in force, expired, void, unused, not yet`},
		{"no fingerprint", strings.Replace(good, `"fingerprint": "a1`, `"print": "a1`, 1), "findings[0].fingerprint: missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestReadPassesOverNewFields(t *testing.T) {
	good := reporttest.Render(t, Write, reporttest.Clean(), report.Options{})
	if _, err := Read(strings.NewReader(strings.Replace(good, `"schema"`, `"later": {"x": [1]}, "schema"`, 1))); err != nil {
		t.Error(err)
	}
}

func TestPropertiesThatCannotBeWritten(t *testing.T) {
	d := reporttest.Recorded()
	d.Findings[0].Properties = func() {}
	err := Write(&bytes.Buffer{}, d, report.Options{})
	if err == nil || !strings.Contains(err.Error(), d.Findings[0].Fingerprint) {
		t.Errorf("error %v does not name the finding", err)
	}
}

func FuzzRead(f *testing.F) {
	one := reporttest.Recorded() // seeds are small, or a fuzzer does nothing but shrink them
	one.Findings, one.Verdict.Rulings = one.Findings[:1], one.Verdict.Rulings[:1]
	one.Coverage, one.Exceptions, one.Suppressions, one.Alterations = one.Coverage[:1], nil, nil, nil
	one.Findings[0].Fixes = nil
	for _, d := range []*report.Document{one, reporttest.Failed(), reporttest.Empty()} {
		f.Add([]byte(reporttest.Render(f, Write, d, report.Options{})))
	}
	f.Add([]byte(`{"schema":"assay-report/1","now":"2026-01-01T00:00:00Z","exceptions":[{"id":"EX-1","state":"void","expires":"0000-01-01T00:00:00-23:59"}],"suppressions":{"count":1},"alterations":[{"path":"x"}]}`))
	f.Add([]byte(`{"schema":"assay-report/1","now":"0000-01-01T00:00:00Z","findings":[{"rule":"a/b","fingerprint":"x","new":"no","status":"open","properties":{"b":1e999,"a":"\ud800"}}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		d, err := Read(bytes.NewReader(in))
		if err != nil {
			return
		}
		first := reporttest.Render(t, Write, d, report.Options{})
		if !stdjson.Valid([]byte(first)) {
			t.Fatalf("%q is written as invalid JSON", in)
		}
		again, err := Read(strings.NewReader(first))
		if err != nil {
			t.Fatalf("what was written is refused: %v", err)
		}
		if diff := cmp.Diff(first, reporttest.Render(t, Write, again, report.Options{})); diff != "" {
			t.Errorf("does not survive a round trip (-want +got):\n%s", diff)
		}
	})
}

// TestFieldsSurvive fills every field of a finding and of a record, so that one that is forgotten on the way is seen.
func TestFieldsSurvive(t *testing.T) {
	want := reporttest.Clean()
	want.Findings = []risk.Risk{{}}
	want.Coverage = []coverage.Record{{}}
	fill(reflect.ValueOf(&want.Findings[0]).Elem(), "")
	fill(reflect.ValueOf(&want.Coverage[0]).Elem(), "")
	for _, field := range []any{&want.Exceptions, &want.Suppressions, &want.Alterations, &want.Verdict} {
		fill(reflect.ValueOf(field).Elem(), "")
	}
	want.Exceptions[0].State = "void"
	want.Verdict.Decision, want.Verdict.Services[0].Decision, want.Verdict.Rulings[0].Decision = policy.Warn, policy.Warn, policy.Warn
	f := &want.Findings[0]
	f.Status, f.New, f.Verification, f.Surroundings = risk.Excepted, risk.NewYes, finding.Dead, "" // surroundings are written nowhere
	f.Properties = stdjson.RawMessage(`"x"`)
	want.Coverage[0].Status = coverage.Partial
	got, err := Read(strings.NewReader(reporttest.Render(t, Write, want, report.Options{})))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Findings, got.Findings); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Coverage, got.Coverage); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Verdict, got.Verdict); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
	for _, pair := range [][2]any{{want.Exceptions, got.Exceptions}, {want.Suppressions, got.Suppressions}, {want.Alterations, got.Alterations}} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("what holds back (-want +got):\n%s", diff)
		}
	}
}

// fill gives every field below v a value that is not its zero.
func fill(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("a " + name)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8:
		v.SetUint(2)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), name)
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fill(value, name)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key"), value)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), v.Type().Field(i).Name)
		}
	}
}
