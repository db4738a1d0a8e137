package git

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/git/odb"
)

func TestResolveAgainstGit(t *testing.T) {
	f := manyRefs(t)
	f.git("checkout", "-q", "-b", "side", "HEAD~1")
	f.commit("dir/b", "1")
	f.git("merge", "-q", "--no-edit", "main")
	f.git("tag", "-a", "-m", "x", "nested", "heavy")
	f.git("tag", "later", "HEAD~1") // a tag and a branch of one name
	f.git("update-ref", "ORIG_HEAD", "main")
	full := f.git("rev-parse", "HEAD")
	r := f.open()

	revs := []string{"HEAD", "@", "main", "topic/one", "heads/later", "later", "tags/light", "refs/tags/heavy", "heavy", "nested",
		"origin/main", "origin", "refs/remotes/origin/HEAD", "notes/commits", "stash", "stash@{0}", "stash@{2}", "HEAD@{1}", "@{1}", "main@{0}",
		"ORIG_HEAD", "HEAD~1", "HEAD~", "HEAD^", "HEAD^1", "HEAD^2", "HEAD^0", "HEAD~0", "HEAD^2~1", "HEAD^^", "HEAD~2", "@~1", "heavy~0", "nested^{}",
		"heavy^{commit}", "nested^{tag}", "heavy^{tree}", "HEAD^{tree}", "HEAD^{object}", "HEAD:dir/b", "HEAD:dir", "HEAD:", "heavy:a", "HEAD~1:a",
		"HEAD:a^", full, strings.ToUpper(full), full[:4], full[:7], full[:39], full + "~1", full[:8] + "^2", full[:9] + ":dir",
		"v1-3-g" + full[:8], "HEAD^3", "HEAD~9", "none", "HEAD:none", "refs", "", "^", "main^{blob}", "0000", "main@{99}", "stash@{9}", "HEAD^{", "a..b", "main~x"}
	for _, rev := range revs {
		want, err := f.try("rev-parse", "--verify", "--quiet", rev)
		got := ""
		id, ourErr := r.resolve(rev, 0)
		if ourErr == nil {
			got = id.String()
		}
		if err != nil {
			want = ""
		}
		want = want[strings.LastIndexByte(want, '\n')+1:] // after a warning about an ambiguous name
		if got != want {
			t.Errorf("%q: %q, %v; git says %q", rev, got, ourErr, want)
		}
	}
}

func TestResolvePeels(t *testing.T) {
	f := manyRefs(t)
	r := f.open()
	want := f.git("rev-parse", "heavy^{commit}")
	if id, err := r.Resolve("heavy"); err != nil || id.String() != want {
		t.Errorf("Resolve(heavy) = %s, %v; want %s", id, err, want)
	}
	if _, err := r.Resolve("HEAD:a"); err == nil || !strings.Contains(err.Error(), "is a blob, not a commit") {
		t.Errorf("Resolve(HEAD:a): %v", err)
	}
}

func TestAmbiguousAbbreviation(t *testing.T) {
	f := newFixture(t)
	f.commit("a", "1")
	byPrefix := map[string][]string{}
	var prefix string
	for i := 0; prefix == ""; i++ {
		id := f.feed(fmt.Sprint(i), "hash-object", "--stdin")
		byPrefix[id[:4]] = append(byPrefix[id[:4]], fmt.Sprint(i))
		if len(byPrefix[id[:4]]) == 2 {
			prefix = id[:4]
		}
		if i > 2000 {
			t.Skip("no two objects that begin alike")
		}
	}
	for _, content := range byPrefix[prefix] {
		f.feed(content, "hash-object", "-w", "--stdin")
	}
	_, err := f.open().resolve(prefix, 0)
	var ambiguous *AmbiguousError
	if !errors.As(err, &ambiguous) || len(ambiguous.Candidates) != 2 {
		t.Errorf("error %v, want two candidates", err)
	}
}

func TestUnknownRevisionNamesNearOnes(t *testing.T) {
	f := manyRefs(t)
	_, err := f.open().Resolve("mian")
	if !errors.Is(err, ErrUnknownRevision) || !strings.Contains(err.Error(), "similar names: main") {
		t.Errorf("error %v; want one that names main", err)
	}
}

func TestRoots(t *testing.T) {
	f := manyRefs(t)
	f.git("worktree", "add", "-q", "--detach", "linked")
	f.write("linked/b", "1")
	f.git("-C", "linked", "add", "-A")
	f.git("-C", "linked", "commit", "-q", "-m", "in the worktree")
	f.commit("a", "amended away")
	f.git("commit", "-q", "--amend", "-m", "other")
	roots, err := f.open().Roots()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, root := range roots {
		if _, ok := got[root.Name]; !ok {
			got[root.Name] = root.ID.String()
		}
	}
	want := map[string]string{}
	for name, rev := range map[string]string{
		"HEAD": "HEAD", "branch later": "later", "branch topic/one": "topic/one", "tag heavy": "heavy",
		"notes commits": "refs/notes/commits", "stash@{0}": "stash@{0}", "stash@{1}": "stash@{1}", "stash@{2}": "stash@{2}",
		"HEAD of worktree linked": "worktrees/linked/HEAD", "reflog of HEAD": "HEAD@{1}",
	} {
		want[name] = f.git("rev-parse", rev)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBrokenRootsDoNotHideOthers(t *testing.T) {
	f := manyRefs(t)
	f.write(".git/worktrees/broken", "a file where a folder should be")
	f.write(".git/refs/heads/broken", "")
	f.write(".git/logs/refs/heads/main", "no reflog\n")
	roots, err := f.open().Roots()
	if err != nil {
		t.Fatal(err)
	}
	var broken []string
	for _, root := range roots {
		if root.Err != nil {
			broken = append(broken, root.Name)
		}
	}
	want := []string{"branch broken", "worktree broken", "reflog of branch main"}
	if diff := cmp.Diff(want, broken); diff != "" || len(roots) < 10 {
		t.Errorf("%d roots, broken (-want +got):\n%s", len(roots), diff)
	}
}

func TestPrunedRoot(t *testing.T) {
	f := newFixture(t)
	f.commit("a", "1")
	gone := f.commit("a", "2")
	f.git("reset", "-q", "--hard", "HEAD~1")
	f.remove(".git/objects/" + gone[:2] + "/" + gone[2:])
	f.remove(".git/ORIG_HEAD")
	r := f.open()
	roots, err := r.Roots()
	if err != nil {
		t.Fatal(err)
	}
	last := roots[len(roots)-1]
	if last.ID.String() != gone || !last.Prunable || !errors.Is(last.Err, odb.ErrMissing) {
		t.Errorf("last root %+v, want %s, missing", last, gone)
	}
}
