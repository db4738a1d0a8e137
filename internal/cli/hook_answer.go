package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/escape"
)

// maxAnswered is how many findings a hook names, and maxAnswer how long one line of its answer is: who pushes reads them in a
// terminal, and on a server what is pushed is not to fill the other side's.
const (
	maxAnswered = 20
	maxAnswer   = 240
)

// What to do next, where a hook refuses.
var commitAdvice = []string{
	"take it out of what is staged, and revoke a credential that anybody may have seen; then: git add, git commit",
	"assay explain FINGERPRINT --staged --stage pre-commit tells why, and by which line of which policy",
	"if it is to stay: an exception in .assay/exceptions.yaml with owner, approver and last day; it holds once it is merged",
	"git commit --no-verify goes past this hook and not past the gate of the pull request, which looks at every commit",
}

// pushAdvice is for a push. base is the default branch, as a clone calls it.
func pushAdvice(base string) []string {
	base = shellWord(base)
	return []string{
		"take it out of every commit that is pushed, not only of the last (git rebase -i), and revoke a credential that was in it",
		"assay gate --diff-base " + base + " shows the same before a push; why: assay explain FINGERPRINT --diff-base " + base,
		"if it is to stay: an exception in .assay/exceptions.yaml; it holds once it is on the default branch",
	}
}

// gapAdvice is for what was refused only because not all could be checked: there is nothing to take out, and no exception
// helps.
func gapAdvice(stage string) []string {
	return []string{
		"nobody knows what is in what is named above: let it be readable, or leave it out of what is sent",
		"what has to be checked is gate." + stage + ".require in .assay.yaml; another list holds once it is on the default branch",
	}
}

// answer tells what was decided, in few lines, and gives the exit code. What simply passes is not worth a word.
func (a *app) answer(p *performance, f *lookFlags, advice []string) error {
	v := report.Look(p.document)
	verdict := &p.document.Verdict
	for _, group := range []struct {
		of   report.Group
		word string
	}{{report.Stopping, "refused"}, {report.Warning, "warning"}} {
		for i, r := range v.ByGroup[group.of] {
			if i == maxAnswered {
				a.tell("  … and %s", report.Plural(len(v.ByGroup[group.of])-i, "more finding"))
				break
			}
			at := report.Where(&r.Place)
			if len(p.document.Targets) > 1 || p.document.Targets[0].Name != "." {
				at += " in " + v.Target(r.Target).Name
			}
			if c := r.Place.Commit; c != nil && !strings.Contains(at, report.ShortID(c.ID)) {
				at += ", commit " + report.ShortID(c.ID)
			}
			a.tell("%s: %s: %s (%s)", group.word, a.hide(at), r.Title, r.Rule)
			a.tell("    %s", r.Fingerprint)
			for _, s := range v.Statements(r) {
				a.tell("    %s (%s)", report.Told(s), s.By)
			}
		}
	}
	if !verdict.OnlyBroken() { // which the error tells, each thing with its place
		a.answerRun(v)
	}
	for i, u := range verdict.Incomplete {
		if i == maxAnswered {
			a.tell("  … and %d more", len(verdict.Incomplete)-i)
			break
		}
		a.tell("could not check: %s", a.hide(u.Reason))
	}
	code := gateCode(p)
	if code != nil && !verdict.OnlyBroken() {
		decided := "DENIED"
		if verdict.Decision != policy.Deny {
			decided, advice = "REFUSED, because not all could be checked,", gapAdvice(f.stage)
		}
		a.tell("%s by the gate of stage %s. What to do:", decided, f.stage)
		for _, line := range advice {
			a.tell("  → %s", strings.Replace(line, "FINGERPRINT", example(v), 1))
		}
	}
	return code
}

// answerRun tells what policies say about the run as a whole.
func (a *app) answerRun(v *report.View) {
	list := v.RunRulings()
	for i, r := range list {
		if i == maxAnswered {
			a.tell("  … and %s", report.Plural(len(list)-i, "more ruling"))
			return
		}
		word := "warning"
		if r.Decision == policy.Deny {
			word = "refused"
		}
		a.tell("%s: %s (%s)", word, report.Told(r), r.By)
	}
}

// example is a fingerprint that can be asked about: the beginning of the worst one's, which is enough.
func example(v *report.View) string {
	if list := v.ByGroup[report.Stopping]; len(list) > 0 && len(list[0].Fingerprint) > 11 {
		return list[0].Fingerprint[:11]
	}
	return "FINGERPRINT"
}

// tell prints one line of an answer, bounded and safe for the terminal at the other end of a push. What is quoted from the
// target goes through hide first, and nothing else: to know what a credential looks like takes time, and a commit waits.
func (a *app) tell(format string, args ...any) {
	line := []rune(escape.Terminal(fmt.Sprintf(format, args...)))
	if len(line) > maxAnswer {
		line = append(line[:maxAnswer-1], '…')
	}
	_, _ = io.WriteString(a.Stderr, "assay: "+string(line)+"\n")
}

// linesOf parts a text at its line ends.
func linesOf(text string) []string { return strings.Split(strings.TrimRight(text, "\n"), "\n") }
