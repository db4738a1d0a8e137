package odb

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"github.com/assaysec/assay/internal/git/odb/inflate"
)

// memoryStore is a store of one pack that is on no disk.
func memoryStore(pack_, idx []byte, o Options) (*Store, bool) {
	x, err := parsePackIndex(idx, o.Format.Size())
	if err != nil {
		return nil, false
	}
	p := &pack{path: "pack", idx: x}
	p.damaged = p.setData(pack_, o.Format.Size()) != nil
	s := &Store{opts: o.withDefaults(), hash: o.Format.Size(), packs: []*pack{p}}
	s.decoders.New = func() any { return new(inflate.Decoder) }
	s.cache.limit = s.opts.CacheBytes
	return s, true
}

// packAndIndex builds a small pack with deltas of one or the other kind.
func packAndIndex(t testing.TB, offsetDeltas string) (pack, idx []byte) {
	t.Helper()
	r := newRepo(t)
	r.history(6)
	r.git("config", "repack.useDeltaBaseOffset", offsetDeltas)
	r.repack()
	read := func(pattern string) []byte {
		data, err := os.ReadFile(r.files(pattern)[0])
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	return read("pack/*.pack"), read("pack/*.idx")
}

// checkHostile walks a pack and its index. Whatever they say, each distinct object must be visited or listed once, what is
// visited must be what Get returns, and copies must hold.
func checkHostile(t testing.TB, pack, idx []byte, workers int) {
	t.Helper()
	s, ok := memoryStore(pack, idx, Options{MaxObject: 1 << 20, BytesInWork: 64 << 10, maxDeltaHops: 100})
	if !ok {
		return
	}
	x := s.packs[0].idx
	sorted := x.sorted()
	var mu sync.Mutex
	seen := map[ID]bool{}
	stats, err := s.Each(context.Background(), workers, everything, func(_ int, o *Object) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		if seen[o.ID] && sorted {
			t.Errorf("%s visited twice", o.ID)
		}
		seen[o.ID] = true
		checkCopies(t, o)
		if kind, data, err := s.Get(o.ID); err == nil && sorted && (kind != o.Type || !bytes.Equal(data, o.Data)) {
			t.Errorf("%s: Get returns something else", o.ID)
		}
		return true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	listed := len(stats.Corrupt) + len(stats.MissingBase) + len(stats.TooLarge)
	if int64(listed)+stats.Objects+stats.Duplicates != int64(x.count) {
		t.Errorf("%d objects visited, %d listed, %d duplicates; the index has %d", stats.Objects, listed, stats.Duplicates, x.count)
	}
	for i := range x.count {
		s.Header(makeID(x.raw(i)))
	}
}

func FuzzStore(f *testing.F) {
	for _, offsets := range []string{"true", "false"} {
		pack, idx := packAndIndex(f, offsets)
		f.Add(pack, idx)
	}
	f.Fuzz(func(t *testing.T, pack, idx []byte) { checkHostile(t, pack, idx, 1) })
}

// TestChangedBytes is the same with a few bytes changed here and there, which reaches deeper than a fuzzer does.
func TestChangedBytes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, offsets := range []string{"true", "false"} {
		goodPack, goodIdx := packAndIndex(t, offsets)
		checkHostile(t, goodPack, goodIdx, 2)
		for range 700 {
			pack, idx := bytes.Clone(goodPack), bytes.Clone(goodIdx)
			for range 1 + rnd.IntN(6) {
				pack[rnd.IntN(len(pack))] ^= 1 << rnd.IntN(8)
				if rnd.IntN(2) == 0 {
					idx[rnd.IntN(len(idx))] ^= 1 << rnd.IntN(8)
				}
			}
			if rnd.IntN(2) == 0 { // a base or an offset of another object
				a, b := rnd.IntN(len(pack)-40), rnd.IntN(len(pack)-40)
				copy(pack[a:a+20], pack[b:])
				a, b = 8+1024+4*rnd.IntN((len(idx)-8-1024)/4), 8+1024+4*rnd.IntN((len(idx)-8-1024)/4)
				copy(idx[a:a+4], idx[b:])
			}
			checkHostile(t, pack, idx, 1+rnd.IntN(3))
		}
	}
}

func FuzzPackEntry(f *testing.F) {
	f.Add([]byte{0xb5, 0x0a, 0x78, 0x9c}, false)
	f.Add([]byte{0xe5, 0x0a, 0x81, 0x05}, false)
	f.Add(append([]byte{0x75}, make([]byte, 40)...), true)
	f.Fuzz(func(t *testing.T, body []byte, sha256 bool) {
		hash := 20
		if sha256 {
			hash = 32
		}
		data := append(append([]byte("PACK\x00\x00\x00\x02\x00\x00\x00\x01"), body...), make([]byte, hash)...)
		p := &pack{data: data, end: len(data) - hash}
		e, err := p.entry(packHeader)
		if err != nil {
			return
		}
		if e.body <= packHeader || e.body > p.end || e.base >= packHeader && e.isDelta() || e.baseID != nil && len(e.baseID) != hash {
			t.Errorf("%+v of %x", e, body)
		}
	})
}

func FuzzDelta(f *testing.F) {
	f.Add([]byte("0123456789"), []byte{10, 5, 0x91, 4, 3, 2, 'x', 'y'})
	f.Fuzz(func(t *testing.T, base, delta []byte) {
		baseSize, size, code, ok := deltaSizes(delta)
		if !ok || baseSize != uint64(len(base)) || size > 1<<20 {
			return
		}
		if !plausible(size, base, code) {
			if size < 1<<16 {
				if _, _, ok := applyDelta(make([]byte, size), base, code, nil, false); ok {
					t.Error("a delta that works is not plausible")
				}
			}
			return
		}
		o := &Object{Data: make([]byte, size), BaseData: base}
		var copied, sum int
		if o.Copies, copied, ok = applyDelta(o.Data, base, code, nil, true); !ok {
			return
		}
		checkCopies(t, o)
		for _, c := range o.Copies {
			sum += c.Len
		}
		if sum != copied {
			t.Errorf("copies cover %d bytes of %d", sum, copied)
		}
	})
}

func FuzzIndex(f *testing.F) {
	for _, version := range []string{"1", "2,0x100"} {
		r := newRepo(f)
		r.history(3)
		r.git("config", "pack.indexVersion", version[:1])
		r.repack()
		r.git("index-pack", "--index-version="+version, r.files("pack/*.pack")[0])
		data, err := os.ReadFile(r.files("pack/*.idx")[0])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, false)
	}
	f.Fuzz(func(t *testing.T, data []byte, sha256 bool) {
		hash := 20
		if sha256 {
			hash = 32
		}
		x, err := parsePackIndex(data, hash)
		if err != nil {
			return
		}
		sorted := x.sorted()
		for i := range x.count {
			x.offset(i)
			if at, ok := x.find(x.raw(i)); sorted && (!ok || !bytes.Equal(x.raw(at), x.raw(i))) {
				t.Errorf("object %d of a sorted index is not found", i)
			}
		}
	})
}

func FuzzMultiIndex(f *testing.F) {
	r := newRepo(f)
	r.history(3)
	r.repack()
	r.git("multi-pack-index", "write")
	data, err := os.ReadFile(r.files("pack/multi-pack-index")[0])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseMultiIndex(data, 20)
		if err != nil {
			return
		}
		m.connect(map[string]*pack{})
		for i := range m.count {
			m.lookup(m.raw(i))
		}
		lost := map[string]bool{}
		for _, name := range m.names[:min(len(m.names), 3)] {
			lost[name] = true
		}
		found := m.packIndexes(lost)
		for name := range lost {
			if x := found[name]; x == nil || x.count > m.count || binary.BigEndian.Uint32(x.fanout[1020:]) != uint32(x.count) {
				t.Errorf("index of %q is wrong", name)
			}
		}
	})
}

func FuzzTree(f *testing.F) {
	f.Add([]byte("40000 dir\x00aaaaaaaaaaaaaaaaaaaa100644 f\x00bbbbbbbbbbbbbbbbbbbb"))
	f.Fuzz(func(t *testing.T, data []byte) {
		total := 0
		it := IterTree(data, SHA1)
		for it.Next() {
			total += len(it.Name) + 20 + 2
			if len(it.Name) == 0 || bytes.IndexByte(it.Name, 0) >= 0 {
				t.Errorf("name %q", it.Name)
			}
		}
		if total > len(data) || it.Err() == nil && total == 0 && len(data) > 0 {
			t.Errorf("entries of %d bytes in %d, %v", total, len(data), it.Err())
		}
	})
}

func FuzzCommitAndTag(f *testing.F) {
	f.Add([]byte("tree " + idA + "\nparent " + idB + "\nauthor A <a@b> 1 +0000\ncommitter C <> 2 -0100\n\nmessage"))
	f.Add([]byte("object " + idA + "\ntype commit\ntag v1\ntagger A <a@b> 1 +0000\n\nmessage"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := ParseCommit(data); err == nil && (c.Tree.size == 0 || !bytes.HasSuffix(data, []byte(c.Message))) {
			t.Errorf("%+v", c)
		}
		if tag, err := ParseTag(data); err == nil && (tag.Object.size == 0 || tag.Type == 0) {
			t.Errorf("%+v", tag)
		}
	})
}

func FuzzLooseHead(f *testing.F) {
	f.Add([]byte("blob 12\x00"))
	f.Add([]byte("commit 0\x00tree"))
	f.Fuzz(func(t *testing.T, data []byte) {
		kind, size, head, ok := parseLooseHead(data)
		if ok && (kind == 0 || size < 0 || head > len(data) || data[head-1] != 0) {
			t.Errorf("%v %d %d of %q", kind, size, head, data)
		}
	})
}
