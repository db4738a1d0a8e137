package native

import (
	"slices"
	"strings"
)

// These are the audits whose findings have a whole step, a whole job or all triggers among their places, so that a comment on
// any line of it is within them. Those of a call reach through the job from its keys uses and secrets.
var (
	zizmorStep    = []string{"template-injection", "artipacked", "unpinned-uses", "ref-version-mismatch", "superfluous-actions", "adhoc-packages"}
	zizmorJob     = []string{"secrets-outside-env"}
	zizmorCall    = []string{"secrets-inherit", "unpinned-uses", "ref-version-mismatch"}
	zizmorTrigger = []string{"dangerous-triggers"}
)

// zizmorMark is the whole of what zizmor reads: one blank behind the sign, and a list that ends with the last bracket before a
// blank or the end of the line.
var zizmorMark = lazy(`^zizmor: ignore\[(.+)\](?:\s+(.*))?$`)

func readZizmor(p *place, f *Found) bool {
	if p.t.kind != yaml || !strings.HasSuffix(strings.TrimRight(p.before, " "), "#") {
		return false
	}
	if m := zizmorMark.get().FindStringSubmatch(p.word + strings.TrimRight(p.after, "\r")); m != nil && strings.HasSuffix(p.before, "# ") {
		for rule := range strings.SplitSeq(m[1], ",") {
			f.add(strings.TrimSpace(rule))
		}
		f.Reason = reasonOf(m[2])
	}
	switch {
	case p.t.inBlockText(p.line):
		f.none("it stands in a block of text, where zizmor reads no comment")
	case p.t.commentAt(p.line) < 0:
		f.none("it stands in quotes, where zizmor reads no comment")
	case len(f.Rules) == 0:
		f.fail("zizmor reads # zizmor: ignore[AUDIT], with one blank behind the sign, and a reason only behind a further blank")
	default:
		f.Reach = append([]Reach{p.own()}, zizmorReach(p.t, p.t.ancestors(p.bearer()), f.Rules)...)
	}
	return true
}

// zizmorReach is what the places of some audits add to a mark's own line.
func zizmorReach(t *text, above []ancestor, rules []string) []Reach {
	if len(above) == 0 {
		return nil
	}
	var out []Reach
	add := func(audits []string, n int) {
		both := slices.DeleteFunc(slices.Clone(rules), func(r string) bool { return !slices.Contains(audits, r) })
		if len(both) == 0 {
			return // and the end of the part, which may be far, is not looked for
		}
		s := t.below(above, n)
		r := between(s.first, s.last)
		r.Rules = both
		out = append(out, r)
	}
	if i := step(above); i >= 0 {
		add(zizmorStep, i)
	}
	switch {
	case above[0].key == "on" || above[0].key == "true":
		add(zizmorTrigger, 0)
	case above[0].key == "jobs" && len(above) > 1:
		add(zizmorJob, 1)
		if len(above) > 2 && (above[2].key == "uses" || above[2].key == "secrets") {
			add(zizmorCall, 1)
		}
	}
	return out
}

var (
	hadolintPragma  = lazy(`^[ \t]+(?:([a-z]+)[ \t]+)?ignore[ \t]*=[ \t]*([^#]*)(?:#(.*))?$`)
	shellcheckWord  = lazy(`(?:^|[ \t])disable=(\S*)`)
	hadolintRule    = whole(`(?:DL|SC)\d{4}`)
	shellcheckRule  = whole(`SC\d{4}(?:-SC\d{4})?|all`)
	hadolintRuleSep = lazy(`[ \t]*,[ \t]*`)
)

func readHadolint(p *place, f *Found) bool {
	m := hadolintPragma.get().FindStringSubmatch(endComment(p.after))
	if m == nil || !p.bare() {
		return false
	}
	f.Reason = reasonOf(m[3])
	if !f.codes(strings.TrimSpace(hadolintRuleSep.get().ReplaceAllString(m[2], ",")), hadolintRule) {
		f.fail("hadolint ignore: want codes such as DL3008, parted by commas; a reason follows a further #")
		return true
	}
	next := p.line + 1
	switch {
	case m[1] == "global":
		f.Reach = []Reach{wholeFile()}
	case m[1] != "":
		f.none("hadolint " + m[1] + " ignore is not read here")
	case !p.alone():
		f.none("hadolint reads it on a line of its own, before an instruction")
	case next >= p.t.lines() || len(p.t.code(next)) == 0:
		f.none("hadolint reads it on the line before an instruction, and none is there")
	default:
		f.Reach = []Reach{between(next, p.t.instructionEnd(next))}
	}
	return true
}

// codes reads a list of codes, and reports whether all are.
func (f *Found) codes(list string, form *expression) bool {
	for code := range strings.SplitSeq(list, ",") {
		if !form.get().MatchString(code) {
			return false
		}
		f.add(code)
	}
	return true
}

func readShellcheck(p *place, f *Found) bool {
	directive, comment, _ := strings.Cut(p.after, "#")
	m := shellcheckWord.get().FindStringSubmatch(directive)
	if m == nil || !strings.HasSuffix(strings.TrimRight(p.before, " \t"), "#") || !strings.HasPrefix(p.after, " ") && !strings.HasPrefix(p.after, "\t") {
		return false
	}
	f.Reason = reasonOf(comment)
	if !f.codes(m[1], shellcheckRule) {
		f.fail("shellcheck disable=: want codes such as SC2086, parted by commas, or all")
		return true
	}
	next := p.t.nextCode(p.line)
	switch {
	case !p.alone():
		f.none("ShellCheck reads it on a line of its own, before a command")
	case next < 0:
		f.none("no command follows it")
	case p.t.kind == shell && p.t.atHead(p.line):
		f.Reach = []Reach{wholeFile()}
	default:
		f.Reach = []Reach{between(next, p.t.commandEnd(next))}
	}
	return true
}
