package register

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Reading entry by entry gives what reading the whole does.
func TestVersionReader(t *testing.T) {
	read := versionReader{}
	for _, text := range []string{"", "# none\n", simple, "# first\n" + simple + "# second\n" + sample, laidOut, sample + simple, many(50),
		"- {", "[]", simple + "- x\n", "---\n" + simple, simple + "...\n", strings.ReplaceAll(sample+simple, "\n", "\r\n")} {
		want, wantErr := Parse(File, []byte(text))
		got, err := read.parse([]byte(text))
		if (err == nil) != (wantErr == nil) {
			t.Errorf("%q: %v, want %v", text, err, wantErr)
		}
		if err == nil && wantErr == nil {
			if diff := cmp.Diff(bare(want), bare(got)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", text, diff)
			}
		}
	}
}

func TestRenewals(t *testing.T) {
	until := func(day string) string { return strings.Replace(simple, "2026-11-30", day, 1) }
	as := func(id, text string) string { return strings.Replace(text, "EX-1", id, 1) }
	for _, tt := range []struct {
		name     string
		versions []string
		want     int
		skipped  []string
	}{
		{"never", []string{simple}, 0, nil},
		{"nothing happens", []string{simple, simple, "# a comment\n" + simple}, 0, nil},
		{"once", []string{simple, until("2026-12-31")}, 1, nil},
		{"twice", []string{simple, until("2026-12-31"), until("2027-01-31")}, 2, nil},
		{"shortened, and back to what it was", []string{simple, until("2026-11-15"), simple}, 0, nil},
		{"under another id", []string{simple, as("EX-9", until("2026-12-31"))}, 1, nil},
		{"removed and added again", []string{simple, "", until("2026-12-31")}, 1, nil},
		{"removed and added again as it was", []string{simple, "", simple}, 0, nil},
		{"another one beside", []string{simple, simple + as("EX-2", until("2026-12-31"))}, 1, nil},
		{"a chain in one version", []string{simple + as("EX-2", until("2026-12-31")) + as("EX-3", until("2027-01-31"))}, 2, nil},
		{"another match", []string{simple, strings.Replace(until("2026-12-31"), "secret/key", "secret/other", 1)}, 0, nil},
		{"another reason", []string{simple, strings.Replace(until("2026-12-31"), "example", "test", 1)}, 1, nil},
		{"unreadable between", []string{simple, "- {", until("2026-12-31")}, 1, []string{"b"}},
		{"nothing", nil, 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var versions []Version
			for i, v := range tt.versions {
				versions = append(versions, Version{string(rune('a' + i)), []byte(v)})
			}
			counts, skipped := Renewals(versions)
			if got := counts[Match{Rule: "secret/key"}.Key()]; got != tt.want {
				t.Errorf("%d renewals, want %d", got, tt.want)
			}
			var commits []string
			for _, s := range skipped {
				commits = append(commits, s.Commit)
			}
			if diff := cmp.Diff(tt.skipped, commits); diff != "" {
				t.Errorf("skipped (-want +got):\n%s", diff)
			}
		})
	}
}
