package github

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/forge/forgetest"
)

var (
	commit    = strings.Repeat("c", 40)
	other     = strings.Repeat("d", 40)
	tagObject = strings.Repeat("e", 40)
)

const repo = "/api/v3/repos/acme/setup"

func actions(t *testing.T, script ...forgetest.Exchange) *Actions {
	t.Helper()
	a, err := NewActions(forgetest.Serve(t, sent, script...)+"/api/v3", options)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// get is an exchange about the repository.
func get(path, answer string) forgetest.Exchange {
	return forgetest.Exchange{URI: repo + path, Answer: answer}
}

func none(path string) forgetest.Exchange {
	return forgetest.Exchange{URI: repo + path, Status: 404, Answer: `{"message":"Not Found"}`}
}

func pointer(ref, kind, sha string) string {
	return `{"ref":"` + ref + `","object":{"type":"` + kind + `","sha":"` + sha + `"}}`
}

func tagOf(sha, kind, to string) forgetest.Exchange {
	return get("/git/tags/"+sha, `{"sha":"`+sha+`","object":{"type":"`+kind+`","sha":"`+to+`"}}`)
}

func TestResolve(t *testing.T) {
	for _, tt := range []struct {
		name, ref string
		script    []forgetest.Exchange
		want      Pin
		err       string
	}{
		{"a tag", "v4", []forgetest.Exchange{get("/git/ref/tags/v4", pointer("refs/tags/v4", "commit", commit)), none("/git/ref/heads/v4")},
			Pin{"acme/setup", "v4", Tag, commit, false}, ""},
		{"an annotated tag", "v4", []forgetest.Exchange{get("/git/ref/tags/v4", pointer("refs/tags/v4", "tag", tagObject)), tagOf(tagObject, "commit", commit), none("/git/ref/heads/v4")},
			Pin{"acme/setup", "v4", Tag, commit, false}, ""},
		{"a branch", "release/v1", []forgetest.Exchange{none("/git/ref/tags/release/v1"), get("/git/ref/heads/release/v1", pointer("refs/heads/release/v1", "commit", commit))},
			Pin{"acme/setup", "release/v1", Branch, commit, false}, ""},
		{"both", "v4", []forgetest.Exchange{get("/git/ref/tags/v4", pointer("refs/tags/v4", "commit", commit)), get("/git/ref/heads/v4", pointer("refs/heads/v4", "commit", other))},
			Pin{"acme/setup", "v4", Tag, commit, true}, ""},
		{"neither", "v9", []forgetest.Exchange{none("/git/ref/tags/v9"), none("/git/ref/heads/v9")}, Pin{}, "acme/setup@v9: no such tag or branch"},
		{"a name that must be escaped", "v1#x", []forgetest.Exchange{get("/git/ref/tags/v1%23x", pointer("refs/tags/v1#x", "commit", commit)), none("/git/ref/heads/v1%23x")},
			Pin{"acme/setup", "v1#x", Tag, commit, false}, ""},
		{"an answer about another", "v4", []forgetest.Exchange{get("/git/ref/tags/v4", pointer("refs/tags/v44", "commit", commit))}, Pin{}, "about another reference"},
		{"a tag of a tag of itself", "v4", []forgetest.Exchange{get("/git/ref/tags/v4", pointer("refs/tags/v4", "tag", tagObject)),
			tagOf(tagObject, "tag", tagObject), tagOf(tagObject, "tag", tagObject), tagOf(tagObject, "tag", tagObject), tagOf(tagObject, "tag", tagObject), tagOf(tagObject, "tag", tagObject)}, Pin{}, "more than 5 tags"},
		{"another tag object", "v4", []forgetest.Exchange{get("/git/ref/tags/v4", pointer("refs/tags/v4", "tag", tagObject)), get("/git/tags/"+tagObject, `{"sha":"`+other+`","object":{"type":"commit","sha":"`+commit+`"}}`)}, Pin{}, "about another"},
		{"a tag of a tree", "v4", []forgetest.Exchange{get("/git/ref/tags/v4", pointer("refs/tags/v4", "tree", commit))}, Pin{}, `names a "tree"`},
		{"no object", "v4", []forgetest.Exchange{get("/git/ref/tags/v4", pointer("refs/tags/v4", "commit", "../../x"))}, Pin{}, "names no object"},
		{"moved", "v4", []forgetest.Exchange{{URI: repo + "/git/ref/tags/v4", Status: 301}}, Pin{}, "301"},
		{"forbidden", "v4", []forgetest.Exchange{none("/git/ref/tags/v4"), {URI: repo + "/git/ref/heads/v4", Status: 403}}, Pin{}, "403"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := actions(t, tt.script...).Resolve(t.Context(), "acme/setup", tt.ref)
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("pin (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResolveRefusesNames(t *testing.T) {
	a := actions(t)
	for _, ref := range []string{"", "a..b", "../x", ".x", "a//b", "/a", "a/", "a b", "a\n", "a~1", "a:b", "x.lock", "@", "a@{1}", "v4\u202e", "v4\xff", strings.Repeat("x", 300)} {
		if _, err := a.Resolve(t.Context(), "acme/setup", ref); err == nil {
			t.Errorf("%q is a reference", ref)
		}
	}
	for _, repository := range []string{"acme", "acme/setup/sub", "./.."} {
		if _, err := a.Resolve(t.Context(), repository, "v1"); err == nil {
			t.Errorf("%q is a repository", repository)
		}
	}
}

// entry is one of a list of tags or branches.
func entry(name, sha string) string { return `{"name":"` + name + `","commit":{"sha":"` + sha + `"}}` }

func lists(tags, branches string) []forgetest.Exchange {
	return []forgetest.Exchange{get("/tags?per_page=100", "["+tags+"]"), get("/branches?per_page=100", "["+branches+"]")}
}

func compare(ref, status string) forgetest.Exchange {
	return get("/compare/refs%2F"+strings.ReplaceAll(ref, "/", "%2F")+"..."+commit+"?per_page=1", `{"status":"`+status+`"}`)
}

func TestBelongs(t *testing.T) {
	unknown := Membership{Answer: Unknown, Reason: "not all of its branches and tags could be asked"}
	fork := Membership{Answer: No, Reason: "none of its branches and tags holds the commit: it may come from a fork"}
	for _, tt := range []struct {
		name   string
		likely []string
		script []forgetest.Exchange
		want   Membership
	}{
		{"a tag points to it", nil, lists(entry("v3", other)+","+entry("v4", commit), "")[:1], Membership{Answer: Yes, By: "refs/tags/v4"}},
		{"a branch points to it", nil, lists(entry("v3", other), entry("main", commit)), Membership{Answer: Yes, By: "refs/heads/main"}},
		{"a branch holds it", nil, append(lists(entry("v3", other), entry("main", other)), compare("heads/main", "behind")), Membership{Answer: Yes, By: "refs/heads/main"}},
		{"a likely tag holds it", []string{"v4"}, append(lists(entry("v3", other)+","+entry("v4", other), entry("main", other)), compare("tags/v4", "identical")), Membership{Answer: Yes, By: "refs/tags/v4"}},
		{"a fork's", nil, append(lists(entry("v3", other), entry("main", other)), compare("heads/main", "diverged"), compare("tags/v3", "ahead")), fork},
		{"nobody's", nil, append(lists("", entry("main", other)), none("/compare/refs%2Fheads%2Fmain..."+commit+"?per_page=1")), fork},
		{"too far apart to say", nil, append(lists("", entry("main", other)),
			[]forgetest.Exchange{{URI: repo + "/compare/refs%2Fheads%2Fmain..." + commit + "?per_page=1", Status: 500},
				{URI: repo + "/compare/refs%2Fheads%2Fmain..." + commit + "?per_page=1", Status: 500},
				{URI: repo + "/compare/refs%2Fheads%2Fmain..." + commit + "?per_page=1", Status: 500}}...), unknown},
		{"a word that nobody knows", nil, append(lists("", entry("main", other)), compare("heads/main", "perhaps")), unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := actions(t, tt.script...)
			got, err := a.Belongs(t.Context(), "acme/setup", commit, tt.likely...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("membership (-want +got):\n%s", diff)
			}
		})
	}
}

// More references than are asked leave the answer open.
func TestBelongsIsBounded(t *testing.T) {
	var branches []string
	var asked []forgetest.Exchange
	for i := range maxCompared + 1 {
		name := "b" + strings.Repeat("x", i)
		branches = append(branches, entry(name, other))
		if i < maxCompared {
			asked = append(asked, compare("heads/"+name, "diverged"))
		}
	}
	a := actions(t, append(lists("", strings.Join(branches, ",")), asked...)...)
	if got, err := a.Belongs(t.Context(), "acme/setup", commit); err != nil || got.Answer != Unknown {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := a.Belongs(t.Context(), "acme/setup", "main"); err == nil {
		t.Error("a branch is taken for a commit")
	}
}

func TestTags(t *testing.T) {
	a := actions(t, lists(entry("v4", commit)+","+entry("v4.2.1", commit)+","+entry("v4.2", commit)+","+entry("v3", other)+","+entry("x\\n# y", commit), "")[0])
	got, err := a.Tags(t.Context(), "acme/setup", commit)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"v4.2.1", "v4.2", "v4"}, got); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

func FuzzPlainRef(f *testing.F) {
	for _, s := range []string{"v4", "a/b", "a..b", "@", "x.lock", "\x00", "ü", "v4\u202e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		if plainRef(ref) && strings.ContainsAny(ref, " \n\r\t:") {
			t.Errorf("%q could leave its comment", ref)
		}
	})
}
