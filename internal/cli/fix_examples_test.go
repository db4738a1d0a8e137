package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rhysd/actionlint"
	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/cli"
	"github.com/assaysec/assay/internal/report/json"
	"github.com/assaysec/assay/internal/risk"
)

const examples = "../rules/pipeline/testdata"

// exampleName is where an example that is one file lies in a repository.
func exampleName(rule string) string {
	switch platform, _, _ := strings.Cut(rule, "-"); platform {
	case "gitlab":
		return ".gitlab-ci.yml"
	case "azure":
		return "azure-pipelines.yml"
	}
	return ".github/workflows/w.yml"
}

// badExample are the files of a rule's bad example.
func badExample(t *testing.T, rule string) map[string]string {
	t.Helper()
	base := filepath.Join(examples, rule, "bad")
	if text, err := os.ReadFile(base + ".yml"); err == nil {
		return map[string]string{exampleName(rule): string(text)}
	}
	text, err := os.ReadFile(base + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range txtar.Parse(text).Files {
		files[f.Name] = string(f.Data)
	}
	return files
}

// dresses are ways to write one and the same file.
var dresses = []struct {
	name string
	put  func(string) string
}{
	{"as it is", func(s string) string { return s }},
	{"lines that end with CRLF, but the last", func(s string) string { return strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\r\n") }},
	{"quotes around names", func(s string) string { return quotable.ReplaceAllString(s, `$1"$2"$3`) }},
	{"anchors, and no end of the last line", func(s string) string {
		n := 0
		return quotable.ReplaceAllStringFunc(strings.TrimRight(s, "\n"), func(m string) string {
			n++
			return quotable.ReplaceAllString(m, fmt.Sprintf("${1}&a%d ${2}${3}", n))
		})
	}},
	{"a byte order mark, tabs, and long comments", func(s string) string {
		return "\ufeff" + plainLine.ReplaceAllString(s, "$0\t# "+strings.Repeat("long ", 1000))
	}},
	{"keys in quotes, and comments between", func(s string) string { return key.ReplaceAllString(s, "$1# before $3\n$1$2'$3':") }},
	{"steps in braces", func(s string) string { return oneLineStep.ReplaceAllString(s, "$1- {$2}$3") }},
	{"folded scripts", func(s string) string { return strings.ReplaceAll(s, ": |\n", ": >-\n") }},
}

var (
	// plainLine is a line with a key and a value of letters, which a comment or space may follow.
	plainLine = regexp.MustCompile(`(?m)^ *(- )?(uses|name|runs-on|persist-credentials|continue-on-error|permissions): *[\w./@-]+$`)
	// key is one that stands at the first place of a line.
	key = regexp.MustCompile(`(?m)^( *)(- )?(uses|name|runs-on|on|jobs|steps|permissions|with|env|run|if|script|variables):`)
	// oneLineStep is a step that is nothing but an action or a short script.
	oneLineStep = regexp.MustCompile(`(?m)^( +)- ((?:uses|run): *[\w./@ -]+)(\n {0,6}- |\n {0,4}\w|\n*\z)`)
)

// quotable are the names after uses, which may be quoted or anchored without a change of meaning.
var quotable = regexp.MustCompile(`(uses: )([^ '"&*\r\n]+)([ \r\n]|$)`)

// TestFixExamples applies what can be fixed of the bad example of every rule, in every dress, as a user does.
func TestFixExamples(t *testing.T) {
	dirs, err := os.ReadDir(examples)
	if err != nil {
		t.Fatal(err)
	}
	fixed := map[string]bool{}
	for _, d := range dirs {
		plain := false
		for _, dress := range dresses {
			t.Run(d.Name()+"/"+dress.name, func(t *testing.T) {
				files := badExample(t, d.Name())
				for name, text := range files {
					files[name] = dress.put(text)
				}
				f := newFixing(t, files)
				f.check(t)
				maps.Copy(fixed, f.fixed)
				plain = len(f.fixed) == 0
			})
			if plain {
				break // nothing to fix in any dress
			}
		}
	}
	t.Logf("rules with a fix: %s", strings.Join(slices.Sorted(maps.Keys(fixed)), " "))
	if len(fixed) < 25 {
		t.Errorf("%d rules are fixed, want 25 at least", len(fixed))
	}
}

// A fixing is files in a folder before and after assay fix --write.
type fixing struct {
	dir         string
	old, now    map[string]string
	found, left []risk.Risk
	fixed       map[string]bool // rules whose findings had a fix
}

var usesLine = regexp.MustCompile(`uses'?: *(?:&\w+ )?["']?([\w.-]+/[\w.-]+)(?:/[\w./-]+)?@([\w.+/-]+)`)

// newFixing fixes files. All actions have a pin.
func newFixing(t *testing.T, files map[string]string) *fixing {
	t.Helper()
	f := &fixing{dir: t.TempDir(), old: files, now: map[string]string{}, fixed: map[string]bool{}}
	pins := map[string]bool{}
	for name, text := range files {
		put(t, filepath.Join(f.dir, name), text)
		for _, m := range usesLine.FindAllStringSubmatch(text, -1) {
			pins[m[1]+"@"+m[2]] = true
		}
	}
	lines := "pins:\n"
	for i, uses := range slices.Sorted(maps.Keys(pins)) {
		lines += fmt.Sprintf("  - {uses: %q, commit: %040x, version: v1.2.3, checked: 2026-11-24}\n", uses, 0xabcdef1234+i)
	}
	put(t, filepath.Join(f.dir, ".assay/pins.yaml"), lines)
	f.found = findingsOf(t, f.dir)
	for i := range f.found {
		if r := &f.found[i]; fixable(r) {
			f.fixed[r.Rule] = true
		}
	}
	f.run(t, "--write")
	for name := range files {
		text, err := os.ReadFile(filepath.Join(f.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		f.now[name] = string(text)
	}
	f.left = findingsOf(t, f.dir)
	return f
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, path, text)
}

// run is assay fix in the folder.
func (f *fixing) run(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	code, stdout, stderr := runCLI(t, append([]string{"fix", "--no-cache", "--engine", "pipeline", f.dir}, args...)...)
	if code != cli.Done {
		t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
	}
	return stdout, stderr
}

func runCLI(t *testing.T, args ...string) (code int, out, notes string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = cli.Main(t.Context(), args, cli.Env{
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Getenv: func(string) string { return "" },
		Now:    func() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) },
		Width:  func(io.Writer) int { return 0 },
	})
	return code, stdout.String(), stderr.String()
}

// findingsOf are those of the pipeline engine in a folder.
func findingsOf(t *testing.T, dir string) []risk.Risk {
	t.Helper()
	code, stdout, stderr := runCLI(t, "scan", "--no-cache", "--engine", "pipeline", "-f", "json", dir)
	if code != cli.Incomplete { // for the secret engine is required, and was not asked
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	doc, err := json.Read(strings.NewReader(stdout))
	if err != nil {
		t.Fatal(err)
	}
	return doc.Findings
}

// fixable reports whether a finding brings its fix or gets one from the pins.
func fixable(r *risk.Risk) bool {
	return len(r.Fixes) > 0 || r.Rule == "pipeline/github-action-unpinned" || r.Rule == "pipeline/github-short-commit"
}

// check holds the files after the fix against those before.
func (f *fixing) check(t *testing.T) {
	t.Helper()
	for name, old := range f.old {
		now := f.now[name]
		bad := f.changedLines(name)
		if old == now {
			if len(bad) > 0 {
				t.Errorf("%s has fixes, and did not change", name)
			}
			continue
		}
		for _, fault := range slices.Concat(untouched(old, now, bad), sameDress(old, now), sameMeaning(old, now), f.lint(name, old, now)) {
			t.Errorf("%s: %s", name, fault)
		}
		if t.Failed() {
			t.Logf("%s (-before +after):\n%s", name, cmp.Diff(strings.Split(old, "\n"), strings.Split(now, "\n")))
		}
	}
	before, after := map[string]int{}, map[string]int{}
	for i := range f.found {
		if before[f.found[i].Rule]++; fixable(&f.found[i]) {
			before[f.found[i].Rule]--
		}
	}
	for _, r := range f.left {
		after[r.Rule]++
	}
	for rule, n := range after {
		if n > before[rule] {
			t.Errorf("%d findings of %s after the fix, want %d", n, rule, before[rule])
		}
	}
	if stdout, stderr := f.run(t, "--write"); stdout != "" || stderr != "assay: nothing to fix\n" {
		t.Errorf("a second run says:\n%s%s", stdout, stderr)
	}
}

// changedLines are the lines of a file that its fixes may change.
func (f *fixing) changedLines(name string) map[int]bool {
	lines := map[int]bool{}
	add := func(from, to int) {
		for n := from; n <= to; n++ {
			lines[n] = true
		}
	}
	for i := range f.found {
		r := &f.found[i]
		switch {
		case r.Place.Path != name || !fixable(r):
		case len(r.Fixes) == 0:
			add(r.Place.Start.Line, r.Place.End.Line)
		default:
			for _, e := range r.Fixes[0].Edits {
				add(e.Start.Line, e.End.Line)
			}
		}
	}
	return lines
}

// untouched checks that all other lines are still there, in their order.
func untouched(old, now string, changed map[int]bool) []string {
	rest := strings.SplitAfter(now, "\n")
	for i, line := range strings.SplitAfter(old, "\n") {
		if changed[i+1] {
			continue
		}
		at := slices.Index(rest, line)
		if at < 0 {
			return []string{fmt.Sprintf("line %d is gone or has moved: %q", i+1, line)}
		}
		rest = rest[at+1:]
	}
	return nil
}

var comment = regexp.MustCompile(`(?m)(?:^|\s)#\s*([^\r\n]*\S)`)

// sameDress checks the ends of lines and of the file, and that no comment is lost.
func sameDress(old, now string) []string {
	var faults []string
	if strings.HasSuffix(old, "\n") != strings.HasSuffix(now, "\n") {
		faults = append(faults, "the end of the last line differs")
	}
	if crlf := strings.Contains(old, "\r\n"); crlf && strings.Count(now, "\n") != strings.Count(now, "\r\n") || !crlf && strings.Contains(now, "\r") {
		faults = append(faults, "ends of lines differ")
	}
	for _, m := range comment.FindAllStringSubmatch(old, -1) {
		if !strings.Contains(now, m[1]) {
			faults = append(faults, fmt.Sprintf("the comment %q is lost", m[1]))
		}
	}
	return faults
}

// mayChange are the places in pipelines whose values fixes change.
var mayChange = regexp.MustCompile(`(^|/)(permissions(/[a-z-]+)?|env/[A-Z][A-Z0-9_]*|run|uses|if|script(/\d+)?|bash|pwsh|powershell|inlineScript|with/(persist-credentials|script|[a-z_-]*(fail|exit|warn|only|on)[a-z_-]*)|continue-on-error|` +
	`allow_failure|continueOnError|forward/\w+|unprotect|variables/[A-Za-z._]+|persistCredentials|cooldown/default-days|updates/github-actions/.*|insecure-external-code-execution|include(/\d+)?(/remote)?)$`)

// sameMeaning checks that both texts are YAML, and that values differ in the places of fixes alone.
func sameMeaning(old, now string) []string {
	before, err1 := values(old)
	after, err2 := values(now)
	if err1 != nil || err2 != nil {
		return []string{fmt.Sprintf("not readable: %v, %v", err1, err2)}
	}
	var faults []string
	for path := range before {
		if before[path] != after[path] && !mayChange.MatchString(path) {
			faults = append(faults, fmt.Sprintf("%s was %q and is %q", path, before[path], after[path]))
		}
	}
	for path := range after {
		if _, ok := before[path]; !ok && !mayChange.MatchString(path) {
			faults = append(faults, fmt.Sprintf("%s is new: %q", path, after[path]))
		}
	}
	slices.Sort(faults)
	return faults
}

// values are all scalars of a text by their paths.
func values(text string) (map[string]string, error) {
	out := map[string]string{}
	dec := yaml.NewDecoder(strings.NewReader(text))
	for {
		var n yaml.Node
		err := dec.Decode(&n)
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		collect(&n, "", out)
	}
}

func collect(n *yaml.Node, path string, out map[string]string) {
	switch n.Kind {
	case yaml.DocumentNode:
		collect(n.Content[0], path, out)
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			collect(n.Content[i+1], path+"/"+n.Content[i].Value, out)
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			name := fmt.Sprint(i)
			if item.Kind == yaml.MappingNode && len(item.Content) > 0 && item.Content[0].Value == "package-ecosystem" {
				name = item.Content[1].Value // an entry of Dependabot's, which may come before another
			}
			collect(item, path+"/"+name, out)
		}
	case yaml.ScalarNode:
		out[path] = n.Value
	case yaml.AliasNode:
		out[path] = "*" + n.Value
	}
}

// lint lists what actionlint says of a workflow after a fix and did not say before.
func (f *fixing) lint(name, old, now string) []string {
	if !strings.HasPrefix(name, ".github/workflows/") {
		return nil
	}
	before := complaints(old)
	var faults []string
	for _, c := range complaints(now) {
		if i := slices.Index(before, c); i >= 0 {
			before = slices.Delete(before, i, i+1)
			continue
		}
		faults = append(faults, "actionlint: "+c)
	}
	return faults
}

// complaints are actionlint's messages, its rules that start programs left out.
func complaints(text string) []string {
	var b bytes.Buffer
	linter, err := actionlint.NewLinter(&b, &actionlint.LinterOptions{Shellcheck: "", Pyflakes: ""})
	if err != nil {
		return []string{err.Error()}
	}
	errs, err := linter.Lint("w.yml", []byte(text), nil)
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for _, e := range errs {
		out = append(out, position.ReplaceAllString(e.Message, ""))
	}
	return out
}

// position is a place that a message names.
var position = regexp.MustCompile(`line:?\s*\d+,\s*col(umn)?:?\s*\d+`)
