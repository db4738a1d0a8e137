package native

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// hitsOf searches for the words as scan does.
func hitsOf(text string) []Hit {
	var out []Hit
	all := []byte(text)
	for n, s := range syntaxes {
		for at := 0; ; {
			i := indexWord(all[at:], s)
			if i < 0 {
				break
			}
			out = append(out, Hit{Pos: at + i, Word: n})
			at += i + 1
		}
	}
	return out
}

func find(path, text string) []Found { return Find(path, []byte(text), hitsOf(text)) }

// brief is a mark in a line: whose, which rules, which lines, and what else it says.
func brief(f Found) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s", f.Line, f.Tool)
	if len(f.Rules) > 0 {
		fmt.Fprintf(&b, " %s", strings.Join(f.Rules, ","))
	}
	if len(f.Except) > 0 {
		fmt.Fprintf(&b, " !%s", strings.Join(f.Except, ","))
	}
	for _, r := range f.Reach {
		last := fmt.Sprint(r.Last)
		if r.Last == LastLine {
			last = "end"
		}
		fmt.Fprintf(&b, " [%d-%s%s]", r.First, last, strings.TrimSuffix(" "+strings.Join(r.Rules, ","), " "))
	}
	for _, part := range []struct{ name, value string }{{"until", f.Until}, {"reason", f.Reason}, {"problem", f.Problem}} {
		if part.value != "" {
			fmt.Fprintf(&b, " %s=%q", part.name, part.value)
		}
	}
	if f.Unreadable {
		b.WriteString(" unreadable")
	}
	return b.String()
}

func briefs(path, text string) []string {
	var out []string
	for _, f := range find(path, text) {
		out = append(out, brief(f))
	}
	return out
}

// A case is a file with marks, and those that are read there.
type findCase struct {
	name, path, text string
	want             []string
}

func runFind(t *testing.T, cases []findCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, briefs(c.path, c.text)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestFindOurs(t *testing.T) {
	runFind(t, []findCase{
		{"beside code", "a.go", "x = 1 // assay:ignore secret/x until=2027-01-31 reason=\"a sample, not a key\"", []string{
			`1 assay secret/x [1-1] until="2027-01-31" reason="a sample, not a key"`}},
		{"alone", "a.py", "# assay:ignore secret/x,CWE-798, reason='why'", []string{`1 assay secret/x,CWE-798 [2-2] reason="why"`}},
		{"code goes on", "a.c", "/* assay:ignore gitleaks:key secret/x */ y()", []string{"1 assay gitleaks:key,secret/x [2-2]"}},
		{"in a page", "a.html", "<!-- assay:ignore secret/x until=2027-01-31 -->", []string{`1 assay secret/x [2-2] until="2027-01-31"`}},
		{"no date", "a.py", "# assay:ignore secret/x until=soon", []string{
			`1 assay secret/x until="soon" problem="until=\"soon\" is not a date such as 2027-01-31" unreadable`}},
		{"no rule", "a.py", "# assay:ignore", []string{`1 assay problem="assay:ignore names no rule" unreadable`}},
		{"a star is no rule", "a.py", "# assay:ignore *", []string{`1 assay problem="assay:ignore names no rule" unreadable`}},
		{"unknown word", "a.py", "# assay:ignore secret/x untill=2027-01-31", []string{
			`1 assay secret/x problem="assay:ignore: unknown word \"untill\": want until or reason" unreadable`}},
		{"open quote", "a.py", `# assay:ignore secret/x reason="open`, []string{
			`1 assay secret/x problem="assay:ignore: reason: the closing quote is missing" unreadable`}},
		{"empty date", "a.py", "# assay:ignore secret/x until= x", []string{
			`1 assay secret/x problem="assay:ignore: until is empty or given twice" unreadable`}},
		{"two dates", "a.py", "# assay:ignore a until=2027-01-31 until=2028-01-31", []string{
			`1 assay a until="2027-01-31" problem="assay:ignore: until is empty or given twice" unreadable`}},
		{"gitleaks", "a", "key = \"x\" # gitleaks:allow\nnext", []string{"1 gitleaks [1-1]"}},
		{"two tools in one line", "a", "# gitleaks:allow assay:ignore secret/x", []string{"1 gitleaks [1-1]", "1 assay secret/x [1-1]"}},
		{"trufflehog", "a", "k = 1 // trufflehog:ignore", []string{"1 trufflehog [1-1]"}},
		{"too many rules", "a", "# assay:ignore a/b" + manyRules(60), []string{
			"1 assay a/b" + manyRules(50) + ` problem="assay:ignore: more than 50 rules" unreadable`}},
	})
}

func manyRules(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ",r/%d", i)
	}
	return b.String()
}

func TestFindSemgrep(t *testing.T) {
	runFind(t, []findCase{
		{"beside code", "a.py", "eval(x)  # nosemgrep\nother", []string{"1 semgrep [1-1]"}},
		{"with rules", "a.js", "eval(x) // nosemgrep: my-rule, rules.js.other because it is safe", []string{
			`1 semgrep my-rule,rules.js.other [1-1] reason="because it is safe"`}},
		{"short, in capitals, without a blank after the colon", "a.js", "f() // NOSEM:my-rule", []string{"1 semgrep my-rule [1-1]"}},
		{"the line before", "a.py", "  # nosemgrep: r\neval(x)\nother", []string{"1 semgrep r [1-2]"}},
		{"a block comment", "a.c", "/* nosemgrep: r */\nf()", []string{"1 semgrep r [1-2]"}},
		{"no blank before", "a.js", "f()//nosemgrep", []string{`1 semgrep problem="Semgrep reads the word after a blank"`}},
		{"an equals sign", "a.html", `<a nosemgrep="r" b>`, []string{`1 semgrep r [1-1] reason="b>"`}},
		{"part of a word", "a.js", "nosemantics(); x.nosem_y; renosem;", nil},
		{"nothing after the colon", "a.py", "x # nosem:", []string{"1 semgrep [1-1]"}},
	})
}

func TestFindNosec(t *testing.T) {
	const call = "package a\n\nfunc f() {\n"
	runFind(t, []findCase{
		{"gosec, behind code", "a.go", call + "\texec.Command(x) // #nosec G204 G304 -- checked above\n\tother()\n}", []string{
			`4 gosec G204,G304 [4-4] reason="checked above"`}},
		{"gosec, behind a call of several lines", "a.go", call + "\texec.Command(\n\t\tx,\n\t) //#nosec\n\tother()\n}", []string{"6 gosec [4-6]"}},
		{"gosec, behind text with brackets", "a.go", call + "\ta(\n\t\t`)\n`,\n\t) // #nosec\n}", []string{"7 gosec [4-7]"}},
		{"gosec, behind an opening brace", "a.go", call + "\tif x { // #nosec\n\t\ty()\n\t} else if z { // #nosec\n\t}\n}", []string{
			"4 gosec [4-4]", "6 gosec [6-6]"}},
		{"gosec, above a block", "a.go", call + "\t/* #nosec */\n\tif x > y {\n\t\th(\"}\")\n\t\tk()\n\t}\n\tother()\n}", []string{"4 gosec [5-8]"}},
		{"gosec, above with a comment between", "a.go", call + "\t// #nosec G101 -- why\n\t// more\n\tx := 1\n\ty := 2\n}", []string{
			`4 gosec G101 [6-6] reason="why"`}},
		{"gosec, a blank line between", "a.go", "// #nosec\n\nvar x = 1", []string{`1 gosec problem="a blank line parts it from the code below"`}},
		{"gosec, its other word", "a.go", call + "\tf() //gosec:disable G101 -- why\n}", []string{`4 gosec G101 [4-4] reason="why"`}},
		{"gosec, the other word after a blank is none", "a.go", call + "\tf() // gosec:disable G101\n}", nil},
		{"gosec, without the sign", "a.go", call + "\tf() //nosec G101\n}", []string{
			`4 gosec problem="gosec reads #nosec, and not the word without the sign"`}},
		{"gosec, behind another directive", "a.go", call + "\tf() //nolint:gosec // #nosec G101\n}", []string{
			`4 gosec problem="it follows another directive in one comment, where gosec does not read it"`}},
		{"gosec, in text", "a.go", call + "\t// see about #nosec here\n\tf(\"#nosec\")\n}", nil},
		{"bandit", "a.py", "run(x)  # nosec B602,B607\nother()", []string{"1 bandit B602,B607 [1-1]"}},
		{"bandit, all", "a.py", "run(x)  #nosec\n", []string{"1 bandit [1-1]"}},
		{"bandit, with a colon, a name and a reason", "a.py", "run(x)  # nosec: B602 subprocess_popen_with_shell_equals_true - fine # x", []string{
			`1 bandit B602,subprocess_popen_with_shell_equals_true [1-1] reason="fine"`}},
		{"bandit, more words than it", "a.py", "# nosec-begin B602\n# noseclike", nil},
		{"another language", "a.rb", "run(x)  # nosec B602", nil},
	})
}

func TestFindLines(t *testing.T) {
	runFind(t, []findCase{
		{"sonar", "a.java", "String p = x; // NOSONAR a sample\nnext();", []string{`1 sonar [1-1] reason="a sample"`}},
		{"sonar, rules", "a.java", "p(); // NOSONAR(java:S2068, S1) why", []string{`1 sonar java:S2068,S1 [1-1] reason="why"`}},
		{"sonar, open", "a.java", "p(); // NOSONAR(java:S2068", []string{`1 sonar problem="NOSONAR: the parenthesis is not closed" unreadable`}},
		{"sonar, in a name", "a.java", "int NOSONAR_X = 1; // NOSONARX", nil},
		{"lgtm", "a.js", "f(x); // lgtm[js/sql-injection, js/xss]", []string{"1 codeql js/sql-injection,js/xss [1-1]"}},
		{"lgtm, prose", "a.js", "// lgtm\n// algtm[x]", nil},
		{"codeql", "a.js", "// codeql[js/sql-injection] checked\nf(x);\ng(x);", []string{`1 codeql js/sql-injection [2-2] reason="checked"`}},
		{"codeql, behind code", "a.js", "f(x); // codeql[js/xss]", []string{
			`1 codeql js/xss problem="CodeQL reads codeql[…] on a line of its own, before the line it speaks about"`}},
		{"codeql, no rule", "a.js", "// codeql[]", []string{`1 codeql problem="codeql: the brackets name no rule" unreadable`}},
		{"hadolint", "Dockerfile", "FROM a\n# hadolint ignore=DL3008, SC2086 # why\nRUN apt \\\n  # c\n  install x\nRUN y", []string{
			`2 hadolint DL3008,SC2086 [3-5] reason="why"`}},
		{"hadolint, not the next line", "Dockerfile", "FROM a\n# hadolint ignore=DL3008\n\nRUN y", []string{
			`2 hadolint DL3008 problem="hadolint reads it on the line before an instruction, and none is there"`}},
		{"hadolint, a back-quote at the end", "Dockerfile", "FROM a\n# hadolint ignore=DL3008\nRUN x=`date`\nRUN y", []string{"2 hadolint DL3008 [3-3]"}},
		{"hadolint, another sign of continuation", "Dockerfile", "# escape=`\nFROM a\n# hadolint ignore=DL3008\nRUN x `\n y\nRUN C:\\\nRUN z", []string{"3 hadolint DL3008 [4-5]"}},
		{"hadolint, another word", "Dockerfile", "# hadolint stage ignore=DL3008\nFROM a", []string{
			`1 hadolint DL3008 problem="hadolint stage ignore is not read here"`}},
		{"hadolint, all of the file", "app.dockerfile", "# hadolint global ignore=DL3008\nFROM a", []string{"1 hadolint DL3008 [1-end]"}},
		{"hadolint, not a code", "Dockerfile", "# hadolint ignore=all\nFROM a", []string{
			`1 hadolint problem="hadolint ignore: want codes such as DL3008, parted by commas; a reason follows a further #" unreadable`}},
		{"hadolint, a here-document", "Dockerfile", "FROM a\n# hadolint ignore=DL3001\nRUN <<E\nfoo\nE\nRUN y", []string{"2 hadolint DL3001 [3-5]"}},
		{"shellcheck", "a.sh", "#!/bin/sh\na\n# shellcheck disable=SC2086,SC1090 # why\necho $x \\\n  $y\necho $z", []string{
			`3 shellcheck SC2086,SC1090 [4-5] reason="why"`}},
		{"shellcheck, a compound", "a.sh", "a\n# shellcheck disable=SC2086\nif x; then\n  y\n  if z; then\n    w\n  fi\nfi\nb", []string{
			"2 shellcheck SC2086 [3-8]"}},
		{"shellcheck, a function", "a.sh", "a\n# shellcheck disable=all\nf() {\n  y\n}\nb", []string{"2 shellcheck all [3-5]"}},
		{"shellcheck, the file", "a.sh", "#!/bin/sh\n# shellcheck disable=SC2086\nb", []string{"2 shellcheck SC2086 [1-end]"}},
		{"shellcheck, behind code", "a.sh", "a\nb # shellcheck disable=SC2086", []string{
			`2 shellcheck SC2086 problem="ShellCheck reads it on a line of its own, before a command"`}},
		{"shellcheck, other words", "a.sh", "# shellcheck source=/dev/null\n# shellcheck says disable=x", []string{
			`2 shellcheck problem="shellcheck disable=: want codes such as SC2086, parted by commas, or all" unreadable`}},
	})
}

const bucket = `resource "aws_s3_bucket" "a" {
  %s
  acl = "public-read"
  tags = {
    A = "}"
  }
}

resource "aws_s3_bucket" "b" {
}
`

func TestFindInfra(t *testing.T) {
	in := func(mark string) string { return fmt.Sprintf(bucket, mark) }
	runFind(t, []findCase{
		{"checkov, in a resource", "a.tf", in(`#checkov:skip=CKV_AWS_20:"a public site"`), []string{
			`2 checkov CKV_AWS_20 [1-7] reason="a public site"`}},
		{"checkov, above a resource", "a.tf", "# checkov:skip=CKV_AWS_20\n" + in(""), []string{
			`1 checkov CKV_AWS_20 problem="it stands outside of every resource"`}},
		{"checkov, its older word", "a.tf", in(`# bridgecrew:skip=CKV2_AWS_6`), []string{"2 checkov CKV2_AWS_6 [1-7]"}},
		{"checkov, no check", "a.tf", in(`#checkov:skip=`), []string{
			`2 checkov problem="checkov:skip= names no check, such as CKV_AWS_20" unreadable`}},
		{"checkov, on the first line of a resource, and on its last", "a.tf", "a \"b\" { # checkov:skip=CKV_AWS_20\n  c = 1\n} # checkov:skip=CKV_AWS_21\n", []string{
			`1 checkov CKV_AWS_20 problem="Checkov reads it between the first and the last line of a block"`,
			`3 checkov CKV_AWS_21 problem="Checkov reads it between the first and the last line of a block"`}},
		{"checkov, a secret", "a.env", "A=1\n# checkov:skip=CKV_SECRET_2:a sample\nB=2\nC=3\ncheckov:skip=CKV_SECRET_6\n", []string{
			`2 checkov CKV_SECRET_2 [1-3] reason="a sample"`, "5 checkov CKV_SECRET_6 [4-6]"}},
		{"checkov, a secret in a resource", "a.tf", in(`#checkov:skip=CKV_SECRET_2:"a sample"`), []string{`2 checkov CKV_SECRET_2 [1-3] reason="a sample"`}},
		{"checkov, a manifest", "p.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  # checkov:skip=CKV_K8S_20:x\n  a: 1\n", []string{
			`4 checkov CKV_K8S_20 reason="x" problem="Checkov reads annotations of a manifest, and no comment"`}},
		{"checkov, a job", "w.yml", "jobs:\n  a:\n    # checkov:skip=CKV_GHA_1:why\n    env: {}\n    steps:\n    - run: x\n    # checkov:skip=CKV_GHA_2:above\n    - run: y\n    if: x\n  b:\n    uses: x\n", []string{
			`3 checkov CKV_GHA_1 [2-5] [9-9] reason="why"`, `7 checkov CKV_GHA_2 [6-6] reason="above"`}},
		{"checkov, annotation of a template", "p.yaml", "apiVersion: v1\nkind: Deployment\nspec:\n  template:\n    metadata:\n      annotations:\n        checkov.io/skip1: CKV_K8S_20=x\n", []string{
			`7 checkov CKV_K8S_20 reason="x" problem="Checkov reads the annotations of the manifest itself, under metadata"`}},
		{"checkov, Dockerfile", "Dockerfile", "FROM a\n# checkov:skip=CKV_DOCKER_2: no\n", []string{`2 checkov CKV_DOCKER_2 [1-end] reason="no"`}},
		{"checkov, CloudFormation", "a.yaml", "Resources:\n  A:\n    # checkov:skip=CKV_AWS_18:why\n    Type: x\n    P:\n      Q: 1\n\n  B:\n    Type: y\n", []string{
			`3 checkov CKV_AWS_18 [2-6] reason="why"`}},
		{"checkov, a step", "w.yml", "jobs:\n  a:\n    steps:\n    - run: x\n      # checkov:skip=CKV_GHA_1:why\n      env: {}\n    - run: y\n", []string{
			`5 checkov CKV_GHA_1 [4-6] reason="why"`}},
		{"checkov, annotation", "p.yaml", "kind: A\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    checkov.io/skip1: CKV_K8S_20=I do not care\nspec: {}\n---\nkind: B\n", []string{
			`7 checkov CKV_K8S_20 [2-8] reason="I do not care"`}},
		{"tfsec, above an attribute", "a.tf", in("#tfsec:ignore:aws-s3-no-public-access:exp:2027-01-02"), []string{
			`2 tfsec aws-s3-no-public-access [3-3] until="2027-01-02"`}},
		{"tfsec, behind an attribute", "a.tf", in(`x = 1 #tfsec:ignore:AWS002 tfsec:ignore:AWS003`), []string{
			"2 tfsec AWS002 [2-2]", "2 tfsec AWS003 [2-2]"}},
		{"trivy, stacked above a block", "a.tf", "#trivy:ignore:AVD-AWS-0086\n#tfsec:ignore:*\n" + in(""), []string{
			"1 trivy AVD-AWS-0086 [3-9]", "2 tfsec * [3-9]"}},
		{"trivy, an inner block", "a.tf", strings.Replace(in(""), "  tags", "  # trivy:ignore:AVD-AWS-0001 why\n  tags", 1), []string{
			`4 trivy AVD-AWS-0001 [5-7] reason="why"`}},
		{"tfsec, behind words of a comment", "a.tf", in("# why tfsec:ignore:aws-s3-x"), []string{"2 tfsec aws-s3-x [3-3]"}},
		{"tfsec, the last rule counts", "a.tf", in("#tfsec:ignore:aws-s3-x:ignore:aws-s3-y"), []string{"2 tfsec aws-s3-y [3-3]"}},
		{"trivy, a workspace", "a.tf", in("#trivy:ignore:AVD-AWS-0001:ws:dev"), []string{
			`2 trivy AVD-AWS-0001 problem="it holds only in the workspace dev, and which one is used is not known here"`}},
		{"trivy, parameters", "a.tf", in("#trivy:ignore:x[a=b]"), []string{
			`2 trivy x[a=b] problem="it holds only for some values of x, which are not known here"`}},
		{"trivy, no date", "a.tf", in("#trivy:ignore:x:exp:2027-02-30"), []string{
			`2 trivy x until="2027-02-30" problem="\"2027-02-30\" is not a date such as 2027-01-31" unreadable`}},
		{"trivy, an unknown condition", "a.tf", in("#trivy:ignore:x:foo:bar"), []string{
			`2 trivy x problem="it has the condition foo, which is not known here"`}},
		{"terrascan", "a.tf", in("#ts:skip=AC_AWS_0001 a sample"), []string{`2 terrascan AC_AWS_0001 [1-7] reason="a sample"`}},
		{"terrascan, part of a word", "a.tf", in("# tests:skip=AC_AWS_0001"), nil},
		{"terrascan, annotation", "p.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    runterrascan.io/skip: |\n      [{\"rule\": \"AC_K8S_0001\", \"comment\": \"x\"}]\n", []string{
			"5 terrascan AC_K8S_0001 [1-7]"}},
		{"heredoc", "a.tf", "resource \"a\" \"b\" {\n  p = <<EOF\n}\n\"{\nEOF\n  #ts:skip=AC_AWS_0001\n}\nx = 1\n", []string{"6 terrascan AC_AWS_0001 [1-7]"}},
	})
}

func TestFindKICS(t *testing.T) {
	const id = "0afa6ab8-a047-48cf-be07-93a2f8c34cf7"
	runFind(t, []findCase{
		{"file", "a.tf", "# a comment\n# kics-scan ignore\nresource \"a\" \"b\" {}\n", []string{"2 kics [1-end]"}},
		{"file, too late", "a.tf", "resource \"a\" \"b\" {}\n# kics-scan ignore\n", []string{
			`2 kics problem="KICS reads it only before the first line of the file that is no comment"`}},
		{"disable", "a.tf", "# kics-scan disable=" + id + ",x\n", []string{"1 kics " + id + ",x [1-end]"}},
		{"enable", "a.tf", "# kics-scan enable=" + id + "\n", []string{"1 kics !" + id + " [1-end]"}},
		{"line", "a.tf", "a {\n  // kics-scan ignore-line\n  b = 1\n  c = 2\n}", []string{"2 kics [2-3]"}},
		{"block", "a.tf", "# KICS-scan ignore-block why\nresource \"a\" \"b\" {\n  c = 1\n}\nresource \"c\" \"d\" {}\n", []string{
			`1 kics [1-4] reason="why"`}},
		{"block, a colon behind it", "a.tf", "# kics-scan ignore-block: why\nresource \"a\" \"b\" {\n}\n", []string{
			`1 kics reason="why" problem="KICS reads ignore-block only where a blank or the end of the line follows"`}},
		{"block, not on the next line", "a.tf", "# kics-scan ignore-block\n\nresource \"a\" \"b\" {\n}\n", []string{`1 kics problem="no block follows it"`}},
		{"stage", "Dockerfile", "# kics-scan ignore-block\nFROM a\nUSER b\n\nFROM c\n", []string{"1 kics [1-4]"}},
		{"line of a Dockerfile", "Dockerfile", "FROM a\n# kics-scan ignore-line\nRUN a \\\n  b\nRUN c\n", []string{"2 kics [2-4]"}},
		{"manifest", "a.yaml", "---\n# kics-scan ignore-block\nkind: Pod\nspec:\n  a: 1\n---\nkind: B\n", []string{"2 kics [2-5]"}},
		{"key", "a.yaml", "kind: Pod\n# kics-scan ignore-block\nspec:\n  a: 1\n  b:\n  - c\nother: 1\n", []string{"2 kics [2-6]"}},
		{"unknown", "a.yaml", "# kics-scan skip\n", []string{
			`1 kics problem="kics-scan skip: want ignore, ignore-line, ignore-block, enable= or disable=" unreadable`}},
		{"no query", "a.yaml", "# kics-scan disable=\n", []string{`1 kics problem="kics-scan disable= names no query" unreadable`}},
	})
}

const workflow = `on:
  pull_request_target: # zizmor: ignore[dangerous-triggers] labels only
jobs:
  a:
    runs-on: x
    steps:
      - uses: a/b@v1
        # zizmor: ignore[artipacked,other]
        with: {}
      - run: |
          # zizmor: ignore[template-injection]
          echo
      - uses: c/d@v2 # zizmor: ignore[cache-poisoning]
  b:
    uses: ./x
    secrets: inherit # zizmor: ignore[secrets-inherit]
`

func TestFindZizmor(t *testing.T) {
	runFind(t, []findCase{
		{"workflow", ".github/workflows/a.yml", workflow, []string{
			`2 zizmor dangerous-triggers [2-2] [1-2 dangerous-triggers] reason="labels only"`,
			"8 zizmor artipacked,other [8-8] [7-9 artipacked]",
			`11 zizmor template-injection problem="it stands in a block of text, where zizmor reads no comment"`,
			"13 zizmor cache-poisoning [13-13]",
			"16 zizmor secrets-inherit [16-16] [14-16 secrets-inherit]",
		}},
		{"open", "a.yml", "a: 1 # zizmor: ignore[x", []string{`1 zizmor ` + zizmorForm}},
		{"not a comment", "a.yml", "a: 'zizmor: ignore[x]'", nil},
		{"in quotes", "a.yml", "a: 'it''s # zizmor: ignore[x]'\nb: \"\\\" # zizmor: ignore[x]\"", []string{
			`1 zizmor problem="it stands in quotes, where zizmor reads no comment"`, `2 zizmor problem="it stands in quotes, where zizmor reads no comment"`}},
		{"behind quotes", "a.yml", "a: \"x\" # zizmor: ignore[x]\nb: it's # zizmor: ignore[x]", []string{"1 zizmor x [1-1]", "2 zizmor x [2-2]"}},
		{"behind another comment", "a.yml", "a: 1 # why # zizmor: ignore[x]", []string{"1 zizmor x [1-1]"}},
		{"no blank, two blanks", "a.yml", "a: 1 #zizmor: ignore[x]\nb: 1 #  zizmor: ignore[x]", []string{`1 zizmor ` + zizmorForm, `2 zizmor ` + zizmorForm}},
		{"no blank behind it", "a.yml", "a: 1 # zizmor: ignore[x]why", []string{`1 zizmor ` + zizmorForm}},
		{"up to the last bracket", "a.yml", "a: 1 # zizmor: ignore[x] see [1]", []string{`1 zizmor x] see [1 [1-1]`}},
		{"below a text in a step", "a.yml", "jobs:\n  a:\n    steps:\n      - run: |\n          echo\n        # zizmor: ignore[template-injection]\n", []string{
			"6 zizmor template-injection [6-6] [4-5 template-injection]"}},
		{"below a step", ".github/workflows/a.yml", belowSteps, []string{
			"6 zizmor artipacked [6-6] [5-5 artipacked]", "11 zizmor artipacked [11-11] [9-9 artipacked]",
			"13 zizmor template-injection problem=\"it stands in a block of text, where zizmor reads no comment\"",
			"14 zizmor template-injection [14-14] [12-12 template-injection]",
		}},
	})
}

const zizmorForm = `problem="zizmor reads # zizmor: ignore[AUDIT], with one blank behind the sign, and a reason only behind a further blank" unreadable`

// A comment on a line of its own belongs to what stands above it.
const belowSteps = `on: push
jobs:
  a:
    steps:
      - uses: a/b@v1
      # zizmor: ignore[artipacked]
      - uses: c/d@v1
      - uses: e/f@v1
      - uses: g/h@v1

# zizmor: ignore[artipacked]
      - run: |
          # zizmor: ignore[template-injection]
    # zizmor: ignore[template-injection]
`

func TestFindPlaces(t *testing.T) {
	got := find("a.go", "é := \"ü\" // gitleaks:allow gitleaks:allow\r\n// gitleaks:allow")
	var places []string
	for _, f := range got {
		places = append(places, fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.Text))
	}
	want := []string{"1:13 gitleaks:allow gitleaks:allow", "1:28 gitleaks:allow", "2:4 gitleaks:allow"}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if long := find("a", "gitleaks:allow"+strings.Repeat("x", 5000)); len(long[0].Text) != MaxText {
		t.Errorf("a text of %d bytes", len(long[0].Text))
	}
}

// A hostile file costs no more than its size allows, and what is not followed is said.
func TestFindIsBounded(t *testing.T) {
	many := find("a", strings.Repeat("gitleaks:allow\n", MaxMarks+5))
	if last := many[len(many)-1]; len(many) != MaxMarks+1 || len(last.Reach) > 0 || last.Problem == "" {
		t.Errorf("%d marks, the last %s", len(many), brief(last))
	}
	deep := find("a.tf", strings.Repeat("x {\n#trivy:ignore:A\n", 5000)+strings.Repeat("}\n", 5000))
	if last := deep[len(deep)-1]; !strings.Contains(last.Problem, "more marks about blocks") {
		t.Errorf("a budget that does not end: %s", brief(last))
	}
	words := find("a.md", strings.Repeat("lgtm ", maxHits+5))
	if len(words) != 1 || words[0].Problem == "" {
		t.Errorf("%d marks among many words", len(words))
	}
	line := find("a.js", strings.Repeat("// nosemgrep ", 100_000))
	if len(line) != MaxMarks+1 {
		t.Errorf("%d marks in one line", len(line))
	}
}

// A long list with a mark in each of its items is followed to its end.
func TestManyMarksInAList(t *testing.T) {
	text := "jobs:\n  a:\n    steps:\n" + strings.Repeat("      - uses: a/b@v1\n        # zizmor: ignore[artipacked]\n        with: {a: "+strings.Repeat("x", 100)+"}\n", 3000)
	found := find("a.yml", text)
	if last := found[len(found)-1]; len(found) != 3000 || len(last.Reach) != 2 || last.Reach[1].First != 4+3*2999 {
		t.Errorf("%d marks, the last %s", len(found), brief(last))
	}
}

func TestBefore(t *testing.T) {
	for line, want := range map[string]string{
		`k = "x" # gitleaks:allow`:           `k = "x"`,
		`k = "x" /* assay:ignore a */`:       `k = "x"`,
		`k = "x" // nosemgrep: r`:            `k = "x"`,
		`k = "nosemantic" // NOSONAR`:        `k = "nosemantic"`,
		`codeql-action: checkout`:            `codeql-action: checkout`,
		`a: b # zizmor: ignore[x] # NOSONAR`: `a: b`,
	} {
		if got := string(Before([]byte(line))); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestMask(t *testing.T) {
	const id = "0afa6ab8-a047-48cf-be07-93a2f8c34cf7"
	hide := func(string) string { return "…" }
	f := Found{Tool: Gosec, Text: "nosec value", Reason: "value", Rules: []string{"value", id}, Reach: []Reach{{Rules: []string{"value"}}}}
	f.Mask(hide)
	want := Found{Tool: Gosec, Text: "…", Reason: "…", Until: "…", Problem: "…", Rules: []string{"…", "…"}, Reach: []Reach{{Rules: []string{"…"}}}}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	rules := []string{"value", id}
	MaskRules(KICS, rules, hide)
	if diff := cmp.Diff([]string{"…", id}, rules); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Whatever the text, marks are inside of it, and one without effect says why.
func FuzzFind(f *testing.F) {
	for _, seed := range []struct{ path, text string }{
		{"a.yml", workflow}, {"a.tf", fmt.Sprintf(bucket, "#checkov:skip=CKV_AWS_20 trivy:ignore:A:ws:x")}, {"Dockerfile", "# kics-scan ignore-block\nFROM a\nRUN <<E\n# hadolint ignore=DL3008\n"},
		{"a.go", "/* #nosec */ x(\n`\n// #nosec G1 --\n"}, {"a.sh", "# shellcheck disable=all\nif {\nfi"}, {"p.yaml", "runterrascan.io/skip: '[{\"rule\":\"AC_A\"}]'\n---\n\t- # ts:skip=\n- checkov.io/skip1: 'CKV=x'"},
		{"a.py", "# nosec: B1 # NOSEMGREP=a,\"b\" NOSONAR(x lgtm [a codeql[b]"}, {"a", `assay:ignore a until=x reason='`},
	} {
		f.Add(seed.path, seed.text)
	}
	f.Fuzz(func(t *testing.T, path, text string) {
		lines := strings.Count(text, "\n") + 1
		for _, m := range find(path, text) {
			if m.Line < 1 || m.Line > lines || m.Column < 1 || len(m.Text) > 2*MaxText {
				t.Fatalf("a mark outside of the text: %+v", m)
			}
			if (len(m.Reach) == 0) != (m.Problem != "") {
				t.Fatalf("reach and problem do not agree: %+v", m)
			}
			for _, r := range m.Reach {
				if r.First < 1 || r.Last < r.First || r.First > lines+1 {
					t.Fatalf("lines %d to %d of %d", r.First, r.Last, lines)
				}
			}
		}
		Before([]byte(text))
	})
}

func BenchmarkFind(b *testing.B) {
	source, err := os.ReadFile("find.go")
	if err != nil {
		b.Fatal(err)
	}
	text := strings.Repeat(string(source)+"\nx() // #nosec G101\n", 20)
	hits := hitsOf(text)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Find("a.go", []byte(text), hits)
	}
}
