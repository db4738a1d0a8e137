package cli

import (
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/scan"
)

func TestCheckRule(t *testing.T) {
	var list []scan.Engine
	for _, entry := range engines.All {
		e, _, err := entry.New(engines.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	known, err := ruleNames(list)
	if err != nil {
		t.Fatal(err)
	}
	known = append(known, "secret/of-the-house")
	for _, tt := range []struct{ rule, near, want string }{
		{rule: "secret/github-personal-access-token"},
		{rule: "secret/of-the-house"},
		{rule: "CWE-798"},
		{rule: "change/baseline"},
		{rule: "dependency/GHSA-aaaa-bbbb-cccc", want: "note"},
		{rule: "semgrep/python.lang.security.audit.eval-detected", want: "note"},
		{rule: "CWE-799", want: "note"},
		{rule: "CKV_AWS_41", want: "note"},
		{rule: "secret/github-personal-acces-token", want: "refused", near: "secret/github-personal-access-token"},
		{rule: "secrets/github-personal-access-token", want: "refused", near: "secret/github-personal-access-token"},
		{rule: "change/basline", want: "refused", near: "change/baseline"},
		{rule: "pipeline/nothing-of-this-name-at-all", want: "refused"},
	} {
		reason, err := checkRule(tt.rule, known)
		got := ""
		switch {
		case err != nil:
			got = "refused"
		case reason != "":
			got = "note"
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q (%s, %v)", tt.rule, got, tt.want, reason, err)
		}
		if user, ok := err.(*UserError); tt.near != "" && (!ok || !strings.Contains(user.Hint, tt.near)) {
			t.Errorf("%s: %v does not name %s", tt.rule, err, tt.near)
		}
	}
	for _, e := range engines.Names() {
		if _, err := checkRule(e+"/no-such-rule-as-this-one", known); err == nil {
			t.Errorf("%s: a rule that this engine does not have is taken", e)
		}
	}
}
