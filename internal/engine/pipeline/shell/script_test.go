package shell

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestDialectOf(t *testing.T) {
	for shell, want := range map[string]Dialect{
		"": Bash, "bash": Bash, "bash -e {0}": Bash, "bash --noprofile --norc -eo pipefail {0}": Bash, "/usr/bin/env bash": Bash, "/bin/bash": Bash, "#!/usr/bin/env -S bash -e": Bash,
		"sh": POSIX, "/bin/sh -ex": POSIX, "dash": POSIX, "pwsh": PowerShell, "powershell": PowerShell, "pwsh -command \". '{0}'\"": PowerShell, "powershell.exe": PowerShell,
		"cmd": Cmd, `C:\Windows\System32\cmd.exe`: Cmd, "python": Python, "python3 {0}": Python, "node {0}": JavaScript, "perl {0}": Other, "nix-shell": Other,
	} {
		if got := DialectOf(shell); got != want {
			t.Errorf("DialectOf(%q) = %v, want %v", shell, got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		name     string
		text     string
		dialect  Dialect
		want     error
		commands int
	}{
		{name: "large", text: strings.Repeat("x", MaxSize+1), want: ErrTooLarge},
		{name: "deep", text: strings.Repeat("(", 100_000), want: ErrTooDeep},
		{name: "deep ifs", text: strings.Repeat("if ", 50_000), want: ErrTooDeep},
		{name: "deep arithmetic", text: "$((" + strings.Repeat("-", 100_000), want: ErrTooDeep},
		{name: "deep powershell", text: strings.Repeat("{", 100_000), dialect: PowerShell, want: ErrTooDeep},
		{name: "nested", text: strings.Repeat("(", 500) + "a" + strings.Repeat(")", 500), want: ErrTooDeep},
		{name: "partial", text: "a\nb\nif", commands: 2},
		{name: "fish", text: "a\nif test x\n  b\nend\n", commands: 1},
	} {
		s, err := Parse(Input{Text: c.text, Dialect: c.dialect})
		if s == nil {
			t.Fatalf("%s: no script", c.name)
		}
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
		if len(s.Commands) != c.commands && c.commands > 0 {
			t.Errorf("%s: %d commands", c.name, len(s.Commands))
		}
	}
}

// TestPOSIX reads as sh what only bash has, and as bash what only sh has: platforms name one and people write the other.
func TestPOSIX(t *testing.T) {
	for _, text := range []string{"[[ a == b ]]", "x=(a b)", "cat <(a)", "a |& b", "function f { :; }"} {
		parse(t, POSIX, text)
	}
	parse(t, Bash, "a() (b)")
}

// look asks everything that can be asked, and says what points outside of the text.
func look(s *Script) error {
	all := func(string) bool { return true }
	within := func(what string, r Range) error {
		if r.Start < 0 || r.End > len(s.Text) || r.Start > r.End {
			return fmt.Errorf("%s: range %v of %d bytes", what, r, len(s.Text))
		}
		return nil
	}
	var errs []error
	for _, c := range s.Commands {
		errs = append(errs, within("command", c.Range), within("name", c.NameWord.Range))
		for _, w := range c.Args {
			errs = append(errs, within("argument", w.Range))
			for _, p := range w.Parts {
				errs = append(errs, within("part", p.Range))
			}
		}
		for _, a := range c.Assigns {
			errs = append(errs, within("assignment", a.Range))
		}
		for _, r := range c.Redirects {
			errs = append(errs, within("redirection", r.Range))
		}
	}
	for _, u := range s.uses {
		errs = append(errs, within("use", u.Part.Range))
	}
	for _, k := range s.Flow(all) {
		errs = append(errs, within("sink", k.Range))
	}
	for i, w := range s.Writes() {
		errs = append(errs, within("write", w.Range))
		if i < 20 {
			s.Origins(w.Parts)
		}
	}
	for i := range s.Contexts() {
		s.Replacement(i, "NAME")
	}
	for _, find := range []func() []Remark{
		s.PipedInstallers, s.PlainHTTP, s.InsecureTransport, s.Unpinned, s.IgnoredScanners, s.Published, s.Deploys, s.LongLivedLogins,
		s.ObfuscatedCode, s.FileModes, func() []Remark { return s.Secrets(all, func(int) bool { return true }) },
	} {
		for _, r := range find() {
			errs = append(errs, within("remark", r.Range))
		}
	}
	return errors.Join(errs...)
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"curl -s https://example.com | sh", "echo \"$T\" >> $GITHUB_ENV", "cat <<EOF\n$x ${y:-$(z)}\nEOF", "cat <<-'EOF'\n\ta\n\tEOF\n", "f() { eval \"$1\"; }; f x",
		"case $x in a) ;; *) exit;; esac", "x=$((a[1]+2))", "if ($x) { iex \"$env:T $(a)\" } else { @'\nx\n'@ }", "set \"X=%Y%\" && echo !X! > a", "bash -c 'a | b'", "[[ $x =~ ^[a-z]+$ ]] || exit 1",
		"${x//[^a]/}", "a \\\n b", "npx a@1", "go run", "cargo +x", "deno run", "printf %", "echo ::a::", "\"", "go -o install", "deno -n run", "cp > x", "= = =", "$x = \"\"", "& \"\"", "cat<<EO&#0000\n000", "a >", "$", "${", "@\"", "<#", "`", "%a:", "^", "aws s3", "uv tool install", "cp", "docker run",
	} {
		for d := Bash; d <= Other; d++ {
			f.Add(seed, uint8(d), uint16(2), uint16(3))
		}
	}
	f.Fuzz(func(t *testing.T, text string, dialect uint8, start, length uint16) {
		in := Input{Text: text, Dialect: Dialect(dialect % 7), Holes: []Range{{Start: int(start), End: int(start) + int(length)}}}
		s, _ := Parse(in)
		if err := look(s); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}

// TestPublicWorkflows reads every script of the workflows under the folders that ASSAY_WORKFLOWS names.
func TestPublicWorkflows(t *testing.T) {
	roots := filepath.SplitList(os.Getenv("ASSAY_WORKFLOWS"))
	if len(roots) == 0 {
		t.Skip("ASSAY_WORKFLOWS names no folder")
	}
	scripts, failed := 0, 0
	begin := time.Now()
	for _, root := range roots {
		for _, text := range workflowScripts(t, root) {
			scripts++
			s, err := Parse(text)
			if err != nil {
				failed++
				t.Logf("%v\n%s", err, firstLines(text.Text))
			}
			if err := look(s); err != nil {
				t.Errorf("%v\n%s", err, text.Text)
			}
			if os.Getenv("ASSAY_SHOW") != "" {
				showRemarks(t, s)
			}
		}
	}
	t.Logf("%d scripts, %d do not parse, %v", scripts, failed, time.Since(begin))
}

func showRemarks(t *testing.T, s *Script) {
	none := func(string) bool { return false }
	for _, find := range []func() []Remark{s.PipedInstallers, s.PlainHTTP, s.InsecureTransport, s.Unpinned, s.IgnoredScanners, s.Published, s.Deploys, s.LongLivedLogins, s.ObfuscatedCode, s.FileModes, func() []Remark { return s.Secrets(none, nil) }} {
		for _, r := range find() {
			t.Logf("REMARK %s %s %s %s %s | %s", r.Kind, r.Tool, r.Detail, r.Package, r.Version, firstLines(s.Text[r.Range.Start:r.Range.End]))
		}
	}
	for _, w := range s.Writes() {
		if w.Variable != "" || w.Workflow != "" {
			t.Logf("WRITE %s | %s", show(s, w), firstLines(s.Text[w.Range.Start:w.Range.End]))
		}
	}
	for _, k := range s.Flow(func(name string) bool {
		return validName(name) && len(name) > 2 && !strings.HasPrefix(name, "GITHUB_") && !strings.HasPrefix(name, "RUNNER_")
	}) {
		if k.Kind > Split && k.Kind != Written {
			c := s.Commands[k.Command]
			t.Logf("SINK %s %v | %s", k.Kind, k.Via, firstLines(s.Text[c.Range.Start:c.Range.End]))
		}
	}
}

func firstLines(text string) string {
	return strings.ReplaceAll(text[:min(len(text), 160)], "\n", "\n    ")
}

// workflowScripts are the run: values of YAML files, with expressions as holes.
func workflowScripts(t *testing.T, root string) []Input {
	var out []Input
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yml") && !strings.HasSuffix(path, ".yaml") {
			return nil
		}
		text, err := os.ReadFile(path)
		var doc yaml.Node
		if err != nil || yaml.Unmarshal(text, &doc) != nil {
			return nil
		}
		collect(&doc, &out, 0)
		return nil
	})
	return out
}

func collect(n *yaml.Node, out *[]Input, depth int) {
	if depth > 30 {
		return
	}
	if n.Kind == yaml.MappingNode {
		run, shell := "", ""
		for i := 0; i+1 < len(n.Content); i += 2 {
			switch n.Content[i].Value {
			case "run":
				run = n.Content[i+1].Value
			case "shell":
				shell = n.Content[i+1].Value
			}
		}
		if run != "" {
			in := holes(run)
			in.Dialect = DialectOf(shell)
			*out = append(*out, in)
		}
	}
	for _, c := range n.Content {
		collect(c, out, depth+1)
	}
}

func holes(text string) Input {
	in := Input{Text: text}
	for at := 0; ; {
		i := strings.Index(in.Text[at:], "${{")
		if i < 0 {
			return in
		}
		i += at
		n := strings.Index(in.Text[i:], "}}")
		if n < 0 {
			return in
		}
		end := i + n + 2
		in.Text = in.Text[:i] + strings.Repeat("X", end-i) + in.Text[end:]
		in.Holes = append(in.Holes, Range{Start: i, End: end})
		at = end
	}
}

const typical = `set -euo pipefail
VERSION="${GITHUB_REF_NAME#v}"
echo "version=$VERSION" >> "$GITHUB_OUTPUT"
if [[ ! "$VERSION" =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]; then
  echo "::error::bad version $VERSION"
  exit 1
fi
curl -sSfL -o tool.tar.gz "https://example.com/tool-$VERSION.tar.gz"
echo "$SHA256  tool.tar.gz" | sha256sum -c -
tar xzf tool.tar.gz && sudo install -m 0755 tool /usr/local/bin/tool
for dir in cmd/*; do
  go build -ldflags "-s -w -X main.version=$VERSION" -o "dist/$(basename "$dir")" "./$dir" || true
done
cat > dist/info.json <<EOF
{"version": "$VERSION", "sha": "$GITHUB_SHA"}
EOF
npm ci
npm run build -- --mode production
docker build -t "registry.example.com/$GITHUB_REPOSITORY:$VERSION" .
docker push "registry.example.com/$GITHUB_REPOSITORY:$VERSION"
`

func BenchmarkThousandParses(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		for range 1000 {
			if _, err := Parse(Input{Text: typical}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkThousandScripts(b *testing.B) {
	for b.Loop() {
		for range 1000 {
			s, err := Parse(Input{Text: typical})
			if err != nil || look(s) != nil {
				b.Fatal(err)
			}
		}
	}
}

// TestGrowth measures that twice the script takes about twice the time.
func TestGrowth(t *testing.T) {
	measure := func(n int) time.Duration {
		best := time.Hour
		text := strings.Repeat(typical, n)
		for range 3 {
			begin := time.Now()
			s, err := Parse(Input{Text: text})
			if err == nil {
				err = look(s)
			}
			if err != nil {
				t.Fatal(err)
			}
			best = min(best, time.Since(begin))
		}
		return best
	}
	small, large := measure(20), measure(160)
	t.Logf("20: %v, 160: %v", small, large)
	if large > small*40+250*time.Millisecond { // a busy machine may well stop for that long
		t.Errorf("eight times the script takes %v in place of %v", large, small)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := parse(t, Bash, typical)
	want := s.Writes()
	done := make(chan string)
	for range 4 {
		go func() { done <- cmp.Diff(fmt.Sprint(want), fmt.Sprint(s.Writes())) }()
	}
	for range 4 {
		if diff := <-done; diff != "" {
			t.Error(diff)
		}
	}
}

// TestHostile asks everything of scripts that are made to take long. Each is below the limits of size, and none may take
// more than a few seconds on a slow machine, nor end the program.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	many := func(s string) string { return strings.Repeat(s, MaxSize/len(s)) }
	openers := func(s string) string { return strings.Repeat(s, (maxOpeners-10)/2/len(s)) }
	for name, in := range map[string]Input{
		"parentheses":   {Text: openers("(")},
		"substitutions": {Text: openers("$(")},
		"quoted":        {Text: openers(`"$(`)},
		"backquotes":    {Text: openers("`")},
		"arithmetic":    {Text: openers("$((")},
		"ifs":           {Text: strings.Repeat("if ", maxOpeners-10)},
		"elifs":         {Text: "if a; then b;" + strings.Repeat("elif a; then b;", 11_000) + "fi"},
		"pipes":         {Text: strings.Repeat("a|", maxOpeners-10) + "a"},
		"ands":          {Text: strings.Repeat("a&&", (maxOpeners-10)/2) + "a"},
		"blocks":        {Text: openers("{ ")},
		"sums":          {Text: "$((1" + strings.Repeat("+1", maxOperators-10) + "))"},
		"tests":         {Text: "[[ " + strings.Repeat("! ", maxOpeners-10) + "a ]]"},
		"words":         {Text: "eval" + many(` "$a"`)[:MaxSize-10]},
		"one word":      {Text: "git " + many("$a")[:MaxSize-10]},
		"options":       {Text: "git" + many(` "$a"`)[:MaxSize-20]},
		"readers":       {Text: "{ " + strings.Repeat("echo $a\n", 6_000) + "} | {" + strings.Repeat("read a\n", 6_000) + "}"},
		"shells":        {Text: "{ " + strings.Repeat("echo $a\n", 6_000) + "} | {" + strings.Repeat("sh\n", 6_000) + "}"},
		"tees":          {Text: "{ " + strings.Repeat("echo $a\n", 6_000) + "} | {" + strings.Repeat("tee f\n", 6_000) + "}"},
		"captures":      {Text: "{ " + strings.Repeat("echo $a\n", 4_000) + "} | {" + strings.Repeat("x=$(cat)\n", 4_000) + "}"},
		"downloads":     {Text: many("curl -o f x://y\n")},
		"guards":        {Text: many("[ $a = b ]||exit;c=$a\n")[:maxOpeners*5]},
		"resets":        {Text: many("[ \"$a\" = b ]||a=\n")[:maxOpeners*5]},
		"elif guards":   {Text: "if [[ $a != b ]]; then c;" + strings.Repeat("elif [[ $a != b ]]; then a=;", 1_900) + "fi"},
		"if guards":     {Text: strings.Repeat("if [[ $a = b ]]; then\n", 190) + strings.Repeat("read a\n", 20_000) + strings.Repeat("fi\n", 190)},
		"case guards":   {Text: "case $a in " + strings.Repeat("b|*[!0-9]*) a=;;", 1_900) + "esac"},
		"temporary":     {Text: "f=$(mktemp)\n" + strings.Repeat("echo $a >$f\n", 6_000) + strings.Repeat("cat $f >g\n", 6_000)},
		"ps entries":    {Text: many("a = "), Dialect: PowerShell},
		"chain":         {Text: chain(6_000)},
		"constants":     {Text: fan(12, 300)},
		"batch":         {Text: many("a||"), Dialect: Cmd},
		"batch words":   {Text: many("%a%"), Dialect: Cmd},
		"here-strings":  {Text: many("@\"\n"), Dialect: PowerShell},
		"comments":      {Text: many("<#"), Dialect: PowerShell},
		"ps blocks":     {Text: strings.Repeat("{", maxOpeners-10), Dialect: PowerShell},
		"ps strings":    {Text: many(`"$a"`), Dialect: PowerShell},
		"ps pipes":      {Text: strings.Repeat("a|", maxOpeners-10), Dialect: PowerShell},
		"holes":         manyHoles("echo ", "X "),
		"holes comment": manyHoles("#", "X "),
		"holes lines":   manyHoles("#", "X\n"),
		"printf":        {Text: "printf '" + many("%s")[:MaxSize/2] + "' " + many("$a ")[:MaxSize/2-20]},
	} {
		t.Log(name)
		begin := time.Now()
		s, _ := Parse(in)
		parsed := time.Since(begin)
		if err := look(s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%s took %v, %v to parse", name, took, parsed)
		} else if took > 500*time.Millisecond {
			t.Logf("%s took %v, %v to parse", name, took, parsed)
		}
	}
}

func chain(n int) string {
	var b strings.Builder
	for i := n; i > 0; i-- {
		fmt.Fprintf(&b, "v%d=$v%d\n", i, i-1)
	}
	return b.String() + "eval $v9"
}

func fan(depth, width int) string {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "v%d=\"%s\"\n", i, strings.Repeat(fmt.Sprintf("$v%d", i+1), width))
	}
	return b.String() + "eval \"$v0\""
}

func manyHoles(before, each string) Input {
	in := Input{Text: before + strings.Repeat(each, (MaxSize-len(before))/len(each))}
	for i := len(before); i < len(in.Text); i += len(each) {
		in.Holes = append(in.Holes, Range{Start: i, End: i + 1})
	}
	return in
}
