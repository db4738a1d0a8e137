package git

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseConfig(t *testing.T) {
	const text = "[core]\n\trepositoryformatversion = 1\n bare\n[Remote \"Or\\\"igin\"] url = \"a # b\" ; comment\n" +
		"[extensions]\nobjectFormat=sha256\r\n\tlong = one \\\n two  \n[old.Sub]\nx = \"  padded  \"  \nn = a\\tb\n"
	c, err := ParseConfig([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ section, subsection, key, want string }{
		{"core", "", "repositoryformatversion", "1"},
		{"core", "", "bare", "true"},
		{"remote", `Or"igin`, "URL", "a # b"},
		{"extensions", "", "objectformat", "sha256"},
		{"extensions", "", "long", "one  two"},
		{"old", "sub", "x", "  padded  "},
		{"old", "sub", "n", "a\tb"},
	}
	for _, tt := range tests {
		if got, ok := c.Get(tt.section, tt.subsection, tt.key); !ok || got != tt.want {
			t.Errorf("%s.%s.%s = %q, %v; want %q", tt.section, tt.subsection, tt.key, got, ok, tt.want)
		}
	}
	if diff := cmp.Diff([]string{"objectformat", "long"}, c.Keys("extensions")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestParseConfigErrors(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"no section", "a = b\n", "line 1: setting before the first section"},
		{"open section", "[core\nx", "line 1: section header is not closed"},
		{"open quote", "[a]\nb = \"c\n", "line 2: a.b: quote is not closed"},
		{"bad escape", "[a]\nb = \\q\n", "line 2: a.b: unknown escape"},
		{"bad key", "[a]\nb ? c\n", `line 2: a.b: unexpected character '?' after the key`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseConfig([]byte(tt.in))
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

// TestConfigAgainstGit compares with git config --list on a file with everything odd in it.
func TestConfigAgainstGit(t *testing.T) {
	needGit(t)
	const text = "[a]\nB = c\nb=d#e\n[x \"Y.z\"]\nq = \"a;b\" c\n f = \\\"x\\\\ ; c\n[k-1]g\n\n[o.P]v = 1 \\\n  2\n"
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("git", "config", "--file", file, "--list", "-z").Output()
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseConfig([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, s := range c.settings {
		got.WriteString(s.section + ".")
		if s.subsection != "" {
			got.WriteString(s.subsection + ".")
		}
		got.WriteString(s.key)
		if !s.bare {
			got.WriteString("\n" + s.value)
		}
		got.WriteByte(0)
	}
	if diff := cmp.Diff(string(out), got.String()); diff != "" {
		t.Errorf("(-git +ours):\n%s", diff)
	}
}

func FuzzConfig(f *testing.F) {
	f.Add([]byte("[core]\n\tbare = false\n[remote \"origin\"]\n\turl = \"x\\\"y\" ; c\n"))
	f.Add([]byte("[a.b]c\n d = e \\\n f\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseConfig(data)
		if err != nil {
			return
		}
		for _, s := range c.settings {
			if s.section == "" || s.key == "" || s.key != strings.ToLower(s.key) {
				t.Errorf("setting without a proper name: %+v", s)
			}
		}
	})
}
