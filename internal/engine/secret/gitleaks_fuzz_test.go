package secret

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// FuzzParseConfig reads hostile configurations. One that is accepted can be used on a text.
func FuzzParseConfig(f *testing.F) {
	for _, seed := range []string{
		"", "title='x'\n[[rules]]\nid='r'\nregex='a(b)?'\nsecretGroup=1\nkeywords=['ab','Ü','']\n",
		"[extend]\nuseDefault=true\n[allowlist]\npaths=['x']\n[[rules]]\nid='p'\npath='txt$'\nkeywords='a,b'\n",
		"[[rules]]\nid='r'\nregex='\\s*'\n[[rules.required]]\nid='p'\nwithinLines=1\n[[rules.allowlists]]\ncondition='&&'\nregexTarget='line'\nregexes=['^x']\nstopwords=['']\n[[rules]]\nid='p'\nregex='x*'\nskipReport=true\n",
		"[[rules]]\nid='generic'\nregex='\\n+(.*)'\nentropy='1e3'\nseverity=7\n", "rules=5", "[[rules]\n",
	} {
		f.Add([]byte(seed), []byte("ab Ü\n\nx = ZGVjb2RlZCBhYiAxMg== %61%62\r\nlast"))
	}
	f.Fuzz(func(t *testing.T, config, text []byte) {
		if len(config) > 4096 || len(text) > 4096 {
			return
		}
		c, _, err := ParseConfig("f.toml", config, false)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f.toml:") {
				t.Errorf("an error that does not name the file: %v", err)
			}
			return
		}
		for _, foreign := range []bool{true, false} {
			e, err := New(c, Options{Foreign: foreign, MaxPerRule: 50})
			if err != nil {
				return
			}
			for _, found := range lookAt(e, "d/a.txt", string(text)).Findings {
				if found.Rule == "secret/" {
					t.Errorf("a finding without rule: %v", found.Place)
				}
			}
		}
	})
}

// testdataVariable names the folder testdata/config of gitleaks' own source.
const testdataVariable = "ASSAY_GITLEAKS_CONFIGS"

// notAlone are configurations that gitleaks' tests read as a base only, or without checking their rules.
var notAlone = []string{"extend_base_1.toml", "extend_base_2.toml", "extend_rule_new.toml"}

// TestGitleaksOwnConfigs reads the configurations that gitleaks tests itself with: it accepts those under valid, refuses
// those under invalid, and accepts those beside.
func TestGitleaksOwnConfigs(t *testing.T) {
	dir := os.Getenv(testdataVariable)
	if dir == "" {
		t.Skipf("%s does not name gitleaks' testdata/config", testdataVariable)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.toml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no configurations: %v", err)
	}
	beside, _ := filepath.Glob(filepath.Join(dir, "*.toml"))
	// Bases are named from a package's folder, two levels above the configurations.
	read := func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, "..", "..", "config", name)) }
	for _, file := range append(files, beside...) {
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			t.Fatal(err)
		}
		c, notes, err := Load(read, "../testdata/config/"+filepath.ToSlash(rel))
		if err == nil {
			_, err = New(c, Options{Foreign: true})
		}
		if slices.Contains(notAlone, filepath.Base(rel)) {
			continue
		}
		if refused := strings.HasPrefix(rel, "invalid"); refused != (err != nil) {
			t.Errorf("%s: error %v, want refused %v", rel, err, refused)
		}
		if len(notes) > 0 {
			t.Logf("%s: %v", rel, notes)
		}
	}
	t.Logf("%d configurations", len(files)+len(beside))
}
