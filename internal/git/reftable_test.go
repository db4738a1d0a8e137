package git

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/git/odb"
)

// tableWriter writes reftables by the published format, plainly: every record shares a prefix with the one before.
type tableWriter struct {
	version   byte
	hash      string // of version 2
	blockSize int
	out       []byte
	logAt     int
	indexAt   int
}

type tableRef struct {
	name, target string
	id, peeled   odb.ID
}

type tableLog struct {
	name    string
	index   uint64
	entry   LogEntry
	deleted bool
}

func (w *tableWriter) write(refs []tableRef, logs []tableLog) []byte {
	w.out = w.head()
	for chunk := range slices.Chunk(refs, 3) {
		w.refBlock(chunk)
	}
	if len(refs) > 3 {
		w.pad()
		w.indexAt = len(w.out)
		w.block('i', []byte("\x00\x09x\x00"), 0) // readers of all refs have no use for it
	}
	if len(logs) > 0 {
		w.pad()
		w.logAt = len(w.out)
		w.logBlock(logs)
	}
	return append(w.out, w.footer()...)
}

func (w *tableWriter) footer() []byte {
	foot := w.head()
	for _, at := range []int{w.indexAt, 0, 0, w.logAt, 0} {
		foot = binary.BigEndian.AppendUint64(foot, uint64(at))
	}
	return binary.BigEndian.AppendUint32(foot, crc32.ChecksumIEEE(foot))
}

func (w *tableWriter) head() []byte {
	b := append([]byte("REFT"), w.version, byte(w.blockSize>>16), byte(w.blockSize>>8), byte(w.blockSize))
	b = binary.BigEndian.AppendUint64(b, 1)
	b = binary.BigEndian.AppendUint64(b, 9)
	if w.version == 2 {
		b = append(b, w.hash...)
	}
	return b
}

func (w *tableWriter) pad() {
	if w.blockSize > 0 && len(w.out)%w.blockSize != 0 {
		w.out = append(w.out, make([]byte, w.blockSize-len(w.out)%w.blockSize)...)
	}
}

func (w *tableWriter) block(kind byte, records []byte, first int) {
	restarts := []byte{0, 0, byte(first), 0, 1}
	size := 4 + len(records) + len(restarts)
	if len(w.out) == len(w.head()) {
		size += len(w.out)
	} else {
		w.pad()
	}
	w.out = append(w.out, kind, byte(size>>16), byte(size>>8), byte(size))
	w.out = append(append(w.out, records...), restarts...)
}

func (w *tableWriter) refBlock(refs []tableRef) {
	var b []byte
	previous := ""
	for _, ref := range refs {
		kind := 0
		var value []byte
		switch {
		case ref.target != "":
			kind, value = 3, append(putVarint(nil, len(ref.target)), ref.target...)
		case !ref.peeled.IsZero():
			kind, value = 2, append(ref.id.Bytes(), ref.peeled.Bytes()...)
		case !ref.id.IsZero():
			kind, value = 1, ref.id.Bytes()
		}
		b = putKey(b, previous, ref.name, kind)
		b = append(putVarint(b, 300), value...)
		previous = ref.name
	}
	w.block('r', b, 28)
}

func (w *tableWriter) logBlock(logs []tableLog) {
	var b []byte
	previous := ""
	for _, log := range logs {
		key := log.name + "\x00" + string(binary.BigEndian.AppendUint64(nil, ^log.index))
		if log.deleted {
			b = putKey(b, previous, key, 0)
		} else {
			b = putKey(b, previous, key, 1)
			b = append(append(b, log.entry.Old.Bytes()...), log.entry.New.Bytes()...)
			for _, s := range []string{"someone", "a@example.com"} {
				b = append(putVarint(b, len(s)), s...)
			}
			b = append(putVarint(b, 1_700_000_000), 0, 60)
			b = append(putVarint(b, len(log.entry.Message)), log.entry.Message...)
		}
		previous = key
	}
	b = append(b, 0, 0, 4, 0, 1)
	size := 4 + len(b)
	if len(w.out) == len(w.head()) {
		size += len(w.out)
	}
	w.out = append(w.out, 'g', byte(size>>16), byte(size>>8), byte(size))
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write(b)
	z.Close()
	w.out = append(w.out, packed.Bytes()...)
}

func putKey(b []byte, previous, key string, kind int) []byte {
	same := 0
	for same < min(len(previous), len(key)) && previous[same] == key[same] {
		same++
	}
	b = putVarint(b, same)
	b = putVarint(b, (len(key)-same)<<3|kind)
	return append(b, key[same:]...)
}

func putVarint(b []byte, n int) []byte {
	digits := []byte{byte(n & 0x7f)}
	for n >>= 7; n > 0; n >>= 7 {
		n--
		digits = append(digits, byte(n&0x7f|0x80))
	}
	slices.Reverse(digits)
	return append(b, digits...)
}

// tableFixture is a repository in which tables stand in place of the files of refs.
func tableFixture(t *testing.T, format string, tables ...[]byte) *fixture {
	f := newFixture(t, "--object-format="+format)
	f.write(".git/config", "[core]\nrepositoryformatversion = 1\n[extensions]\nrefstorage = reftable\nobjectformat = "+format+"\n")
	f.write(".git/HEAD", "ref: refs/heads/.invalid\n")
	f.write(".git/reftable/tables.list", writeTables(f, ".git/reftable", tables))
	return f
}

func writeTables(f *fixture, dir string, tables [][]byte) string {
	var list strings.Builder
	for i, table := range tables {
		name := fmt.Sprintf("0x%012x-0x%012x-%08x.ref", i+1, i+1, i)
		f.write(dir+"/"+name, string(table))
		fmt.Fprintln(&list, name)
	}
	return list.String()
}

func TestReftable(t *testing.T) {
	tests := []struct {
		name, format string
		digits       int
		writer       tableWriter
	}{
		{"version 1", "sha1", 40, tableWriter{version: 1, blockSize: 4096}},
		{"version 1, no padding", "sha1", 40, tableWriter{version: 1}},
		{"version 2, sha1", "sha1", 40, tableWriter{version: 2, hash: "sha1", blockSize: 256}},
		{"version 2, sha256", "sha256", 64, tableWriter{version: 2, hash: "s256", blockSize: 512}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := func(c string) odb.ID { return parseIDs(t, strings.Repeat(c, tt.digits))[0] }
			var first []tableRef
			first = append(first, tableRef{name: "HEAD", target: "refs/heads/main"})
			want := []Ref{{Name: "refs/heads/main", ID: id("2")}}
			for i := range 20 {
				name := fmt.Sprintf("refs/heads/topic-%02d", i)
				first = append(first, tableRef{name: name, id: id("1")})
				if i != 7 {
					want = append(want, Ref{Name: name, ID: id("1")})
				}
			}
			first = slices.Insert(first, 1, tableRef{name: "refs/heads/main", id: id("1")})
			first = append(first, tableRef{name: "refs/remotes/origin/HEAD", target: "refs/heads/main"}, tableRef{name: "refs/tags/v1", id: id("3"), peeled: id("4")})
			want = append(want, Ref{Name: "refs/remotes/origin/HEAD", Target: "refs/heads/main", ID: id("2")}, Ref{Name: "refs/tags/v1", ID: id("3"), Peeled: id("4")})
			second := []tableRef{{name: "refs/heads/main", id: id("2")}, {name: "refs/heads/topic-07"}}

			one, two := tt.writer, tt.writer
			log := LogEntry{Old: id("0"), New: id("1"), Message: "WIP"}
			logs := []tableLog{{name: "refs/stash", index: 3, entry: LogEntry{Old: id("1"), New: id("2"), Message: "second"}},
				{name: "refs/stash", index: 2, entry: LogEntry{Old: id("1"), New: id("5"), Message: "taken back"}}, {name: "refs/stash", index: 1, entry: log}}
			f := tableFixture(t, tt.format, one.write(first, logs), two.write(second, []tableLog{{name: "refs/stash", index: 2, deleted: true}}))
			r := f.open()

			refs, err := r.Refs()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, refs, compareIDs); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if head, err := r.Head(); err != nil || head.Target != "refs/heads/main" || head.ID != id("2") {
				t.Errorf("HEAD = %+v, %v", head, err)
			}
			entries, err := r.Reflog("refs/stash")
			if diff := cmp.Diff([]LogEntry{log, logs[0].entry}, entries, compareIDs); diff != "" || err != nil {
				t.Errorf("stash log: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestReftableOnlyLogs(t *testing.T) {
	id := parseIDs(t, strings.Repeat("7", 40))[0]
	w := tableWriter{version: 1, blockSize: 4096}
	data := w.write(nil, []tableLog{{name: "HEAD", index: 1, entry: LogEntry{New: id, Old: id, Message: "x"}}})
	entries, err := tableFixture(t, "sha1", data).open().Reflog("HEAD")
	if err != nil || len(entries) != 1 || entries[0].New != id {
		t.Errorf("log %+v, %v", entries, err)
	}
}

func TestReftableOfWorktree(t *testing.T) {
	id := func(c string) odb.ID { return parseIDs(t, strings.Repeat(c, 40))[0] }
	shared, own := tableWriter{version: 1}, tableWriter{version: 1}
	f := tableFixture(t, "sha1", shared.write([]tableRef{{name: "HEAD", id: id("1")}, {name: "refs/bisect/bad", id: id("1")}, {name: "refs/heads/main", id: id("2")}}, nil))
	f.write("linked/.git", "gitdir: "+filepath.Join(f.dir, ".git/worktrees/linked")+"\n")
	f.write(".git/worktrees/linked/HEAD", "ref: refs/heads/.invalid\n")
	f.write(".git/worktrees/linked/commondir", "../..\n")
	f.write(".git/worktrees/linked/gitdir", filepath.Join(f.dir, "linked/.git")+"\n")
	f.write(".git/worktrees/linked/reftable/tables.list", writeTables(f, ".git/worktrees/linked/reftable",
		[][]byte{own.write([]tableRef{{name: "HEAD", target: "refs/heads/main"}, {name: "refs/bisect/bad", id: id("3")}}, nil)}))
	r, err := Open(filepath.Join(f.dir, "linked"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	refs, err := r.Refs()
	want := []Ref{{Name: "refs/bisect/bad", ID: id("3")}, {Name: "refs/heads/main", ID: id("2")}}
	if diff := cmp.Diff(want, refs, compareIDs); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if head, err := r.Head(); err != nil || head.ID != id("2") {
		t.Errorf("HEAD %+v, %v", head, err)
	}
}

func TestReftableErrors(t *testing.T) {
	id := parseIDs(t, strings.Repeat("1", 40))[0]
	w := tableWriter{version: 1}
	good := w.write([]tableRef{{name: "refs/heads/main", id: id}}, nil)
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"cut off", good[:len(good)-1], "header and footer differ"},
		{"empty", nil, "no header"},
		{"version", append([]byte("REFT\x03"), good[5:]...), "version 3"},
		{"checksum", append(slices.Clone(good[:len(good)-1]), good[len(good)-1]^1), "checksum"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tableFixture(t, "sha1", tt.data).open().Refs()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// A name may repeat the one before, so that a block of a megabyte can hold names of many gigabytes.
func TestReftableNamesBomb(t *testing.T) {
	name := "refs/" + strings.Repeat("x", 500_000)
	block := putKey(nil, "", name, 0)
	again := putKey([]byte{0}, name, name, 0)
	block = append(block, bytes.Repeat(again, 500_000/len(again))...)
	visited := 0
	err := (&table{hash: 20}).refRecords(append(block, 0), func(Ref) { visited++ })
	if !errors.Is(err, errTable) || visited > 200 {
		t.Errorf("%d names, error %v", visited, err)
	}
}

func TestReftableGone(t *testing.T) {
	w := tableWriter{version: 1}
	for _, gone := range []string{".git/reftable/tables.list", ".git/reftable/0x000000000001-0x000000000001-00000000.ref"} {
		f := tableFixture(t, "sha1", w.write(nil, nil))
		f.remove(gone)
		r := f.open()
		if refs, err := r.Refs(); err == nil {
			t.Errorf("refs %v without %s, want an error", refs, gone)
		}
		if _, err := r.Head(); err == nil || errors.Is(err, ErrNoRef) {
			t.Errorf("HEAD without %s: %v", gone, err)
		}
	}
}

func FuzzReftable(f *testing.F) {
	id := idOf(bytes.Repeat([]byte{1}, 20))
	refs := []tableRef{{name: "HEAD", target: "refs/heads/main"}, {name: "refs/heads/main", id: id}, {name: "refs/tags/a", id: id, peeled: id}, {name: "refs/tags/b"}}
	logs := []tableLog{{name: "refs/stash", index: 1, entry: LogEntry{New: id, Old: id, Message: "x"}}, {name: "refs/stash", deleted: true}}
	for _, w := range []tableWriter{{version: 1}, {version: 1, blockSize: 256}} {
		w.write(refs, logs)
		f.Add(w.out[headerV1:], uint16(w.blockSize), uint16(w.logAt))
	}
	f.Add(append([]byte("r\x00\x00\x0f"), make([]byte, 100)...), uint16(0), uint16(0)) // a first block shorter than the header
	f.Fuzz(func(t *testing.T, body []byte, blockSize, logAt uint16) {
		// Header and footer are made to fit, or no changed input would get past them.
		w := tableWriter{version: 1, blockSize: int(blockSize), logAt: int(logAt)}
		w.out = append(w.head(), body...)
		table, err := openTable(append(w.out, w.footer()...))
		if err != nil {
			return
		}
		table.refs(func(ref Ref) {
			if !validRefName(ref.Name) {
				t.Errorf("invalid name %q", ref.Name)
			}
		})
		table.logs(func(name string, _ uint64, _ LogEntry, _ bool) {
			if !validRefName(name) {
				t.Errorf("invalid name %q", name)
			}
		})
	})
}

func FuzzReftableFile(f *testing.F) {
	w := tableWriter{version: 2, hash: "sha1"}
	f.Add(w.write([]tableRef{{name: "HEAD", target: "refs/heads/main"}}, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		if table, err := openTable(data); err == nil && table.logAt > len(table.data) {
			t.Errorf("logs at %d of %d bytes", table.logAt, len(table.data))
		}
	})
}
