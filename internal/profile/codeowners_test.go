package profile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The behaviour of the two forges as their documentation describes it, in rows of our own.
// https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
// https://docs.gitlab.com/user/project/codeowners/reference/
func TestOwnersOf(t *testing.T) {
	tests := []struct {
		name  string
		file  string
		lines string
		want  map[string]string
	}{
		{
			"github: the last match wins", ".github/CODEOWNERS",
			"*  @all @second\n*.js @js # the front end\n*.txt @org/texts\n/build/logs/ @ops\n",
			map[string]string{
				"README": "@all @second", "a/b/x.js": "@js", "a.txt": "@org/texts",
				"build/logs/x.js": "@ops", "build/logs/deep/x": "@ops", "other/build/logs/x": "@all @second",
			},
		},
		{
			"github: a star after a slash stays in its folder", "CODEOWNERS",
			"docs/* docs@example.com\n",
			map[string]string{"docs/start.md": "docs@example.com", "docs/build/help.md": "", "x/docs/start.md": ""},
		},
		{
			"github: a folder without a leading slash is found anywhere", "CODEOWNERS",
			"apps/ @apps\n",
			map[string]string{"apps/x": "@apps", "a/apps/b/c": "@apps", "apps": "", "myapps/x": ""},
		},
		{
			"github: a leading slash holds a folder at the root", "CODEOWNERS",
			"/docs/ @docs\n/scripts @scripts\n",
			map[string]string{"docs/a/b": "@docs", "x/docs/a": "", "scripts": "@scripts", "scripts/a/b": "@scripts"},
		},
		{
			"github: a slash in the middle anchors", "CODEOWNERS",
			"src/web @web\n",
			map[string]string{"src/web/a": "@web", "x/src/web/a": ""},
		},
		{
			"github: two stars", "CODEOWNERS",
			"**/logs @logs\n/a/**/z @z\n",
			map[string]string{
				"build/logs": "@logs", "logs/x": "@logs", "deep/down/logs/y": "@logs",
				"a/z": "@z", "a/b/c/z": "@z", "a/b/c/z/q": "@z", "b/z": "",
			},
		},
		{
			"github: nobody on purpose", "docs/CODEOWNERS",
			"/apps/ @apps\n/apps/github\n",
			map[string]string{"apps/x": "@apps", "apps/github/x": "", "apps/github": ""},
		},
		{
			"github: case matters, spaces are escaped", ".github/CODEOWNERS",
			"/My\\ Docs/ @d\n/Lib @l\n",
			map[string]string{"My Docs/x": "@d", "my docs/x": "", "lib": "", "Lib": "@l"},
		},
		{
			"gitlab: no leading slash means any depth", ".gitlab/CODEOWNERS",
			"README.md @r\ninternal/README.md @i\n/root.md @root\n",
			map[string]string{
				"README.md": "@r", "a/b/README.md": "@r", "internal/README.md": "@i", "x/internal/README.md": "@i",
				"root.md": "@root", "x/root.md": "",
			},
		},
		{
			"gitlab: only a trailing slash takes in what is below", ".gitlab/CODEOWNERS",
			"/docs/ @docs\n/lib @lib\nmodel/db @db\n/src/* @src\n/all/**/* @deep\n",
			map[string]string{
				"docs/a/b": "@docs", "lib": "@lib", "lib/x": "", "a/model/db": "@db", "model/db/x": "",
				"src/a": "@src", "src/a/b": "", "all/a": "@deep", "all/a/b/c": "@deep",
			},
		},
		{
			"gitlab: the last match of each section, put together", "CODEOWNERS",
			"* @everyone\n[Documentation]\nee/docs @docs\ndocs @docs\n[Database]\nREADME.md @db\nmodel/db @db\n[README]\n* @any\nREADME.md @readme\n",
			map[string]string{
				"README.md": "@everyone @db @readme", "model/db": "@everyone @db @any", "x": "@everyone @any",
				"ee/docs": "@everyone @docs @any",
			},
		},
		{
			"gitlab: default owners, optional sections and approvals", "CODEOWNERS",
			"[Docs][2] @writers @second\ndocs/\nREADME.md @readme\n^[Optional]\n*.go\n[With spaces] @@maintainer\n*.rb\n",
			map[string]string{
				"docs/a": "@writers @second", "README.md": "@readme", "x.go": "", "a/x.rb": "@@maintainer",
			},
		},
		{
			"gitlab: sections of one name are one, whatever the case", "CODEOWNERS",
			"[Docs] @a\n/x @x\n[Other]\n/y @y\n[DOCS]\n/x @last\n",
			map[string]string{"x": "@last", "y": "@y"},
		},
		{
			"gitlab: an exclusion holds within its section", "CODEOWNERS",
			"* @all\n[Ruby] @ruby\n*.rb\n!/config/**/*.rb\n/config/routes.rb @ops\n",
			map[string]string{"a.rb": "@all @ruby", "config/routes.rb": "@all", "config/a/b.rb": "@all"},
		},
		{
			"gitlab: ranges, and two stars at the end are one", ".gitlab/CODEOWNERS",
			"*.[ch] @c\n/x[!0-9] @x\n/a/** @a\n/b/**/ @b\n/open[ @open\n/q[\\]] @q\n",
			map[string]string{
				"s/a.c": "@c", "a.h": "@c", "a.j": "", "a.[ch]": "", "xy": "@x", "x1": "", "a/f": "@a", "a/b/f": "", "b/f": "@b", "b/c/f": "@b",
				"open[": "", "q]": "@q",
			},
		},
		{
			"gitlab: all", ".gitlab/CODEOWNERS", "** @all\n/ @none-of-it\n",
			map[string]string{"x": "@none-of-it", "a/b/x": "@none-of-it"},
		},
		{
			"gitlab: escaped characters", ".gitlab/CODEOWNERS",
			"\\#file @hash\n/path\\ with\\ spaces/ @space\n",
			map[string]string{"#file": "@hash", "path with spaces/x": "@space"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			owners, errs := ParseOwners(test.file, []byte(test.lines))
			if len(errs) > 0 {
				t.Fatalf("errors: %v", errs)
			}
			got := map[string]string{}
			for path := range test.want {
				got[path] = strings.Join(owners.Of(path), " ")
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestParseOwnersErrors(t *testing.T) {
	content := "* @ok\n!x @a\n\\#y @a\nz[ab] @a\nq nobody @real\n"
	owners, errs := ParseOwners(".github/CODEOWNERS", []byte(content))
	var got []string
	for _, e := range errs {
		got = append(got, e.Error())
	}
	want := []string{
		`.github/CODEOWNERS:2: "!x": GitHub knows no negation with "!"`,
		`.github/CODEOWNERS:3: "\\#y": GitHub knows no escaped "#" at the start of a pattern`,
		`.github/CODEOWNERS:4: "z[ab]": GitHub knows no character ranges with "[ ]"`,
		`.github/CODEOWNERS:5: "nobody" is not an owner: want @user, @group/team or an e-mail address`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"@real"}, owners.Of("a/q")); diff != "" {
		t.Errorf("the other owners of the line are lost (-want +got)\n%s", diff)
	}
	if _, errs := ParseOwners("CODEOWNERS", []byte("\xff")); len(errs) != 1 {
		t.Errorf("not UTF-8: %v", errs)
	}
}

func FuzzParseOwners(f *testing.F) {
	for _, seed := range []string{
		"* @a\n", "[S][2] @a\n!x\n", "^[ ]\n[a", "\\", "/ @a", "**/**/* @b", "a\\ b @c", "[a][9] @b\n/", "! @a", "// @x", "*?\\",
	} {
		f.Add(seed, "a/b/c")
	}
	f.Fuzz(func(t *testing.T, content, path string) {
		for _, file := range OwnersLocations {
			if owners, _ := ParseOwners(file, []byte(content)); owners != nil {
				owners.Of(path)
			}
		}
	})
}

// A long pattern of stars against a long path must not take exponential time.
func TestPatternWorkIsBounded(t *testing.T) {
	p := compileGitHub(strings.Repeat("**/a*a*/", 500) + "b")
	if p.match(strings.Split(strings.Repeat("aaaaaaaa/", 500)+"c", "/")) {
		t.Error("matched")
	}
	if matchElement(strings.Repeat("*a", 1000)+"b", strings.Repeat("a", 5000), syntax{}) {
		t.Error("matched")
	}
}

func BenchmarkOwnersOf(b *testing.B) {
	var content strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&content, "/services/team%d/** @team%d\n*.x%d @x\n", i, i, i)
	}
	owners, _ := ParseOwners("CODEOWNERS", []byte(content.String()))
	for b.Loop() {
		owners.Of("services/team77/src/main/java/org/example/App.java")
	}
}
