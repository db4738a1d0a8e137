package paths

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/git/odb"
)

func (f fixture) id(rev string) odb.ID {
	f.Helper()
	id, err := odb.ParseID(f.git("rev-parse", rev))
	if err != nil {
		f.Fatal(err)
	}
	return id
}

// Package git compares Locate with git log over random histories. Here are the corners.
func TestLocate(t *testing.T) {
	f := fixture{t, t.TempDir()}
	f.git("init", "-q", "-b", "main")
	f.write("a", "one")
	f.write("dir/sub/a", "one")
	f.commit()
	f.write("a", "two")
	f.commit()
	f.write("a", "one")
	f.git("rm", "-q", "-r", "dir")
	f.commit()
	f.git("checkout", "-q", "--detach")
	f.write("b", "two")
	f.commit()
	one, two := f.id("main~2:a"), f.id("main~1:a")
	roots := []odb.ID{f.id("main^{tree}"), f.id("main~1^{tree}"), f.id("main~2^{tree}")}
	x := f.index()
	tests := []struct {
		name  string
		roots []odb.ID
		head  odb.ID
		want  map[odb.ID][]Appearance
	}{
		{"all", roots, roots[0], map[odb.ID][]Appearance{
			one: {{Path: "a", First: 0, Last: 2, InHead: true}, {Path: "dir/sub/a", First: 1, Last: 2}},
			two: {{Path: "a", First: 1, Last: 1}},
		}},
		{"one root", roots[1:2], odb.ID{}, map[odb.ID][]Appearance{
			one: {{Path: "dir/sub/a"}},
			two: {{Path: "a"}},
		}},
		{"a head that is no root", roots[1:2], f.id("HEAD^{tree}"), map[odb.ID][]Appearance{
			one: {{Path: "dir/sub/a"}},
			two: {{Path: "a"}},
		}},
		{"no roots", nil, odb.ID{}, map[odb.ID][]Appearance{}},
		{"missing roots", []odb.ID{one, {}}, odb.ID{}, map[odb.ID][]Appearance{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, whole, err := x.Locate(t.Context(), tt.roots, tt.head, map[odb.ID]struct{}{one: {}, two: {}, f.id("main^{tree}"): {}, {}: {}})
			if err != nil || !whole {
				t.Fatalf("whole %v, error %v", whole, err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.Comparer(func(a, b odb.ID) bool { return a == b })); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A blob that stands in more places than are kept of each is found in all of them.
func TestLocateEverywhere(t *testing.T) {
	f := fixture{t, t.TempDir()}
	f.git("init", "-q", "-b", "main")
	const folders = MaxPaths + 40
	for i := range folders {
		f.write(fmt.Sprintf("%sf%d", strings.Repeat("d/", i%7), i), "licence")
	}
	f.write("other/f", "licence")
	f.commit()
	blob := f.id("HEAD:other/f")
	x := f.index()
	if n := len(x.Paths(blob)); n != MaxPaths {
		t.Errorf("%d paths are kept, want %d", n, MaxPaths)
	}
	found, whole, err := x.Locate(t.Context(), []odb.ID{f.id("HEAD^{tree}")}, odb.ID{}, map[odb.ID]struct{}{blob: {}})
	if err != nil || !whole || len(found[blob]) != folders+1 {
		t.Errorf("found in %d places, want %d; whole %v, error %v", len(found[blob]), folders+1, whole, err)
	}
}

// bomb is a store of trees in levels, each of which holds the one below it ten times.
func bomb(t *testing.T, levels int) (x *Index, top, blob odb.ID) {
	t.Helper()
	b := NewBuilder(odb.SHA1, 1)
	id := func(level int) odb.ID {
		var raw [20]byte
		raw[0], raw[19] = 1, byte(level)
		id, err := odb.ParseID(hex.EncodeToString(raw[:]))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	for level := range levels {
		var data []byte
		for i := range 10 {
			mode := "40000 "
			if level == 0 {
				mode = "100644 "
			}
			data = append(data, mode...)
			data = append(data, 'a'+byte(i), 0)
			data = append(data, id(level).Bytes()...)
		}
		b.Add(0, &odb.Object{ID: id(level + 1), Type: odb.Tree, Data: data})
	}
	x, err := b.Index(t.Context(), []odb.ID{id(levels)})
	if err != nil {
		t.Fatal(err)
	}
	return x, id(levels), id(0)
}

// Billions of paths come to an end, and it is told.
func TestBomb(t *testing.T) {
	if x, _, _ := bomb(t, 20); !x.Cut() {
		t.Error("not said to be cut")
	}
	x, top, blob := bomb(t, 6)
	if x.Cut() {
		t.Error("a hundred thousand folders are too many")
	}
	found, whole, err := x.Locate(t.Context(), []odb.ID{top}, top, map[odb.ID]struct{}{blob: {}})
	if err != nil || whole || len(found[blob]) != maxAppearances {
		t.Errorf("%d appearances, whole %v, error %v", len(found[blob]), whole, err)
	}
}

// A name may be as long as an object may be large, and stand in the way to any number of blobs.
func TestLongPaths(t *testing.T) {
	b := NewBuilder(odb.SHA1, 1)
	long := strings.Repeat("x", maxPath/2)
	add := func(n int, name, mode string, of odb.ID) odb.ID {
		data := append([]byte(mode+" "+name+"\x00"), of.Bytes()...)
		data = append(append(data, "100644 f\x00"...), numbered(t, 1).Bytes()...)
		b.Add(0, &odb.Object{ID: numbered(t, n), Data: data})
		return numbered(t, n)
	}
	top := add(2, long, "100644", numbered(t, 1))
	for n := range 4 {
		top = add(3+n, long, "40000", top)
	}
	x, err := b.Index(t.Context(), []odb.ID{top})
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, p := range x.Paths(numbered(t, 1)) {
		got = append(got, len(p))
	}
	if diff := cmp.Diff([]int{1, maxPath/2 + 2}, got); diff != "" || !x.Cut() {
		t.Errorf("lengths of paths (-want +got), cut %v\n%s", x.Cut(), diff)
	}
}

// TestCircle is a tree that holds itself: objects are not hashed when they are read.
func TestCircle(t *testing.T) {
	b := NewBuilder(odb.SHA1, 1)
	id, _ := odb.ParseID(strings.Repeat("3", 40))
	data := append([]byte("40000 a\x00"), id.Bytes()...)
	data = append(data, raw("f", 7)...)
	b.Add(0, &odb.Object{ID: id, Type: odb.Tree, Data: data})
	x, err := b.Index(t.Context(), []odb.ID{id})
	if err != nil || !x.Cut() {
		t.Errorf("cut %v, error %v", x != nil && x.Cut(), err)
	}
}
