package docs

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/assaysec/assay/internal/cli"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "renew the generated parts of the documentation")

const root = "../.."

// TestMain lets this test program be assay, where it is started under that name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "assay" {
		os.Exit(cli.Main(context.Background(), os.Args[1:], cli.System()))
	}
	os.Exit(m.Run())
}

// check compares a page with what it should be, or renews it.
func check(t *testing.T, page, want string) {
	t.Helper()
	file := filepath.Join(root, page)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is stale; make docs renews it (-want +got):\n%s", page, diff)
	}
}
