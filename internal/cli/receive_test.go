package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/risk"
)

func FuzzReadPushed(f *testing.F) {
	zero, one := strings.Repeat("0", 40), strings.Repeat("1", 64)
	f.Add(zero+" "+one+" refs/heads/main\n", false)
	f.Add("refs/heads/a "+one+" refs/heads/b "+zero, true)
	f.Add("\r\n \n", true)
	f.Add(strings.Repeat("x", maxPushedLine+1), false)
	f.Fuzz(func(t *testing.T, text string, push bool) {
		parse := func(l pushLine) (pushed, error) { return l.pushed(0, 1, 2, 3) }
		if push {
			parse = func(l pushLine) (pushed, error) { return l.pushed(3, 1, 2, 4) }
		}
		lines, err := readPushed(strings.NewReader(text), parse)
		if err == nil && len(lines) > strings.Count(text, "\n")+1 {
			t.Errorf("%d lines of %q", len(lines), text)
		}
	})
}

// TestTooManyPushed holds that what is beyond the limit is refused as not looked at.
func TestTooManyPushed(t *testing.T) {
	line := strings.Repeat("0", 40) + " " + strings.Repeat("0", 40) + " refs/heads/x\n"
	parse := func(l pushLine) (pushed, error) { return l.pushed(0, 1, 2, 3) }
	if lines, err := readPushed(strings.NewReader(strings.Repeat(line, maxPushed)), parse); err != nil || len(lines) != maxPushed {
		t.Errorf("%d lines, %v", len(lines), err)
	}
	_, err := readPushed(strings.NewReader(strings.Repeat(line, maxPushed+1)), parse)
	if got := exitCode(&bytes.Buffer{}, err); got != Incomplete {
		t.Errorf("exit code %d, want %d", got, Incomplete)
	}
}

// TestAnswerIsBounded holds that an answer in a push is short, however much is found, and gives the terminal at the other end
// no commands.
func TestAnswerIsBounded(t *testing.T) {
	var out bytes.Buffer
	a := &app{Env: Env{Stderr: &out}}
	p := newPerformance(time.Time{})
	p.document.Targets = []finding.Target{{ID: "t1", Name: "refs/heads/\x1b[31m" + strings.Repeat("é", 4000)}}
	p.document.Verdict.Decision = policy.Deny
	for range 500 {
		fd := finding.Finding{Rule: "secret/x", Title: "A \u202e title\nassay: nothing", Place: finding.Place{Kind: finding.InFile, Path: "a\rb ##vso[task.complete]"}, Fingerprint: "a1:00"}
		p.document.Findings = append(p.document.Findings, risk.Risk{Finding: fd, Target: "t1"})
		p.document.Verdict.Incomplete = append(p.document.Verdict.Incomplete, policy.Unmet{Reason: "engine\nx"})
	}
	p.document.Verdict.Rulings = []policy.Ruling{{Target: "t1", Fingerprint: "a1:00", Decision: policy.Deny}}
	err := a.answer(p, &lookFlags{stage: policy.PullRequest}, pushAdvice("origin/main"))
	if got := exitCode(&bytes.Buffer{}, err); got != Denied {
		t.Errorf("exit code %d", got)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if want := 2*maxAnswered + 1 + maxAnswered + 1 + 1 + len(pushAdvice("origin/main")); len(lines) != want {
		t.Errorf("%d lines, want %d", len(lines), want)
	}
	for _, line := range lines {
		if !strings.HasPrefix(line, "assay: ") || len([]rune(line)) > maxAnswer+len("assay: ") {
			t.Errorf("%q", line)
		}
		if strings.ContainsAny(line, "\x1b\r\u202e") || strings.Contains(line, "##vso[") {
			t.Errorf("not escaped: %q", line)
		}
	}
}

// TestTooMuchBrought holds the same of references that bring something.
func TestTooMuchBrought(t *testing.T) {
	err := (&receiver{looked: maxLooked}).look(t.Context(), "refs/heads/x", &target{}, &change{})
	if got := exitCode(&bytes.Buffer{}, err); got != Incomplete {
		t.Errorf("exit code %d, want %d", got, Incomplete)
	}
}
