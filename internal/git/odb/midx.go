package odb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
)

const (
	midxName      = "multi-pack-index"
	midxChainDir  = "multi-pack-index.d"
	midxChainFile = midxChainDir + "/multi-pack-index-chain"
	maxChain      = 1000 // layers, each of which is asked for each object
	maxChainFile  = 1 << 20
)

// A multiIndex is a multi-pack-index, or one layer of a chain of them: for each object one pack and the offset in it. It makes
// looking up faster where there are many packs; whatever it does not cover is found by the packs' own indexes.
type multiIndex struct {
	idTable
	names   []string // of the packs' indexes, in the file's order
	packs   []*pack  // parallel to names; nil for a pack that is not there
	places  []byte   // 8 bytes each: number of the pack, offset
	far     []byte
	packDir string
	close   func() error
}

// openMultiIndexes opens the single index and the layers of a chain.
func (s *Store) openMultiIndexes(root *os.Root, packDir string, has map[string]bool) []*multiIndex {
	var out []*multiIndex
	if has[midxName] {
		out = s.appendMultiIndex(out, root, packDir, midxName)
	}
	if !has[midxChainDir] {
		return out
	}
	chain, err := readSmall(root, midxChainFile, maxChainFile)
	if errors.Is(err, os.ErrNotExist) {
		return out
	}
	if err != nil {
		s.report(packDir+"/"+midxChainFile, err)
		return out
	}
	layers := 0
	for line := range strings.FieldsSeq(string(chain)) {
		_, err := ParseID(line)
		if layers++; err == nil && layers > maxChain {
			err = errTooManyLayers
		}
		if err != nil {
			s.report(packDir+"/"+midxChainFile, err)
			return out
		}
		out = s.appendMultiIndex(out, root, packDir, midxChainDir+"/multi-pack-index-"+line+".midx")
	}
	return out
}

func (s *Store) appendMultiIndex(list []*multiIndex, root *os.Root, packDir, name string) []*multiIndex {
	data, unmap, err := mapFile(root, name)
	if err != nil {
		s.report(packDir+"/"+name, err)
		return list
	}
	m, err := parseMultiIndex(data, s.hash)
	if err != nil {
		s.report(packDir+"/"+name, err)
		unmap()
		return list
	}
	m.packDir, m.close = packDir, unmap
	return append(list, m)
}

// parseMultiIndex reads the file of gitformat-pack(5), "multi-pack-index (MIDX) files have the following format".
func parseMultiIndex(data []byte, hash int) (*multiIndex, error) {
	const head, row = 12, 12
	if len(data) < head+row+hash || string(data[:4]) != "MIDX" {
		return nil, errors.New("not a multi-pack-index")
	}
	if data[4] != 1 && data[4] != 2 {
		return nil, fmt.Errorf("multi-pack-index version %d is not known", data[4])
	}
	if want := map[int]byte{20: 1, 32: 2}[hash]; data[5] != want {
		return nil, errors.New("multi-pack-index is for another hash function")
	}
	chunks := int(data[6])
	packs := binary.BigEndian.Uint32(data[8:])
	body := data[:len(data)-hash]
	if head+row*(chunks+1) > len(body) {
		return nil, errors.New("multi-pack-index is cut short")
	}
	found := map[string][]byte{}
	for i := range chunks {
		at := data[head+row*i:]
		from, to := binary.BigEndian.Uint64(at[4:]), binary.BigEndian.Uint64(at[4+row:])
		if from > to || to > uint64(len(body)) {
			return nil, fmt.Errorf("multi-pack-index chunk %q lies outside the file", at[:4])
		}
		found[string(at[:4])] = body[from:to]
	}
	fanout := found["OIDF"]
	if len(fanout) < fanoutSize {
		return nil, errors.New("multi-pack-index has no fan-out")
	}
	t, err := newIDTable(fanout[:fanoutSize], found["OIDL"], hash, 0, hash)
	if err != nil {
		return nil, err
	}
	m := &multiIndex{idTable: t, places: found["OOFF"], far: found["LOFF"]}
	if len(m.places)/8 < t.count {
		return nil, errors.New("multi-pack-index has too few offsets")
	}
	if m.names, err = packNames(found["PNAM"], packs); err != nil {
		return nil, err
	}
	return m, nil
}

func packNames(chunk []byte, count uint32) ([]string, error) {
	var names []string
	for range count {
		name, rest, ok := bytes.Cut(chunk, []byte{0})
		if !ok {
			return nil, errors.New("multi-pack-index has too few pack names")
		}
		names = append(names, string(name))
		chunk = rest
	}
	return names, nil
}

// connect finds the open packs for the names. Names only serve as keys, never to open anything.
func (m *multiIndex) connect(byPath map[string]*pack) {
	m.packs = make([]*pack, len(m.names))
	for i, name := range m.names {
		base, _ := cutSuffix(name)
		m.packs[i] = byPath[m.packDir+"/"+base+".pack"]
	}
}

func (m *multiIndex) place(i int) (packNumber uint32, off uint64, ok bool) {
	row := m.places[8*i:]
	off, ok = resolveOffset(binary.BigEndian.Uint32(row[4:]), m.far, len(m.far) > 0)
	return binary.BigEndian.Uint32(row), off, ok
}

// lookup finds an object in a pack that is open.
func (m *multiIndex) lookup(id []byte) (*pack, uint64, bool) {
	i, ok := m.find(id)
	if !ok {
		return nil, 0, false
	}
	n, off, ok := m.place(i)
	if !ok || uint64(n) >= uint64(len(m.packs)) || m.packs[n] == nil {
		return nil, 0, false
	}
	return m.packs[n], off, true
}

// packIndexes makes indexes, from what is known here, for packs that have lost their own; lost has the names of those. They lack
// the objects that this file finds in other packs.
func (m *multiIndex) packIndexes(lost map[string]bool) map[string]*packIndex {
	found := map[string]*packIndex{}
	byNumber := make([]*packIndex, len(m.names))
	for i, name := range m.names {
		if lost[name] {
			byNumber[i] = &packIndex{idTable: idTable{fanout: make([]byte, fanoutSize), stride: m.hash, hash: m.hash}}
			found[name] = byNumber[i]
		}
	}
	if len(found) == 0 {
		return nil
	}
	for b := range 256 {
		lo, hi := m.bucket(byte(b))
		for i := lo; i < hi; i++ {
			n, off, ok := m.place(i)
			if !ok || uint64(n) >= uint64(len(byNumber)) || byNumber[n] == nil {
				continue
			}
			idx := byNumber[n]
			idx.ids = append(idx.ids, m.raw(i)...)
			idx.offsets = append(idx.offsets, off)
			idx.count++
		}
		for _, idx := range found {
			binary.BigEndian.PutUint32(idx.fanout[4*b:], uint32(idx.count))
		}
	}
	return found
}
