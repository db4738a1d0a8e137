package native

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/finding"
)

// Each tool: a name of it, a rule that names it, one that does not, and a name of another tool.
func TestCarries(t *testing.T) {
	tests := []struct {
		tool, alias string
		yes, no     []string // rules
		foreign     string   // an alias that no mark of the tool speaks about
	}{
		{Gitleaks, "gitleaks:aws-access-token", []string{"", "aws-access-token", "gitleaks:aws-access-token"}, []string{"aws", "token"}, "trufflehog:AWS"},
		{Trufflehog, "trufflehog:AWS", []string{"", "AWS"}, []string{"aws"}, "gitleaks:aws"},
		{Semgrep, "semgrep:python.lang.my-rule", []string{"", "my-rule", "lang.my-rule", "python.lang.my-rule"}, []string{"rule", "python.lang", "g.my-rule"}, "bandit:B602"},
		{Gosec, "gosec:G101", []string{"", "G101"}, []string{"G10", "G102"}, "B101"},
		{Gosec, "G304", []string{"", "G304"}, []string{"G303"}, "CWE-22"},
		{Bandit, "bandit:B602", []string{"", "B602"}, []string{"B603"}, "gosec:G204"},
		{Sonar, "sonar:S2068", []string{"", "S2068", "java:S2068", "s2068"}, []string{"S206"}, "CWE-798"},
		{Sonar, "java:S2068", []string{"", "S2068", "java:S2068"}, []string{"python:S2068"}, "gosec:G101"},
		{Checkov, "CKV_AWS_20", []string{"", "CKV_AWS_20"}, []string{"CKV_AWS_2", "ckv_aws_20"}, "AVD-AWS-0086"},
		{Tfsec, "tfsec:aws-s3-no-public-access", []string{"", "aws-s3-no-public-access", "*", "aws-s3-*", "AWS-*-public-*", "*access"}, []string{"aws-s3", "aws-s3*x", "*s3", "aws-*-ec2-*"}, "CKV_AWS_20"},
		{Tfsec, "AVD-AWS-0086", []string{"", "AVD-AWS-0086", "AWS-0086"}, []string{"AVD-AWS-0087"}, "CVE-2026-1"},
		{Trivy, "AVD-DS-0002", []string{"", "DS002", "DS-0002", "AVD-DS-0002", "*"}, []string{"DS003"}, "AC_AWS_1"},
		{Trivy, "CVE-2026-1234", []string{"CVE-2026-1234"}, []string{"CVE-2026-123"}, "CWE-798"},
		{Terrascan, "AC_AWS_0001", []string{"", "AC_AWS_0001"}, []string{"AC_AWS_0002"}, "AVD-AWS-0001"},
		{KICS, "kics:0afa6ab8-a047-48cf-be07-93a2f8c34cf7", []string{"", "0AFA6AB8-a047-48cf-be07-93a2f8c34cf7"}, []string{"0afa6ab8"}, "CKV_AWS_1"},
		{Zizmor, "zizmor:template-injection", []string{"", "template-injection"}, []string{"injection"}, "semgrep:template-injection"},
		{CodeQL, "codeql:js/xss", []string{"", "js/xss", "JS/XSS"}, []string{"js"}, "semgrep:js.xss"},
		{Hadolint, "hadolint:DL3008", []string{"", "DL3008"}, []string{"DL3009"}, "AVD-DS-0008"},
		{Hadolint, "SC2086", []string{"SC2086"}, []string{"SC2087"}, "kics:x"},
		{Shellcheck, "SC2086", []string{"", "SC2086", "all", "SC2000-SC2087"}, []string{"SC2000-SC2086", "SC2087-SC3000"}, "DL3008"},
		{Snyk, "SNYK-JS-LODASH-1", []string{"", "snyk-js-lodash-1"}, []string{"SNYK-JS-LODASH-2"}, "CVE-2026-1"},
		{Grype, "GHSA-aaaa-bbbb-cccc", []string{"", "ghsa-aaaa-bbbb-cccc"}, []string{"CVE-2026-1"}, "CWE-1"},
		{VEX, "CVE-2026-1", []string{"", "cve-2026-1"}, []string{"CVE-2026-2"}, "AVD-AWS-0001"},
	}
	rules := func(rule string) []string {
		if rule == "" {
			return nil
		}
		return []string{rule}
	}
	for _, c := range tests {
		own := &finding.Finding{Rule: "e/x", Aliases: []string{"CWE-1", c.alias}}
		other := &finding.Finding{Rule: "e/x", Aliases: []string{"CWE-1", c.foreign}}
		for _, rule := range c.yes {
			if !Carries(own, c.tool, rules(rule)) {
				t.Errorf("%s: %q does not name %s", c.tool, rule, c.alias)
			}
			if Carries(other, c.tool, rules(rule)) {
				t.Errorf("%s: %q names %s, which is not of the tool", c.tool, rule, c.foreign)
			}
		}
		for _, rule := range c.no {
			if Carries(own, c.tool, rules(rule)) {
				t.Errorf("%s: %q names %s", c.tool, rule, c.alias)
			}
		}
	}
}

func TestCarriesOurs(t *testing.T) {
	f := &finding.Finding{Rule: "secret/x", Aliases: []string{"CWE-798"}}
	for rule, want := range map[string]bool{"secret/x": true, "CWE-798": true, "secret": false, "x": false} {
		if got := Carries(f, Assay, []string{rule}); got != want {
			t.Errorf("%s: %v", rule, got)
		}
	}
	if Carries(f, Assay, nil) || Carries(f, "none", nil) {
		t.Error("a mark of ours without a rule, or of an unknown tool, names something")
	}
}

func TestTellerOf(t *testing.T) {
	tell := TellerOf([]string{"secret/x", "gitleaks:key", "CKV_SECRET_2", "zizmor:artipacked", "trufflehog:Key", "gosec:G101", "bandit:B105", "sonar:S2068", "semgrep:x.key"})
	type ask struct{ tool, rule string }
	want := map[ask]bool{
		{Gitleaks, ""}: true, {Gitleaks, "key"}: true, {Gitleaks, "other"}: false,
		{Checkov, "CKV_SECRET_2"}: true, {Checkov, "CKV_AWS_1"}: false,
		{Zizmor, "artipacked"}: true, {Assay, "secret/x"}: true, {Assay, "infra/x"}: false,
		{Trufflehog, ""}: true, {Zizmor, ""}: true,
		{Gosec, "G101"}: true, {Bandit, "B105"}: true, {Sonar, "java:S2068"}: true, {Semgrep, "key"}: true,
		// They know more kinds of faults than the engines here, and a mark without a rule may be about one of those.
		{Gosec, ""}: false, {Bandit, ""}: false, {Sonar, ""}: false, {Semgrep, ""}: false, {Checkov, ""}: false,
	}
	got := map[ask]bool{}
	for a := range want {
		got[a] = tell(a.tool, a.rule)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Every tool with a word has its names in the table.
func TestTablesAgree(t *testing.T) {
	for _, s := range syntaxes {
		if s.tool != Assay && namingOf(s.tool) == nil {
			t.Errorf("%s: no names for %s", s.word, s.tool)
		}
	}
}
