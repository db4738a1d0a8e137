package cli_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/cli"
)

// Same input, rules and time: the same bytes out, with one worker or many, cold or from the cache, in every format.
func TestSameBytes(t *testing.T) {
	b := newBench(t)
	plantAll(b)
	args, files := b.everyFormat()
	report := func(extra ...string) map[string]string {
		t.Helper()
		code, _, stderr := b.run("", append(append([]string{}, extra...), args...)...)
		if code == 2 {
			t.Fatal(stderr)
		}
		out := map[string]string{}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			out[filepath.Base(file)] = string(text)
		}
		return out
	}
	for _, verb := range [][]string{{"scan", b.repo}, {"scan", "--history", b.repo}, {"gate", "--diff-base", "base", b.repo}, {"scan", "--staged", b.repo}, {"scan", "git:" + b.repo}} {
		t.Run(strings.Join(verb, " "), func(t *testing.T) {
			want := report(append(verb, "--no-cache", "--jobs", "1")...)
			for _, flags := range [][]string{{"--no-cache", "--jobs", "8"}, {"--jobs", "8"}, {"--jobs", "3"}} {
				for format, text := range report(append(verb, flags...)...) {
					if text != want[format] {
						t.Errorf("%s with %v differs: %s", format, flags, firstDifference(want[format], text))
					}
				}
			}
		})
	}
}

func firstDifference(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return as[i] + "\nagainst\n" + bs[i]
		}
	}
	return "one is longer"
}

// TestAsCommand is no test: it is the command, for tests that need a process of its own.
func TestAsCommand(t *testing.T) {
	if os.Getenv("ASSAY_TEST_AS_COMMAND") == "" {
		t.Skip("runs within other tests")
	}
	at := 0
	for i, arg := range os.Args {
		if arg == "--" {
			at = i
			break
		}
	}
	os.Exit(cli.Main(context.Background(), os.Args[at+1:], cli.System()))
}

// command makes a process of the command, behind the words of another if any.
func command(before []string, args ...string) *exec.Cmd {
	words := append(append(before, os.Args[0], "-test.run=^TestAsCommand$", "--"), args...)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = append(os.Environ(), "ASSAY_TEST_AS_COMMAND=1", "ASSAY_NOW=2026-11-24T09:00:00Z", "ASSAY_CACHE_DIR=")
	return cmd
}

// A scan where there is no network gives the same bytes as one where there is.
func TestSameBytesWithoutNetwork(t *testing.T) {
	alone := []string{"unshare", "-n"}
	if err := exec.Command("unshare", "-n", "true").Run(); err != nil {
		if alone = []string{"unshare", "-r", "-n"}; exec.Command("unshare", "-r", "-n", "true").Run() != nil {
			t.Skip("no network namespaces here")
		}
	}
	b := newBench(t)
	plantAll(b)
	for _, verb := range [][]string{{"scan", "-f", "json", b.repo}, {"scan", "--history", "-f", "sarif", b.repo}, {"gate", "--diff-base", "base", b.repo}} {
		run := func(before []string) string {
			var exit *exec.ExitError
			out, err := command(before, append(verb, "--no-cache")...).CombinedOutput()
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			return string(out)
		}
		with, without := run(nil), run(alone)
		if with != without || len(with) < 1000 {
			t.Errorf("%v: %s", verb, firstDifference(with, without))
		}
	}
}
