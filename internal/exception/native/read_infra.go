package native

import (
	"slices"
	"strings"
)

var (
	checkovRule       = lazy(`^ *([A-Z_\d]+)(?::(.*))?`)
	checkovAnnotation = lazy(`^\d*["']?\s*[:=]\s*["']?\s*([A-Z_\d]+)(?:=(.*?))?["']?,?\s*$`)
	terrascanRule     = lazy(`^ *([A-Za-z][A-Za-z0-9_.]*[A-Za-z0-9])(?:[ \t]+(.*))?`)
	terrascanEntry    = lazy(`\\?"rule\\?"\s*:\s*\\?"([A-Za-z][A-Za-z0-9_.]*)\\?"`)
)

// within gives a mark the resource around it.
func (p *place) within(f *Found) {
	var s span
	ok := false
	switch p.t.kind {
	case docker:
		f.Reach = []Reach{wholeFile()}
		return
	case yaml:
		if p.t.inBlockText(p.line) {
			f.none("it stands in a block of text, where no comment is read")
			return
		}
		s, ok = p.t.resource(p.line)
	case hcl, braces, jsonText:
		s, ok = p.t.outermost(p.line)
	}
	if !ok {
		f.none("it stands outside of every resource")
		return
	}
	f.Reach = []Reach{between(s.first, s.last)}
}

func readCheckov(p *place, f *Found) bool {
	m := checkovRule.get().FindStringSubmatch(p.after)
	secret := m != nil && strings.HasPrefix(m[1], "CKV_SECRET_")
	if !p.commented() && !secret {
		return false
	}
	if m == nil {
		f.fail(p.word + " names no check, such as CKV_AWS_20")
		return true
	}
	f.add(m[1])
	f.Reason = reasonOf(m[2])
	if secret { // in any file, without a sign of a comment, beside the secret, above it or below
		f.Reach = []Reach{between(max(p.line-1, 0), p.line+1)}
		return true
	}
	p.checkovReach(f)
	return true
}

// checkovReach is the resource around a mark. Of a block in HCL Checkov reads what stands between its first and its last
// line, and of manifests for Kubernetes no comment at all.
func (p *place) checkovReach(f *Found) {
	p.within(f)
	switch {
	case f.Problem != "":
	case p.t.kind == hcl && (p.line+1 == f.Reach[0].First || p.line+1 == f.Reach[0].Last):
		f.none("Checkov reads it between the first and the last line of a block")
	case p.t.kind == yaml && p.t.isManifest(p.t.document(p.line)):
		f.none("Checkov reads annotations of a manifest, and no comment")
	case p.t.kind == yaml:
		list := p.t.ancestors(p.bearer())
		if len(list) < 2 || list[0].key != "jobs" {
			return
		}
		f.Reach = p.t.jobAlone(list)
		if i := step(list); i > 0 {
			s := p.t.below(list, i)
			f.Reach = []Reach{between(s.first, s.last)}
		}
	}
}

// readCheckovAnnotation reads checkov.io/skip1: CKV_K8S_20=reason.
func readCheckovAnnotation(p *place, f *Found) bool {
	if p.t.kind != yaml && p.t.kind != jsonText || !p.key() {
		return false
	}
	m := checkovAnnotation.get().FindStringSubmatch(p.after)
	if m == nil {
		f.fail("checkov.io/skip: want CKV_K8S_20=reason")
		return true
	}
	f.add(m[1])
	f.Reason = reasonOf(m[2])
	if list := p.t.ancestors(p.line); p.t.kind == yaml && (len(list) != 3 || list[0].key != "metadata" || list[1].key != "annotations") {
		f.none("Checkov reads the annotations of the manifest itself, under metadata")
		return true
	}
	p.manifest(f)
	return true
}

// key reports whether the word begins the key of an annotation.
func (p *place) key() bool { return p.whole && strings.Trim(p.before, " \t\"'{,") == "" }

// manifest gives an annotation the manifest that it stands in.
func (p *place) manifest(f *Found) {
	if p.t.kind == jsonText {
		f.Reach = []Reach{wholeFile()}
		return
	}
	d := p.t.document(p.line)
	f.Reach = []Reach{between(d.first, d.last)}
}

func readTerrascan(p *place, f *Found) bool {
	if !strings.HasSuffix(strings.TrimRight(p.before, " \t"), "#") && !strings.HasSuffix(strings.TrimRight(p.before, " \t"), "//") {
		return false
	}
	m := terrascanRule.get().FindStringSubmatch(p.after)
	if m == nil {
		f.fail("ts:skip= names no rule, such as AC_AWS_0001")
		return true
	}
	f.add(m[1])
	f.Reason = reasonOf(m[2])
	p.within(f)
	return true
}

// readTerrascanAnnotation reads runterrascan.io/skip: '[{"rule": "AC_K8S_0001", "comment": "…"}]', on one line or below.
func readTerrascanAnnotation(p *place, f *Found) bool {
	if p.t.kind != yaml && p.t.kind != jsonText || !p.key() {
		return false
	}
	value := p.after
	if p.t.kind == yaml {
		for i := p.line + 1; i <= p.t.yamlEnd(p.line) && len(value) < maxAfter; i++ {
			value += "\n" + string(p.t.row(i))
		}
	}
	for _, m := range terrascanEntry.get().FindAllStringSubmatch(value, maxRules+1) {
		f.add(m[1])
	}
	if len(f.Rules) == 0 {
		f.fail(`runterrascan.io/skip: want a list such as [{"rule": "AC_K8S_0001", "comment": "why"}]`)
		return true
	}
	p.manifest(f)
	return true
}

// readTrivy reads trivy:ignore:ID and tfsec:ignore:ID with :exp:DATE. What else may follow an ID narrows the mark by what
// is not known here (a workspace, the values of parameters), so such a mark speaks about nothing.
func readTrivy(p *place, f *Found) bool {
	if !p.commented() || !strings.HasSuffix(strings.TrimRight(p.before, " \t"), "#") && !p.bare() && !strings.HasSuffix(p.before, " ") {
		return false
	}
	mark, rest, _ := strings.Cut(endComment(p.after), " ")
	parts := strings.Split(mark, ":")
	f.add(parts[0])
	if !strings.HasPrefix(reasonOf(rest), "trivy:") && !strings.HasPrefix(reasonOf(rest), "tfsec:") {
		f.Reason = reasonOf(rest)
	}
	if len(f.Rules) == 0 {
		f.fail(p.word + " names no check, such as AVD-AWS-0086")
		return true
	}
	if strings.Contains(mark, "[") {
		id, _, _ := strings.Cut(parts[0], "[")
		f.none("it holds only for some values of " + id + ", which are not known here")
		return true
	}
	for i := 1; i < len(parts) && f.Problem == ""; i += 2 {
		f.readTrivyPart(parts[i:])
	}
	if f.Problem == "" {
		p.trivyReach(f)
	}
	return true
}

func (f *Found) readTrivyPart(parts []string) {
	switch {
	case len(parts) == 1:
		f.fail(f.Word + " ends with " + parts[0] + ", and no value follows")
	case parts[0] == "exp":
		f.Until = parts[1]
		if f.Until == "" {
			f.fail(f.Word + " has no date after exp")
		}
	case parts[0] == "ws":
		f.none("it holds only in the workspace " + parts[1] + ", and which one is used is not known here")
	case parts[0] == "ignore": // the last one counts
		f.Rules = nil
		f.add(parts[1])
	default:
		f.none("it has the condition " + parts[0] + ", which is not known here")
	}
}

// trivyReach goes past further marks on lines of their own to what they stand above.
func (p *place) trivyReach(f *Found) {
	first := p.line
	if p.onCommentLine() {
		for first++; first < p.t.lines() && isTrivyLine(p.t.row(first)); first++ {
		}
	}
	if first >= p.t.lines() {
		f.none("nothing follows it")
		return
	}
	f.Reach = []Reach{between(first, p.t.blockAt(first))}
}

// onCommentLine reports whether the line of the word holds nothing but a comment, whatever stands in it.
func (p *place) onCommentLine() bool {
	if !p.whole {
		return false
	}
	start := strings.TrimLeft(p.before, " \t")
	return start == "" || slices.ContainsFunc([]string{"#", "//", "/*", "*"}, func(sign string) bool { return strings.HasPrefix(start, sign) })
}

func isTrivyLine(row []byte) bool {
	text := strings.TrimLeft(string(row[:min(len(row), maxBefore)]), " \t#/*")
	return text != strings.TrimLeft(string(row[:min(len(row), maxBefore)]), " \t") &&
		(strings.HasPrefix(text, "trivy:ignore:") || strings.HasPrefix(text, "tfsec:ignore:"))
}

var kicsCommand = lazy(`^[ \t]*([a-z-]+)(?:=([^\s]*))?(.*)$`)

func readKICS(p *place, f *Found) bool {
	if !p.bare() {
		return false
	}
	m := kicsCommand.get().FindStringSubmatch(strings.ToLower(endComment(p.after)))
	if m == nil {
		f.fail("kics-scan: want ignore, ignore-line, ignore-block, enable= or disable=")
		return true
	}
	f.Reason = reasonOf(m[3])
	if m[3] != "" && m[3][0] != ' ' && m[3][0] != '\t' {
		f.none("KICS reads " + m[1] + " only where a blank or the end of the line follows")
		return true
	}
	switch command := m[1]; command {
	case "ignore-line":
		first := p.line + 1
		if first < p.t.lines() && p.t.kind == docker {
			f.Reach = []Reach{between(p.line, p.t.instructionEnd(first))}
			return true
		}
		f.Reach = []Reach{between(p.line, p.line+1)}
	case "ignore-block":
		p.kicsBlock(f)
	case "ignore", "enable", "disable":
		p.kicsHead(f, command, m[2])
	default:
		f.fail("kics-scan " + command + ": want ignore, ignore-line, ignore-block, enable= or disable=")
	}
	return true
}

// kicsHead reads the commands that hold for a file, and only before its first line.
func (p *place) kicsHead(f *Found, command, list string) {
	for rule := range strings.SplitSeq(list, ",") {
		f.add(strings.TrimSpace(rule))
	}
	switch {
	case command != "ignore" && len(f.Rules) == 0:
		f.fail("kics-scan " + command + "= names no query")
		return
	case command == "ignore" && len(f.Rules) > 0:
		f.fail("kics-scan ignore takes no queries")
		return
	case !p.t.atHead(p.line):
		f.none("KICS reads it only before the first line of the file that is no comment")
		return
	}
	if command == "enable" {
		f.Except, f.Rules = f.Rules, nil
	}
	f.Reach = []Reach{wholeFile()}
}

// kicsBlock is the block that begins on the line below a mark, in YAML below its comment. At the head of a YAML document
// that is the document, and above FROM in a Dockerfile the stage.
func (p *place) kicsBlock(f *Found) {
	first := p.line + 1
	if p.t.kind == yaml {
		first = p.t.nextCode(p.line)
	}
	if first < 1 || first >= p.t.lines() || len(p.t.code(first)) == 0 {
		f.none("no block follows it")
		return
	}
	last := p.t.blockAt(first)
	switch p.t.kind {
	case yaml:
		if d := p.t.document(p.line); p.line == d.first+1 && isDocument(p.t.row(d.first)) {
			last = d.last
		}
	case docker:
		if isFrom(p.t.row(first)) {
			last = p.t.stageEnd(first)
		}
	}
	f.Reach = []Reach{between(p.line, last)}
}

func isFrom(row []byte) bool {
	row = row[:min(len(row), 64)]
	fields := strings.Fields(string(row))
	return len(fields) > 0 && strings.EqualFold(fields[0], "FROM")
}

// stageEnd is the last line before the next FROM.
func (t *text) stageEnd(from int) int {
	for i := from + 1; i < t.lines() && t.budget >= 0; i++ {
		if isFrom(t.row(i)) {
			return i - 1
		}
	}
	return t.lines() - 1
}
