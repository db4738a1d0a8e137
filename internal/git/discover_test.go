package git

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenFindsRepository(t *testing.T) {
	f := newFixture(t)
	f.commit("a/b/c", "1")
	f.git("clone", "-q", "--bare", ".", "bare.git")
	f.git("worktree", "add", "-q", "linked")
	f.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", "./bare.git", "sub")

	tests := []struct{ name, path, gitDir, common, workTree string }{
		{"its root", ".", ".git", ".git", "."},
		{"below it", "a/b", ".git", ".git", "."},
		{"a file", "a/b/c", ".git", ".git", "."},
		{"not there yet", "a/x/y", ".git", ".git", "."},
		{"bare", "bare.git", "bare.git", "bare.git", ""},
		{"linked worktree", "linked/a", ".git/worktrees/linked", ".git", "linked"},
		{"submodule", "sub", ".git/modules/sub", ".git/modules/sub", "sub"},
		{"inside .git", ".git", ".git", ".git", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Open(filepath.Join(f.dir, tt.path), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			for _, p := range []struct{ what, got, want string }{
				{"GitDir", r.GitDir(), tt.gitDir}, {"CommonDir", r.CommonDir(), tt.common}, {"WorkTree", r.WorkTree(), tt.workTree},
			} {
				want := ""
				if p.want != "" {
					want = filepath.Join(f.dir, p.want)
				}
				if p.got != want {
					t.Errorf("%s = %q, want %q", p.what, p.got, want)
				}
			}
		})
	}
}

func TestOpenOutsideARepository(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrNotRepository) {
		t.Errorf("error %v, want ErrNotRepository", err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".git"), []byte("nonsense"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); err == nil || errors.Is(err, ErrNotRepository) {
		t.Errorf("error %v, want one about the .git file", err)
	}
}

// TestForeignRepository is a tree whose .git leads to a repository that knows nothing of it.
func TestForeignRepository(t *testing.T) {
	other := newFixture(t)
	id := other.commit("a", "1")
	repository := filepath.Join(other.dir, ".git")

	asFile := t.TempDir()
	if err := os.WriteFile(filepath.Join(asFile, ".git"), []byte("gitdir: "+repository+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	asLink := t.TempDir()
	if err := os.Symlink(repository, filepath.Join(asLink, ".git")); err != nil {
		t.Skip(err)
	}
	for _, dir := range []string{asFile, asLink} {
		if _, err := Open(dir, Options{}); !errors.Is(err, ErrOutside) {
			t.Errorf("error %v, want ErrOutside", err)
		}
		r, err := Open(dir, Options{AllowedRoots: []string{other.dir}})
		if err != nil {
			t.Fatal(err)
		}
		if head, err := r.Head(); err != nil || head.ID.String() != id {
			t.Errorf("HEAD = %+v, %v", head, err)
		}
		r.Close()
	}
}

func TestOptionsInPlaceOfEnvironment(t *testing.T) {
	f := newFixture(t)
	id := f.commit("a", "1")
	elsewhere := t.TempDir()
	r, err := Open(elsewhere, Options{GitDir: filepath.Join(f.dir, ".git")})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if head, _ := r.Head(); head.ID.String() != id || r.WorkTree() != elsewhere {
		t.Errorf("HEAD %s, worktree %s; want %s, %s", head.ID, r.WorkTree(), id, elsewhere)
	}
}

func TestFormats(t *testing.T) {
	tests := []struct{ name, config, wantErr string }{
		{"none", "", ""},
		{"version 0 ignores extensions it does not have", "[core]\nrepositoryformatversion=0\n[extensions]\nfoo=1\n", ""},
		{"version 0 with an extension of version 1", "[extensions]\nobjectformat=sha256\n", "extensions.objectformat without"},
		{"version 1", "[core]\nrepositoryformatversion=1\n[extensions]\npartialclone=origin\n", ""},
		{"unknown extension", "[core]\nrepositoryformatversion=1\n[extensions]\nfoo=1\n", "extensions.foo is not known"},
		{"unknown hash", "[core]\nrepositoryformatversion=1\n[extensions]\nobjectformat=md5\n", `extensions.objectformat "md5" is not supported`},
		{"version 2", "[core]\nrepositoryformatversion=2\n", `"2" is not supported`},
		{"malformed", "[core\n", "config: line 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			f.write(".git/config", tt.config)
			r, err := Open(f.dir, Options{})
			if err == nil {
				defer r.Close()
			}
			if (err == nil) != (tt.wantErr == "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("error %v, want %q", err, tt.wantErr)
			}
		})
	}
}

func TestObjectsElsewhere(t *testing.T) {
	f, other := newFixture(t), newFixture(t)
	other.commit("a", "1")
	objects := filepath.Join(f.dir, ".git/objects")
	if err := os.RemoveAll(objects); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(other.dir, ".git/objects"), objects); err != nil {
		t.Skip(err)
	}
	if _, err := Open(f.dir, Options{}); !errors.Is(err, ErrOutside) {
		t.Errorf("error %v, want ErrOutside", err)
	}
	r, err := Open(f.dir, Options{AllowedRoots: []string{other.dir}})
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
}

// TestNoIncludes is a configuration that includes another file, which git would obey.
func TestNoIncludes(t *testing.T) {
	f := newFixture(t)
	f.write("other", "[core]\nrepositoryformatversion = 7\n")
	f.git("config", "include.path", filepath.Join(f.dir, "other"))
	if v, _ := f.open().Config().Get("core", "", "repositoryformatversion"); v != "0" {
		t.Errorf("version %q; the included file was read", v)
	}
}

func TestWorktreeConfig(t *testing.T) {
	f := newFixture(t)
	f.commit("a", "1")
	f.git("config", "extensions.worktreeConfig", "true")
	f.git("config", "--worktree", "core.sparseCheckout", "true")
	if !f.open().Config().Bool("core", "", "sparsecheckout") {
		t.Error("config.worktree was not read")
	}
}

func TestExclude(t *testing.T) {
	f := newFixture(t)
	f.write(".git/info/exclude", "*.log\n")
	if data, err := f.open().Exclude(); string(data) != "*.log\n" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
}
