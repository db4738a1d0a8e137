package secret

import (
	"flag"
	"os"
	"testing"

	pack "github.com/assaysec/assay/internal/rules/secret"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = flag.Bool("update", false, "renew the packed form of the built-in rules")

// TestPackedIsCurrent renews the packed form, or fails where it is stale.
func TestPackedIsCurrent(t *testing.T) {
	want, err := packBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("../../rules/secret/pack.bin", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(want) != pack.Packed {
		t.Fatal("internal/rules/secret/pack.bin is stale: go test ./internal/engine/secret -run TestPackedIsCurrent -update")
	}
}

// TestPackedHoldsAll compares the packed form with what the authors wrote.
func TestPackedHoldsAll(t *testing.T) {
	want, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	got, err := PackedBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	if filters, err := builtinFilters(); err != nil {
		t.Fatal(err)
	} else if _, err := compileFilters(filters); err != nil {
		t.Fatal(err)
	}
	same := cmp.Options{
		cmpopts.IgnoreUnexported(Config{}, RuleConfig{}),
		cmpopts.IgnoreFields(Config{}, "Filters"),
		cmpopts.IgnoreFields(RuleConfig{}, "Examples", "NearMisses"),
		cmpopts.IgnoreFields(AllowlistConfig{}, "Description"),
		cmpopts.EquateEmpty(),
	}
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Errorf("(-written +packed)\n%s", diff)
	}
	for i := range got.Rules {
		r := &got.Rules[i]
		if (r.known.regex == nil) != (r.Regex == "") || (r.known.path == nil) != (r.Path == "") {
			t.Errorf("rule %q: facts are missing", r.ID)
		}
	}
}

// FuzzUnpack holds that a damaged pack is refused, not run.
func FuzzUnpack(f *testing.F) {
	f.Add(pack.Packed[:min(len(pack.Packed), 4096)])
	f.Fuzz(func(t *testing.T, text string) {
		r := &unpacker{text: text}
		for range min(r.count(), 100) {
			r.rule(&RuleConfig{})
		}
	})
}
