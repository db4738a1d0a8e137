package cli_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/report/json"
	"github.com/assaysec/assay/internal/risk"
)

// places are where a credential can stand, by the names that docs/places.md has for them. Each is given a repository whose
// first commit is on the server, puts the token somewhere, commits, and returns the references that are then pushed.
var places = []struct {
	name  string
	plant func(b *bench, token string) (refs []string)
}{
	{"a file", func(b *bench, token string) []string {
		b.write("repo/a.txt", "token: "+token+"\n")
		return b.head("change")
	}},
	{"a file that a later commit took out", func(b *bench, token string) []string {
		b.write("repo/a.txt", "token: "+token+"\n")
		b.commit("change")
		b.git("rm", "-q", "a.txt")
		return b.head("gone")
	}},
	{"what a symbolic link points to", func(b *bench, token string) []string {
		b.link("store/"+token, "link")
		return b.head("change")
	}},
	{"what a link points to that is there", func(b *bench, token string) []string {
		b.write("outside/"+token+"/f", "x\n")
		b.link(filepath.Join("..", "outside", token), "link")
		return b.head("change")
	}},
	{"what a link pointed to that a later commit took out", func(b *bench, token string) []string {
		b.link("store/"+token, "link")
		b.commit("change")
		b.git("rm", "-q", "link")
		return b.head("gone")
	}},
	{"the name of a file", func(b *bench, token string) []string {
		b.write("repo/"+token+".txt", "x\n")
		return b.head("change")
	}},
	{"the name of a file that a later commit took out", func(b *bench, token string) []string {
		b.write("repo/"+token+".txt", "x\n")
		b.commit("change")
		b.git("rm", "-q", token+".txt")
		return b.head("gone")
	}},
	{"what a link in an archive points to", func(b *bench, token string) []string {
		b.write("repo/a.tar", tarOf(b.t, &tar.Header{Name: "link", Typeflag: tar.TypeSymlink, Linkname: "store/" + token}))
		return b.head("change")
	}},
	{"the name of an archive", func(b *bench, token string) []string {
		b.write("repo/"+token+".tar", tarOf(b.t, &tar.Header{Name: "member"}))
		return b.head("change")
	}},
	{"the name of a member of an archive", func(b *bench, token string) []string {
		b.write("repo/a.tar", tarOf(b.t, &tar.Header{Name: "in/" + token}))
		return b.head("change")
	}},
	{"the name of a folder", func(b *bench, token string) []string {
		b.write("repo/in/"+token+"/a.txt", "x\n")
		return b.head("change")
	}},
	{"the name of a link", func(b *bench, token string) []string {
		b.link("README", token)
		return b.head("change")
	}},
	{"the address of a submodule in `.gitmodules`", func(b *bench, token string) []string {
		b.write("repo/.gitmodules", "[submodule \"m\"]\n\tpath = m\n\turl = https://x:"+token+"@example.com/m.git\n")
		return b.head("change")
	}},
	{"the message of a commit", func(b *bench, token string) []string {
		return b.head("change with " + token)
	}},
	{"the message of a merge", func(b *bench, token string) []string {
		b.merge("merge " + token)
		return []string{"refs/heads/main"}
	}},
	{"a file that only a merge brings", func(b *bench, token string) []string {
		b.merge("merge")
		b.write("repo/evil.txt", "token: "+token+"\n")
		b.git("add", "-A")
		b.git("commit", "-q", "--amend", "-m", "merge")
		return []string{"refs/heads/main"}
	}},
	{"an author's name", func(b *bench, token string) []string { return b.byHand("author "+token+" <a@example.com>", "") }},
	{"an author's address", func(b *bench, token string) []string {
		return b.byHand("author Ada <"+token+"@example.com>", "")
	}},
	{"a committer's name", func(b *bench, token string) []string {
		return b.byHand("", "committer "+token+" <a@example.com>")
	}},
	{"a committer's address", func(b *bench, token string) []string {
		return b.byHand("", "committer Ada <"+token+"@example.com>")
	}},
	{"an author of the first commit of a branch without a base", func(b *bench, token string) []string {
		b.git("checkout", "-q", "--orphan", "fresh")
		b.git("commit", "-q", "-m", "fresh")
		text := strings.Replace(b.git("cat-file", "commit", "HEAD"), "author Ada <", "author "+token+" <", 1)
		b.git("update-ref", "refs/heads/fresh", b.object("commit", text))
		return []string{"refs/heads/fresh"}
	}},
	{"a tag that a merge holds", func(b *bench, token string) []string {
		return b.byHand("", "mergetag object "+b.git("rev-parse", "HEAD")+"\n type commit\n tag v1\n tagger Ada <a@example.com> 1790000000 +0000\n \n as "+token)
	}},
	{"the message of a tag", func(b *bench, token string) []string {
		b.git("tag", "-a", "-m", "for "+token, "v1")
		return []string{"refs/tags/v1"}
	}},
	{"a tagger's name", func(b *bench, token string) []string {
		return b.tagByHand(token + " <a@example.com>")
	}},
	{"a tagger's address", func(b *bench, token string) []string {
		return b.tagByHand("Ada <" + token + "@example.com>")
	}},
	{"the message of a tag of a tree", func(b *bench, token string) []string {
		b.git("tag", "-a", "-m", "for "+token, "v1", "HEAD^{tree}")
		return []string{"refs/tags/v1"}
	}},
	{"the message of a tag of a file", func(b *bench, token string) []string {
		b.git("tag", "-a", "-m", "for "+token, "v1", "HEAD:README")
		return []string{"refs/tags/v1"}
	}},
	{"a file that only a tag names", func(b *bench, token string) []string {
		b.git("tag", "-a", "-m", "file", "v1", b.object("blob", "token: "+token+"\n"))
		return []string{"refs/tags/v1"}
	}},
	{"a link in a tree that only a tag names", func(b *bench, token string) []string {
		b.link("store/"+token, "link")
		b.git("add", "link")
		tree := b.git("write-tree")
		b.git("rm", "-q", "--cached", "link")
		_ = os.Remove(filepath.Join(b.repo, "link"))
		b.git("tag", "-a", "-m", "tree", "v1", tree)
		return []string{"refs/tags/v1"}
	}},
	{"the name of a tag", func(b *bench, token string) []string {
		b.git("tag", token)
		return []string{"refs/tags/" + token}
	}},
	{"the name of a branch", func(b *bench, token string) []string {
		b.git("branch", "fix/"+token)
		return []string{"refs/heads/fix/" + token}
	}},
	{"a note (`git notes`)", func(b *bench, token string) []string {
		b.git("notes", "add", "-m", "token: "+token)
		return []string{"refs/notes/commits"}
	}},
}

func tarOf(t *testing.T, headers ...*tar.Header) string {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range headers {
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func (b *bench) link(to, name string) {
	b.t.Helper()
	if err := os.Symlink(to, filepath.Join(b.repo, name)); err != nil {
		b.t.Skip(err)
	}
}

func (b *bench) head(message string) []string {
	b.commit(message)
	return []string{"refs/heads/main"}
}

// merge merges a side branch.
func (b *bench) merge(message string) {
	b.git("checkout", "-q", "-b", "side")
	b.write("repo/side", "x\n")
	b.commit("side")
	b.git("checkout", "-q", "main")
	b.write("repo/main", "x\n")
	b.commit("main")
	b.git("merge", "-q", "--no-ff", "-m", message, "side")
}

// object writes an object as it is.
func (b *bench) object(kind, text string) string {
	b.write("object", text+"\n")
	return b.git("hash-object", "-w", "--literally", "-t", kind, filepath.Join(b.root, "object"))
}

// byHand makes a commit with other headers.
func (b *bench) byHand(author, more string) []string {
	b.commit("change")
	text := b.git("cat-file", "commit", "HEAD")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		_, date, _ := strings.Cut(line, "> ")
		switch {
		case strings.HasPrefix(line, "author ") && author != "":
			lines[i] = author + " " + date
		case strings.HasPrefix(line, "committer ") && strings.HasPrefix(more, "committer "):
			lines[i] = more + " " + date
		case strings.HasPrefix(line, "committer ") && more != "":
			lines[i] += "\n" + more
		}
	}
	b.git("update-ref", "refs/heads/main", b.object("commit", strings.Join(lines, "\n")))
	return []string{"refs/heads/main"}
}

func (b *bench) tagByHand(tagger string) []string {
	b.git("update-ref", "refs/tags/v1", b.object("tag", "object "+b.git("rev-parse", "HEAD")+"\ntype commit\ntag v1\ntagger "+tagger+" 1790000000 +0000\n\nsaid"))
	return []string{"refs/tags/v1"}
}

// push gives the lines that git would give to a hook.
func (b *bench) push(server string, refs []string) string {
	var lines strings.Builder
	zero := strings.Repeat("0", 40)
	for _, ref := range refs {
		old := zero
		if ref == "refs/heads/main" {
			old = b.git("rev-parse", "base")
		}
		if server != "" {
			b.git("push", "-q", server, ref+":refs/quarantine/x")
			b.git("--git-dir", server, "update-ref", "-d", "refs/quarantine/x")
			fmt.Fprintf(&lines, "%s %s %s\n", old, b.git("rev-parse", ref), ref)
			continue
		}
		fmt.Fprintf(&lines, "%s %s %s %s\n", ref, b.git("rev-parse", ref), ref, old)
	}
	return lines.String()
}

// ways are the columns of the table, each with the verbs that it stands for. Those that take commits away come last.
var ways = []struct {
	column int
	name   string
	run    func(b *bench, refs []string) (code int, output string)
}{
	{0, "folder", func(b *bench, _ []string) (int, string) { return b.asks("--stage", "build", b.repo) }},
	{1, "git:", func(b *bench, _ []string) (int, string) { return b.asks("--stage", "build", "git:"+b.repo+"@HEAD") }},
	{3, "--diff-base", func(b *bench, _ []string) (int, string) { return b.asks("--diff-base", "base", b.repo) }},
	{4, "--history", func(b *bench, _ []string) (int, string) { return b.asks("--stage", "build", "--history", b.repo) }},
	{5, "pre-push", func(b *bench, refs []string) (int, string) {
		b.git("update-ref", "refs/remotes/origin/main", "base")
		b.t.Chdir(b.repo)
		code, stdout, stderr := b.run(b.push("", refs), "hook", "run", "pre-push", "origin", "x")
		return code, stdout + stderr
	}},
	{5, "pre-receive", func(b *bench, refs []string) (int, string) {
		server := filepath.Join(b.root, "server.git")
		b.git("init", "-q", "--bare", "-b", "main", server)
		b.git("push", "-q", server, "base:refs/heads/main")
		lines := b.push(server, refs)
		b.t.Chdir(server)
		code, stdout, stderr := b.run(lines, "hook", "receive")
		return code, stdout + stderr
	}},
	{2, "--staged", func(b *bench, _ []string) (int, string) {
		b.git("reset", "-q", "--soft", "base")
		return b.asks("--stage", "pre-commit", "--staged", b.repo)
	}},
	{2, "pre-commit", func(b *bench, _ []string) (int, string) {
		b.t.Chdir(b.repo)
		code, stdout, stderr := b.run("", "hook", "run", "pre-commit")
		return code, stdout + stderr
	}},
}

// asks asks the gate, and holds that it denies what is found and nothing else.
func (b *bench) asks(args ...string) (int, string) {
	b.t.Helper()
	code, stdout, stderr := b.run("", append([]string{"gate", "--no-cache", "-f", "json"}, args...)...)
	r, err := json.Read(strings.NewReader(stdout))
	if err != nil {
		return code, stdout + stderr
	}
	if found := slices.ContainsFunc(r.Findings, func(f risk.Risk) bool { return f.Rule == "secret/github-personal-access-token" }); found != (code == 1) {
		b.t.Errorf("found: %v, exit code %d", found, code)
	}
	return code, stdout + stderr
}

// cells are what the table in docs/places.md may say, with the exit code that it means.
var cells = map[string]int{"●": 1, "–": 0, "no base": 2}

// readPlaces reads the table of docs/places.md.
func readPlaces(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "places.md"))
	if err != nil {
		t.Fatal(err)
	}
	table := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		row := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		if len(row) == 7 {
			if _, is := cells[row[1]]; is {
				table[row[0]] = row[1:]
			}
		}
	}
	return table
}

// TestPlaces puts a token in every place that docs/places.md names, and asks every verb about it: what the table says is
// found must be refused, and no answer may show it.
func TestPlaces(t *testing.T) {
	table := readPlaces(t)
	token := "ghp_" + whole(planted[0].value)
	for _, p := range places {
		row := table[p.name]
		delete(table, p.name)
		t.Run(p.name, func(t *testing.T) {
			if row == nil {
				t.Fatal("not in docs/places.md")
			}
			b := newBench(t)
			b.git("init", "-q", "-b", "main", ".")
			b.write("repo/README", "nothing\n")
			b.commit("first")
			b.git("branch", "base")
			refs := p.plant(b, token)
			for _, w := range ways {
				t.Run(w.name, func(t *testing.T) {
					b := *b
					b.t = t
					code, output := w.run(&b, refs)
					if want, ok := cells[row[w.column]]; !ok || code != want {
						t.Errorf("exit code %d, where the table says %q:\n%s", code, row[w.column], output)
					}
					for i := 0; i+8 <= len(token); i++ {
						if strings.Contains(output, token[i:i+8]) {
							t.Fatalf("the token is shown:\n%s", output)
						}
					}
				})
			}
		})
	}
	for name := range table {
		t.Errorf("nothing tests %q of docs/places.md", name)
	}
}
