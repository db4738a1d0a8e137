package register

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNextID(t *testing.T) {
	for want, text := range map[string]string{
		"EX-1": "", "EX-2": simple, "EX-8": simple + sample, "EX-100": simple + strings.Replace(simple, "EX-1", "ex-99", 1),
		"EX-3": strings.Replace(simple, "EX-1", "EX-2", 1) + strings.Replace(simple, "EX-1", "FP-7", 1) + strings.Replace(simple, "EX-1", "EX-99999999999999999999", 1),
	} {
		if got := parse(t, text).NextID(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestFind(t *testing.T) {
	reg := parse(t, simple+sample)
	if e := reg.Find("EX-7"); e != &reg.Exceptions[1] {
		t.Errorf("found %+v", e)
	}
	if e := reg.Find("EX-8"); e != nil {
		t.Errorf("found %+v", e)
	}
}

func TestRenew(t *testing.T) {
	for _, tt := range []struct{ name, now, until, want string }{
		{"in time", "2026-11-24T23:00:00Z", "2026-12-31T10:00:00Z", ""},
		{"too late is not too late", "2027-03-01T00:00:00Z", "2027-03-31T00:00:00Z", ""},
		{"not later", "2026-11-24T00:00:00Z", "2026-11-30T00:00:00Z", "EX-1 permits through 2026-11-30 already: want a later day"},
		{"passed", "2027-03-01T00:00:00Z", "2027-02-28T00:00:00Z", "2027-02-28 has passed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := approved(t, simple, 1, repository)
			old := parse(t, text).Exceptions[0]
			var err error
			out, failed := Change(File, []byte(text), "EX-1", func(e *Exception) { err = e.Renew(at(tt.now), at(tt.until)) })
			if failed != nil {
				t.Fatal(failed)
			}
			e := parse(t, string(out)).Exceptions[0]
			if tt.want != "" {
				if err == nil || err.Error() != tt.want || e.Signature != old.Signature {
					t.Errorf("%v, want %s", err, tt.want)
				}
				return
			}
			old.Created, old.Expires, old.Signature = day(at(tt.now)), day(at(tt.until)), ""
			if diff := cmp.Diff(old, e); diff != "" || err != nil {
				t.Errorf("%v, exception (-want +got):\n%s", err, diff)
			}
		})
	}
}
