package cli_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var payments = filepath.Join("..", "..", "examples", "payments")

// TestReceiptOfPayments replays the verdict of the example at every stage that needs no base, on another day and in another
// time zone.
func TestReceiptOfPayments(t *testing.T) {
	b := newBench(t)
	file := filepath.Join(b.root, "receipt.json")
	for _, stage := range []string{"build", "deploy", "scheduled", "pre-commit"} {
		if code, _, stderr := b.run("", "gate", "--stage", stage, "--receipt", file, payments); code > 1 {
			t.Fatalf("%s: exit code %d: %s", stage, code, stderr)
		}
		local := time.Local
		time.Local = time.FixedZone("far", 14*3600)
		code, stdout, stderr := b.run("", "--now", "2031-02-03", "replay", file)
		time.Local = local
		if code != 0 || !strings.Contains(stdout, "byte for byte") || !strings.Contains(stdout, "as of 2026-11-24") {
			t.Errorf("%s: exit code %d: %s%s", stage, code, stdout, stderr)
		}
	}
}

// TestSubjectsByHand computes the digests as docs/receipt.md says.
func TestSubjectsByHand(t *testing.T) {
	b := newBench(t)
	b.git("init", "-q", "-b", "main", ".")
	b.write("repo/b c/x.txt", "1\n")
	b.write("repo/a.txt", "2\n")
	b.write("repo/run.sh", "#!/bin/sh\n")
	b.link("b c/x.txt", "link")
	if err := os.Chmod(filepath.Join(b.repo, "run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	b.commit("first")
	shell := func(script string) string {
		cmd := exec.Command("sh", "-c", script)
		cmd.Dir = b.repo
		out, err := cmd.Output()
		if err != nil {
			t.Skip("no shell to compare with: ", err)
		}
		return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(string(out)), "-"))
	}
	list := `{ find . -type f -not -path './.git/*' | cut -c3- | while read -r f; do m=100644; test -x "$f" && m=100755; echo "$m $f $(sha256sum <"$f" | cut -d' ' -f1)"; done
find . -type l -not -path './.git/*' | cut -c3- | while read -r f; do echo "120000 $f $(readlink -n "$f" | sha256sum | cut -d' ' -f1)"; done; } | LC_ALL=C sort | sha256sum`
	commit, tree := b.git("rev-parse", "HEAD"), b.git("rev-parse", "HEAD^{tree}")
	b.wantDigests(map[string]string{"sha256": shell(list), "gitCommit": commit, "gitTree": tree}, b.repo)
	b.wantDigests(map[string]string{"gitCommit": commit, "gitTree": tree}, "git:"+b.repo+"@main")
	b.wantDigests(map[string]string{"gitCommit": commit, "gitTree": tree}, "--history", b.repo)
	b.wantDigests(map[string]string{"sha256": shell("sha256sum < a.txt")}, filepath.Join(b.repo, "a.txt"))

	// not HEAD any more, by one file and by a mode
	b.write("repo/new.txt", "3\n")
	b.wantDigests(map[string]string{"sha256": shell(list)}, b.repo)
	b.git("add", "-A")
	b.wantDigests(map[string]string{"sha256": shell(`git ls-files -s | sed -E 's/^([0-9]+) ([0-9a-f]+) [0-9]+.(.*)$/\1 \3 \2/' | LC_ALL=C sort | sha256sum`)}, "--staged", b.repo)
}

func (b *bench) subject(args ...string) map[string]string {
	b.t.Helper()
	file := filepath.Join(b.root, "receipt.json")
	if code, _, stderr := b.run("", slices.Concat([]string{"gate", "--stage", "scheduled", "--receipt", file}, args)...); code != 0 {
		b.t.Fatalf("%v: exit code %d: %s", args, code, stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		b.t.Fatal(err)
	}
	var s struct {
		Subject []struct{ Digest map[string]string }
	}
	if err := json.Unmarshal(text, &s); err != nil || len(s.Subject) != 1 {
		b.t.Fatalf("%v: %v", s, err)
	}
	return s.Subject[0].Digest
}

func (b *bench) wantDigests(want map[string]string, args ...string) {
	b.t.Helper()
	got := b.subject(args...)
	if len(got) != len(want) {
		b.t.Errorf("%v: %v, want %v", args, got, want)
	}
	for name, value := range want {
		if got[name] != value {
			b.t.Errorf("%v: %s is %s, want %s", args, name, got[name], value)
		}
	}
}

// Two folders never have one digest: a name may hold what looks like the next line of the list.
func TestSubjectsDiffer(t *testing.T) {
	one, other := newBench(t), newBench(t)
	one.write("repo/a", "1")
	one.write("repo/b", "2")
	sum := one.subject(filepath.Join(one.repo, "a"))["sha256"]
	name := "a " + sum + "\n100644 b"
	if err := os.WriteFile(filepath.Join(other.repo, name), []byte("2"), 0o644); err != nil {
		t.Skip("no such names here")
	}
	if one.subject(one.repo)["sha256"] == other.subject(other.repo)["sha256"] {
		t.Error("a file whose name is a line of the list stands for two files")
	}
}
