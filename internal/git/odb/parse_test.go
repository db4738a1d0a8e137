package odb

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	idA = strings.Repeat("a1", 20)
	idB = strings.Repeat("b2", 20)
	idC = strings.Repeat("c3", 32)
)

func mustID(t testing.TB, s string) ID {
	t.Helper()
	id, err := ParseID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

var compareIDs = cmp.Comparer(func(a, b ID) bool { return a == b })

func TestParseCommit(t *testing.T) {
	zone := time.FixedZone("", -(3*60+30)*60)
	tests := []struct {
		name, text string
		want       CommitInfo
		wantErr    string
	}{
		{
			name: "everything",
			text: "tree " + idA + "\nparent " + idB + "\nparent " + idA + "\nauthor A U Thor <a@example.com> 1600000000 -0330\n" +
				"committer C <c@example.com> 1600000001 +0000\ngpgsig -----BEGIN\n author Nobody <n@example.com> 1 +0000\n\n" +
				"Subject\n\nauthor in the text\n",
			want: CommitInfo{
				Tree: mustID(t, idA), Parents: []ID{mustID(t, idB), mustID(t, idA)},
				Author:    Signature{"A U Thor", "a@example.com", time.Unix(1600000000, 0).In(zone)},
				Committer: Signature{"C", "c@example.com", time.Unix(1600000001, 0).UTC()},
				Message:   "Subject\n\nauthor in the text\n",
			},
		},
		{
			name: "sha256, encoding, no message",
			text: "tree " + idC + "\nauthor <> 0 +0000\nencoding ISO-8859-1\n",
			want: CommitInfo{Tree: mustID(t, idC), Author: Signature{When: time.Unix(0, 0).UTC()}, Encoding: "ISO-8859-1"},
		},
		{
			name: "odd signatures",
			text: "tree " + idA + "\nauthor no brackets 12\ncommitter X <x> <y@z> 99999999999999 +0000\n\n",
			want: CommitInfo{Tree: mustID(t, idA), Author: Signature{Name: "no brackets 12"}, Committer: Signature{Name: "X", Email: "x"}},
		},
		{name: "empty", wantErr: `"tree"`},
		{name: "short tree", text: "tree abc\n", wantErr: "hexadecimal"},
		{name: "bad parent", text: "tree " + idA + "\nparent x\n", wantErr: "hexadecimal"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseCommit([]byte(tt.text))
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("error %v, want %q", err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, compareIDs); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseTag(t *testing.T) {
	got, err := ParseTag([]byte("object " + idA + "\ntype commit\ntag v1\ntagger T <t@example.com> 1600000000 +0000\n\none\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := TagInfo{
		Object: mustID(t, idA), Type: Commit, Name: "v1",
		Tagger: Signature{"T", "t@example.com", time.Unix(1600000000, 0).UTC()}, Message: "one\n",
	}
	if diff := cmp.Diff(want, got, compareIDs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, bad := range []string{"", "object " + idA + "\n\n", "object x\ntype commit\n", "object " + idA + "\ntype dog\n"} {
		if _, err := ParseTag([]byte(bad)); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// TestParsersAgainstGit compares with what git prints of real objects.
func TestParsersAgainstGit(t *testing.T) {
	for _, format := range []Format{SHA1, SHA256} {
		r := newRepo(t, "--object-format="+format.String())
		r.history(12)
		for text, th := range r.all() {
			switch th.Type {
			case Commit:
				c, err := ParseCommit([]byte(th.Data))
				if err != nil {
					t.Fatal(err)
				}
				got := fmt.Sprintf("%s|%s|%s|%s|%d|%s\n", c.Tree, strings.Join(texts(c.Parents), " "), c.Author.Name,
					c.Committer.Email, c.Committer.When.Unix(), c.Message)
				want := r.git("log", "-1", "--format=%T|%P|%an|%ce|%ct|%B", text)
				if got != want {
					t.Errorf("commit %s\n got %s\nwant %s", text, got, want)
				}
			case Tree:
				var got strings.Builder
				it := IterTree([]byte(th.Data), format)
				for it.Next() {
					kind := "blob"
					if it.Mode.IsTree() {
						kind = "tree"
					}
					fmt.Fprintf(&got, "%06o %s %s\t%s\n", it.Mode, kind, it.ID, it.Name)
				}
				if want := r.git("ls-tree", text); it.Err() != nil || got.String() != want {
					t.Errorf("tree %s: %v\n got %s\nwant %s", text, it.Err(), got.String(), want)
				}
			case Tag:
				tag, err := ParseTag([]byte(th.Data))
				if err != nil || tag.Name != "v1" || tag.Tagger.Email != "t@example.com" {
					t.Errorf("tag %+v, %v", tag, err)
				}
			}
		}
	}
}

func TestIterTreeAllocatesNothing(t *testing.T) {
	data := bytes.Repeat([]byte("100644 name\x00"+strings.Repeat("x", 20)), 100)
	n := testing.AllocsPerRun(10, func() {
		for it := IterTree(data, SHA1); it.Next(); {
			_ = it.ID
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestApplyDelta(t *testing.T) {
	base := []byte("0123456789abcdef")
	tests := []struct {
		name string
		code []byte
		want string // empty if the delta is to be refused
		cops []Copy
	}{
		{"insert", []byte{3, 'x', 'y', 'z'}, "xyz", nil},
		{"copy", []byte{0x91, 4, 3}, "456", []Copy{{4, 0, 3}}},
		{"copies that meet are one", []byte{0x91, 4, 3, 0x91, 7, 2}, "45678", []Copy{{4, 0, 5}}},
		{"copies that meet only here are two", []byte{0x91, 4, 3, 0x91, 8, 2}, "45689", []Copy{{4, 0, 3}, {8, 3, 2}}},
		{"from the start", []byte{0x90, 2, 1, '!'}, "01!", []Copy{{0, 0, 2}}},
		{"reserved instruction", []byte{0}, "", nil},
		{"insert beyond the delta", []byte{5, 'x'}, "", nil},
		{"copy beyond the base", []byte{0x91, 14, 3}, "", nil},
		{"copy of 64 KiB, not there", []byte{0x80}, "", nil},
		{"offset cut off", []byte{0x81}, "", nil},
		{"largest offset", []byte{0x9f, 255, 255, 255, 255, 1}, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dst := make([]byte, max(len(tt.want), 3))
			copies, _, ok := applyDelta(dst, base, tt.code, nil, true)
			if ok != (tt.want != "") {
				t.Fatalf("ok = %t", ok)
			}
			if !ok {
				return
			}
			if diff := cmp.Diff(tt.want, string(dst)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.cops, copies); diff != "" {
				t.Errorf("copies (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEmptyTree(t *testing.T) {
	for format, want := range map[Format]string{
		SHA1:   "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
		SHA256: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
	} {
		if got := format.EmptyTree().String(); got != want {
			t.Errorf("%s: %s, want %s", format, got, want)
		}
	}
}
