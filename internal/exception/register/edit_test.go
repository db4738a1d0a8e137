package register

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const laidOut = `# Ours, see the handbook.

  # the shop
  - kind: false-positive   # sure
    id: EX-1
    match:
      rule: secret/key     # as found

    # why
    reason: >
      It is the key
      of an example.
    owner: "ann"
    approver: 'bob@example.com' # on call
    created: 2026-11-01
    # until the release
    expires: "2026-11-30"  # 'soon'

  # the bank
  - {id: EX-2, kind: false-positive, match: {path: "bank/**"}, reason: Ours., owner: ann,
     approver: bob, created: 2026-11-01, expires: 2026-11-30}
  # the end
`

func TestChange(t *testing.T) {
	for _, tt := range []struct {
		name, id string
		change   func(*Exception)
		old, new string // pairs of what stands in place of what
	}{
		{"nothing", "EX-1", func(*Exception) {}, "", ""},
		{"a date", "EX-1", func(e *Exception) { e.Expires = at("2026-12-31T00:00:00Z") }, `"2026-11-30"  #`, `2026-12-31  #`},
		{"a quoted text", "EX-1", func(e *Exception) { e.Owner = "cid: the second" }, `"ann"`, `'cid: the second'`},
		{"a text with a comment", "EX-1", func(e *Exception) { e.Approver = "dan@example.com" }, `'bob@example.com'`, `dan@example.com`},
		{"a text of several lines", "EX-1", func(e *Exception) { e.Reason = "It is gone." }, ">\n      It is the key\n      of an example.", "It is gone."},
		{"the first key", "EX-1", func(e *Exception) {
			e.Kind = FixPlanned
			e.Compensating = []Control{{Control: "waf", Check: Check{CEL: "new"}}}
		}, "", "*"},
		{"a match", "EX-1", func(e *Exception) { e.Match = Match{Path: "a/**"} }, "      rule: secret/key     # as found\n", "      path: a/**\n"},
		{"a new key", "EX-1", func(e *Exception) { e.MaxFindings = 3 }, "# 'soon'\n", "# 'soon'\n    max-findings: 3\n"},
		{"brackets", "EX-2", func(e *Exception) { e.Expires = at("2026-12-31T00:00:00Z") }, "", "*"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, newline := range []string{"\n", "\r\n"} {
				text := strings.ReplaceAll(laidOut, "\n", newline)
				out, err := Change(File, []byte(text), tt.id, tt.change)
				if err != nil {
					t.Fatal(err)
				}
				want := parse(t, text).Find(tt.id)
				tt.change(want)
				if diff := cmp.Diff(string(want.Canonical("")), string(parse(t, string(out)).Find(tt.id).Canonical(""))); diff != "" {
					t.Errorf("exception (-want +got):\n%s", diff)
				}
				if tt.new != "*" {
					if diff := cmp.Diff(strings.ReplaceAll(strings.Replace(laidOut, tt.old, tt.new, 1), "\n", newline), string(out)); diff != "" {
						t.Errorf("file (-want +got):\n%s", diff)
					}
				}
				for _, kept := range []string{"# Ours, see the handbook.\n\n  # the shop\n", "\n  # the bank\n", "  # the end\n"} {
					if !strings.Contains(string(out), strings.ReplaceAll(kept, "\n", newline)) {
						t.Errorf("%q is lost in\n%s", kept, out)
					}
				}
				if strings.Count(string(out), "\n") != strings.Count(string(out), newline) {
					t.Errorf("mixed line ends: %q", out)
				}
			}
		})
	}
	if _, err := Change(File, []byte(laidOut), "EX-3", func(*Exception) {}); err == nil || !strings.Contains(err.Error(), "there is no exception EX-3") {
		t.Errorf("an ID that is not there: %v", err)
	}
	if _, err := Change(File, []byte(laidOut), "EX-1", func(e *Exception) { e.Approver = "ANN" }); err == nil || !strings.Contains(err.Error(), "is the owner") {
		t.Errorf("a change for the worse: %v", err)
	}
}

// A signature goes with what it approved, and comes and goes without a trace.
func TestChangeSignature(t *testing.T) {
	signed := approved(t, simple, 1, repository)
	if !strings.HasPrefix(signed, simple+"  signature: |\n    -----BEGIN") {
		t.Fatalf("signed:\n%s", signed)
	}
	out, err := Change(File, []byte(signed), "EX-1", func(e *Exception) { e.Expires = at("2026-12-31T00:00:00Z") })
	if diff := cmp.Diff(strings.Replace(simple, "2026-11-30", "2026-12-31", 1), string(out)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	again := approved(t, signed, 2, repository)
	if strings.Count(again, "signature:") != 1 || again == signed {
		t.Errorf("signed by another:\n%s", again)
	}
}

func TestAdd(t *testing.T) {
	e := parse(t, sample).Exceptions[0]
	e.ID, e.MaxFindings = "EX-8", 2
	const entry = `- id: EX-8
  kind: accepted
  match:
    rule: dependency/GHSA-xxxx
    package: pkg:npm/lodash
    path: web/**
  max-findings: 2
  reason: The vulnerable function is not called; replaced with the next release.
  owner: team-payments
  approver: security@example.com
  created: 2026-11-23
  expires: 2027-01-31
  compensating:
    - control: waf-rule-942
      check:
        https:
          url: https://pay.example.com/probe
          status: 403
`
	shifted := "  " + strings.TrimSuffix(strings.ReplaceAll(entry, "\n", "\n  "), "  ")
	for _, tt := range []struct{ name, file, want string }{
		{"no file", "", entry},
		{"only comments", "# ours\n", "# ours\n" + entry},
		{"brackets", "# ours\n[]\n", "# ours\n\n" + entry},
		{"one", simple, simple + entry},
		{"no end of line", strings.TrimSuffix(simple, "\n"), simple + entry},
		{"indented", "  - id" + strings.TrimPrefix(strings.ReplaceAll(strings.TrimSpace(simple), "\n", "\n  "), "- id") + "\n",
			"  - id" + strings.TrimPrefix(strings.ReplaceAll(strings.TrimSpace(simple), "\n", "\n  "), "- id") + "\n" + shifted},
		{"blank lines between", "# ours\n\n" + simple, "# ours\n\n" + simple + "\n" + entry},
		{"the end of the document", simple + "...\n", simple + entry + "...\n"},
		{"Windows", strings.ReplaceAll(simple, "\n", "\r\n"), strings.ReplaceAll(simple+entry, "\n", "\r\n")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := Add(File, []byte(tt.file), e)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(out)); diff != "" {
				t.Errorf("file (-want +got):\n%s", diff)
			}
		})
	}
	for name, file := range map[string]string{"its id is taken": strings.Replace(simple, "EX-1", "ex-8", 1), "brackets": "[{id: A}]", "broken": "- {"} {
		if _, err := Add(File, []byte(file), e); err == nil {
			t.Errorf("%s: it is added", name)
		}
	}
	odd := e
	odd.Reason = "- [a: \"b\"] # 'c'\n  second\n\nline\tü \u2028 |"
	odd.Owner, odd.Approver = "yes", "2026-11-01"
	out, err := Add(File, []byte(simple), odd)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(odd.Canonical("")), string(parse(t, string(out)).Exceptions[1].Canonical(""))); diff != "" {
		t.Errorf("odd texts (-want +got):\n%s", diff)
	}
}
