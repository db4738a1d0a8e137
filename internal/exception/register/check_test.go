package register

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assaysec/assay/internal/risk"
)

func TestCompile(t *testing.T) {
	entry := func(check string) string {
		return simple + "  compensating:\n    - {control: waf, check: {" + check + "}}\n"
	}
	for _, tt := range []struct{ name, check, want string }{
		{"good", `cel: "yes: path"`, ""},
		{"rego", "rego: data.assay.controls.waf", "10:36: EX-1: the check of waf: it reads nothing, so it checks nothing"},
		{"reads nothing", `cel: "yes"`, "10:36: EX-1: the check of waf: it reads nothing, so it checks nothing"},
		{"constant", `cel: "always: path"`, "10:36: EX-1: the check of waf: it is always true, so it checks nothing"},
		{"broken", `cel: 'broken'`, "10:36: EX-1: the check of waf: it does not compile"},
		{"probe", `https: {url: "https://a.example", status: 200}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(t, entry(tt.check)).Compile(evaluators)
			got := ""
			if err != nil {
				got = strings.TrimPrefix(err.Error(), File+":")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := parse(t, entry(`cel: "yes: path"`)).Compile(Evaluators{}); err == nil || !strings.Contains(err.Error(), "cel cannot be asked here") {
		t.Errorf("without an evaluator: %v", err)
	}
}

// A prober that knows one address, and how many it was asked at once.
type prober struct{ asked, atOnce, most atomic.Int32 }

func (p *prober) Probe(_ context.Context, h HTTPS) (bool, string) {
	p.asked.Add(1)
	p.most.Store(max(p.most.Load(), p.atOnce.Add(1)))
	defer p.atOnce.Add(-1)
	time.Sleep(time.Millisecond)
	if strings.HasSuffix(h.URL, "/probe") {
		return true, ""
	}
	return false, "status is 404, want 403"
}

func TestAnswer(t *testing.T) {
	text := simple + "  compensating:\n" +
		"    - {control: waf, check: {https: {url: \"https://pay.example.com/probe\", status: 403}}}\n" +
		"    - {control: test, check: {cel: \"yes: path\"}}\n" +
		"    - {control: other, check: {https: {url: \"https://pay.example.com/x\", status: 403}}}\n" +
		strings.Replace(strings.Replace(simple, "EX-1", "EX-2", 1), "2026-11-30", "2026-11-02", 1) + waf + // expired
		strings.Replace(strings.Replace(simple, "EX-1", "EX-3", 1), "secret/key", "secret/none", 1) + probed // unused
	reg := parse(t, text)
	checks, err := reg.Compile(evaluators)
	if err != nil {
		t.Fatal(err)
	}
	risks := []risk.Risk{found(1, "secret/key", "a")}
	digest := func(i int) string { return reg.Exceptions[0].Compensating[i].Check.Digest() }
	want := []Answer{
		{"EX-1", "waf", HTTPSKind, digest(0), true, "", noon},
		{"EX-1", "test", CEL, digest(1), true, "", noon},
		{"EX-1", "other", HTTPSKind, digest(2), false, "status is 404, want 403", noon},
	}
	p := &prober{}
	if diff := cmp.Diff(want, checks.Answer(t.Context(), risks, noon, p)); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if n := p.asked.Load(); n != 2 {
		t.Errorf("%d probes", n)
	}
	if diff := cmp.Diff(want[1:2], checks.Answer(t.Context(), risks, noon, nil)); diff != "" {
		t.Errorf("answers without probes (-want +got):\n%s", diff)
	}
}

func TestProbesAreBounded(t *testing.T) {
	reg := parse(t, simple)
	for i := range 100 {
		c := Control{Control: fmt.Sprintf("c%d", i), Check: Check{HTTPS: &HTTPS{URL: fmt.Sprintf("https://a.example/%d/probe", i), Status: 200}}}
		reg.Exceptions[0].Compensating = append(reg.Exceptions[0].Compensating, c)
	}
	checks, err := reg.Compile(evaluators)
	if err != nil {
		t.Fatal(err)
	}
	p := &prober{}
	answers := checks.Answer(t.Context(), []risk.Risk{found(1, "secret/key", "a")}, noon, p)
	if last := answers[99]; p.asked.Load() != maxProbes || last.OK || last.Detail != "more than 64 probes in one run" {
		t.Errorf("%d probes, the last answer is %+v", p.asked.Load(), last)
	}
	if p.most.Load() > probesAtOnce {
		t.Errorf("%d probes at once", p.most.Load())
	}
}

func TestRecord(t *testing.T) {
	answer := func(id, control, kind string, at time.Time) Answer {
		return Answer{ID: id, Control: control, Kind: kind, Check: "sha256:0", OK: true, At: at}
	}
	old := []Answer{answer("EX-1", "a", HTTPSKind, noon), answer("EX-2", "a", HTTPSKind, noon)}
	fresh := []Answer{answer("EX-2", "b", CEL, noon), answer("EX-2", "a", HTTPSKind, noon.Add(1)), answer("EX-1", "b", HTTPSKind, noon)}
	want := []Answer{answer("EX-1", "a", HTTPSKind, noon), answer("EX-1", "b", HTTPSKind, noon), answer("EX-2", "a", HTTPSKind, noon.Add(1))}
	got := Record(old, fresh)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	again, err := ReadAnswers(ProbesFile, WriteAnswers(got))
	if diff := cmp.Diff(want, again); diff != "" || err != nil {
		t.Errorf("%v, read again (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(4, len(Merge(old, fresh))); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
}

func TestReadAnswersRefuses(t *testing.T) {
	const one = `{"id":"EX-1","control":"waf","kind":"https","check":"sha256:0","ok":true,"at":"2026-11-24T12:00:00Z"}`
	doc := func(answers string) string { return `{"schema":"assay-probes/1","answers":[` + answers + `]}` }
	if _, err := ReadAnswers(ProbesFile, []byte(doc(one))); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty":         "",
		"schema":        strings.Replace(doc(one), "/1", "/2", 1),
		"unknown field": strings.Replace(doc(one), `"ok"`, `"okay"`, 1),
		"twice":         doc(one + "," + one),
		"cel":           strings.Replace(doc(one), `"https"`, `"cel"`, 1),
		"no time":       strings.Replace(doc(one), `,"at":"2026-11-24T12:00:00Z"`, "", 1),
		"no id":         strings.Replace(doc(one), "EX-1", "", 1),
		"impossible":    strings.Replace(doc(one), "11-24", "02-30", 1),
		"more":          doc(one) + "x",
		"huge":          strings.Repeat(" ", maxProbesSize+1),
	} {
		if _, err := ReadAnswers(ProbesFile, []byte(text)); err == nil || !strings.HasPrefix(err.Error(), ProbesFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadAnswers(f *testing.F) {
	f.Add([]byte(`{"schema":"assay-probes/1","answers":[{"id":"EX-1","control":"waf","kind":"https","check":"sha256:0","ok":true,"at":"2026-11-24T12:00:00Z"}]}`))
	f.Add([]byte(`{"schema":"assay-probes/1","answers":[]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		answers, err := ReadAnswers(ProbesFile, in)
		if err != nil {
			return
		}
		again, err := ReadAnswers(ProbesFile, WriteAnswers(answers))
		if err != nil || !cmp.Equal(answers, again, cmpopts.EquateEmpty()) {
			t.Errorf("%q does not survive a round trip: %v", in, err)
		}
	})
}
