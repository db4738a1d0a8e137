package github

import (
	"testing"

	"github.com/assaysec/assay/internal/finding"
)

// TestGates says whether a job on a machine of one's own is told as one that outsiders get to.
func TestGates(t *testing.T) {
	const (
		forks = "github.event.pull_request.head.repo.full_name != github.repository"
		call  = "on:\n  workflow_call:\n    inputs: {event: {type: string}}\npermissions: {}\njobs:\n  check:\n    runs-on: ubuntu-24.04\n    steps:\n      - if: "
	)
	caller := func(job string) string {
		return "on: pull_request\npermissions: {}\njobs:\n  check: {uses: ./.github/workflows/check.yml, with: {event: '${{ github.event_name }}'}}\n  between: {needs: check, runs-on: ubuntu-24.04, steps: [{run: make}]}\n  own:\n    " + job + "\n    runs-on: self-hosted\n    steps: [{run: make}]\n"
	}
	gate := call + "inputs.event == 'pull_request' && " + forks + "\n        run: |\n          echo no\n          exit 1\n"
	for name, c := range map[string]struct {
		caller, called string
		open           bool
	}{
		"a workflow that fails for forks":              {caller("needs: check"), gate, false},
		"such a one, further up":                       {caller("needs: between"), gate, false},
		"such a one, and failures asked about":         {caller("needs: [check, between]\n    if: '!failure() && !cancelled()'"), gate, false},
		"such a one, and its result asked for":         {caller("needs: check\n    if: \"!cancelled() && contains(fromJSON('[\\\"success\\\"]'), needs.check.result)\""), gate, false},
		"such a one, which is not waited for":          {caller("name: x"), gate, true},
		"such a one, whose failure does not matter":    {caller("needs: check\n    if: always()"), gate, true},
		"a workflow that fails for everybody":          {caller("needs: check"), call + "inputs.event == 'pull_request'\n        run: exit 1\n", true},
		"a workflow that says so and goes on":          {caller("needs: check"), call + forks + "\n        run: exit 0\n", true},
		"a workflow that fails, which does not count":  {caller("needs: check"), call + forks + "\n        continue-on-error: true\n        run: exit 1\n", true},
		"a job of the same file that fails for forks":  {"on: pull_request\npermissions: {}\njobs:\n  check: {runs-on: ubuntu-24.04, steps: [{if: '" + forks + "', run: exit 1}]}\n  own: {needs: check, runs-on: self-hosted, steps: [{run: make}]}\n", "", false},
		"a job of the same file that fails for pushes": {"on: [push, pull_request]\npermissions: {}\njobs:\n  check: {runs-on: ubuntu-24.04, steps: [{if: \"github.event_name == 'push'\", run: exit 1}]}\n  own: {needs: check, runs-on: self-hosted, steps: [{run: make}]}\n", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			found := 0
			faults, _ := platform.Run(map[string][]byte{".github/workflows/a.yml": []byte(c.caller), ".github/workflows/check.yml": []byte(c.called)})
			for _, f := range faults {
				if f.Rule != "github-self-hosted-runner" {
					continue
				}
				found++
				if open := f.Severity != finding.Info; open != c.open {
					t.Errorf("open is %v, want %v: %s", open, c.open, f.Message)
				}
			}
			if found != 1 {
				t.Errorf("told %d times, want once", found)
			}
		})
	}
}

// TestMembersAsked says that a list of members is a question for rights.
func TestMembersAsked(t *testing.T) {
	for script, want := range map[string]int{"gh api orgs/x/members | grep -qx y": 0, "gh api repos/x/y/issues": 1, "make packages/members": 1} {
		text := "on: issue_comment\npermissions: {contents: write}\njobs:\n  a:\n    if: startsWith(github.event.comment.body, '/port')\n    runs-on: ubuntu-24.04\n    steps:\n      - run: " + script + "\n"
		if got := times(map[string][]byte{".github/workflows/a.yml": []byte(text)}, "github-open-chatops"); got != want {
			t.Errorf("%s: told %d times, want %d", script, got, want)
		}
	}
}

// TestForeignCache says that a cache is told as one that outsiders fill only where they start the run before.
func TestForeignCache(t *testing.T) {
	after := "on: {workflow_run: {workflows: [Build]}}\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v5\n        with: {ref: '${{ github.event.workflow_run.head_sha }}'}\n      - uses: actions/cache@v4\n"
	for event, want := range map[string]int{"pull_request": 1, "schedule": 0} {
		files := map[string][]byte{".github/workflows/a.yml": []byte(after), ".github/workflows/b.yml": []byte("name: Build\non: " + event + "\npermissions: {}\njobs: {}\n")}
		if got := times(files, "github-cache-poisoning"); got != want {
			t.Errorf("%s: told %d times, want %d", event, got, want)
		}
	}
}

// times counts how often a rule tells something of files.
func times(files map[string][]byte, rule string) int {
	faults, _ := platform.Run(files)
	n := 0
	for _, f := range faults {
		if f.Rule == rule {
			n++
		}
	}
	return n
}
