package odb

import (
	"errors"
	"os"
	"strconv"

	"github.com/assaysec/assay/internal/git/odb/inflate"
)

// looseHeader is the most bytes that "type size\0" may take, as in git.
const looseHeader = 32

func loosePath(id ID) string {
	s := id.String()
	return s[:2] + "/" + s[2:]
}

// readLoose returns the compressed bytes of a loose object, or an error that wraps os.ErrNotExist.
func (s *Store) readLoose(d *objectDir, id ID) ([]byte, error) {
	// What does not compress grows by 5 bytes in 16 kB at most.
	limit := s.opts.MaxObject + s.opts.MaxObject/1024 + 4096
	return readSmall(d.root, loosePath(id), limit)
}

// looseHead reads the type and the size, and how many bytes they take.
func looseHead(d *inflate.Decoder, src []byte) (Type, int64, int, error) {
	var buf [looseHeader]byte
	n, err := d.ZlibPrefix(buf[:], len(buf), src)
	if err != nil {
		return 0, 0, 0, err
	}
	t, size, head, ok := parseLooseHead(buf[:n])
	if !ok {
		return 0, 0, 0, errBadLoose
	}
	if uint64(size) > uint64(len(src))*inflate.MaxRatio {
		return 0, 0, 0, errDeclaredSize
	}
	return t, size, head, nil
}

func parseLooseHead(b []byte) (t Type, size int64, head int, ok bool) {
	space, nul := -1, -1
	for i, c := range b {
		if c == ' ' && space < 0 {
			space = i
		}
		if c == 0 {
			nul = i
			break
		}
	}
	if space < 0 || nul < space {
		return 0, 0, 0, false
	}
	digits := string(b[space+1 : nul])
	size, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != digits {
		return 0, 0, 0, false
	}
	t, ok = parseType(b[:space])
	return t, size, nul + 1, ok
}

// looseObject decompresses a loose object into memory that get returns for a number of bytes. The object's bytes are what is
// left after the head.
func (s *Store) looseObject(dec *inflate.Decoder, id ID, src []byte, get func(int) []byte) (Type, []byte, error) {
	t, size, head, err := looseHead(dec, src)
	if err != nil {
		return 0, nil, err
	}
	if size > s.opts.MaxObject {
		return t, nil, &TooLargeError{ID: id, Size: size, Limit: s.opts.MaxObject}
	}
	total := head + int(size)
	buf := get(total + inflate.Slack)
	n, err := dec.Zlib(buf, total, src, true)
	if err != nil {
		return 0, nil, err
	}
	if n != len(src) {
		return 0, nil, errors.New("bytes follow the compressed data")
	}
	return t, buf[head:total:total], nil
}

// looseIDs lists the loose objects of a directory.
func (s *Store) looseIDs(d *objectDir) ([]ID, []Problem) {
	var ids []ID
	var problems []Problem
	const digits = "0123456789abcdef"
	for b := range 256 {
		dir := string([]byte{digits[b>>4], digits[b&15]})
		names, err := readNames(d.root, dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			problems = append(problems, Problem{Path: d.path + "/" + dir, Err: pathless(err)})
		}
		for _, name := range names {
			// Anything else, such as a temporary file, is no object to git either.
			if len(name) != 2*s.hash-2 {
				continue
			}
			if id, err := ParseID(dir + name); err == nil && id.String()[2:] == name {
				ids = append(ids, id)
			}
		}
	}
	return ids, problems
}
