package cache

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Key is the digest of what an answer depends on.
type Key [32]byte

// A Store holds the entries of one generation: one set of rules and versions. It is safe for concurrent use. The nil
// Store keeps nothing.
type Store struct {
	dir   string
	file  string
	limit int64

	mu    sync.Mutex
	old   map[Key][]byte
	fresh map[Key][]byte
	used  map[Key]bool // of old
}

const (
	magic = "assay-cache/1\n"
	// DefaultLimit is how large the folder may grow.
	DefaultLimit = 256 << 20
	maxEntry     = 1 << 20
	ending       = ".results"
)

// Open reads the entries of a generation. name becomes a part of a file's name: letters, digits, dots and hyphens. A
// folder or file that cannot be read, or that somebody else can have written, is an empty store.
func Open(dir, name string, limit int64) *Store {
	s := &Store{dir: dir, file: filepath.Join(dir, name+ending), limit: limit, fresh: map[Key][]byte{}, used: map[Key]bool{}}
	f, err := openOwn(s.file)
	if err != nil {
		return s
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) <= limit {
		s.old = parse(text)
	}
	return s
}

// parse reads entries: key, length, bytes, and a checksum of all three. It stops at the first that is damaged.
func parse(text []byte) map[Key][]byte {
	rest, ok := bytes.CutPrefix(text, []byte(magic))
	if !ok {
		return nil
	}
	entries := map[Key][]byte{}
	for len(rest) > 0 {
		key, value, next := entry(rest)
		if next == nil {
			break
		}
		entries[key] = value
		rest = next
	}
	return entries
}

// entry takes one entry off. next is nil where it is damaged.
func entry(text []byte) (key Key, value, next []byte) {
	if len(text) < len(key) {
		return key, nil, nil
	}
	copy(key[:], text)
	n, width := binary.Uvarint(text[len(key):])
	if width <= 0 || n > maxEntry {
		return key, nil, nil
	}
	head := len(key) + width
	if len(text) < head+int(n)+crc32.Size {
		return key, nil, nil
	}
	end := head + int(n)
	if crc32.ChecksumIEEE(text[:end]) != binary.LittleEndian.Uint32(text[end:]) {
		return key, nil, nil
	}
	return key, text[head:end], text[end+crc32.Size:]
}

func appendEntry(dst []byte, key Key, value []byte) []byte {
	start := len(dst)
	dst = append(dst, key[:]...)
	dst = binary.AppendUvarint(dst, uint64(len(value)))
	dst = append(dst, value...)
	return binary.LittleEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[start:]))
}

// Get returns an entry.
func (s *Store) Get(key Key) ([]byte, bool) {
	if s == nil {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok := s.old[key]
	if ok {
		s.used[key] = true
	}
	return value, ok
}

// Put keeps an entry until Close writes it. What is too large is not kept.
func (s *Store) Put(key Key, value []byte) {
	if s == nil || len(value) > maxEntry {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh[key] = value
}

// Close writes what is new. Entries that this run did not ask for are kept as long as there is room.
func (s *Store) Close() error {
	if s == nil || len(s.fresh) == 0 {
		return nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(s.dir, ".new-*")
	if err != nil {
		return err
	}
	size, err := s.write(tmp)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = s.makeRoom(size)
	}
	if err == nil {
		err = os.Rename(tmp.Name(), s.file)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}

// write writes what there is room for, and returns how much that was.
func (s *Store) write(w io.Writer) (int64, error) {
	b := bufio.NewWriterSize(w, 1<<16)
	_, _ = b.WriteString(magic)
	room := s.limit - int64(len(magic))
	var line []byte
	put := func(key Key, value []byte) {
		line = appendEntry(line[:0], key, value)
		if int64(len(line)) <= room {
			room -= int64(len(line))
			_, _ = b.Write(line)
		}
	}
	for key, value := range s.fresh {
		put(key, value)
	}
	for _, want := range []bool{true, false} {
		for key, value := range s.old {
			if _, renewed := s.fresh[key]; !renewed && s.used[key] == want {
				put(key, value)
			}
		}
	}
	return s.limit - room, b.Flush() // a bufio.Writer remembers its first error
}

// makeRoom removes the generations that were not used for longest until the folder is within its limit with this one, and
// what an interrupted run left behind.
func (s *Store) makeRoom(size int64) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	var files []fs.FileInfo
	total := size
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		old := time.Since(info.ModTime()) > time.Hour
		if strings.HasPrefix(e.Name(), ".new-") && old {
			os.Remove(filepath.Join(s.dir, e.Name()))
		}
		if strings.HasSuffix(e.Name(), ending) && e.Name() != filepath.Base(s.file) {
			files = append(files, info)
			total += info.Size()
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, f := range files {
		if total <= s.limit {
			break
		}
		os.Remove(filepath.Join(s.dir, f.Name()))
		total -= f.Size()
	}
	return nil
}
