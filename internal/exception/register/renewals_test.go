package register

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/risk"
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
			history, skipped := Renewals(versions)
			if got := history.Of(Match{Rule: "secret/key"}); got != tt.want {
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

// A match in other words is the same permission to the finding that both speak about.
func TestRenewalsInOtherWords(t *testing.T) {
	entry := func(id, match, until string) string {
		return strings.NewReplacer("EX-1", id, "{rule: secret/key}", match, "2026-11-30", until).Replace(simple)
	}
	for _, tt := range []struct {
		name     string
		versions []string
		want     []int // of the last version's entries
	}{
		{"rule to path", []string{entry("EX-1", "{rule: secret/key}", "2026-11-30"), entry("EX-1", "{path: a}", "2026-12-31")}, []int{1}},
		{"again and again", []string{entry("EX-1", "{rule: secret/key}", "2026-11-30"), entry("EX-2", "{path: a}", "2026-12-31"),
			entry("EX-3", "{path: \"?\"}", "2027-01-31"), entry("EX-4", "{fingerprint: \"a1:0000000000000001\"}", "2027-02-28")}, []int{3}},
		{"another finding", []string{entry("EX-1", "{path: b}", "2026-11-30"), entry("EX-1", "{path: a}", "2026-12-31")}, []int{0}},
		{"not longer", []string{entry("EX-1", "{rule: secret/key}", "2026-11-30"), entry("EX-1", "{path: a}", "2026-11-30")}, []int{0}},
		{"beside one that lasts longer", []string{entry("EX-1", "{rule: secret/key}", "2026-11-30") + entry("EX-2", "{path: a}", "2026-12-31")}, []int{0, 1}},
		{"many narrow ones to a wide one", []string{entry("EX-1", "{path: a}", "2026-11-30") + entry("EX-2", "{path: b}", "2026-11-30"),
			entry("EX-3", "{rule: secret/key}", "2026-12-31")}, []int{1}},
	} {
		var versions []Version
		for _, v := range tt.versions {
			versions = append(versions, Version{"c", []byte(v)})
		}
		history, _ := Renewals(versions)
		today := parse(t, tt.versions[len(tt.versions)-1])
		counts, _ := history.Counts(today, []risk.Risk{found(1, "secret/key", "a"), found(2, "secret/key", "b")})
		var got []int
		for _, e := range today.Exceptions {
			got = append(got, counts[e.Match.Key()])
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// A history with more grants than are compared is not known whole.
func TestRenewalsAreBounded(t *testing.T) {
	var versions []Version
	for i := range maxGrants/1000 + 1 {
		var b strings.Builder
		for j := range 1000 {
			b.WriteString(strings.NewReplacer("EX-1", fmt.Sprintf("EX-%d", j), "{rule: secret/key}", fmt.Sprintf("{path: \"a/%d-%d\"}", i, j)).Replace(simple))
		}
		versions = append(versions, Version{"c", []byte(b.String())})
	}
	history, _ := Renewals(versions)
	if _, cut := history.Counts(parse(t, simple), []risk.Risk{found(1, "secret/key", "a")}); !cut {
		t.Error("nobody hears that there are more")
	}
}
