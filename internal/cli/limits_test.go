package cli_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/assaysec/assay/internal/scan"
)

// run3 wants a run that is incomplete and names what it could not check.
func run3(t *testing.T, b *bench, wants ...string) {
	t.Helper()
	code, stdout, stderr := b.run("", "scan", b.repo)
	if code != 3 {
		t.Errorf("exit code %d, want 3: %s%s", code, stdout, stderr)
	}
	for _, want := range wants {
		if !strings.Contains(strings.Join(strings.Fields(stdout), " "), want) {
			t.Errorf("%q is not in:\n%s", want, stdout)
		}
	}
}

// An archive that unpacks to far more than it is costs little, and is recorded.
func TestArchiveBombs(t *testing.T) {
	zeros := func(name string, mib int) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for i := range 8 {
			f, err := w.Create(name + string(rune('0'+i)))
			if err != nil {
				t.Fatal(err)
			}
			for range mib {
				_, _ = f.Write(make([]byte, 1<<20))
			}
		}
		_ = w.Close()
		return b.Bytes()
	}
	t.Run("zip of zeros", func(t *testing.T) {
		b := newBench(t)
		b.write("repo/bomb.zip", string(zeros("z", 12)))
		run3(t, b, "bomb.zip", "more than 200 times its size")
	})
	t.Run("tar.gz of zeros", func(t *testing.T) {
		b := newBench(t)
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		for range 300 {
			_, _ = w.Write(make([]byte, 1<<20))
		}
		_ = w.Close()
		b.write("repo/bomb.tar.gz", z.String())
		run3(t, b, "bomb.tar.gz", "larger than the limit")
	})
	t.Run("zips in zips", func(t *testing.T) {
		b := newBench(t)
		raw := []byte("x")
		for range 8 {
			var z bytes.Buffer
			w := zip.NewWriter(&z)
			for _, name := range []string{"a.zip", "b.zip"} {
				f, _ := w.Create(name)
				_, _ = f.Write(raw)
			}
			_ = w.Close()
			raw = z.Bytes()
		}
		b.write("repo/bomb.zip", string(raw))
		run3(t, b, "nested deeper than 4")
	})
}

// A file of a gigabyte is looked at in bounded memory: what stands in it is found, or the file is recorded as unchecked.
func TestLargeFile(t *testing.T) {
	if testing.Short() {
		t.Skip("a gigabyte takes seconds")
	}
	b := newBench(t)
	f, err := os.Create(filepath.Join(b.repo, "large.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(f.Name())
	head := []byte(strings.Repeat("a line of a log\n", 1024))
	if _, err := f.Write(head); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("\n"+plant(0)+"\n"), 1<<30); err != nil { // sparse: no disk is needed for what lies between
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	var peak uint64
	done := make(chan bool)
	go func() {
		defer close(done)
		code, stdout, stderr := b.run("", "scan", "--fail-on", "high", "--include", "binary", b.repo)
		if code != 1 && code != 3 {
			t.Errorf("exit code %d: neither found nor recorded: %s%s", code, stdout, stderr)
		}
	}()
	start := time.Now()
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-time.After(20 * time.Millisecond):
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse)
		}
	}
	if peak > 600<<20 {
		t.Errorf("%d MiB of memory", peak>>20)
	}
	t.Logf("%d MiB, %s", peak>>20, time.Since(start).Round(time.Millisecond))
}

// A file that is one finding after another costs bounded work; how many are shown is bounded and said.
func TestManyMatches(t *testing.T) {
	b := newBench(t)
	line := "key_" + "a\n"
	b.write("repo/many.txt", strings.Repeat(line, 10_000_000))
	b.write("rules.toml", "[[rules]]\nid = \"many\"\ndescription = \"many\"\nregex = '''key_[a-z]'''\nkeywords = [\"key_\"]\n")
	start := time.Now()
	code, stdout, stderr := b.run("", "scan", "--rules", filepath.Join(b.root, "rules.toml"), "-f", "json", b.repo)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var r struct {
		Findings []any
		Coverage []struct {
			Capped []struct {
				Path, Rule string
				Kept       int
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	if n := len(r.Findings); n == 0 || n > 5000 {
		t.Errorf("%d findings", n)
	}
	if c := r.Coverage[0].Capped; len(c) != 1 || c[0].Path != "many.txt" || c[0].Rule != "secret/many" || c[0].Kept > 2000 {
		t.Errorf("capped: %+v", c)
	}
	t.Log(time.Since(start).Round(time.Millisecond))
}

// Links lead nowhere: neither around in a loop nor out of the target.
func TestLinks(t *testing.T) {
	b := newBench(t)
	b.write("outside/env.sh", plant(0)+"\n")
	b.write("repo/dir/main.go", "package main\n")
	for name, to := range map[string]string{"repo/loop": ".", "repo/dir/up": "../..", "repo/out": "../outside", "repo/file": "../outside/env.sh"} {
		if err := os.Symlink(to, filepath.Join(b.root, name)); err != nil {
			t.Skip(err)
		}
	}
	code, stdout, stderr := b.run("", "scan", "--fail-on", "low", b.repo)
	if code != 0 || !strings.Contains(stdout, "5 files") || !strings.Contains(stdout, "4 link") { // each link is itself
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
}

// A slow engine ends the run's context while it looks at a file.
type slow struct{ cancel func() }

func (slow) Name() string               { return "slow" }
func (slow) Version() string            { return "1" }
func (slow) Digests() map[string]string { return nil }
func (slow) Wants(*scan.FileInfo) bool  { return true }
func (s slow) Look(context.Context, *scan.File) scan.Result {
	s.cancel()
	return scan.Result{}
}

// An interrupted run decides nothing and writes no half report: an older one stays as it is.
func TestInterrupt(t *testing.T) {
	for _, mode := range [][]string{{"scan"}, {"scan", "--staged"}, {"gate", "--stage", "deploy"}, {"baseline"}} {
		t.Run(strings.Join(mode, " "), func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			withEngine(t, slow{cancel})
			b := newBench(t)
			b.git("init", "-q", "-b", "main", ".")
			b.write("repo/a", plant(0)+"\n")
			b.write("repo/b", plant(0)+"\n")
			b.git("add", "-A")
			b.write("report.json", "old")
			args := append(append([]string{}, mode...), b.repo)
			if mode[0] != "baseline" {
				args = append(args, "-o", filepath.Join(b.root, "report.json"))
			}
			code, stdout, stderr := b.runContext(ctx, "", args...)
			if code != 3 || stdout != "" || !strings.Contains(stderr, "interrupted") {
				t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
			}
			if text, _ := os.ReadFile(filepath.Join(b.root, "report.json")); string(text) != "old" {
				t.Errorf("the old report is now %q", text)
			}
			if _, err := os.Stat(filepath.Join(b.repo, ".assay")); err == nil {
				t.Error("a baseline was written")
			}
		})
	}
}

// On a full disk the old report stays whole, and the run does not look done.
func TestFullDisk(t *testing.T) {
	b := newBench(t)
	for i := range 50 {
		b.write("repo/f"+string(rune('a'+i%26))+string(rune('a'+i/26)), strings.Repeat(plant(0)+"\n", 20))
	}
	small := filepath.Join(b.root, "small")
	if err := os.Mkdir(small, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small).Run(); err != nil {
		t.Skip("no small disk can be mounted here")
	}
	defer func() { _ = exec.Command("umount", small).Run() }()
	report := filepath.Join(small, "report.json")
	if err := os.WriteFile(report, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := b.run("", "scan", "-o", report, b.repo)
	if code == 0 || !strings.Contains(stderr, "no space left") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if text, _ := os.ReadFile(report); string(text) != "old" {
		t.Errorf("the old report is now %d bytes", len(text))
	}
	if entries, _ := os.ReadDir(small); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

// A standard output that takes nothing is an error, too.
func TestFullStandardOutput(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	b := newBench(t)
	b.write("repo/a", "nothing\n")
	cmd := command(nil, "scan", b.repo)
	cmd.Stdout = full
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err == nil || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("%v: %s", err, stderr.String())
	}
}
