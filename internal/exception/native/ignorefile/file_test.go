package ignorefile

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/finding"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// about makes a finding at a place, with the names it has.
func about(place string, aliases ...string) *finding.Finding {
	f := &finding.Finding{Rule: "e/x", Aliases: aliases}
	switch path, commit, _ := strings.Cut(place, "^"); {
	case strings.HasPrefix(place, "pkg:"):
		f.Place.Package = place
	case commit != "":
		f.Place.Commit = &finding.Commit{ID: commit}
		place = path
		fallthrough
	default:
		path, line, _ := strings.Cut(place, "#")
		f.Place.Path = path
		fmt.Sscan(line, &f.Place.Start.Line)
	}
	return f
}

// in puts a package into a file.
func in(path string, f *finding.Finding) *finding.Finding {
	f.Place.Path = path
	return f
}

// A holdCase is a file, and by findings the line that holds each, 0 for none.
type holdCase struct {
	name, path, text string
	options          Options
	findings         []*finding.Finding
	want             []int
	errs             []string
	problems         []string // of entries that hold nothing
}

func runHold(t *testing.T, cases []holdCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f, errs := Parse(c.path, []byte(c.text), c.options)
			var got []int
			for _, x := range c.findings {
				line := 0
				if i := f.Holder(x, now); i >= 0 {
					line = f.Entries[i].Line
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("held (-want +got)\n%s", diff)
			}
			var texts, problems []string
			for _, err := range errs {
				texts = append(texts, err.Error())
			}
			if diff := cmp.Diff(c.errs, texts); diff != "" {
				t.Errorf("errors (-want +got)\n%s", diff)
			}
			for _, e := range f.Entries {
				if e.Problem != "" && !e.Unreadable {
					problems = append(problems, e.Problem)
				}
			}
			if diff := cmp.Diff(c.problems, problems); diff != "" {
				t.Errorf("problems (-want +got)\n%s", diff)
			}
		})
	}
}

func TestGitleaksIgnore(t *testing.T) {
	const alias = "gitleaks:generic-api-key"
	runHold(t, []holdCase{{
		name: "fingerprints", path: ".gitleaksignore",
		text: "# old keys\n\napp/a.go:generic-api-key:3\nabc1234:app\\b.go:generic-api-key:4\r\nC:/x.go:k:1\na.zip!b.txt:k:2\nnonsense\nx:y:z\n",
		findings: []*finding.Finding{
			about("app/a.go#3", alias), about("app/a.go#3^fedcba9", alias), // without a commit it speaks about every commit
			about("app/b.go#4^abc1234", alias), about("app/b.go#4^fedcba9", alias), about("app/b.go#4", alias),
			about("C:/x.go#1", "gitleaks:k"), about("a.zip!/b.txt#2", "gitleaks:k"), about("app/a.go#3", "CWE-798"), about("app/a.go#4", alias),
		},
		want: []int{3, 3, 4, 0, 0, 5, 6, 0, 0},
		errs: []string{
			".gitleaksignore:7:1: want file:rule:line or commit:file:rule:line",
			".gitleaksignore:8:1: want file:rule:line or commit:file:rule:line",
		},
	}})
	_, errs := Parse(".gitleaksignore", []byte(strings.Repeat("x\n", 10_000)), Options{})
	if want := ".gitleaksignore: 9980 more faults like these"; len(errs) != maxErrors+1 || errs[maxErrors].Error() != want {
		t.Errorf("%d errors, the last %v, want %s", len(errs), errs[len(errs)-1], want)
	}
}

func TestTrivyIgnore(t *testing.T) {
	runHold(t, []holdCase{
		{
			name: "lines", path: "sub/.trivyignore",
			text: "# not reachable\nCVE-2026-1\nAVD-DS-0002 exp:2026-11-24\nAVD-AWS-0001 exp:2026-11-23\n  CVE-2026-2 exp:soon\nCVE-2026-3 exp:2026-13-01\n",
			findings: []*finding.Finding{
				about("a", "CVE-2026-1"), about("a", "CVE-2026-10"), about("a", "AVD-DS-0002"), about("a", "AVD-AWS-0001"), about("a", "CVE-2026-2"), about("a", "CWE-1"),
			},
			want: []int{2, 0, 3, 0, 0, 0},
			errs: []string{`sub/.trivyignore:5:3: "soon" is not a date`, `sub/.trivyignore:6:1: "2026-13-01" is not a date`},
		},
		{
			name: "yaml", path: ".trivyignore.yaml",
			text: `vulnerabilities:
  - id: CVE-2026-1
    paths: ["usr/**", "{a,b}.lock"]
    purls: ["pkg:deb/debian/x"]
    statement: not reachable
  - id: CVE-2026-2
    expired_at: 2026-11-23
  - id: CVE-2026-3
    expired_at: 2026-11-24
  - id: CVE-2026-4
    severity: LOW
  - paths: [a]
misconfigurations:
  - id: DS002
    paths: "Dockerfile"
secrets:
  - {id: x, paths: ["["]}
licences: []
`,
			findings: []*finding.Finding{
				in("usr/lib/y", about("pkg:deb/debian/x@1", "CVE-2026-1")), in("b.lock", about("pkg:deb/debian/x@1", "CVE-2026-1")),
				in("etc/y", about("pkg:deb/debian/x@1", "CVE-2026-1")), in("usr/y", about("pkg:deb/debian/z@1", "CVE-2026-1")),
				about("a", "CVE-2026-2"), about("a", "CVE-2026-3"), about("a", "CVE-2026-4"), about("Dockerfile#3", "AVD-DS-0002"), about("x/Dockerfile#3", "AVD-DS-0002"),
			},
			want: []int{2, 2, 0, 0, 0, 8, 0, 14, 0},
			errs: []string{
				".trivyignore.yaml:12:5: an entry of vulnerabilities without an id",
				`.trivyignore.yaml:17:5: "[" is not a pattern of paths`,
				`.trivyignore.yaml:18:1: unknown section "licences"`,
			},
			problems: []string{`it has the condition "severity", which is not known here`},
		},
		{name: "not yaml", path: ".trivyignore.yml", text: "a: [\n", errs: []string{".trivyignore.yml:2:1: not valid YAML: did not find expected node content"}},
		{name: "empty", path: ".trivyignore.yml", text: "# nothing\n"},
		{name: "twice", path: ".trivyignore.yml", text: "secrets: []\nsecrets: []\n", errs: []string{`.trivyignore.yml:2:1: "secrets" is given twice`}},
		{name: "two documents", path: ".trivyignore.yml", text: "secrets: []\n---\nsecrets: []\n", errs: []string{`.trivyignore.yml:2:1: a second document, which the tool does not read`}},
	})
}

func TestSemgrepIgnore(t *testing.T) {
	included := map[string]string{"sub/.gitignore": "*.min.js\n"}
	read := Options{Read: func(path string) ([]byte, error) {
		if text, ok := included[path]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("no such file")
	}}
	const alias = "semgrep:js.eval"
	runHold(t, []holdCase{{
		name: "patterns", path: "sub/.semgrepignore", options: read,
		text: "\uFEFF:include .gitignore\n:include gone\n:include ../up\n:foo\n# tests\ntests/\r\n*.go\r\n!keep.go\n\\:odd\n",
		findings: []*finding.Finding{
			about("sub/a/tests/x.js#1", alias), about("tests/x.js#1", alias), about("sub/a.go#1", alias), about("sub/keep.go#1", alias),
			about("sub/a.min.js#1", alias), about("sub/tests/x.js#1", "gitleaks:k"), about("sub/:odd", alias), about("sub/b.js", alias),
		},
		want: []int{6, 0, 7, 0, 1, 0, 9, 0},
		errs: []string{
			`sub/.semgrepignore:2:1: "sub/gone" cannot be read`, `sub/.semgrepignore:3:1: "up" cannot be read`,
			`sub/.semgrepignore:4:1: unknown instruction ":foo"`,
		},
		problems: []string{"it brings paths back, and holds nothing"},
	}})
}

func TestSnyk(t *testing.T) {
	runHold(t, []holdCase{{
		name: "policy", path: ".snyk",
		text: `version: v1.25.0
ignore:
  SNYK-JS-A-1:
    - '*':
        reason: not reachable
        expires: 2026-11-24T00:00:00.000Z
        created: 2026-01-01T00:00:00.000Z
  SNYK-JS-B-1:
    - '*':
        expires: 2026-11-23
    - 'main.tf':
        reason: x
  SNYK-JS-C-1:
    - 'a > b':
        reason: x
    - lodash@4.17.20
  SNYK-JS-D-1:
    - '*':
        disregardIfFixable: true
    - '*': {color: red}
    - '*': {expires: soon}
    - [x]
patch: {}
exclude:
  code:
    - vendor
    - gen/*.js:
        expires: 2027-01-01
extra: 1
`,
		findings: []*finding.Finding{
			about("a", "SNYK-JS-A-1"), about("a", "SNYK-JS-B-1"), about("main.tf#3", "snyk:SNYK-JS-B-1"), about("pkg:npm/lodash@4.17.20", "SNYK-JS-C-1"),
			about("pkg:npm/lodash@4.17.21", "SNYK-JS-C-1"), about("a", "SNYK-JS-D-1"), about("vendor/x/y.js", "snyk:x"), about("gen/y.js", "snyk:x"),
			about("gen/z/y.js", "snyk:x"), about("vendor/x", "CVE-2026-1"), about("a", "SNYK-JS-A-11"),
		},
		want: []int{4, 0, 11, 16, 0, 0, 26, 27, 0, 0, 0},
		errs: []string{
			`.snyk:29:1: unknown section "extra"`, `.snyk:21:7: expires: "soon" is not a date`, `.snyk:22:7: an entry of "SNYK-JS-D-1" is a list`,
		},
		problems: []string{
			`it is limited to "a > b", and how a package came in, or where in a file a fault is, cannot be compared`,
			"it holds only while no fix exists, which is not known here", `it has the condition "color", which is not known here`,
		},
	}})
}

func TestGrype(t *testing.T) {
	runHold(t, []holdCase{{
		name: "configuration", path: ".grype.yaml",
		text: `output: table
ignore:
  - vulnerability: CVE-2026-1
    reason: not reachable
  - vulnerability: CVE-2026-2
    fix-state: not-fixed
  - package: {name: "lib.*", version: 1.0, type: deb}
  - vulnerability: CVE-2026-3
    package: {type: go-module, location: "/vendor/**"}
  - package: {language: go}
  - reason: nothing
  - package: {name: "("}
  - x
exclude:
  - './gen/**'
  - '/etc/**'
`,
		findings: []*finding.Finding{
			about("pkg:npm/a@1", "CVE-2026-1", "GHSA-a"), about("pkg:npm/a@1", "CVE-2026-2"), about("pkg:deb/debian/libc@1.0", "CVE-2026-9"),
			about("pkg:deb/debian/libc@1.1", "CVE-2026-9"), about("pkg:deb/debian/glibc@1.0", "CVE-2026-9"), in("vendor/a/go.mod", about("pkg:golang/x/y@v1", "CVE-2026-3")),
			in("go.mod", about("pkg:golang/x/y@v1", "CVE-2026-3")), about("gen/a/b.lock", "CVE-2026-9"), about("gen/a", "CWE-1"), about("etc/x", "CVE-2026-9"),
		},
		want: []int{3, 0, 7, 0, 0, 8, 0, 15, 0, 0},
		errs: []string{".grype.yaml:11:5: an entry that says neither vulnerability nor package", ".grype.yaml:13:5: an entry of ignore is a text"},
		problems: []string{
			`it has the condition "fix-state", which is not known here`, `it has the condition "package.language", which is not known here`,
			"package.name is no expression", "Grype reads it for images only: in a folder a pattern begins with ./, */ or **/",
		},
	}})
}

func TestUnknownName(t *testing.T) {
	if _, errs := Parse("x/.other", nil, Options{}); len(errs) != 1 || !strings.Contains(errs[0].(*Error).Hint, ".trivyignore") {
		t.Errorf("got %v", errs)
	}
	for name, want := range map[string]bool{
		"a/.gitleaksignore": true, "a/b.openvex.json": true, ".grype/config.yaml": true, "config.yaml": false, "vex.JSON": true, "a.json": false,
	} {
		if got := Reads(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Aliases must not multiply, nesting must end, and no number of entries may make every finding slow.
func TestLimits(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 8 {
		c := string(rune('a' + i))
		bomb += fmt.Sprintf("%c: &%c [*%s,*%s,*%s,*%s,*%s,*%s,*%s,*%s,*%s,*%s]\n", 'b'+i, 'b'+i, c, c, c, c, c, c, c, c, c, c)
	}
	for name, text := range map[string]string{
		".snyk": bomb, ".grype.yaml": "ignore: " + strings.Repeat("[", 100) + strings.Repeat("]", 100), "vex.json": strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100),
	} {
		if _, errs := Parse(name, []byte(text), Options{}); len(errs) == 0 {
			t.Errorf("%s: no error", name)
		}
	}
	f, _ := Parse(".grype.yaml", []byte("ignore:\n"+strings.Repeat("- package: {name: x}\n", maxAny+1)), Options{})
	if last := f.Entries[maxAny]; last.Problem == "" {
		t.Error("the number of entries about everything has no limit")
	}
	f, errs := Parse(".trivyignore", []byte(strings.Repeat("CVE-2026-1\n", maxEntries+9)), Options{})
	if len(errs) != 1 || len(f.Entries) != maxEntries+1 || !f.Entries[maxEntries].Unreadable {
		t.Errorf("%d entries, %v", len(f.Entries), errs)
	}
	if _, errs := Parse(".trivyignore", make([]byte, maxSize+1), Options{}); len(errs) != 1 {
		t.Errorf("a large file: %v", errs)
	}
}

func TestMask(t *testing.T) {
	f, _ := Parse(".trivyignore", []byte("# why\nCVE-2026-1\nname\n"), Options{})
	f.Mask(func(s string) string { return strings.Repeat("x", len(s)) })
	if e := f.Entries[0]; e.Reason != "xxx" || e.Rules[0] != "xxxxxxxxxx" || e.Text != "xxxxxxxxxx" || f.Entries[1].Rules[0] != "xxxx" {
		t.Errorf("%+v", f.Entries)
	}
	if i := f.Holder(about("a", "trivy:name"), now); i != 1 {
		t.Errorf("what is masked holds nothing: %d", i)
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"**/a", "a", true}, {"**/a", "x/y/a", true}, {"a/**", "a/b/c", true}, {"a/**", "b/a", false}, {"a/*/c", "a/b/c", true}, {"a/*/c", "a/b/b/c", false},
		{"**/b/**/c", "b/x/b/c", true}, {"./a", "a", true}, {"{a,b{c,d}}/x", "bd/x", true}, {"[a-c].go", "b.go", true}, {"a?", "ab", true}, {"a?", "a/", false},
	} {
		g, err := parseGlob(c.pattern)
		if err != nil || g.match(c.path) != c.want {
			t.Errorf("%s on %s: want %v (%v)", c.pattern, c.path, c.want, err)
		}
	}
	for _, bad := range []string{"[", "{a", strings.Repeat("{a,b}", 8)} {
		if _, err := parseGlob(bad); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

func TestPurl(t *testing.T) {
	for _, c := range []struct {
		statement, found string
		want             bool
	}{
		{"pkg:npm/a@1", "pkg:npm/a@1", true}, {"pkg:npm/a", "pkg:npm/a@1", true}, {"pkg:npm/a@2", "pkg:npm/a@1", false}, {"pkg:npm/%40s/a@1", "pkg:npm/@s/a@1", true},
		{"pkg:deb/debian/x?arch=amd64", "pkg:deb/debian/x@1?distro=1&arch=amd64", true}, {"pkg:deb/debian/x?arch=arm64", "pkg:deb/debian/x@1?arch=amd64", false},
		{"pkg:PyPI/A_b", "pkg:pypi/a-b@1", true}, {"CPE", "CPE", true}, {"pkg:npm", "pkg:npm/a", false}, {"", "", false}, {"pkg:npm/a", "", false},
	} {
		if got := coversText(c.statement, c.found); got != c.want {
			t.Errorf("%s on %s: %v", c.statement, c.found, got)
		}
		if got := setOf([]string{c.statement}).cover(c.found); got != c.want {
			t.Errorf("set of %s on %s: %v", c.statement, c.found, got)
		}
	}
}

// No file makes it panic, and every error has its place.
func FuzzParse(f *testing.F) {
	source, err := os.ReadFile("file_test.go")
	if err != nil {
		f.Fatal(err)
	}
	for i, part := range strings.Split(string(source), "`") {
		for name := range readers {
			if i%2 == 1 && len(part) > 30 {
				f.Add(name, part)
			}
		}
	}
	f.Add(".gitleaksignore", "a:b:1\nabc1234:a:b:1\n#\n::\n:1")
	f.Add("vex.json", openVEX)
	f.Add("vex.json", cycloneDX)
	f.Add("vex.json", csaf)
	f.Fuzz(func(t *testing.T, name, text string) {
		file, errs := Parse(name, []byte(text), Options{Products: []string{"pkg:oci/a"}, Read: func(string) ([]byte, error) { return []byte("a"), nil }})
		for _, err := range errs {
			if e := new(Error); errors.As(err, &e) && (e.Line < 1 || e.Column < 1) {
				t.Errorf("an error without a place: %v", err)
			}
		}
		if file == nil {
			return
		}
		for _, x := range []*finding.Finding{about("a#1", "gitleaks:b"), about("pkg:npm/a@1", "CVE-2026-1"), about("x/y", "semgrep:a", "snyk:b")} {
			if i := file.Holder(x, now); i >= 0 && file.Entries[i].Problem != "" {
				t.Errorf("an entry with a problem holds: %+v", file.Entries[i])
			}
		}
	})
}
