package git

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/git/odb"
)

// A splitLink is what an index says about the shared index that it is a difference to.
type splitLink struct {
	shared           odb.ID
	deleted, replace bitmap // by position in the shared index
}

func parseLink(body []byte, hash int) (*splitLink, error) {
	if len(body) < hash {
		return nil, fmt.Errorf("%w: link", errIndex)
	}
	link := &splitLink{shared: idOf(body[:hash])}
	if body = body[hash:]; len(body) == 0 {
		return link, nil
	}
	var err error
	if link.deleted, body, err = parseBitmap(body); err != nil {
		return nil, fmt.Errorf("link: deleted entries: %w", err)
	}
	if link.replace, _, err = parseBitmap(body); err != nil {
		return nil, fmt.Errorf("link: replaced entries: %w", err)
	}
	return link, nil
}

// joinShared makes x whole. Its first entries have no path: they replace the marked entries of the shared index.
func (r *Repo) joinShared(x *Index, link *splitLink) error {
	if link.shared.IsZero() {
		return nil
	}
	name := "sharedindex." + link.shared.String()
	data, err := readFile(r.gitRoot, name, maxLargeFile)
	if isAbsent(err) {
		data, err = readFile(r.commonRoot, name, maxLargeFile)
	}
	if err != nil {
		return err
	}
	base, more, err := parseIndex(data, r.format)
	if err == nil && more != nil {
		err = errors.New("is itself split")
	}
	if err == nil {
		err = x.join(base.Entries, link)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (x *Index) join(base []IndexEntry, link *splitLink) error {
	own := x.Entries
	var all []IndexEntry
	for i, e := range base {
		if link.replace.has(i) {
			if len(own) == 0 || own[0].Path != "" {
				return fmt.Errorf("%w: nothing replaces entry %d", errIndex, i)
			}
			path := e.Path
			e, own = own[0], own[1:]
			e.Path = path
		}
		if !link.deleted.has(i) {
			all = append(all, e)
		}
	}
	all = append(all, own...)
	slices.SortStableFunc(all, func(a, b IndexEntry) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return int(a.Stage) - int(b.Stage)
	})
	x.Entries = all
	return nil
}

// A bitmap is an uncompressed bit set.
type bitmap []uint64

func (b bitmap) has(i int) bool { return i>>6 < len(b) && b[i>>6]>>(i&63)&1 != 0 }

// maxBitmapWords is for as many entries as an index of the largest size could have.
const maxBitmapWords = maxLargeFile / 64 / 64

// parseBitmap reads git's EWAH: words that say how many equal words follow, and how many words as they are after those.
func parseBitmap(b []byte) (bitmap, []byte, error) {
	if len(b) < 8 {
		return nil, nil, fmt.Errorf("%w: bitmap", errIndex)
	}
	count := uint64(binary.BigEndian.Uint32(b[4:]))
	if b = b[8:]; uint64(len(b)) < 8*count+4 {
		return nil, nil, fmt.Errorf("%w: bitmap", errIndex)
	}
	var out bitmap
	rest := b[8*count+4:]
	for b = b[:8*count]; len(b) > 0; {
		marker := binary.BigEndian.Uint64(b)
		b = b[8:]
		run, literals := marker>>1&(1<<32-1), marker>>33
		if uint64(len(out))+run+literals > maxBitmapWords || 8*literals > uint64(len(b)) {
			return nil, nil, fmt.Errorf("%w: bitmap", errIndex)
		}
		out = append(out, slices.Repeat(bitmap{-(marker & 1)}, int(run))...)
		for range literals {
			out = append(out, binary.BigEndian.Uint64(b))
			b = b[8:]
		}
	}
	return out, rest, nil
}
