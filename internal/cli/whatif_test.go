package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assaysec/assay/internal/cli"
)

// BenchmarkWhatIf decides 50 changes of a repository with 1,000 files again.
func BenchmarkWhatIf(b *testing.B) {
	if _, err := exec.LookPath("git"); err != nil {
		b.Skip("no git to make repositories with")
	}
	dir := b.TempDir()
	git := func(args ...string) {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com",
			"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("git %s: %v\n%s", args, err, out)
		}
	}
	write := func(name, text string) {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	for i := range 1000 {
		write(fmt.Sprintf("dir%02d/file%03d.go", i%40, i), fmt.Sprintf("package dir\n\nconst name%d = %q\n", i, strings.Repeat("text ", 400)))
	}
	write(".assay/policies/keys.rego", "package assay.keys\n\ndeny contains \"key\" if { some f in input.findings; f.engine == \"secret\" }\n")
	write("stricter.yaml", "gate:\n  pull-request: {deny: \"new && risk >= low\"}\n")
	git("init", "-q", "-b", "main", ".")
	for i := range 51 {
		write(fmt.Sprintf("dir%02d/file%03d.go", i%40, i), fmt.Sprintf("package dir\n\nconst other%d = 1\n", i))
		write(fmt.Sprintf("dir%02d/new%03d.sh", i%40, i), fmt.Sprintf("GITHUB_TOKEN=%s%s\n", "gh", fmt.Sprintf("p_glmjpN8pASH4gZvEqe2mGEZtYenoTt0%05d", i)))
		git("add", "-A")
		git("commit", "-q", "-m", fmt.Sprint("change ", i))
	}
	b.ResetTimer()
	for b.Loop() {
		var out, problems bytes.Buffer
		env := cli.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &problems, Getenv: func(string) string { return "" }, Now: time.Now,
			Width: func(io.Writer) int { return 0 }}
		code := cli.Main(context.Background(), []string{"gate", "--what-if", filepath.Join(dir, "stricter.yaml"), "--since", "HEAD~50", dir}, env)
		if code != cli.Done || !strings.Contains(out.String(), "50 changes since HEAD~50") {
			b.Fatalf("exit code %d\n%s%s", code, &out, &problems)
		}
	}
}
