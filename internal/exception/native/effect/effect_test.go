package effect

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/exception/native/ignorefile"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
)

func day(d int) time.Time { return time.Date(2026, 5, d, 0, 0, 0, 0, time.UTC) }

// at makes an open risk on lines of a file.
func at(path string, first, last int, aliases ...string) risk.Risk {
	return risk.Risk{Finding: finding.Finding{Rule: "secret/x", Aliases: aliases, Severity: finding.High, Place: finding.Place{
		Path: path, Start: finding.Position{Line: first}, End: finding.Position{Line: last}}}, Status: risk.Open}
}

func brings(m *Mark, _ *risk.Risk) bool { return m.Text == "brought" }

func denies(r risk.Risk) bool { return r.Severity >= finding.High }

func onLine(n int, tool string, rules ...string) Mark {
	return Mark{Found: native.Found{Tool: tool, Line: n, Rules: rules, Reach: []native.Reach{{First: n, Last: n}}}}
}

func TestApplyMarks(t *testing.T) {
	const rule, alias = "secret/x", "gitleaks:key"
	now := time.Date(2026, 5, 10, 23, 59, 59, 0, time.UTC)
	found := func(severity finding.Severity, aliases ...string) risk.Risk {
		r := at("a.go", 5, 6, aliases...)
		r.Severity = severity
		return r
	}
	with := func(m Mark, change func(*Mark)) Mark {
		change(&m)
		return m
	}
	until := func(date string) func(*Mark) { return func(m *Mark) { m.Until = date } }
	brought := func(m *Mark) { m.Text = "brought" }
	cannot := "it cannot hide secret/x, which the gate would deny"
	tests := []struct {
		name    string
		mark    Mark
		risk    risk.Risk
		hidden  bool
		problem string
	}{
		{"ours, below the gate", onLine(5, native.Assay, rule), found(finding.Low), true, ""},
		{"ours, by an alias", onLine(5, native.Assay, "CWE-798"), found(finding.Low, "CWE-798"), true, ""},
		{"ours, at the gate", onLine(5, native.Assay, rule), found(finding.High), false, cannot},
		{"ours, another rule", onLine(5, native.Assay, "secret/y"), found(finding.Low), false, ""},
		{"ours, no rule", onLine(5, native.Assay), found(finding.Low), false, "it names no rule"},
		{"ours, through its last day", with(onLine(5, native.Assay, rule), until("2026-05-10")), found(finding.Low), true, ""},
		{"ours, expired", with(onLine(5, native.Assay, rule), until("2026-05-09")), found(finding.Low), false, "it expired on 2026-05-09"},
		{"ours, no date", with(onLine(5, native.Assay, rule), until("soon")), found(finding.Low), false, `until="soon" is not a date such as 2027-01-31`},
		{"trivy, before its day", with(onLine(5, native.Trivy, "*"), until("2026-05-11")), found(finding.High, "AVD-AWS-0001"), true, ""},
		{"trivy, on its day", with(onLine(5, native.Trivy, "*"), until("2026-05-10")), found(finding.High, "AVD-AWS-0001"), false, "it expired on 2026-05-10"},
		{"the line before", onLine(4, native.Assay, rule), found(finding.Low), false, ""},
		{"the last line", onLine(6, native.Gitleaks), found(finding.High, alias), true, ""},
		{"not where the finding begins", onLine(6, native.Semgrep), found(finding.High, "semgrep:a"), false, ""},
		{"gitleaks, at the gate, already in the base", onLine(5, native.Gitleaks), found(finding.High, alias), true, ""},
		{"gitleaks, at the gate, brought in", with(onLine(5, native.Gitleaks), brought), found(finding.High, alias), false, cannot},
		{"gitleaks, below the gate, brought in", with(onLine(5, native.Gitleaks), brought), found(finding.Low, alias), true, ""},
		{"gitleaks, not its finding", onLine(5, native.Gitleaks), found(finding.Low, "CWE-798"), false, ""},
		{"gitleaks, another rule", onLine(5, native.Gitleaks, "other"), found(finding.Low, alias), false, ""},
		{"another target", with(onLine(5, native.Gitleaks), func(m *Mark) { m.Target = "t2" }), found(finding.Low, alias), false, ""},
		{"another commit", with(onLine(5, native.Gitleaks), func(m *Mark) { m.Commit = "c" }), found(finding.Low, alias), false, ""},
		{"a mark with a problem", with(onLine(5, native.Gitleaks), func(m *Mark) { m.Problem = "why" }), found(finding.Low, alias), false, "why"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.mark.Path = "a.go"
			risks := []risk.Risk{test.risk}
			uses := ApplyMarks(risks, []Mark{test.mark}, Options{Now: now, Judge: denies, Brings: brings})
			if got := risks[0].Status == risk.Suppressed; got != test.hidden || (uses[0].Hides == 1) != test.hidden {
				t.Errorf("hidden: %v, hides %d; want %v", got, uses[0].Hides, test.hidden)
			}
			if uses[0].Problem != test.problem {
				t.Errorf("problem %q, want %q", uses[0].Problem, test.problem)
			}
		})
	}
}

func TestApplyMarksSuppression(t *testing.T) {
	risks := []risk.Risk{at("a.go", 5, 5)}
	m := onLine(5, native.Assay, "secret/x")
	m.Path, m.Until, m.Reason = "a.go", "2026-05-10", "a sample"
	ApplyMarks(risks, []Mark{m}, Options{Now: day(1), Judge: func(risk.Risk) bool { return false }})
	want := &risk.Suppression{Kind: "inline", Source: "a.go:5", Reason: "a sample", Expires: day(11)}
	if diff := cmp.Diff(want, risks[0].Suppression); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	again := []risk.Risk{at("a.go", 5, 5)}
	if ApplyMarks(again, []Mark{m}, Options{Now: day(1)}); again[0].Status != risk.Open {
		t.Error("without a judge the mark has an effect")
	}
}

// What the base's policy accepts are marks of other tools, never ours.
func TestAcceptBrought(t *testing.T) {
	for tool, want := range map[string]risk.Status{native.Gitleaks: risk.Suppressed, native.Assay: risk.Open} {
		m := onLine(5, tool, "key", "secret/x")
		m.Path, m.Text = "a.go", "brought"
		risks := []risk.Risk{at("a.go", 5, 5, "gitleaks:key")}
		ApplyMarks(risks, []Mark{m}, Options{Now: day(1), Judge: denies})
		if risks[0].Status != want {
			t.Errorf("%s: %s", tool, risks[0].Status)
		}
	}
}

// Each tool end to end on made findings: the lines of a text that are held, of a finding with a name of the tool on every
// line; the same with a wrong name, and with that of another tool, are never held.
func TestToolsHoldTheirLines(t *testing.T) {
	const resource = "a \"b\" {\n  #MARK\n  c = 1\n}\nd = 2\n"
	tests := []struct {
		path, text, alias, wrong, foreign string
		want                              string
	}{
		{"a.go", "f()\ng() // MARK\nh()", "semgrep:x.rule", "semgrep:x.other", "gosec:G1", "2 nosemgrep: rule"},
		{"a.go", "f()\n// MARK\ng()\nh()", "semgrep:x.rule", "semgrep:x.other", "gosec:G1", "2-3 nosemgrep: rule"},
		{"a.go", "f() {\n// #MARK\nif a {\nb()\n}\nc()\n}", "gosec:G101", "gosec:G102", "bandit:B101", "3-5 nosec G101"},
		{"a.py", "f()\ng() # MARK\nh()", "bandit:B602", "bandit:B603", "gosec:G204", "2 nosec B602"},
		{"a.java", "f();\ng(); // MARK\nh();", "sonar:S2068", "sonar:S1", "CWE-798", "2 NOSONAR(java:S2068)"},
		{"a.tf", resource, "CKV_AWS_20", "CKV_AWS_21", "AVD-AWS-0001", "1-4 checkov:skip=CKV_AWS_20:why"},
		{"a.tf", resource, "AC_AWS_0001", "AC_AWS_0002", "CKV_AWS_1", "1-4 ts:skip=AC_AWS_0001 why"},
		{"a.tf", resource, "tfsec:aws-s3-x", "tfsec:aws-s3-y", "CKV_AWS_1", "3 tfsec:ignore:aws-s3-x:exp:2027-01-02"},
		{"a.tf", "#MARK\n" + resource, "AVD-AWS-0001", "AVD-AWS-0002", "CKV_AWS_1", "2-5 trivy:ignore:AVD-AWS-0001"},
		{"a.tf", "# MARK\n" + resource, "kics:AB", "kics:CD", "CKV_AWS_1", "all kics-scan disable=ab"},
		{"a.tf", "# MARK\n" + resource, "kics:AB", "", "CKV_AWS_1", "1-5 kics-scan ignore-block"},
		{"a.tf", "x {\n# MARK\na = 1\nb = 2\n}", "kics:AB", "", "CKV_AWS_1", "2-3 kics-scan ignore-line"},
		{"a.yml", "jobs:\n  a:\n    steps:\n      - run: x\n        # MARK\n        env: {}\n      - run: y\n", "zizmor:template-injection", "zizmor:artipacked", "semgrep:template-injection", "4-6 zizmor: ignore[template-injection]"},
		{"a.yml", "a:\n  b: c # MARK\n  d: e", "zizmor:unpinned-images", "zizmor:artipacked", "CWE-1", "2 zizmor: ignore[unpinned-images]"},
		{"p.yaml", "kind: A\napiVersion: v1\nmetadata:\n  annotations:\n    MARK\n---\nkind: B", "CKV_K8S_20", "CKV_K8S_21", "AC_K8S_0001", "1-5 checkov.io/skip1: CKV_K8S_20=x"},
		{"p.yaml", "kind: A\napiVersion: v1\nmetadata:\n  annotations:\n    MARK\n---\nkind: B", "AC_K8S_0001", "AC_K8S_0002", "CKV_K8S_1", "1-5 runterrascan.io/skip: '[{\"rule\": \"AC_K8S_0001\"}]'"},
		{"a.go", "f()\ng() //MARK\nh()", "gosec:G101", "gosec:G102", "bandit:B101", "2 gosec:disable G101 -- why"},
		{"a.js", "f()\ng() // MARK\nh()", "codeql:js/xss", "codeql:js/y", "semgrep:js/xss", "2 lgtm[js/xss]"},
		{"a.js", "f()\n// MARK\ng()\nh()", "codeql:js/xss", "codeql:js/y", "semgrep:js/xss", "3 codeql[js/xss]"},
		{"Dockerfile", "FROM a\n# MARK\nRUN b \\\n c\nRUN d", "DL3008", "DL3009", "CKV_DOCKER_1", "3-4 hadolint ignore=DL3008"},
		{"a.sh", "a\n# MARK\nb \\\n c\nd", "SC2086", "SC2087", "CWE-1", "3-4 shellcheck disable=SC2086"},
		{"a", "a\nk # MARK\nb", "gitleaks:key", "", "trufflehog:key", "2 gitleaks:allow"},
		{"a", "a\nk # MARK\nb", "trufflehog:key", "", "gitleaks:key", "2 trufflehog:ignore"},
		{"a", "a\nk # MARK\nb", "gitleaks:key", "", "CWE-1", "2 assay:ignore gitleaks:key"},
	}
	for _, c := range tests {
		want, mark, _ := strings.Cut(c.want, " ")
		text := strings.Replace(c.text, "MARK", mark, 1)
		var marks []Mark
		for _, f := range native.Find(c.path, []byte(text), hits(text)) {
			marks = append(marks, Mark{Found: f, Path: c.path})
		}
		held := func(aliases ...string) string {
			var risks []risk.Risk
			for n := range strings.Count(text, "\n") + 1 {
				risks = append(risks, at(c.path, n+1, n+1, aliases...))
			}
			ApplyMarks(risks, marks, Options{Now: day(1), Judge: func(risk.Risk) bool { return false }})
			return runs(risks)
		}
		if got := held("CWE-0", c.alias); got != want {
			t.Errorf("%s in %s holds %s, want %s: %+v", mark, c.path, got, want, marks)
		}
		if got := held(c.foreign); got != "" {
			t.Errorf("%s in %s holds %s on %s", mark, c.path, c.foreign, got)
		}
		if got := held(c.wrong); c.wrong != "" && got != "" {
			t.Errorf("%s in %s holds %s on %s", mark, c.path, c.wrong, got)
		}
	}
}

func hits(text string) []native.Hit {
	var out []native.Hit
	for n, w := range native.Words() {
		if i := strings.Index(text, w.Text); i >= 0 {
			out = append(out, native.Hit{Pos: i, Word: n})
		}
	}
	return out
}

// runs writes the lines that are held.
func runs(risks []risk.Risk) string {
	first, last := 0, 0
	for i := range risks {
		if risks[i].Status == risk.Suppressed {
			if first == 0 {
				first = i + 1
			} else if last != i {
				return "gaps"
			}
			last = i + 1
		}
	}
	switch {
	case first == 0:
		return ""
	case first == 1 && last == len(risks):
		return "all"
	case first == last:
		return fmt.Sprint(first)
	}
	return fmt.Sprintf("%d-%d", first, last)
}

func TestKICSEnable(t *testing.T) {
	m := Mark{Path: "a.tf", Found: native.Found{Tool: native.KICS, Except: []string{"ab"}, Reach: []native.Reach{{First: 1, Last: native.LastLine}}}}
	risks := []risk.Risk{at("a.tf", 3, 3, "kics:AB"), at("a.tf", 3, 3, "kics:CD"), at("a.tf", 0, 0, "kics:CD")}
	ApplyMarks(risks, []Mark{m}, Options{Now: day(1), Judge: denies})
	got := []risk.Status{risks[0].Status, risks[1].Status, risks[2].Status}
	if diff := cmp.Diff([]risk.Status{risk.Open, risk.Suppressed, risk.Suppressed}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// zizmor looks at every place of a finding.
func TestRelatedPlaces(t *testing.T) {
	m := onLine(9, native.Zizmor, "x")
	m.Path = "a.yml"
	r := at("a.yml", 3, 3, "zizmor:x")
	r.Related = []finding.Place{{Path: "b.yml", Start: finding.Position{Line: 9}}, {Path: "a.yml", Start: finding.Position{Line: 8}, End: finding.Position{Line: 9}}}
	risks := []risk.Risk{r}
	if ApplyMarks(risks, []Mark{m}, Options{Now: day(1), Judge: denies}); risks[0].Status != risk.Suppressed {
		t.Error("a mark at a related place does not hold")
	}
	if !m.Speaks(&r.Finding) {
		t.Error("it does not speak about the finding")
	}
}

// A flood of marks about the same lines does not make findings slow: those beyond the limit hold nothing and say so.
func TestMarksAreBounded(t *testing.T) {
	var marks []Mark
	for range maxOnLine + 1 {
		marks = append(marks, onLine(5, native.Gitleaks, "other"))
	}
	for range maxWide + 1 {
		marks = append(marks, Mark{Found: native.Found{Tool: native.KICS, Reach: []native.Reach{{First: 1, Last: native.LastLine}}}})
	}
	uses := ApplyMarks(nil, marks, Options{Now: day(1)})
	for _, i := range []int{maxOnLine, len(marks) - 1} {
		if !uses[i].Idle {
			t.Errorf("mark %d: %+v", i, uses[i])
		}
	}
}

func TestApplyFiles(t *testing.T) {
	f, _ := ignorefile.Parse(".trivyignore", []byte("# not reachable\nCVE-2026-1 exp:2026-05-12\nCVE-2026-2 exp:2026-05-01\nCVE-2026-3\nCVE-2026-4 exp:x\n"), ignorefile.Options{})
	risks := []risk.Risk{at("a", 1, 1, "CVE-2026-1"), at("b", 1, 1, "CVE-2026-1"), at("a", 1, 1, "CVE-2026-2"), at("a", 1, 1, "CWE-1")}
	uses := ApplyFiles(risks, "t1", []*ignorefile.File{f}, day(11))
	var got []string
	for _, u := range uses {
		got = append(got, fmt.Sprintf("%s %d %q %v %v", u.Source(), u.Hides, u.Problem, u.Expired, u.Unreadable))
	}
	want := []string{
		`.trivyignore:2 2 "" false false`, `.trivyignore:3 0 "it expired on 2026-05-01" true false`,
		`.trivyignore:4 0 "" false false`, `.trivyignore:5 0 "\"x\" is not a date" false true`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	held := &risk.Suppression{Kind: "file", Source: ".trivyignore:2", Reason: "not reachable", Expires: day(12)}
	if diff := cmp.Diff(held, risks[1].Suppression); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Work grows with risks and marks, not with their product.
func BenchmarkApplyMarks(b *testing.B) {
	for _, n := range []int{10_000, 20_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var marks []Mark
			var all []risk.Risk
			for i := range n {
				m := onLine(i, native.Gitleaks)
				m.Path = "a.go"
				marks, all = append(marks, m), append(all, at("a.go", i, i, "CWE-1", "gitleaks:key"))
			}
			for b.Loop() {
				ApplyMarks(append([]risk.Risk(nil), all...), marks, Options{Now: day(1), Judge: denies})
			}
		})
	}
}

// Marks and what they do are part of receipts: their names stay, and they survive a round trip.
func TestJSON(t *testing.T) {
	m := Mark{Target: "t1", Path: "a.go", Found: native.Found{Tool: "gitleaks", Word: "gitleaks:allow", Line: 3, Column: 4, Text: "gitleaks:allow", Reach: []native.Reach{{First: 3, Last: 3}}}}
	u := m.use(day(1))
	for want, value := range map[string]any{
		`{"tool":"gitleaks","word":"gitleaks:allow","line":3,"column":4,"reach":[{"first":3,"last":3}],"text":"gitleaks:allow","target":"t1","path":"a.go"}`: &m,
		`{"kind":"inline","tool":"gitleaks","target":"t1","path":"a.go","line":3,"column":4,"text":"gitleaks:allow","hides":0}`:                              &u,
	} {
		got, err := json.Marshal(value)
		if err != nil || string(got) != want {
			t.Errorf("%v, %s, want %s", err, got, want)
		}
	}
	var again Mark
	text, _ := json.Marshal(m)
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, again); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
