package scan_test

import (
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/finding"
)

// Who commits with a credential as a name does so each time: it is one finding, the same in a history and in a change.
func TestHistoryHeaders(t *testing.T) {
	f := newFixture(t)
	f.commit("a", "nothing\n")
	as := func(name string) string {
		f.git("commit", "-q", "--allow-empty", "-m", "more", "--author", name+" <a@example.com>")
		return f.git("rev-parse", "HEAD")
	}
	first := as("key_aaaa1111")
	as("Ada")
	last := as("key_aaaa1111")
	got := history(t, f.dir, engineOf(t)).Findings
	if len(got) != 1 || len(got[0].Related) > 0 {
		t.Fatalf("%d findings, want 1: %+v", len(got), got)
	}
	place := got[0].Place
	if place.Kind != finding.InCommit || place.Commit.ID != first || place.Commit.Last != last || !place.Start.IsZero() || place.Frame != nil {
		t.Errorf("placed at %+v, %+v", place, place.Commit)
	}
	if !strings.HasSuffix(got[0].Message, ", as the author") {
		t.Error(got[0].Message)
	}
	for _, base := range []string{"HEAD~1", "HEAD~3"} {
		if now := brought(t, f, base); len(now) != 1 || now[0].Fingerprint != got[0].Fingerprint || now[0].Message != got[0].Message {
			t.Errorf("against %s: %+v", base, now)
		}
	}
}

// A fault that stands in a file or message too keeps its place there.
func TestHistoryHeaderAndFile(t *testing.T) {
	f := newFixture(t)
	f.git("commit", "-q", "--allow-empty", "-m", "more", "--author", "key_aaaa1111 <a@example.com>")
	f.commit("a", "key_aaaa1111\n")
	got := history(t, f.dir, engineOf(t)).Findings
	if len(got) != 1 || got[0].Place.Path != "a" || len(got[0].Related) != 1 || got[0].Related[0].Kind != finding.InCommit {
		t.Errorf("%+v", got)
	}
}
