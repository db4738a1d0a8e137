package odb

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A crafted is an entry of a pack that git would not write.
type crafted struct {
	id   ID
	kind uint8
	size int // declared; -1 for the true one
	base ID
	data []byte
}

func blobID(data string) ID {
	sum := sha1.Sum(append([]byte("blob "+strconv.Itoa(len(data))+"\x00"), data...))
	return makeID(sum[:])
}

// writePack writes a pack of crafted entries and its index.
func writePack(t *testing.T, objects, name string, entries []crafted) {
	t.Helper()
	pack := binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), uint32(len(entries)))
	offsets := map[ID]uint32{}
	for _, e := range entries {
		offsets[e.id] = uint32(len(pack))
		size := e.size
		if size < 0 {
			size = len(e.data)
		}
		c := e.kind<<4 | byte(size&15)
		for size >>= 4; size > 0; size >>= 7 {
			pack = append(pack, c|0x80)
			c = byte(size & 0x7f)
		}
		pack = append(pack, c)
		if e.kind == kindRefDelta {
			pack = append(pack, e.base.Bytes()...)
		}
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		w.Write(e.data)
		w.Close()
		pack = append(pack, b.Bytes()...)
	}
	sum := sha1.Sum(pack)
	pack = append(pack, sum[:]...)

	slices.SortFunc(entries, func(a, b crafted) int { return a.id.Compare(b.id) })
	idx := append(bytes.Clone(idxMagic), 0, 0, 0, 2)
	for b := range 256 {
		n := 0
		for _, e := range entries {
			if int(e.id.Bytes()[0]) <= b {
				n++
			}
		}
		idx = binary.BigEndian.AppendUint32(idx, uint32(n))
	}
	for _, e := range entries {
		idx = append(idx, e.id.Bytes()...)
	}
	idx = append(idx, make([]byte, 4*len(entries))...)
	for _, e := range entries {
		idx = binary.BigEndian.AppendUint32(idx, offsets[e.id])
	}
	idx = append(append(idx, sum[:]...), make([]byte, 20)...)
	for suffix, data := range map[string][]byte{".pack": pack, ".idx": idx} {
		if err := os.WriteFile(filepath.Join(objects, "pack", name+suffix), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// appendTo is a delta that makes base and one more byte.
func appendTo(base string, b byte) []byte {
	return []byte{byte(len(base)), byte(len(base) + 1), 0x90, byte(len(base)), 1, b}
}

// TestBaseElsewhere has deltas whose bases are in another pack, or loose.
func TestBaseElsewhere(t *testing.T) {
	r := newRepo(t)
	const inPack, loose = "a base in a pack", "a loose base"
	r.gitIn([]byte(loose), "hash-object", "-w", "--stdin")
	writePack(t, r.objects(), "pack-1", []crafted{{id: blobID(inPack), kind: uint8(Blob), size: -1, data: []byte(inPack)}})
	writePack(t, r.objects(), "pack-2", []crafted{
		{id: blobID(inPack + "!"), kind: kindRefDelta, size: -1, base: blobID(inPack), data: appendTo(inPack, '!')},
		{id: blobID(loose + "!"), kind: kindRefDelta, size: -1, base: blobID(loose), data: appendTo(loose, '!')},
		{id: blobID(loose + "!?"), kind: kindRefDelta, size: -1, base: blobID(loose + "!"), data: appendTo(loose+"!", '?')},
	})
	s := open(t, r.objects(), Options{Verify: true})
	want := map[string]thing{}
	for _, text := range []string{inPack, loose, inPack + "!", loose + "!", loose + "!?"} {
		want[blobID(text).String()] = thing{Blob, text}
	}
	got, stats := walkAll(t, s, 2, everything)
	if diff := cmp.Diff(want, got); diff != "" || !complete(&stats) {
		t.Errorf("%+v (-want +got):\n%s", stats, diff)
	}
	checkSame(t, s, want)
}

func TestCrafted(t *testing.T) {
	a, b, c := blobID("a"), blobID("b"), blobID("c")
	circle := func(id, base ID) crafted {
		return crafted{id: id, kind: kindRefDelta, size: -1, base: base, data: appendTo("x", 'y')}
	}
	huge := append([]byte{1, 0x80, 0x80, 0x80, 0x80, 0x10}, 0x90, 1) // 4 GiB from one byte
	tests := []struct {
		name  string
		packs [][]crafted
		want  map[ID]error // of those that must be listed
	}{
		{"its own base", [][]crafted{{circle(a, a)}}, map[ID]error{a: errDeltaCycle}},
		{"a circle of three", [][]crafted{{circle(a, b), circle(b, c), circle(c, a)}}, map[ID]error{a: nil, b: nil, c: nil}},
		{"a circle across packs", [][]crafted{{circle(a, b)}, {circle(b, a)}}, map[ID]error{a: nil, b: nil}},
		{"no base", [][]crafted{{circle(a, b), circle(c, a)}}, map[ID]error{a: ErrMissingBase, c: ErrMissingBase}},
		{
			"declared larger than the pack can yield",
			[][]crafted{{{id: a, kind: uint8(Blob), size: 200 << 20, data: []byte("a")}}}, map[ID]error{a: errDeclaredSize},
		},
		{"declared too large", [][]crafted{{{id: a, kind: uint8(Blob), size: -1, data: make([]byte, 70_000)}}}, map[ID]error{a: ErrTooLarge}},
		{
			"base too large", [][]crafted{{
				{id: a, kind: uint8(Blob), size: -1, data: make([]byte, 70_000)},
				{id: b, kind: kindRefDelta, size: -1, base: a, data: []byte{0xf0, 0xa2, 4, 1, 0x90, 1}},
			}}, map[ID]error{a: ErrTooLarge, b: ErrTooLarge},
		},
		{
			"a delta that declares 4 GiB", [][]crafted{{
				{id: a, kind: uint8(Blob), size: -1, data: []byte("a")},
				{id: b, kind: kindRefDelta, size: -1, base: a, data: huge},
			}}, map[ID]error{b: errBadDelta},
		},
		{
			"a delta for another base", [][]crafted{{
				{id: a, kind: uint8(Blob), size: -1, data: []byte("aa")},
				{id: b, kind: kindRefDelta, size: -1, base: a, data: appendTo("a", 'b')},
			}}, map[ID]error{b: errBadDelta},
		},
		{"a kind that does not exist", [][]crafted{{{id: a, kind: 5, size: -1, data: []byte("a")}}}, map[ID]error{a: errBadEntry}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRepo(t)
			for i, p := range tt.packs {
				writePack(t, r.objects(), "pack-"+strconv.Itoa(i), p)
			}
			s := open(t, r.objects(), Options{MaxObject: 60_000})
			_, stats := walkAll(t, s, 2, everything)
			listed := map[ID]bool{}
			for _, u := range slices.Concat(stats.Corrupt, stats.MissingBase, stats.TooLarge) {
				listed[u.ID] = true
				want, ok := tt.want[u.ID]
				if !ok || !errors.Is(u.Err, want) && want != nil {
					t.Errorf("%s is listed with %v, want %v", u.ID, u.Err, want)
				}
				if _, _, err := s.Get(u.ID); err == nil {
					t.Errorf("Get returns %s", u.ID)
				}
				s.Header(u.ID)
			}
			if len(listed) != len(tt.want) {
				t.Errorf("%d objects are listed, want %d: %+v", len(listed), len(tt.want), stats)
			}
		})
	}
}
