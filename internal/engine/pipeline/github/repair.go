package github

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// owns reports whether a mapping holds a key's value itself, and shares it with no other through an alias or a merge.
func owns(n *yaml.Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1].Kind != yaml.AliasNode
		}
	}
	return false
}

// A grant is a right that steps need, and the first of them.
type grant struct{ scope, access, why string }

// grants are the rights that jobs need, where all of them are known. No program of the project gets hold of the token: what
// it would do with it nobody knows.
func (c *context) grants(jobs []*Job) ([]grant, bool) {
	all := map[string]grant{}
	for _, j := range jobs {
		scopes, known, strict := c.needs(j)
		if !known || !strict && !c.hidesToken(j) {
			return nil, false
		}
		for scope, access := range scopes {
			if all[scope].access != "write" {
				all[scope] = grant{scope, access, c.needing(j, scope+":"+access)}
			}
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b grant) int { return strings.Compare(a.scope, b.scope) }), true
}

// hidesToken reports whether no checkout of a job leaves the token in the workspace, or none will after its own fix.
func (c *context) hidesToken(j *Job) bool {
	return !slices.ContainsFunc(j.Steps, func(s *Step) bool {
		return s.Is("actions/checkout") && document.Text(s.Input("persist-credentials")) != "false" && c.keepNoCredentials(s) == nil
	})
}

// needing names what needs a right in a job.
func (c *context) needing(j *Job, right string) string {
	for _, s := range j.Steps {
		if slices.Contains(strings.Fields(actionNeeds[s.Ref.Name()]), right) {
			return s.Ref.Name()
		}
	}
	return "a script of job " + j.ID
}

// block is the text of permissions, without the key: each with what it is for.
func block(grants []grant, indent string) string {
	if len(grants) == 0 {
		return " {}"
	}
	text := ""
	for _, g := range grants {
		text += "\n" + indent + g.scope + ": " + g.access
		if g.scope != "contents" || g.access != "read" {
			text += " # for " + g.why
		}
	}
	return text
}

func writes(g grant) bool { return g.access == "write" }

// leastPermissions writes down what the jobs need, above the jobs. Only reading is given without asking: what may be needed
// is not what is.
func (c *context) leastPermissions(jobs []*Job) *fault.Fix {
	grants, known := c.grants(jobs)
	key, _ := document.Entry(c.workflow.Node, "jobs")
	if !known || slices.ContainsFunc(grants, writes) || key == nil || key.Column != 1 || c.workflow.Node.Style&yaml.FlowStyle != 0 {
		return nil
	}
	at := c.file.Start(key)
	return replacement("Say what the token may do", fault.Span{Start: at, End: at}, "permissions:"+block(grants, "  ")+"\n\n")
}

// leastOfJob is leastPermissions for one job among others that have theirs.
func (c *context) leastOfJob(j *Job) *fault.Fix {
	grants, known := c.grants([]*Job{j})
	if !known || slices.ContainsFunc(grants, writes) || !document.IsMap(j.Node) || j.Node.Style&yaml.FlowStyle != 0 {
		return nil
	}
	first := j.Node.Content[0]
	if first.Tag == "!!merge" || first.Line == j.Key.Line {
		return nil
	}
	at, indent := c.file.Start(first), strings.Repeat(" ", first.Column-1)
	return replacement(fmt.Sprintf("Say what the token of job %q may do", j.ID), fault.Span{Start: at, End: at}, "permissions:"+block(grants, indent+"  ")+"\n"+indent)
}

// narrower puts what the jobs may need in the place of write-all or read-all.
func (c *context) narrower(p Permissions, jobs []*Job) *fault.Fix {
	grants, known := c.grants(jobs)
	if !known || p.Key.Line != p.Node.Line || p.All == "read-all" && slices.ContainsFunc(grants, writes) {
		return nil
	}
	fix := c.file.Put("Grant what the steps may need, and no more", p.Node, strings.TrimPrefix(block(grants, strings.Repeat(" ", p.Key.Column+1)), " "))
	if fix == nil || len(grants) == 0 {
		return fix
	}
	if c.workflow.Node.Style&yaml.FlowStyle != 0 {
		return nil
	}
	colon := bytes.IndexByte(c.file.Text[c.span(p.Key).End:], ':')
	fix.Edits[0].Span.Start = c.span(p.Key).End + colon + 1 // the space behind the colon goes
	return fix
}

// heirs are the jobs that the workflow's permissions hold for.
func (w *Workflow) heirs() []*Job {
	var list []*Job
	for _, j := range w.Jobs {
		if !j.Permissions.Set() {
			list = append(list, j)
		}
	}
	return list
}

// refuseCommands turns insecure commands off where nothing that is known of the file needs them.
func (c *context) refuseCommands(v *yaml.Node) *fault.Fix {
	for _, s := range c.steps() {
		sc := c.script(s)
		if _, known := actionNeeds[s.Ref.Name()]; s.Uses != nil && !known || s.Run != nil && sc.Shell == nil {
			return nil
		}
		for _, w := range sc.writes("set-env", "add-path") {
			if c.writeToFile(sc, w) == nil {
				return nil
			}
		}
	}
	return c.file.Put("Refuse orders in the log", v, "false")
}

// orderInLog is an order as scripts print it, with nothing else on the line.
var orderInLog = lazyregexp.New(`^echo (["'])::(set-env name=([A-Za-z_][A-Za-z0-9_]*)|add-path)::([^"'\r\n]*)(["'])$`)

// writeToFile is the fix that writes what an order in the log says to the file that has taken its place.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files
func (c *context) writeToFile(sc *Script, w shell.Write) *fault.Fix {
	if sc.Dialect != shell.Bash && sc.Dialect != shell.POSIX || !c.scalar(sc.Node).Verbatim(w.Range.Start, w.Range.End) {
		return nil
	}
	m := orderInLog().FindStringSubmatch(sc.Node.Value[w.Range.Start:w.Range.End])
	if m == nil || m[1] != m[5] || sc.Node.Style&yaml.DoubleQuotedStyle != 0 || sc.Node.Style&yaml.SingleQuotedStyle != 0 {
		return nil
	}
	file, text := "GITHUB_PATH", m[4]
	if m[3] != "" {
		file, text = "GITHUB_ENV", m[3]+"="+m[4]
	}
	return replacement("Write to $"+file+" in place of the log", sc.Span(w.Range), fmt.Sprintf(`echo %s%s%s >> "$%s"`, m[1], text, m[1], file))
}

// unbrace makes one expression of a condition that mixes braces with text, as its author meant it. GitHub takes the mixture
// for a text, which is always true.
func (c *context) unbrace(n *yaml.Node) *fault.Fix {
	list, scalar := c.exprs(n), c.scalar(n)
	if n.Style != 0 || !scalar.Verbatim(0, len(n.Value)) || len(list) == 0 {
		return nil
	}
	text, at := "", 0
	for _, e := range list {
		if e.Tree == nil {
			return nil
		}
		text += n.Value[at:e.From] + bracketed(e)
		at = e.To
	}
	text += n.Value[at:]
	whole := parseExpr(&yaml.Node{Kind: yaml.ScalarNode, Value: "${{ " + text + " }}"}, 0)
	if whole == nil || whole.Tree == nil || strings.ContainsAny(text[:1], "!&*-?{}[]#|>@`\"'%,: ") || strings.Contains(text, ": ") || strings.Contains(text, " #") {
		return nil
	}
	return c.file.Put("Make one expression of the condition", n, text)
}

// bracketed is the text of an expression that may stand beside operators.
func bracketed(e *Expr) string {
	switch e.Tree.(type) {
	case *actionlint.LogicalOpNode, *actionlint.CompareOpNode:
		return "(" + e.Text + ")"
	}
	return e.Text
}

// listed is a text that lists names.
var listed = lazyregexp.New(`^[A-Za-z0-9_./\[\]-]+(?:[ ,]+[A-Za-z0-9_./\[\]-]+)*$`)

// listInstead puts a list in the place of a text that lists names, so that only whole names are found.
func (c *context) listInstead(e *Expr, whole string) *fault.Fix {
	scalar := c.scalar(e.Node)
	at := strings.Index(e.Node.Value, "'"+whole+"'")
	if at < e.From || e.Node.Style&yaml.DoubleQuotedStyle != 0 || !listed().MatchString(whole) || strings.Count(e.Node.Value, "'"+whole+"'") != 1 ||
		!scalar.Verbatim(at, at+len(whole)+2) || at == 0 {
		return nil
	}
	names := strings.FieldsFunc(whole, func(r rune) bool { return r == ' ' || r == ',' })
	text := `fromJSON('["` + strings.Join(names, `", "`) + `"]')`
	return replacement("Look for the whole name in a list", scalar.Span(at, at+len(whole)+2), text)
}

// strict are the values that make a scanner fail again, by those that keep it from failing.
var strict = map[string]string{"exit-code=0": "1", "exit-code=false": "true", "fail-build=false": "true", "fail_build=false": "true", "soft_fail=true": "false", "warn-only=true": "false", "only_warn=true": "false", "ignore_on_exit=all": "none"}

// letFail makes the failure of a scanner count: one cause at a time may stand in its way.
func (c *context) letFail(s *Step, why string) *fault.Fix {
	const title = "Let the scan fail the job"
	key, value, isInput := strings.Cut(why, ": ")
	switch {
	case s.Tolerant && !(isInput && s.Job.Tolerant):
		return c.file.Put(title, document.Get(s.Node, "continue-on-error"), "false")
	case isInput && !s.Job.Tolerant && strict[key+"="+value] != "":
		return c.file.Put(title, s.Input(key), strict[key+"="+value])
	}
	return nil
}

// orTrue is what makes a command's failure count for nothing.
var orTrue = lazyregexp.New(`^[ \t]*\|\|[ \t]*(?:true|:)[ \t]*(?:\n|$)`)

// letCommandFail takes "|| true" off a command.
func (c *context) letCommandFail(sc *Script, r shell.Range) *fault.Fix {
	text := sc.Node.Value
	if r.End > len(text) || sc.Step.Tolerant || sc.Step.Job.Tolerant {
		return nil
	}
	end := r.End + len(strings.TrimRight(orTrue().FindString(text[r.End:]), "\n"))
	if end == r.End || !c.scalar(sc.Node).Verbatim(r.End, end) {
		return nil
	}
	return replacement("Let the scan fail the job", sc.Span(shell.Range{Start: r.End, End: end}), "")
}

// actor is the name of the last actor where it stands for itself.
var actor = lazyregexp.New(`\b(github\.(?:actor|triggering_actor))(?:[^\w.\[-]|$)`)

// askAuthor asks for the author of the pull request in place of the last actor, where all events have one.
func (c *context) askAuthor(e *Expr) *fault.Fix {
	for _, t := range c.workflow.Triggers {
		if t.Name != "pull_request" && t.Name != "pull_request_target" {
			return nil
		}
	}
	scalar, value := c.scalar(e.Node), e.Node.Value
	fix := &fault.Fix{Title: "Ask who wrote the pull request"}
	for _, m := range actor().FindAllStringSubmatchIndex(value[e.From:e.To], -1) {
		from, to := e.From+m[2], e.From+m[3]
		if !scalar.Verbatim(from, to) {
			return nil
		}
		fix.Edits = append(fix.Edits, fault.Edit{Span: scalar.Span(from, to), Text: "github.event.pull_request.user.login"})
	}
	if len(fix.Edits) == 0 {
		return nil
	}
	return fix
}

// addActions is the entry that keeps actions up to date, before the others.
func (c *context) addActions() *fault.Fix {
	list := document.Get(c.dependabot.Node, "updates")
	if !document.IsList(list) || list.Style&yaml.FlowStyle != 0 || len(list.Content) == 0 || list.Anchor != "" {
		return nil
	}
	at := c.file.Start(list)
	first := list.Content[0]
	if at >= len(c.file.Text) || c.file.Text[at] != '-' || first.Line != list.Line {
		return nil
	}
	dash := "\n" + strings.Repeat(" ", list.Column-1)
	inner := dash + "  "
	return replacement("Keep actions up to date, too", fault.Span{Start: at, End: at},
		`- package-ecosystem: github-actions`+inner+`directory: /`+inner+`schedule:`+inner+`  interval: weekly`+inner+`cooldown:`+inner+fmt.Sprintf("  default-days: %d", minCooldown)+dash)
}

// covering is the fix where one of its edits puts something in the place of a span, and nil elsewhere: the fix of a script
// leaves out what it cannot replace.
func covering(fix *fault.Fix, span fault.Span) *fault.Fix {
	if fix == nil || !slices.ContainsFunc(fix.Edits, func(e fault.Edit) bool { return e.Span.Start <= span.Start && span.End <= e.Span.End }) {
		return nil
	}
	return fix
}

// throughEnvironment is indirection for a program in JavaScript that an action runs.
func (c *context) throughEnvironment(s *Step, n *yaml.Node) *fault.Fix {
	return remember(c.memo.programs, s, func() *fault.Fix { return c.newThroughEnvironment(s, n) })
}

func (c *context) newThroughEnvironment(s *Step, n *yaml.Node) *fault.Fix {
	list := c.exprs(n)
	if !s.Is("actions/github-script") || len(list) == 0 || n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		return nil
	}
	w := &jsRewriter{c: c, step: s, node: n, exprs: list, names: c.takenNames(s)}
	texts, bare, ok := javascript(n.Value, list)
	if !ok {
		return nil
	}
	for _, l := range texts {
		w.literal(l)
	}
	for _, i := range bare {
		w.bare(i)
	}
	env, ok := c.addEnv(s, w.added)
	if !ok || len(w.edits) == 0 {
		return nil
	}
	edits := append(w.edits, env...)
	slices.SortFunc(edits, func(a, b fault.Edit) int { return a.Span.Start - b.Span.Start })
	return &fault.Fix{Title: fmt.Sprintf("Hand the values to step %q as environment variables", s.Label()), Edits: edits}
}

// A jsRewriter puts variables in the places of expressions.
type jsRewriter struct {
	c     *context
	step  *Step
	node  *yaml.Node
	exprs []*Expr
	names *handedOut
	edits []fault.Edit
	added []string
}

// wanted reports whether an expression should give way.
func (w *jsRewriter) wanted(i int) bool {
	e := w.exprs[i]
	return e.Tree != nil && !strings.Contains(e.Text, "\n") && (!w.c.inert(e, w.step) || len(w.c.taint(e.Tree, scope{job: w.step.Job, step: w.step})) > 0)
}

func (w *jsRewriter) variable(i int) string {
	name, isNew := w.names.of(w.exprs[i].Text)
	if isNew {
		w.added = append(w.added, name+": ${{ "+w.exprs[i].Text+" }}")
	}
	return "process.env." + name
}

// literal makes a template of a text in quotes that holds expressions, or a variable of one that is nothing else.
func (w *jsRewriter) literal(l quotedText) {
	text := w.node.Value[l.from:l.to]
	scalar := w.c.scalar(w.node)
	written := func(from, to int) bool { return scalar.Verbatim(from, to) }
	if !slices.ContainsFunc(l.exprs, w.wanted) || l.from == 0 || !written(l.from, l.from+1) || !written(l.to-1, l.to) {
		return
	}
	first := w.exprs[l.exprs[0]]
	if len(l.exprs) == 1 && first.From == l.from+1 && first.To == l.to-1 && written(l.from, l.to) {
		w.edits = append(w.edits, fault.Edit{Span: scalar.Span(l.from, l.to), Text: w.variable(l.exprs[0])})
		return
	}
	if l.quote != '`' && strings.ContainsAny(strings.ReplaceAll(text, "${{", ""), "`\\") {
		return
	}
	edits := make([]fault.Edit, 0, len(l.exprs)+2)
	if l.quote != '`' {
		edits = append(edits, fault.Edit{Span: scalar.Span(l.from, l.from+1), Text: "`"}, fault.Edit{Span: scalar.Span(l.to-1, l.to), Text: "`"})
	}
	for _, i := range l.exprs {
		if !w.wanted(i) || !written(w.exprs[i].From, w.exprs[i].To) {
			continue // GitHub replaces it before the template is read, by what holds no code
		}
		edits = append(edits, fault.Edit{Span: scalar.Span(w.exprs[i].From, w.exprs[i].To), Text: "${" + w.variable(i) + "}"})
	}
	w.edits = append(w.edits, edits...)
}

// bare reads a value that is pasted as code: only JSON may be.
func (w *jsRewriter) bare(i int) {
	e := w.exprs[i]
	call, ok := e.Tree.(*actionlint.FuncCallNode)
	if !ok || !strings.EqualFold(call.Callee, "toJSON") || !w.wanted(i) || !w.c.scalar(w.node).Verbatim(e.From, e.To) || e.From == 0 {
		return
	}
	w.edits = append(w.edits, fault.Edit{Span: w.c.exprSpan(e), Text: "JSON.parse(" + w.variable(i) + ")"})
}

// addInputInLine is addInput for a step, or its inputs, in braces.
func (c *context) addInputInLine(s *Step, name, text, title string) *fault.Fix {
	_, with := document.Entry(s.Node, "with")
	into, entry := s.Node, "with: {"+name+": "+text+"}"
	if with != nil && !owns(s.Node, "with") {
		return nil
	}
	if with != nil {
		into, entry = with, name+": "+text
	}
	if !document.IsMap(into) || into.Style&yaml.FlowStyle == 0 || len(into.Content) == 0 {
		return nil
	}
	at := c.span(into.Content[len(into.Content)-1]).End
	return replacement(title, fault.Span{Start: at, End: at}, ", "+entry)
}
