package celhost_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/policy/celhost"
)

func line(expr string) policy.Line {
	return policy.Line{Key: "gate.build.deny", Expr: expr, At: diagnostic.Position{File: ".assay.yaml", Line: 7, Column: 11}}
}

type values map[string]any

func (v values) look(name string) (any, bool) {
	value, known := v[name]
	return value, known
}

func TestFinding(t *testing.T) {
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	all := values{
		"new": true, "risk": 4, "risk.level": 4, "risk.score": 72, "severity": 5, "confidence": 4, "path": "web/a.js",
		"service": "pay", "service.tier": 5, "service.data": []string{"cardholder"}, "aliases": []string{"CWE-798"},
		"status": "open", "now": now, "due": now.Add(-time.Hour), "overdue": true, "age": 48 * time.Hour, "rule": "secret/x",
		"verification": "", "location.commit.inHead": true,
	}
	for expr, want := range map[string]bool{
		policy.DefaultDeny:                                     true,
		policy.DefaultWarn:                                     true,
		"risk >= high":                                         true,
		"risk > high":                                          false,
		"risk == high && risk.level != critical":               true,
		"risk.score > 60":                                      true,
		"severity in [high, critical]":                         true,
		"service.tier >= high && service == 'pay'":             true,
		"'cardholder' in service.data":                         true,
		"aliases.exists(a, a.startsWith('CWE-'))":              true,
		"path.startsWith('docs/') || path.matches('^web/.*$')": true,
		"status == 'open' && overdue":                          true,
		"due < now && age > duration('24h')":                   true,
		"verification == 'live'":                               false,
		"rule.startsWith(\"secret/\") ? risk >= low : false":   true,
	} {
		p, err := celhost.New().Finding(line(expr))
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if got := p.Eval(all.look); got.Holds != want || got.Err != nil || got.Unknowns != nil {
			t.Errorf("%s: got %+v, want %v", expr, got, want)
		}
	}
}

// Every name that is documented can be written in an expression.
func TestEveryNameCompiles(t *testing.T) {
	for _, n := range policy.FindingNames {
		p, err := celhost.New().Finding(line(n.Name + " == " + n.Name))
		if err != nil {
			t.Errorf("%s: %v", n.Name, err)
		} else if diff := cmp.Diff([]string{n.Name}, p.Reads()); diff != "" {
			t.Errorf("%s: reads (-want +got)\n%s", n.Name, diff)
		}
	}
	for _, n := range policy.RunNames {
		if _, err := celhost.New().Run(line(n.Name + " == " + n.Name)); err != nil {
			t.Errorf("%s: %v", n.Name, err)
		}
	}
}

// A line whose answer hangs on an unknown holds and says on which; one that the known values settle is certain.
func TestUnknown(t *testing.T) {
	known := values{"risk": 4, "confidence": 2}
	for expr, want := range map[string]policy.Outcome{
		"new && risk >= high":     {Holds: true, Unknowns: []string{"new"}},
		"new && risk >= critical": {},
		"!new":                    {Holds: true, Unknowns: []string{"new"}},
		"new || risk >= high":     {Holds: true},
		"service.tier >= high && service.exposure == 'internet'": {Holds: true, Unknowns: []string{"service.exposure", "service.tier"}},
		"overdue":                                        {Holds: true, Unknowns: []string{"overdue"}},
		"'cardholder' in service.data":                   {Holds: true, Unknowns: []string{"service.data"}},
		"service.data.exists(d, d == 'personal')":        {Holds: true, Unknowns: []string{"service.data"}},
		"due < firstSeen + duration('1h') && risk < low": {},
	} {
		p, err := celhost.New().Finding(line(expr))
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if diff := cmp.Diff(want, p.Eval(known.look)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", expr, diff)
		}
	}
}

func TestErrorsWhenLoaded(t *testing.T) {
	for expr, want := range map[string]string{
		"riks >= high":                    `.assay.yaml:7:11: unknown name "riks", did you mean "risk"?`,
		"new && risk >= hgih":             `.assay.yaml:7:26: unknown name "hgih", did you mean "high"?`,
		"service.teir >= high":            `.assay.yaml:7:18: unknown name "service.teir", did you mean "service.tier"?`,
		"risk.scor > 1":                   `.assay.yaml:7:15: unknown name "risk.scor", did you mean "risk.score"?`,
		"location.commit.author == ''":    `.assay.yaml:7:11: unknown name "location.commit.author"`,
		"risk >= 'high'":                  `.assay.yaml:7:16: ">=" does not take (level, string)`,
		"risk >= 3":                       `.assay.yaml:7:16: ">=" does not take (level, int)`,
		"risk":                            `.assay.yaml:7:11: the expression gives level, want true or false`,
		"status == 'opne'":                `.assay.yaml:7:21: status is never "opne", did you mean "open"?`,
		"verification in ['live','deid']": `.assay.yaml:7:35: verification is never "deid", did you mean "dead"?`,
		"'cardholdr' in service.data":     `.assay.yaml:7:11: service.data is never "cardholdr", did you mean "cardholder"?`,
		"confidence >= critical":          `.assay.yaml:7:25: confidence is never "critical"`,
		"confidence in [low, info]":       `.assay.yaml:7:31: confidence is never "info"`,
		"info < service.tier":             `.assay.yaml:7:11: service.tier is never "info"`,
		"new &&":                          `.assay.yaml:7:17: Syntax error: `,
		"coverage.size() > 0":             `.assay.yaml:7:11: unknown name "coverage.size"`,
	} {
		_, err := celhost.New().Finding(line(expr))
		var e *diagnostic.Error
		if !errors.As(err, &e) || !strings.HasPrefix(e.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", expr, err, want)
		}
	}
}

func TestErrorInALaterLine(t *testing.T) {
	l := line("new &&\nriks >= high")
	l.Starts = []diagnostic.Position{l.At, {File: ".assay.yaml", Line: 8, Column: 9}}
	_, err := celhost.New().Finding(l)
	if want := `.assay.yaml:8:9: unknown name "riks", did you mean "risk"?`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestRun(t *testing.T) {
	records := []coverage.Record{
		{Engine: "secret", Status: coverage.Done, Files: 3},
		{Engine: "code", Status: coverage.Partial, Unchecked: []coverage.Unchecked{{Path: "a"}}},
	}
	for expr, want := range map[string]bool{
		"coverage.all(c, c.status == 'done')":                                                        false,
		"coverage.exists(c, c.engine == 'secret' && c.status == 'done')":                             true,
		"coverage.filter(c, c.unchecked > 0).size() == 1 && stage == 'build'":                        true,
		"coverage.all(c, c.files > 100)":                                                             false,
		"coverage.map(c, c.engine) == ['secret', 'code'] && now > timestamp('2026-01-01T00:00:00Z')": true,
	} {
		p, err := celhost.New().Run(line(expr))
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		look := values{"stage": "build", "now": time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)}
		if got := p.Eval(look.look, records); got.Holds != want || got.Err != nil {
			t.Errorf("%s: got %+v, want %v", expr, got, want)
		}
	}
	for expr, want := range map[string]string{
		"coverage.all(c, c.statis == 'done')": `.assay.yaml:7:28: unknown field "statis", did you mean "status"?`,
		"coverage.all(c, c.status == 'doen')": `.assay.yaml:7:39: status is never "doen", did you mean "done"?`,
		"new":                                 `.assay.yaml:7:11: unknown name "new"`,
	} {
		if _, err := celhost.New().Run(line(expr)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", expr, err, want)
		}
	}
}

func TestWorkIsBounded(t *testing.T) {
	p, err := celhost.New().Run(line("coverage.all(a, coverage.all(b, coverage.all(c, a.engine + b.engine + c.engine != '')))"))
	if err != nil {
		t.Fatal(err)
	}
	records := make([]coverage.Record, 1000)
	for i := range records {
		records[i].Engine = "x"
	}
	if got := p.Eval(values{}.look, records); got.Err == nil || got.Holds {
		t.Errorf("got %+v, want an error about the cost", got)
	}
	for _, expr := range []string{strings.Repeat("(", 5000) + "new" + strings.Repeat(")", 5000), strings.Repeat("!", 20_000) + "new"} {
		if _, err := celhost.New().Finding(line(expr)); err == nil {
			t.Errorf("an expression of %d characters is accepted", len(expr))
		}
	}
}

func FuzzFinding(f *testing.F) {
	for _, seed := range []string{policy.DefaultDeny, "risk >= 'x'", "service.x.y", "[", "a.all(x, x)", "'\\u0000' == status", "é.b"} {
		f.Add(seed)
	}
	host := celhost.New()
	f.Fuzz(func(t *testing.T, expr string) {
		p, err := host.Finding(line(expr))
		if err != nil {
			return
		}
		p.Eval(values{}.look)
	})
}

func BenchmarkFirstCompile(b *testing.B) {
	for b.Loop() {
		if _, err := celhost.New().Finding(line(policy.DefaultDeny)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEval(b *testing.B) {
	p, err := celhost.New().Finding(line(policy.DefaultDeny))
	if err != nil {
		b.Fatal(err)
	}
	v := values{"new": true, "risk": 4, "confidence": 4}
	for b.Loop() {
		p.Eval(v.look)
	}
}

// A check that holds whatever it reads is none, however much it seems to look at. One that can fail is taken.
func TestCheckCanFail(t *testing.T) {
	host := celhost.New()
	for _, expr := range []string{
		"path == path", "service == service && rule == rule", "!(path != path)", "path != 'x' || path == 'x'", "path in [path]", "path + 'x' != path",
		"path.matches('.*')", "path.matches('^(?s).*$')", "path.matches('[^/]*')", "path.startsWith('')", "size(path) >= 0", "aliases.all(a, true)",
		"risk.score >= 0", "risk.score <= 100", "age >= duration('0s')", "due == due", "now > timestamp('2020-01-01T00:00:00Z')", "path == 'a' ? true : true",
		"severity >= info", "new || !new", "service.data == service.data",
	} {
		if _, err := host.Check(line(expr)); err == nil || !strings.Contains(err.Error(), "the same answer whatever it reads") {
			t.Errorf("%s: %v", expr, err)
		}
	}
	for _, expr := range []string{
		"path != 'web/a.js'", "!path.startsWith('prod/')", "!path.matches('^prod/[a-z]+-\\\\d{3}\\\\.ya?ml$')", "!path.matches(rule)", "size(path) < 200", "size(path) != 17",
		"risk.score < 100", "age < duration('720h')", "now < timestamp('2027-01-31T00:00:00Z')", "!aliases.exists(a, a.startsWith('CWE-'))", "!('cardholder' in service.data)",
		"path != 'a' || service != 'b'", "path != owner", "!path.contains(service + '/')", "due > now", "firstSeen < now", "location.start.line != 12",
		"!(path in ['a', 'b'])", "path < 'm'", "path > ''", "service.exposure == 'internal'",
	} {
		if _, err := host.Check(line(expr)); err != nil {
			t.Errorf("%s: %v", expr, err)
		}
	}
}
