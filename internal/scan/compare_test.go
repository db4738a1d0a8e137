package scan_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/engine/secret"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/source"
)

// change lists the paths of what a change brings in; those of the history with a note.
func change(t testing.TB, f *fixture, base string) []string {
	t.Helper()
	var out []string
	for _, fd := range brought(t, f, base) {
		name := string(fd.Place.Kind) + " " + fd.Place.Path
		if fd.Place.Commit != nil {
			name += " in history"
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// brought compares HEAD with a base, as a gate does.
func brought(t testing.TB, f *fixture, base string) []finding.Finding {
	t.Helper()
	ctx, engines := context.Background(), []scan.Engine{choosy(t)}
	repo, err := git.Open(f.dir, git.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	files := func(rev string) (*source.GitFiles, []source.GitEntry) {
		tree, err := repo.ResolveTree(rev)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := source.TreeOf(ctx, repo, tree, &source.Account{})
		if err != nil {
			t.Fatal(err)
		}
		return &source.GitFiles{Repo: repo, Of: finding.Target{Kind: "git-tree"}, Entries: entries}, entries
	}
	head, _ := files("HEAD")
	seen, err := scan.Run(ctx, head, engines, scan.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	old, _ := files(base)
	diff, err := scan.Compare(ctx, seen, old, engines, scan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	from, err := repo.Resolve(base)
	if err != nil {
		t.Fatal(err)
	}
	to, err := repo.Resolve("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	if err := scan.Between(ctx, seen, repo, "", from, to, engines, scan.Options{}); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(seen.Findings, func(fd finding.Finding) bool { return diff.Has(&fd) })
}

// choosy finds the same keys as engineOf, but none in the folder "fine".
func choosy(t testing.TB) *secret.Engine {
	t.Helper()
	c, _, err := secret.ParseConfig("test", []byte("[[rules]]\nid = \"key\"\nregex = '''key_[0-9a-z]{8}'''\nkeywords = [\"key_\"]\n"+
		"[[rules.allowlists]]\npaths = ['''^fine/''']\n"), false)
	if err != nil {
		t.Fatal(err)
	}
	e, err := secret.New(c, secret.Options{Foreign: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

const secretLine = "k = key_aaaa1111\n"

// What a change brings in is what its base did not have, wherever in between it stood.
func TestChange(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(f *fixture)
		want []string
	}{
		{"nothing", func(*fixture) {}, nil},
		{"an old secret taken out at the second attempt", func(f *fixture) {
			f.commit("old", "more\n"+secretLine+"key_bbbb2222 of old\n")
			f.commit("old", "nothing\n")
		}, []string{"file old in history"}},
		{"an old secret taken out", func(f *fixture) {
			f.commit("old", "more\n"+secretLine)
			f.commit("old", "nothing\n")
		}, nil},
		{"added and taken out", func(f *fixture) { f.commit("new", secretLine+"1\n"); f.commit("new", "nothing\n") }, []string{"file new in history"}},
		{"added and moved", func(f *fixture) {
			f.commit("new", "key_cccc3333\n")
			f.git("mv", "new", "newer")
			f.commit("", "")
		}, []string{"file newer"}},
		{"added, moved and taken out", func(f *fixture) {
			f.commit("new", "key_cccc3333\n")
			f.git("mv", "new", "newer")
			f.commit("", "")
			f.git("rm", "-q", "newer")
			f.commit("", "")
		}, []string{"file new in history"}},
		{"a link", func(f *fixture) { f.link("key_cccc3333", "new") }, []string{"file new"}},
		{"a link added and taken out", func(f *fixture) {
			f.link("key_cccc3333", "new")
			f.git("rm", "-q", "new")
			f.commit("", "")
		}, []string{"file new in history"}},
		{"an old file that a link takes the place of", func(f *fixture) {
			f.git("rm", "-q", "old")
			f.link("key_aaaa1111", "old")
		}, []string{"file old"}},
		{"an old file moved", func(f *fixture) { f.git("mv", "old", "older"); f.commit("", "") }, nil},
		{"copied", func(f *fixture) { f.commit("copy", secretLine) }, []string{"file copy"}},
		{"a folder that is named like an archive", func(f *fixture) { f.commit("odd!/old", secretLine+"more\n") }, nil},
		{"copied and taken out", func(f *fixture) { f.commit("copy", secretLine); f.git("rm", "-q", "copy"); f.commit("", "") }, []string{"file copy in history"}},
		{"an old file moved twice", func(f *fixture) {
			f.git("mv", "old", "older")
			f.commit("", "")
			f.git("mv", "older", "oldest")
			f.commit("", "")
		}, nil},
		{"allowed where it was first", func(f *fixture) {
			f.commit("fine/new", "key_cccc3333\n")
			f.git("mv", "fine/new", "new")
			f.commit("", "")
			f.git("rm", "-q", "new")
			f.commit("", "")
		}, []string{"file new in history"}},
		{"a merge of the base's own branch", func(f *fixture) {
			f.git("checkout", "-q", "-b", "topic", "HEAD~1")
			f.commit("other", "1\n")
			f.git("merge", "-q", "--no-edit", "main")
			f.commit("old", "nothing\n")
		}, nil},
		{"what only a merge brings in", func(f *fixture) {
			f.git("checkout", "-q", "-b", "side")
			f.commit("side", "1\n")
			f.git("checkout", "-q", "main")
			f.commit("more", "1\n")
			f.git("merge", "-q", "--no-commit", "side")
			f.commit("evil", "key_dddd4444\n")
			f.git("rm", "-q", "evil")
			f.commit("", "")
		}, []string{"file evil in history"}},
		{"added, and its line edited", func(f *fixture) {
			f.commit("new", "key_cccc3333\n")
			f.commit("new", "it is key_cccc3333 now\n")
		}, []string{"file new"}},
		{"added, its line edited, and taken out", func(f *fixture) {
			f.commit("new", "key_cccc3333\n")
			f.commit("new", "it is key_cccc3333 now\n")
			f.commit("new", "nothing\n")
		}, []string{"file new in history"}},
		{"a message", func(f *fixture) { f.git("commit", "-q", "--allow-empty", "-m", "use key_eeee5555") }, []string{"commit  in history"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.commit("first", "1\n")
			f.commit("odd!/old", secretLine)
			f.commit("old", secretLine)
			f.git("tag", "base")
			tt.make(f)
			if diff := cmp.Diff(tt.want, change(t, f, "base")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
