package census

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/exception/native/effect"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestStates(t *testing.T) {
	told := native.TellerOf([]string{"secret/x", "gitleaks:key", "zizmor:artipacked"})
	looked := func(u *effect.Use) bool { return u.Path != "skipped" }
	tests := []struct {
		name  string
		use   effect.Use
		state State
		why   string
	}{
		{"hides", effect.Use{Tool: "gitleaks", Hides: 2}, Hides, ""},
		{"hides, and not all", effect.Use{Tool: "gitleaks", Hides: 2, Problem: "p"}, Hides, "p"},
		{"unused", effect.Use{Tool: "gitleaks"}, Unused, ""},
		{"unused, by rule", effect.Use{Tool: "zizmor", Rules: []string{"artipacked"}}, Unused, ""},
		{"ours, unused", effect.Use{Tool: "assay", Rules: []string{"secret/x"}}, Unused, ""},
		{"ours, of an engine that is not here", effect.Use{Tool: "assay", Rules: []string{"infra/x"}}, CannotTell, "no engine here makes findings that assay calls infra/x"},
		{"a tool that nobody tells of", effect.Use{Tool: "bandit"}, CannotTell, "it names no rule, and the engines here do not look for all that bandit does"},
		{"a rule that nobody tells of", effect.Use{Tool: "zizmor", Rules: []string{"artipacked", "other"}}, CannotTell, "no engine here makes findings that zizmor calls other"},
		{"nobody looked", effect.Use{Tool: "gitleaks", Path: "skipped"}, CannotTell, "no engine looked there"},
		{"expired", effect.Use{Tool: "bandit", Expired: true, Problem: "p"}, Expired, "p"},
		{"unreadable", effect.Use{Tool: "bandit", Unreadable: true, Problem: "p"}, Unreadable, "p"},
		{"idle", effect.Use{Tool: "bandit", Problem: "p"}, NoEffect, "p"},
		{"denied", effect.Use{Tool: "assay", Rules: []string{"secret/x"}, Problem: "it cannot hide secret/x, which the gate would deny"}, NoEffect, "it cannot hide secret/x, which the gate would deny"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			r := Rows([]effect.Use{c.use}, Knowledge{Told: told, Looked: looked})[0]
			if r.State != c.state || r.Why != c.why {
				t.Errorf("%s, %q; want %s, %q", r.State, r.Why, c.state, c.why)
			}
		})
	}
	if r := Rows([]effect.Use{{Tool: "gitleaks"}}, Knowledge{}); r[0].State != CannotTell {
		t.Errorf("without knowledge: %s", r[0].State)
	}
}

// recorded is a census of every state, with text that wants to be more than text.
func recorded() *Census {
	uses := []effect.Use{
		{Kind: "inline", Tool: "semgrep", Path: "web/a.js", Line: 9, Column: 4, Rules: []string{"my-rule"}, Text: "nosemgrep: my-rule <script>alert(1)</script>", Reason: "=cmd|' /C calc'!A0"},
		{Kind: "inline", Tool: "gitleaks", Path: "app/b.go", Line: 3, Column: 12, Text: "gitleaks:allow", Hides: 1},
		{Kind: "inline", Tool: "gitleaks", Path: "app/b.go", Line: 30, Column: 2, Text: "gitleaks:allow \u202e\x1b[31m"},
		{Kind: "inline", Tool: "assay", Path: "app/c.go", Line: 1, Column: 4, Text: "assay:ignore", Problem: "assay:ignore names no rule", Unreadable: true},
		{Kind: "inline", Tool: "kics", Path: "main.tf", Line: 1, Column: 3, Except: []string{"a", "b"}, Text: "kics-scan enable=a,b", Problem: "KICS reads it elsewhere"},
		{Kind: "file", Tool: "trivy", Path: ".trivyignore", Line: 2, Column: 1, Rules: []string{"CVE-2026-1"}, Text: "CVE-2026-1 exp:2026-11-01", Reason: "not reachable", Until: "2026-11-01", Problem: "it expired on 2026-11-01", Expired: true},
		{Kind: "file", Tool: "semgrep", Path: ".semgrepignore", Line: 1, Column: 1, Where: "tests/", Text: "tests/"},
	}
	rows := Rows(uses, Knowledge{Told: native.TellerOf([]string{"gitleaks:key"})})
	for i := range rows {
		if rows[i].Tool == "gitleaks" {
			rows[i].SetAuthor("Ann \u202eO'Neil", time.Date(2026, 1, 2, 23, 0, 0, 0, time.FixedZone("", -7200)))
		}
	}
	return &Census{Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Rows: rows}
}

func TestGolden(t *testing.T) {
	for _, f := range Formats {
		t.Run(f.Name, func(t *testing.T) {
			var b bytes.Buffer
			if err := f.Write(&b, recorded()); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", "recorded."+f.Name)
			if *update {
				if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if strings.ContainsAny(b.String(), "\u202e\x1b") || strings.Contains(b.String(), "<script") && f.Name == "html" {
				t.Error("target text does more than to be read")
			}
		})
	}
}

func TestNothing(t *testing.T) {
	for _, f := range Formats {
		var b bytes.Buffer
		if err := f.Write(&b, &Census{}); err != nil || b.Len() == 0 {
			t.Errorf("%s: %v, %q", f.Name, err, b.String())
		}
	}
}

func TestSummarize(t *testing.T) {
	want := Summary{
		Count: 7, Hiding: 1, Hidden: 1, Unused: 1, CannotTell: 2, Expired: 1, Unreadable: 1, NoEffect: 1, WithoutReason: 5, WithoutExpiry: 6,
		ByTool: map[string]int{"assay": 1, "gitleaks": 2, "kics": 1, "semgrep": 2, "trivy": 1},
	}
	if diff := cmp.Diff(want, Summarize(recorded().Rows)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// No cell may begin as a formula does, and no text may leave its cell.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"=1+1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "a,b\n\"c\"", "＝1", "|a", "%0a=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := &Census{Rows: []Row{{Tool: "t", Path: text, Text: text, Reason: text, Author: text, Rules: []string{text}, State: Unused}}}
		var b bytes.Buffer
		if err := WriteCSV(&b, c); err != nil {
			t.Fatal(err)
		}
		table, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(table) != 2 || len(table[1]) != len(header) {
			t.Fatalf("%v: %q", err, table)
		}
		for _, cell := range table[1] {
			if trimmed := strings.TrimLeft(cell, " \u00a0"); trimmed != "" && strings.ContainsRune("=+-@\t\r\n", rune(trimmed[0])) {
				t.Errorf("a formula: %q", cell)
			}
		}
		b.Reset()
		if err := WriteJSON(&b, c); err != nil || !json.Valid(b.Bytes()) {
			t.Errorf("not JSON: %v", err)
		}
	})
}
