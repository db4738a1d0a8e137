package github

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func scalarOf(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

func TestExprs(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string // text, or text and error
	}{
		{"plain", nil},
		{"a ${{ github.sha }} b ${{env.X}}", []string{"github.sha", "env.X"}},
		{"${{ '}}' }}", []string{"'}}'"}},
		{"${{ 'it''s' }} ${{ a }}", []string{"'it''s'", "a"}},
		{"${{ open", nil},
		{"${{ a b }}", []string{"a b!"}},
		{"${{ }}", []string{"!"}},
		{"${{ " + strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300) + " }}", []string{strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300) + "!"}},
		{"${{ 'x }} ${{ y }}", []string{"'x!"}},
	} {
		var got []string
		for _, e := range exprs(scalarOf(tt.text)) {
			text := e.Text
			if e.Err != "" {
				text += "!"
			}
			got = append(got, text)
		}
		if strings.HasPrefix(tt.text, "${{ 'x") { // where a quote is open, the braces that come first end it
			got = got[:min(1, len(got))]
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%.40q (-want +got)\n%s", tt.text, diff)
		}
	}
}

func TestPaths(t *testing.T) {
	for text, want := range map[string][]string{
		"github.event.issue.title":                   {"github.event.issue.title"},
		"github['event'].Issue['TITLE']":             {"github.event.issue.title"},
		"github.event.commits[0].message":            {"github.event.commits.*.message"},
		"join(github.event.commits.*.message, ',')":  {"github.event.commits.*.message"},
		"a.b == 'x' && !c.d || format('{0}', e.f)":   {"a.b", "c.d", "e.f"},
		"fromJSON(steps.x.outputs.y)[matrix.z].name": {"steps.x.outputs.y", "matrix.z"},
	} {
		e := exprs(scalarOf("${{ " + text + " }}"))[0]
		if diff := cmp.Diff(want, paths(e.Tree)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	}
}

func TestFold(t *testing.T) {
	names := folder(func(path string) value {
		switch path {
		case "github.event_name":
			return textOf("push")
		case "labels":
			return value{known: true, kind: listValue}
		}
		return value{}
	})
	for text, want := range map[string]string{
		"true": "true", "!true": "false", "null": "false", "0": "false", "''": "false", "'x'": "true", "1 < 2": "true", "2 <= 1": "false",
		"github.event_name == 'PUSH'": "true", "github.event_name != 'push'": "false", "x.y": "?", "x.y == 'a'": "?", "x.y && false": "false",
		"x.y || true": "true", "x.y && true": "?", "false && x.y": "false", "true && x.y": "?", "contains('abc', 'B')": "true",
		"startsWith('abc', 'b')": "false", "endsWith('abc', 'c')": "true", "contains(labels, 'x')": "false", "contains(labels, x.y)": "false",
		"contains(x.y, 'a')": "?", `contains(fromJSON('["A","B"]'), 'b')`: "true", `contains(fromJSON('["A"]'), 'b')`: "false", `contains(fromJSON('["A"]'), x.y)`: "?", "always()": "true", "failure()": "?", "1 == '1'": "true", "'true' == true": "false", "'' == false": "true", "null != 'x'": "true", "'a' <= 1": "false", "x.y == 1": "?", "null == null": "true",
		"github.event_name == 'push' && x.y || github.event_name == 'issues'": "?", "github.event_name == 'issues' && x.y || github.event_name == 'watch'": "false",
	} {
		v := names.fold(condition(scalarOf(text)).Tree)
		got := "?"
		if v.known && v.truthy() {
			got = "true"
		} else if v.known {
			got = "false"
		}
		if got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestParseRef(t *testing.T) {
	for text, want := range map[string]Ref{
		"actions/checkout@v5":               {Kind: Remote, Owner: "actions", Repo: "checkout", Rev: "v5"},
		"Owner/Repo/a/b@main":               {Kind: Remote, Owner: "Owner", Repo: "Repo", Path: "a/b", Rev: "main"},
		"./.github/actions/x/":              {Kind: Local, Path: ".github/actions/x"},
		"$/.github/workflows/x.yml":         {Kind: Local, Path: ".github/workflows/x.yml"},
		"docker://alpine:3":                 {Kind: Docker, Image: "alpine:3"},
		"checkout@v5":                       {},
		"":                                  {},
		"${{ matrix.action }}@v1":           {},
		"/checkout@v5":                      {},
		"actions/checkout@releases/v1@beta": {Kind: Remote, Owner: "actions", Repo: "checkout", Rev: "releases/v1@beta"},
	} {
		want.Text = text
		if diff := cmp.Diff(want, parseRef(text)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
	}
}

func TestWants(t *testing.T) {
	for path, want := range map[string]kind{
		".github/workflows/a.yml": workflowFile, ".github/workflows/a.yaml": workflowFile, "sub/.github/workflows/a.yml": workflowFile,
		".github/workflows/b/a.yml": none, ".github/workflows/a.json": none, "action.yml": actionFile, "x/y/action.yaml": actionFile,
		".github/actions/x/action.yml": actionFile, "my-action.yml": none, ".github/dependabot.yml": dependabotFile, "dependabot.yml": none,
		".github/dependabot.yaml": dependabotFile, "x.github/workflows/a.yml": none,
	} {
		if got := kindOf(path); got != want {
			t.Errorf("%s is %d, want %d", path, got, want)
		}
	}
}

func TestVersions(t *testing.T) {
	for _, tt := range []struct {
		rev, from, fixed string
		want             bool
	}{
		{"v45", "0", "46", true}, {"v46", "0", "46", false}, {"45.0.7", "0", "46", true}, {"v4", "4.0.0", "4.1.3", false}, {"v4.1", "4.0.0", "4.1.3", false},
		{"v4.1.2", "4.0.0", "4.1.3", true}, {"v3", "4.0.0", "4.1.3", false}, {"main", "0", "46", false}, {"v1.2.3.4", "0", "46", false}, {"v99999999", "0", "46", false},
	} {
		if got := between(tt.rev, tt.from, tt.fixed); got != tt.want {
			t.Errorf("%s between %s and %s: %v", tt.rev, tt.from, tt.fixed, got)
		}
	}
}

func TestMistyped(t *testing.T) {
	for name, want := range map[string]string{
		"action/checkout": "actions/checkout", "acitons/checkout": "actions/checkout", "actionss/checkout": "actions/checkout", "actions/checkout": "",
		"acme/checkout": "", "actions-rs/toolchain": "", "dokcer/login-action": "docker/login-action", "actions/chekout": "",
	} {
		if got := mistyped(parseRef(name + "@v1")); got != want {
			t.Errorf("%s is meant for %q, want %q", name, got, want)
		}
	}
}

func TestVariableName(t *testing.T) {
	for text, want := range map[string]string{
		"github.event.issue.title": "ISSUE_TITLE", "github.head_ref": "HEAD_REF", "inputs.foo-bar": "FOO_BAR", "steps.a.outputs.b-c": "A_B_C",
		"github.event.pull_request.head.ref": "HEAD_REF", "needs.job.outputs.x": "JOB_X", "inputs.path": "VALUE_PATH", "'x'": "X", "1": "VALUE_1",
		"github.event.inputs.github_token": "INPUTS_GITHUB_TOKEN", "github.event.commits[0].message": "0_MESSAGE",
	} {
		if strings.HasPrefix(want, "0") {
			want = "VALUE_" + want
		}
		if got := variableName(text); got != want {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
	}
}

// TestSources holds the table of sources together: paths in lower case, no event that is not one.
func TestSources(t *testing.T) {
	for i, s := range sources {
		if s.path != strings.ToLower(s.path) || len(sourceEvents()[i]) == 0 || s.who < Run {
			t.Errorf("source %q is not well formed", s.path)
		}
		for e := range sourceEvents()[i] {
			if who, name := classify(s.path, e, false); who < s.who || name == "" {
				t.Errorf("%s under %s is written by %v", s.path, e, who)
			}
		}
	}
	for _, clean := range []string{"github.sha", "github.event.number", "github.event.issue.user.login", "github.event.pull_request.head.sha", "github.event.issue"} {
		if who, _ := classify(clean, "issues", false); who != Nobody {
			t.Errorf("%s is written by %v", clean, who)
		}
	}
	if who, _ := classify("github.event", "issues", true); who != Outsider {
		t.Errorf("all of the event is written by %v", who)
	}
}
