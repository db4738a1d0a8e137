package architecture

import (
	"slices"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/report/formats"
)

// TestEngines fails when an engine is built that no run would ask.
func TestEngines(t *testing.T) {
	for _, p := range packages(t) {
		name, ok := strings.CutPrefix(p.path, "internal/engine/")
		if ok && !strings.Contains(name, "/") && !slices.Contains(engines.Names(), name) {
			t.Errorf("%s is not in engines.All (internal/engines): no run would ask it", p.path)
		}
	}
}

// notFormats are the packages below internal/report that formats share.
var notFormats = []string{"annotation", "comment", "escape", "formats", "frame", "reporttest"}

// TestFormats fails when a format is written that no flag can name. A package may hold several, such as GitLab's.
func TestFormats(t *testing.T) {
	for _, p := range packages(t) {
		name, ok := strings.CutPrefix(p.path, "internal/report/")
		if !ok || slices.Contains(notFormats, name) {
			continue
		}
		listed := func(format string) bool { return format == name || strings.HasPrefix(format, name+"-") }
		if !slices.ContainsFunc(formats.Names(), listed) {
			t.Errorf("%s is not in formats.All (internal/report/formats): nobody could ask for it", p.path)
		}
	}
}

// forbidden are packages of the standard library that a scanner of hostile files must do without, and who may have them.
var forbidden = []struct {
	imported, reason string
	but              []string
}{
	{"os/exec", "no program is started in or on a target, git included", nil},
	{"plugin", "no code is loaded while the program runs", nil},
	{"net", "nothing leaves: a scan uses no network", []string{"internal/verify", "internal/exception/probe", "internal/cli"}}, // asked for by --verify and --probe; cli reaches the user's ssh-agent
	{"net/http", "nothing leaves: a scan uses no network", []string{"internal/verify", "internal/exception/probe", "internal/cli", "internal/forge/rest", "internal/forge/github", "internal/forge/gitlab", "internal/forge/forgetest"}}, // cli hands it over, or a refusal
	{"unsafe", "bytes from a target are read with bounds checks", []string{"internal/git/odb"}}, // tells whose mapped file a fault is in
}

func TestForbidden(t *testing.T) {
	for _, p := range packages(t) {
		for _, f := range forbidden {
			if slices.Contains(p.standard, f.imported) && !slices.Contains(f.but, p.path) {
				t.Errorf("%s imports %q: %s; a package that is about it is named in forbidden, with its reason in docs/architecture.md", p.path, f.imported, f.reason)
			}
		}
	}
}

// TestHabits: importing a package does nothing, and each says what it owns.
func TestHabits(t *testing.T) {
	for _, p := range packages(t) {
		for _, at := range p.init {
			t.Errorf("%s: an init function: importing a package changes nothing; put the work where it is first needed", at)
		}
		if p.code && !p.docs {
			t.Errorf("%s has no package comment: doc.go says what it owns, promises and leaves to others", p.path)
		}
	}
}
