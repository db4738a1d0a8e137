package native

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// gosecSource has a weak hash on most lines, and marks in every place that people put them.
const gosecSource = `package a

import "crypto/md5"

var one = md5.New() // #nosec G401 -- why

// #nosec G401
var two = md5.New()

func f(x bool) {
	_ = md5.New() // #nosec
	_ = md5.New()
	// #nosec
	if x {
		_ = md5.New()
		_ = md5.New()
	} else {
		_ = md5.New()
	}
	_ = md5.New()
	/* #nosec G401 */
	_ = md5.New()
	g(
		md5.New(),
	) // #nosec G401
	_ = md5.New()
	// a comment
	// #nosec G401
	// another comment
	_ = md5.New()
	_ = md5.New() //nolint:gosec // #nosec G401
	_ = md5.New() //nosec G401
	_ = md5.New() //gosec:disable G401 -- why
	_ = md5.New() // about #nosec
	_ = md5.New() // #nosec G501
}

// #nosec G401
func h() {
	_ = md5.New()
	_ = md5.New()
}

func g(any) { _ = md5.New() }
`

// TestAgainstGosec compares the lines that gosec leaves out because of marks with those that ours speak about. Ours may be
// fewer; a line that gosec reports must never be among them.
func TestAgainstGosec(t *testing.T) {
	gosec, err := exec.LookPath("gosec")
	if err != nil {
		t.Skip("no gosec to compare with")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module a\n\ngo 1.23\n", "a.go": gosecSource} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	all, left := gosecLines(t, gosec, dir, "-nosec"), gosecLines(t, gosec, dir)
	theirs := slices.DeleteFunc(slices.Clone(all), func(n int) bool { return slices.Contains(left, n) })
	if len(theirs) == 0 || len(left) == 0 {
		t.Fatalf("gosec leaves out %v and reports %v", theirs, left)
	}
	spoken := map[int]bool{}
	for _, f := range find("a.go", gosecSource) {
		if len(f.Rules) > 0 && !slices.Contains(f.Rules, "G401") {
			continue
		}
		for _, n := range all {
			if slices.ContainsFunc(f.Reach, func(r Reach) bool { return r.First <= n && n <= r.Last }) {
				spoken[n] = true
			}
		}
	}
	if diff := cmp.Diff(theirs, slices.Sorted(maps.Keys(spoken))); diff != "" {
		t.Errorf("(-gosec +ours)\n%s", diff)
	}
}

func gosecLines(t *testing.T, gosec, dir string, flags ...string) []int {
	cmd := exec.Command(gosec, append(flags, "-quiet", "-fmt=json", "-include=G401", "./...")...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("gosec: %v", err)
	}
	var report struct {
		Issues []struct {
			Line string `json:"line"`
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatal(fmt.Errorf("%w: %.200s", err, out))
	}
	var lines []int
	for _, issue := range report.Issues {
		first, _, _ := strings.Cut(issue.Line, "-")
		n, err := strconv.Atoi(first)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, n)
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}
