package cli_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// hostileNames are file names that try to be read as something else.
var hostileNames = []string{
	"esc\x1b[2J\x1b]0;title\x07.env", "line\nfeed.env", "::error::owned.env", "\n::error file=x::owned\n.env",
	"rtl\u202egnp.env", "iso\u2066late.env", "<script>alert(1)</script>.env", "<img src=x onerror=alert(1)>.env",
	"a|b|c.env", "@everyone.env", "[link](javascript:alert(1)).env", "=cmd()|calc.env", "`tick`.env", "]]>.env", "\"quote'.env",
	"bad\xff\xfeutf8.env", "--output=x.env", "carriage\rreturn.env", "nul␀.env", "##[error]x.env", "&amp;<b>.env",
}

// programs makes a repository's configuration name programs wherever git would start one. Each leaves a file.
func programs(b *bench) (marker string) {
	marker = filepath.Join(b.root, "started")
	script := filepath.Join(b.root, "program")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$0 $*\" >>'"+marker+"'\ncat\n"), 0o755); err != nil {
		b.t.Fatal(err)
	}
	config := fmt.Sprintf(`
[core]
	fsmonitor = %[1]s
	hooksPath = %[2]s
	sshCommand = %[1]s
	pager = %[1]s
	editor = %[1]s
	askPass = %[1]s
	gitProxy = %[1]s
	attributesFile = %[3]s
[diff]
	external = %[1]s
[diff "evil"]
	command = %[1]s
	textconv = %[1]s
[filter "evil"]
	clean = %[1]s
	smudge = %[1]s
	process = %[1]s
	required = true
[merge "evil"]
	driver = %[1]s
[credential]
	helper = !%[1]s
[alias]
	status = !%[1]s
	log = !%[1]s
[gpg]
	program = %[1]s
[uploadpack]
	packObjectsHook = %[1]s
[include]
	path = %[3]s
[remote "origin"]
	url = ext::%[1]s
	uploadpack = %[1]s
	promisor = true
	partialclonefilter = blob:none
[extensions]
	partialClone = origin
`, script, filepath.Join(b.root, "hooks"), filepath.Join(b.root, "attributes"))
	f, err := os.OpenFile(filepath.Join(b.repo, ".git", "config"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(config); err != nil {
		b.t.Fatal(err)
	}
	for _, hook := range []string{"pre-commit", "post-checkout", "post-index-change", "fsmonitor-watchman", "reference-transaction", "pre-auto-gc"} {
		for _, dir := range []string{"hooks", "repo/.git/hooks"} {
			full := filepath.Join(b.root, dir, hook)
			_ = os.MkdirAll(filepath.Dir(full), 0o755)
			if err := os.WriteFile(full, []byte("#!/bin/sh\necho hook >>'"+marker+"'\n"), 0o755); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	return marker
}

func TestHostileRepository(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the names cannot be made here")
	}
	b := newBench(t)
	b.git("init", "-q", "-b", "main", ".")
	b.write("repo/.gitattributes", "*.env filter=evil diff=evil merge=evil\n")
	b.commit("first")
	b.git("branch", "base")
	for _, name := range hostileNames {
		full := filepath.Join(b.repo, name)
		_ = os.MkdirAll(filepath.Dir(full), 0o755)
		if err := os.WriteFile(full, []byte(plant(0)+"\n"), 0o644); err != nil {
			t.Log(err)
		}
	}
	attack := "\x1b[31m::error::owned\n\n::error::owned\n##[error]owned\n<script>alert(1)</script> @everyone \u202e [x](javascript:alert(1)) " + plant(1) + "\n"
	b.write("repo/marked.go", "x() // nosemgrep: =cmd()|calc \u202e<script>alert(1)</script> @everyone [x](javascript:alert(1)) \x1b[31m\n"+
		"y() // #nosec ::error::owned ##[error]owned\n// assay:ignore a/b reason=\"+1|@x\" until=<script>\n")
	b.write("repo/.github/workflows/<img src=x onerror=alert(1)>.yml", "on: pull_request_target\njobs:\n  \"::error::owned\":\n    runs-on: ubuntu-latest\n    steps:\n"+
		"      - run: echo ${{ github.event.pull_request.title }} '<script>alert(1)</script> @everyone ##[error]owned'\n")
	b.git("add", "-A")
	b.git("-c", "user.name=<script>alert(1)</script>\x1b[31m@everyone|", "-c", "user.email=::error::x", "commit", "-q", "--cleanup=verbatim",
		"--author=\u202e::error::\x1b[31m @everyone |[x](y) <script@x>", "-m", attack)
	b.git("branch", "<script>alert(1)</script>@everyone|")
	b.write("repo/staged.env", plant(0)+"\n")
	b.git("add", "-A")
	marker := programs(b)

	args, files := b.everyFormat()
	kept := filepath.Join(b.root, "receipt.json")
	for _, verb := range [][]string{
		{"scan", "--show-suppressed", b.repo}, {"scan", "--history", b.repo}, {"scan", "--staged", b.repo}, {"scan", "git:" + b.repo + "@main"},
		{"gate", "--receipt", kept, "--diff-base", "base", b.repo}, {"gate", "--receipt", kept, "--stage", "scheduled", "--history", b.repo},
		{"gate", "--receipt", kept, "--stage", "build", b.repo}, {"gate", "--receipt", kept, "--stage", "pre-commit", "--staged", b.repo},
		{"gate", "--diff-base", "base", b.repo}, {"gate", "--stage", "deploy", b.repo}, {"baseline", "--baseline", filepath.Join(b.root, "b.json"), b.repo},
	} {
		t.Run(strings.Join(verb[:len(verb)-1], " "), func(t *testing.T) {
			run := verb
			if verb[0] != "baseline" {
				run = append(run, args...)
			}
			code, stdout, stderr := b.run("", run...)
			if code == 2 {
				t.Fatalf("exit code 2: %s", stderr)
			}
			harmless(t, "stdout", stdout)
			harmless(t, "stderr", stderr)
			if verb[0] == "baseline" {
				return
			}
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				harmless(t, filepath.Base(file), string(text))
			}
			hostileComment(t, b)
			if slices.Contains(verb, kept) {
				hostileReceipt(t, b, kept)
			}
		})
	}
	hostileVerbs(t, b)
	// What goes to a CI log goes through standard output; no line of it may be a command.
	for _, f := range []string{"text", "markdown", "junit", "sarif", "html", "jsonl"} {
		_, stdout, stderr := b.run("", "scan", "--history", "-f", f, b.repo)
		harmless(t, f+" on standard output", stdout+stderr)
	}
	if text, err := os.ReadFile(marker); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a program of the repository was started: %s", text)
	}
}

// hostileComment says in a pull request what the last report says, on a page and through a forge's interface.
func hostileComment(t *testing.T, b *bench) {
	t.Helper()
	report := filepath.Join(b.root, "reports", "json")
	code, body, stderr := b.run("", "comment", "--print", report)
	if code != 0 {
		t.Errorf("comment --print: exit code %d: %s", code, stderr)
	}
	harmless(t, "comment", body)
	for _, kind := range []string{"github", "gitlab"} {
		posted := newThreads(t)
		code, stdout, stderr := b.runAmong(map[string]string{"ASSAY_FORGE_TOKEN": "t"}, "comment", "--forge", kind, "--forge-api", posted.URL, "--project", "o/r", "--number", "7", "--always", report)
		if code != 0 || len(posted.bodies()) != 1 {
			t.Errorf("comment on %s: exit code %d, %d comments: %s", kind, code, len(posted.bodies()), stderr)
			continue
		}
		harmless(t, "comment", posted.bodies()[0])
		harmless(t, "stdout", stdout)
		harmless(t, "stderr", stderr)
	}
}

// hostileReceipt wants the last receipt to be one, and to give the same verdict again.
func hostileReceipt(t *testing.T, b *bench, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	harmless(t, "receipt", string(text))
	code, stdout, stderr := b.run("", "replay", file)
	if code != 0 {
		t.Errorf("replay: exit code %d: %s%s", code, stdout, stderr)
	}
	harmless(t, "stdout", stdout)
	harmless(t, "stderr", stderr)
}

// hostileVerbs are those that look at a repository and write no report of the usual kinds.
func hostileVerbs(t *testing.T, b *bench) {
	for _, verb := range [][]string{
		{"exceptions", "census", b.repo}, {"exceptions", "census", "--format", "json", b.repo}, {"exceptions", "census", "--format", "csv", b.repo},
		{"exceptions", "census", "--format", "html", b.repo}, {"exceptions", "list", b.repo}, {"doctor", b.repo}, {"fix", b.repo},
	} {
		t.Run(strings.Join(verb[:len(verb)-1], " "), func(t *testing.T) {
			code, stdout, stderr := b.run("", verb...)
			if code == 2 && verb[0] != "doctor" { // which says of such a configuration that it is broken
				t.Errorf("exit code 2: %s", stderr)
			}
			name := verb[0]
			if len(verb) > 3 {
				name = verb[3]
			}
			harmless(t, name, stdout)
			harmless(t, "stderr", stderr)
		})
	}
}

// withoutCode takes out of Markdown what stands in code spans and blocks, where nothing is read as markup: from a run of
// backticks to the next run of the same length.
func withoutCode(text string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(text, '`')
		if open < 0 {
			return b.String() + text
		}
		n := ticks(text[open:])
		end := open + n
		for end < len(text) && (text[end] != '`' || ticks(text[end:]) != n) {
			end += max(1, ticks(text[end:]))
		}
		if end == len(text) { // no code: the run stands for itself
			b.WriteString(text[:open+n])
			text = text[open+n:]
			continue
		}
		b.WriteString(text[:open])
		text = text[end+n:]
	}
}

func ticks(text string) int { return len(text) - len(strings.TrimLeft(text, "`")) }

// ownCommands are the formats that speak to a CI system, and what a line of each may be: one command, with a title of ours.
var ownCommands = map[string]*regexp.Regexp{
	"github": regexp.MustCompile(`^::(error|warning|notice) (file=[^,:\r\n]*,)?(line=\d+,endLine=\d+,)?(col=\d+,endColumn=\d+,)?title=[^,:\r\n]+::[^\r\n]+\n$`),
	"azure":  regexp.MustCompile(`^##vso\[task\.logissue type=(error|warning);[^\]\r\n]*\][^\r\n]+\n$|^assay: [^#\r\n]*\n$`),
}

// harmless wants a report that nothing of it can be read as a command, markup or a picture of something else.
func harmless(t *testing.T, name, text string) {
	t.Helper()
	bads := []string{"\x1b", "\u202e", "\u2066", "\x07"}
	switch name {
	case "html", "junit":
		bads = append(bads, "<script>alert", "<img src=x", "href=\"javascript")
	case "markdown", "github-summary", "comment":
		text = withoutCode(text)
		bads = append(bads, "<script>alert", "<img src=x", "](javascript", "@everyone")
	}
	for _, bad := range bads {
		if at := strings.Index(text, bad); at >= 0 {
			t.Errorf("%s holds %q: %q", name, bad, text[max(0, at-60):min(len(text), at+60)])
		}
	}
	for line := range strings.Lines(text) {
		if own := ownCommands[name]; own != nil {
			if !own.MatchString(line) || strings.Contains(line, "##[") || strings.Count(line, "##vso[") > 1 {
				t.Errorf("%s has a line that is not its own: %q", name, line)
			}
		} else if l := strings.TrimLeft(line, " \t"); strings.HasPrefix(l, "::") || strings.HasPrefix(l, "##[") || strings.HasPrefix(l, "##vso[") {
			t.Errorf("%s has a line that a CI system obeys: %q", name, line)
		}
		if name == "csv" {
			line = strings.TrimSuffix(line, "\r\n") // as RFC 4180 ends a line
		}
		if strings.ContainsRune(line, '\r') {
			t.Errorf("%s holds a carriage return: %q", name, line)
		}
	}
	switch name {
	case "json", "sarif", "gitlab-sast", "gitlab-secret-detection", "receipt":
		if !json.Valid([]byte(text)) {
			t.Errorf("%s is not valid JSON", name)
		}
	case "junit":
		d := xml.NewDecoder(strings.NewReader(text))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("junit: %v", err)
				break
			}
		}
	}
}
