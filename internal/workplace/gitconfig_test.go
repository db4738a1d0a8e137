package workplace_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/workplace"
)

// configs are configurations, by file; "config" is the repository's.
var configs = []struct {
	name  string
	files map[string]string
	maybe bool // it hangs on what cannot be answered
}{
	{"none", map[string]string{"config": "[core]\n\tbare = false\n"}, false},
	{"plain", map[string]string{"config": "[core]\n\thooksPath = hooks\n"}, false},
	{"last wins", map[string]string{"config": "[core]\nhookspath=a\n[x]\ny=1\n[CORE] HooksPath = \"b c\" ; said\n"}, false},
	{"continued", map[string]string{"config": "[core]\n\thooksPath = a\\\n  b\n"}, false},
	{"a comment that ends in a backslash", map[string]string{"config": "[core]\n# \\\n\thooksPath = a\n"}, false},
	{"home", map[string]string{"config": "[core]\nhooksPath = ~/hooks\n"}, false},
	{"included before", map[string]string{"config": "[include]\npath = ../more\n[core]\nhooksPath = a\n", "more": "[core]\nhooksPath = b\n"}, false},
	{"included after", map[string]string{"config": "[core]\nhooksPath = a\n[include]\npath = ../more\n", "more": "[core]\nhooksPath = b\n"}, false},
	{"several includes", map[string]string{"config": "[include]\npath = ../more\npath = ../again\n", "more": "[core]\nhooksPath = b\n", "again": "[core]\nhooksPath = c\n"}, false},
	{"chain", map[string]string{"config": "[include]\npath = ../one\n", "one": "[include]\npath = two\n", "two": "[core]\nhooksPath = 2\n"}, false},
	{"missing include", map[string]string{"config": "[core]\nhooksPath = a\n[include]\npath = ../nowhere\n"}, false},
	{"gitdir", map[string]string{"config": "[includeIf \"gitdir:**/.git\"]\npath = ../more\n", "more": "[core]\nhooksPath = b\n"}, false},
	{"gitdir elsewhere", map[string]string{"config": "[includeIf \"gitdir:/elsewhere/\"]\npath = ../more\n", "more": "[core]\nhooksPath = b\n"}, false},
	{"gitdir folder", map[string]string{"config": "[includeIf \"gitdir:repo/\"]\npath = ../more\n", "more": "[core]\nhooksPath = b\n"}, false},
	{"gitdir case", map[string]string{"config": "[includeIf \"gitdir/i:REPO/\"]\npath = ../more\n[includeIf \"gitdir:REPO/\"]\npath = ../again\n", "more": "[core]\nhooksPath = b\n", "again": "[core]\nhooksPath = c\n"}, false},
	{"branch", map[string]string{"config": "[includeIf \"onbranch:feature/\"]\npath = ../more\n", "more": "[core]\nhooksPath = b\n"}, false},
	{"another branch", map[string]string{"config": "[includeIf \"onbranch:feature/?\"]\npath = ../more\n", "more": "[core]\nhooksPath = b\n"}, false},
	{"remote", map[string]string{"config": "[includeIf \"hasconfig:remote.*.url:x\"]\npath = ../more\n", "more": "[core]\nhooksPath = b\n"}, true},
}

// TestGitConfig compares with what git itself says.
func TestGitConfig(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git to compare with")
	}
	for _, test := range configs {
		t.Run(test.name, func(t *testing.T) {
			top, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			repo := filepath.Join(top, "repo")
			git := func(args ...string) string {
				cmd := exec.Command("git", append([]string{"-C", repo}, args...)...)
				cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "HOME="+top)
				out, _ := cmd.Output()
				return strings.TrimSuffix(string(out), "\n")
			}
			if err := os.Mkdir(repo, 0o755); err != nil {
				t.Fatal(err)
			}
			git("init", "-q", "-b", "feature/one")
			for name, text := range test.files {
				at := filepath.Join(repo, name)
				if name == "config" {
					at = filepath.Join(repo, ".git", name)
					text = "[core]\nrepositoryformatversion = 0\n" + text
				}
				if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			c := &workplace.GitConfig{Read: os.ReadFile, Home: top, GitDir: filepath.Join(repo, ".git"), Branch: "feature/one"}
			got := c.Last([]string{filepath.Join(repo, ".git", "config")}, "core", "hookspath")
			if test.maybe {
				if got == nil || !got.Maybe {
					t.Errorf("%+v, want one that may hold", got)
				}
				return
			}
			value := ""
			if got != nil {
				value = c.Expand(got.Value)
			}
			if diff := cmp.Diff(git("config", "--type=path", "core.hooksPath"), value); diff != "" {
				t.Errorf("(-git +ours)\n%s", diff)
			}
		})
	}
}

// TestGitConfigEnds holds that files which include one another come to an end.
func TestGitConfigEnds(t *testing.T) {
	reads := 0
	c := &workplace.GitConfig{Read: func(path string) ([]byte, error) {
		reads++
		return []byte("[include]\npath = /a\npath = /b\npath = /c\n[core]\nhooksPath = x\n"), nil
	}}
	if got := c.Last([]string{"/a"}, "core", "hookspath"); got == nil || got.Value != "x" {
		t.Errorf("%+v", got)
	}
	if reads > 1000 {
		t.Errorf("%d files were read", reads)
	}
}

func FuzzGitConfig(f *testing.F) {
	for _, test := range configs {
		f.Add(test.files["config"])
	}
	f.Add("[includeIf \"gitdir:[\\\"]\"]\npath=\\\n")
	f.Fuzz(func(t *testing.T, text string) {
		c := &workplace.GitConfig{Home: "/home", GitDir: "/repo/.git", Branch: "main", Read: func(path string) ([]byte, error) {
			if path != "/repo/.git/config" {
				return nil, fs.ErrNotExist
			}
			return []byte(text), nil
		}}
		c.Last([]string{"/repo/.git/config"}, "core", "hookspath")
	})
}
