package policy_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

var update = flag.Bool("update", false, "write the schema of the policy input anew")

const inputSchema = "../../docs/policy-input.schema.json"

// The published schema is the one that policies are checked against.
func TestSchemaFile(t *testing.T) {
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(policy.DocumentSchema()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(inputSchema, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(inputSchema)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(got)); diff != "" {
		t.Errorf("%s: run go test -update (-want +got)\n%s", inputSchema, diff)
	}
}

// known is a document without what is unknown, as a rule sees it.
func known(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for key, value := range v {
			if _, unknown := value.(policy.Unknown); !unknown {
				m[key] = known(value)
			}
		}
		return m
	case []any:
		list := []any{}
		for _, value := range v {
			list = append(list, known(value))
		}
		return list
	}
	return v
}

func TestDocument(t *testing.T) {
	r := at(finding.High, due(now), func(r *risk.Risk) { r.Target, r.FirstSeen, r.New = "t1", now.AddDate(0, 0, -2), risk.NewUnknown })
	in := policy.Input{
		Gates: gates(t, policy.Build), Now: now, Risks: []risk.Risk{r},
		Services: map[string][]profile.Service{"t1": {{Name: profile.Unassigned, Tier: profile.TierHigh}}},
		Coverage: []coverage.Record{{Target: "t1", Engine: "secret", Status: coverage.Done, Files: 3}},
		Counts:   policy.Counts{Exceptions: &policy.ExceptionCounts{Count: 2, Void: 1}},
	}
	text, err := json.Marshal(known(in.Document()))
	if err != nil {
		t.Fatal(err)
	}
	s, err := jsonschema.NewCompiler().Compile(inputSchema)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Error(err)
	}
	root := doc.(map[string]any)
	found := root["findings"].([]any)[0].(map[string]any)
	service := map[string]any{"name": profile.Unassigned, "tier": "high", "owner": ""}
	for name, test := range map[string]struct{ got, want any }{
		"risk":       {found["risk"].(map[string]any)["level"], "high"},
		"service":    {found["service"], service},
		"age":        {found["age"], json.Number("172800")},
		"due":        {found["due"], "2026-05-10T12:00:00Z"},
		"unknowns":   {found["unknowns"], []any{"new", "service.exposure", "service.data"}},
		"exceptions": {root["exceptions"].(map[string]any)["void"], json.Number("1")},
		"uncounted":  {len(root["suppressions"].(map[string]any)), 0},
		"run":        {root["stage"], "build"},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	service["target"], service["unknowns"] = "t1", []any{"exposure", "data"}
	if diff := cmp.Diff([]any{service}, root["services"]); diff != "" {
		t.Errorf("services (-want +got)\n%s", diff)
	}
}
