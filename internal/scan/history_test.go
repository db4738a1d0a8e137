package scan_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/engine/secret"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/scan"
)

// A fixture is a repository made by the git binary.
type fixture struct {
	t     testing.TB
	dir   string
	clock int
}

func newFixture(t testing.TB, args ...string) *fixture {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git to make repositories with")
	}
	f := &fixture{t: t, dir: t.TempDir()}
	f.git(append([]string{"init", "-q", "-b", "main"}, append(args, ".")...)...)
	return f
}

func (f *fixture) git(args ...string) string {
	f.t.Helper()
	f.clock++
	date := fmt.Sprintf("%d +0000", 1_790_000_000+f.clock)
	cmd := exec.Command("git", args...)
	cmd.Dir = f.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=a@example.com", "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (f *fixture) write(name, text string) {
	f.t.Helper()
	full := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) commit(name, text string) string {
	f.t.Helper()
	if name != "" {
		f.write(name, text)
	}
	f.git("add", "-A")
	f.git("commit", "-q", "--allow-empty", "-m", "change "+name)
	return f.git("rev-parse", "HEAD")
}

func history(t testing.TB, dir string, engine scan.Engine) *scan.Report {
	t.Helper()
	repo, err := git.Open(dir, git.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	r, err := scan.RunHistory(context.Background(), "test", repo, "", nil, []scan.Engine{engine}, scan.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// engineOf finds keys of the form key_ABC… in a rule of its own, so that tests need no built-in pack.
func engineOf(t testing.TB) *secret.Engine {
	t.Helper()
	c, _, err := secret.ParseConfig("test", []byte("[[rules]]\nid = \"key\"\nregex = '''key_[0-9a-z]{8}'''\nkeywords = [\"key_\"]\n"+
		"[[rules]]\nid = \"pair\"\nregex = '''user=(\\w+)\\s+pass=(\\w+)'''\nkeywords = [\"pass=\"]\nsecretGroup = 2\n"+
		"[[rules]]\nid = \"both\"\nregex = '''both_[0-9]{8}'''\nkeywords = [\"both_\"]\n[[rules.required]]\nid = \"pair\"\n"), false)
	if err != nil {
		t.Fatal(err)
	}
	e, err := secret.New(c, secret.Options{Foreign: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// A sight is what a test wants to know of a finding of the history.
type sight struct {
	Path, First, Last   string
	InHead, Unreachable bool
	Also                []string
}

func sights(r *scan.Report) []sight {
	var out []sight
	for _, f := range r.Findings {
		s := sight{Path: f.Place.Path, First: f.Place.Commit.ID, Last: f.Place.Commit.Last, InHead: f.Place.Commit.InHead, Unreachable: f.Place.Commit.Unreachable}
		for _, p := range f.Related {
			s.Also = append(s.Also, p.Path)
		}
		slices.Sort(s.Also)
		out = append(out, s)
	}
	return out
}

// One secret is one finding, with the commits that brought it in and that held it last, and all its places.
func TestHistoryOneSecretOneFinding(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		for _, packed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s packed %v", format, packed), func(t *testing.T) {
				f := newFixture(t, "--object-format="+format)
				f.commit("clean", "nothing\n")
				one := f.commit("a", "key_aaaa1111\n")
				f.commit("a", "more\nkey_aaaa1111\n")
				three := f.commit("b", "key_aaaa1111\n")
				f.git("rm", "-q", "a", "b")
				f.commit("", "")
				five := f.commit("c", "key_bbbb2222\n")
				if packed {
					f.git("gc", "-q", "--aggressive")
				}
				want := []sight{
					{Path: "a", First: one, Last: three, Also: []string{"b"}},
					{Path: "c", First: five, Last: five, InHead: true},
				}
				r := history(t, f.dir, engineOf(t))
				if diff := cmp.Diff(want, sights(r)); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				if r.Coverage[0].Status != coverage.Done {
					t.Errorf("coverage %+v", r.Coverage[0])
				}
			})
		}
	}
}

func TestHistoryMessagesAndStores(t *testing.T) {
	f := newFixture(t)
	f.commit("clean", "nothing\n")
	f.git("commit", "-q", "--allow-empty", "-m", "use key_cccc3333 for it")
	f.git("tag", "-a", "-m", "key_dddd4444", "v1")
	f.git("notes", "add", "-m", "key_eeee5555")
	f.write("clean", "key_ffff6666\n")
	f.git("stash", "-q")
	f.commit("lost", "key_gggg7777\n")
	f.git("reset", "-q", "--hard", "HEAD~1")
	f.git("update-ref", "-d", "ORIG_HEAD")
	f.git("reflog", "expire", "--expire=now", "HEAD", "refs/heads/main")
	keys := func(r *scan.Report) []string {
		var out []string
		for _, fd := range r.Findings {
			text := string(fd.Place.Kind)
			if fd.Place.Commit.Unreachable {
				text += " unreachable"
			}
			out = append(out, text)
		}
		slices.Sort(out)
		return out
	}
	// A commit and a tag message; those of the stash repeat the commit's. The note and the stash are files.
	want := []string{"commit", "commit", "file", "file", "file unreachable"}
	t.Run("loose", func(t *testing.T) {
		if diff := cmp.Diff(want, keys(history(t, f.dir, engineOf(t)))); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
	t.Run("alternates that are allowed", func(t *testing.T) {
		clone := filepath.Join(t.TempDir(), "clone")
		f.git("clone", "-q", "--shared", ".", clone)
		repo, err := git.Open(clone, git.Options{AllowedRoots: []string{f.dir}})
		if err != nil {
			t.Fatal(err)
		}
		defer repo.Close()
		r, err := scan.RunHistory(context.Background(), "test", repo, "", nil, []scan.Engine{engineOf(t)}, scan.Options{})
		if err != nil || !slices.Contains(keys(r), "commit") {
			t.Errorf("%v, %v", keys(r), err)
		}
	})
	t.Run("alternates that are not", func(t *testing.T) {
		clone := filepath.Join(t.TempDir(), "clone")
		f.git("clone", "-q", "--shared", ".", clone)
		repo, err := git.Open(clone, git.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer repo.Close()
		r, err := scan.RunHistory(context.Background(), "test", repo, "", nil, []scan.Engine{engineOf(t)}, scan.Options{})
		if err == nil && r.Coverage[0].Status == coverage.Done {
			t.Errorf("objects that may not be read, and a record that is done: %+v", r.Coverage[0])
		}
	})
	t.Run("bare", func(t *testing.T) {
		other := filepath.Join(t.TempDir(), "bare.git")
		f.git("clone", "-q", "--bare", ".", other)
		if got := keys(history(t, other, engineOf(t))); !slices.Contains(got, "commit") {
			t.Errorf("%v", got)
		}
	})
}

// A secret in messages and in files is one finding, placed where it first came in.
func TestHistoryMessageAndFile(t *testing.T) {
	f := newFixture(t)
	f.commit("clean", "nothing\n")
	f.git("commit", "-q", "--allow-empty", "-m", "key_aaaa1111 is new")
	first := f.git("rev-parse", "HEAD")
	f.commit("a", "key_aaaa1111\n")
	f.git("commit", "-q", "--allow-empty", "-m", "key_aaaa1111 again")
	last := f.git("rev-parse", "HEAD")
	got := history(t, f.dir, engineOf(t)).Findings
	if len(got) != 1 {
		t.Fatalf("%d findings, want 1: %+v", len(got), got)
	}
	place := got[0].Place
	if place.Kind != finding.InCommit || place.Commit.ID != first || place.Commit.Last != last || !place.Commit.InHead {
		t.Errorf("placed in %s %+v", place.Kind, place.Commit)
	}
	var also []string
	for _, p := range got[0].Related {
		also = append(also, fmt.Sprintf("%s %s", p.Kind, p.Path))
	}
	if diff := cmp.Diff([]string{"file a", "commit "}, also); diff != "" {
		t.Errorf("also (-want +got)\n%s", diff)
	}
}

// A mark counts where the fault came in and where it stood last, and is told of at the finding's place.
func TestHistoryMarks(t *testing.T) {
	f := newFixture(t)
	f.commit("a", "key_aaaa1111\nkey_bbbb2222 // gitleaks:allow\nkey_cccc3333\n")
	f.commit("a", "more\nkey_aaaa1111 # gitleaks:allow\nkey_bbbb2222\nkey_cccc3333\n")
	r := history(t, f.dir, engineOf(t))
	marked := map[string]bool{}
	for _, fact := range r.Facts {
		for _, fd := range r.Findings {
			if fact.Kind == scan.MarkKind && fact.Place.Commit.ID == fd.Place.Commit.ID && fact.Place.Path == fd.Place.Path && fact.Place.Start.Line == fd.Place.Start.Line {
				marked[secretOf(&fd)] = true
			}
		}
	}
	if diff := cmp.Diff(map[string]bool{"secret/key key_aaaa1111": true, "secret/key key_bbbb2222": true}, marked); diff != "" {
		t.Errorf("marked (-want +got)\n%s", diff)
	}
}

// What a rule found beyond its limit is counted in the record.
func TestHistoryCapped(t *testing.T) {
	f := newFixture(t)
	var text strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&text, "key_%08d\n", i)
	}
	f.commit("many", text.String())
	r := history(t, f.dir, engineOf(t))
	want := []coverage.Capped{{Path: "many", Rule: "secret/key", Kept: 1000}}
	if diff := cmp.Diff(want, r.Coverage[0].Capped); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What is not here is named, and the record is not complete.
func TestHistoryIncomplete(t *testing.T) {
	unchecked := func(r *scan.Report) string { return fmt.Sprint(r.Coverage[0].Status, r.Coverage[0].Unchecked) }
	t.Run("shallow", func(t *testing.T) {
		f := newFixture(t)
		f.commit("a", "1")
		f.commit("a", "2")
		clone := filepath.Join(t.TempDir(), "clone")
		f.git("clone", "-q", "--depth", "1", "file://"+f.dir, clone)
		if got := unchecked(history(t, clone, engineOf(t))); !strings.HasPrefix(got, "partial") || !strings.Contains(got, "git fetch --unshallow") {
			t.Error(got)
		}
	})
	t.Run("partial clone", func(t *testing.T) {
		f := newFixture(t)
		f.commit("a", "key_aaaa1111\n")
		f.commit("a", "2")
		f.git("config", "uploadpack.allowFilter", "true")
		clone := filepath.Join(t.TempDir(), "clone")
		f.git("clone", "-q", "--filter=blob:none", "--no-checkout", "file://"+f.dir, clone)
		if got := unchecked(history(t, clone, engineOf(t))); !strings.HasPrefix(got, "partial") || !strings.Contains(got, "a") {
			t.Error(got)
		}
	})
	t.Run("missing object", func(t *testing.T) {
		f := newFixture(t)
		f.commit("dir/a", "key_aaaa1111\n")
		id := f.git("rev-parse", "HEAD:dir/a")
		f.commit("dir/a", "2")
		if err := os.Remove(filepath.Join(f.dir, ".git", "objects", id[:2], id[2:])); err != nil {
			t.Fatal(err)
		}
		if got := unchecked(history(t, f.dir, engineOf(t))); !strings.HasPrefix(got, "partial") || !strings.Contains(got, "dir/a") {
			t.Error(got)
		}
	})
	t.Run("submodule and LFS", func(t *testing.T) {
		sub := newFixture(t)
		sub.commit("x", "1")
		f := newFixture(t)
		f.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", sub.dir, "module")
		f.commit("model.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:"+strings.Repeat("ab", 32)+"\nsize 12345\n")
		got := unchecked(history(t, f.dir, engineOf(t)))
		for _, want := range []string{"partial", "module a submodule", "model.bin its content is kept in Git LFS"} {
			if !strings.Contains(got, want) {
				t.Errorf("%q is not in %s", want, got)
			}
		}
	})
	t.Run("empty", func(t *testing.T) {
		f := newFixture(t)
		if r := history(t, f.dir, engineOf(t)); len(r.Findings) != 0 || r.Coverage[0].Status != coverage.Done {
			t.Error(unchecked(r))
		}
	})
}

// Looking at versions by what changed in them finds what a look at each version as a whole finds.
func TestTraceEqualsWholeLooks(t *testing.T) {
	engine := engineOf(t)
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 7))
			f := newFixture(t)
			want := map[string]bool{}
			lines := make([]string, 200)
			for i := range lines {
				lines[i] = fmt.Sprintf("line %d of a file that goes on for a while", rng.IntN(1000))
			}
			for range 60 {
				for range 1 + rng.IntN(4) {
					at := rng.IntN(len(lines))
					switch rng.IntN(8) {
					case 0:
						lines = slices.Insert(lines, at, fmt.Sprintf("k = key_%08d", rng.IntN(40)))
					case 1:
						lines = slices.Insert(lines, at, fmt.Sprintf("user=u%d", rng.IntN(9)), fmt.Sprintf("pass=p%d", rng.IntN(30)))
					case 2:
						lines = slices.Insert(lines, at, "ke", "y_12345678")
					case 3:
						if lines = slices.Delete(lines, at, min(len(lines), at+1+rng.IntN(5))); len(lines) == 0 {
							lines = []string{"x"}
						}
					case 4:
						lines[at] += fmt.Sprintf(" key_%08d", rng.IntN(40))
					case 6:
						lines = slices.Insert(lines, at, fmt.Sprintf("both_%08d", rng.IntN(20)))
					case 5:
						to := rng.IntN(len(lines))
						lines[at], lines[to] = lines[to], lines[at]
					default:
						lines[at] = strings.Replace(lines[at], "key_", "key", 1)
					}
				}
				text := strings.Join(lines, "\n") + "\n"
				f.commit("file", text)
				for _, fd := range lookAt(engine, text) {
					want[fd] = true
				}
			}
			f.git("gc", "-q", "--aggressive", "--prune=now")
			got := map[string]bool{}
			for _, fd := range history(t, f.dir, engine).Findings {
				got[secretOf(&fd)] = true
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-whole +traced)\n%s", diff)
			}
		})
	}
}

func secretOf(f *finding.Finding) string {
	return f.Rule + " " + f.Properties.(secret.Properties).Value.Reveal()
}

// lookAt gives the secrets of one text, each once.
func lookAt(engine scan.Engine, text string) []string {
	r, err := scan.Run(context.Background(), oneText(text), []scan.Engine{engine}, scan.Options{Workers: 1})
	if err != nil {
		panic(err)
	}
	var out []string
	for i := range r.Findings {
		out = append(out, secretOf(&r.Findings[i]))
	}
	return out
}

// link commits a symbolic link.
func (f *fixture) link(to, name string) {
	f.t.Helper()
	if err := os.Symlink(to, filepath.Join(f.dir, name)); err != nil {
		f.t.Skip(err)
	}
	f.commit("", "")
}
