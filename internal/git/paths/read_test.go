package paths

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/git/odb"
)

// raw is a tree of files whose contents are their numbers.
func raw(names ...any) []byte {
	var b bytes.Buffer
	for i := 0; i < len(names); i += 2 {
		fmt.Fprintf(&b, "100644 %v\x00%s", names[i], bytes.Repeat([]byte{byte(names[i+1].(int))}, 20))
	}
	return b.Bytes()
}

// copies finds parts of data in base, none shorter than least: what a delta may take from there.
func copies(base, data []byte, least int) []odb.Copy {
	var out []odb.Copy
	for to := 0; to+least <= len(data); {
		from := bytes.Index(base, data[to:to+least])
		if from < 0 {
			to++
			continue
		}
		n := least
		for to+n < len(data) && from+n < len(base) && data[to+n] == base[from+n] {
			n++
		}
		out = append(out, odb.Copy{From: from, To: to, Len: n})
		to += n
	}
	return out
}

// checkParse compares what is kept of a tree as a change of another with what is kept of it alone.
func checkParse(t *testing.T, base, data []byte, least int) {
	t.Helper()
	b := NewBuilder(odb.SHA1, 1)
	ids := []odb.ID{numbered(t, 1), numbered(t, 2), numbered(t, 3)}
	state := b.Add(0, &odb.Object{ID: ids[0], Data: base, IsBase: true})
	b.Add(0, &odb.Object{ID: ids[1], Data: data})
	b.Add(0, &odb.Object{ID: ids[2], Data: data, Base: state, Copies: copies(base, data, least)})
	r := &b.readers[0]
	if diff := cmp.Diff(r.entries(1), r.entries(2), cmp.AllowUnexported(entry{})); diff != "" {
		t.Errorf("from %q to %q, copies of %d (-alone +by copies)\n%s", base, data, least, diff)
	}
	if n := len(r.broken); n == 2 && len(r.trees[1].runs) > 0 && bytes.Equal(base, data) {
		t.Errorf("%d of three equal trees are broken", n)
	}
}

func numbered(t *testing.T, n int) odb.ID {
	t.Helper()
	id, err := odb.ParseID(fmt.Sprintf("%040x", n))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// entries are those of the n-th tree.
func (r *reader) entries(n int) []entry {
	var out []entry
	for _, run := range r.trees[n].runs {
		out = append(out, r.runs[run]...)
	}
	return out
}

// What two versions of a large folder have in common is kept once.
func TestRunsAreShared(t *testing.T) {
	b := NewBuilder(odb.SHA1, 1)
	var names []any
	for i := range 2000 {
		names = append(names, fmt.Sprintf("file-%04d", i), i%250)
	}
	base := raw(names...)
	names[2001] = 251 // one file has another content
	names = append(names[:500], names[502:]...)
	data := raw(names...)
	state := b.Add(0, &odb.Object{ID: numbered(t, 1), Data: base, IsBase: true})
	before := len(b.readers[0].runs)
	b.Add(0, &odb.Object{ID: numbered(t, 2), Data: data, Base: state, Copies: copies(base, data, 40)})
	if more := len(b.readers[0].runs) - before; before < 100 || more > 4 {
		t.Errorf("%d runs, and %d more for one file changed and one removed", before, more)
	}
}

func TestParseByCopies(t *testing.T) {
	base := raw("a", 1, "b", 2, "c", 3, "d", 4)
	tests := map[string][]byte{
		"the same":       base,
		"changed":        raw("a", 1, "b", 9, "c", 3, "d", 4),
		"added in front": raw("0", 7, "a", 1, "b", 2, "c", 3, "d", 4),
		"added behind":   raw("a", 1, "b", 2, "c", 3, "d", 4, "e", 5),
		"removed":        raw("a", 1, "c", 3, "d", 4),
		"out of order":   raw("d", 4, "a", 1, "c", 3),
		"twice":          raw("b", 2, "b", 2, "b", 2),
		"cut short":      base[:len(base)-3],
		"broken within":  append(raw("a", 1), "broken"...),
		"empty":          {},
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			for _, least := range []int{1, 5, 20, 30, 60} {
				checkParse(t, base, data, least)
				checkParse(t, data, base, least)
			}
		})
	}
}

func FuzzParseByCopies(f *testing.F) {
	f.Add(raw("a", 1, "b", 2, "c", 3), raw("a", 1, "b", 3, "c", 3), 4)
	f.Add(raw("a", 1, "aa", 1, "aaa", 1), raw("aa", 1, "aaa", 1, "a", 1), 1)
	f.Add([]byte("100644 x"), raw("x", 1), 2)
	f.Fuzz(func(t *testing.T, base, data []byte, least int) {
		if len(base)+len(data) < 1<<12 && least > 0 && least < 1<<12 {
			checkParse(t, base, data, least)
		}
	})
}

// A tree whose entries are malformed from some point on is told of, and what comes before is kept.
func TestBroken(t *testing.T) {
	b := NewBuilder(odb.SHA1, 1)
	id, _ := odb.ParseID("11" + "22222222222222222222222222222222222222")
	b.Add(0, &odb.Object{ID: id, Type: odb.Tree, Data: append(raw("kept", 1), "broken"...)})
	x, err := b.Index(t.Context(), []odb.ID{id})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	x.All(func(p string) { all = append(all, p) })
	if diff := cmp.Diff([]string{"kept"}, all); diff != "" {
		t.Errorf("paths (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{id.String()}, texts(x.Broken())); diff != "" {
		t.Errorf("broken (-want +got)\n%s", diff)
	}
}

func texts(ids []odb.ID) []string {
	var out []string
	for _, id := range ids {
		out = append(out, id.String())
	}
	return out
}

// A few deltas of a huge tree cannot make it be kept any number of times.
func TestRoom(t *testing.T) {
	b := NewBuilder(odb.SHA1, 1)
	b.room.Store(1000)
	data := raw("a", 1)
	for len(data) < 600*30 {
		data = append(data, raw("a", 1)...)
	}
	for i := range 8 {
		b.Add(0, &odb.Object{ID: numbered(t, i+1), Type: odb.Tree, Data: data})
	}
	x, err := b.Index(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(x.trees); n == 0 || n == 8 || !x.Cut() {
		t.Errorf("%d of 8 trees are kept, cut %v", n, x.Cut())
	}
}
