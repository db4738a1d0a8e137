package paths

import (
	"hash/maphash"
	"sync"

	"github.com/assaysec/assay/internal/git/odb"
)

// Values are numbered by many goroutines at a time. They are spread over shards with a lock each; a number is a place in
// a shard and, in its lowest bits, the shard.
const (
	shardBits = 6
	shards    = 1 << shardBits
)

// limit is one more than the largest number there may be where the fullest shard holds so many.
func limit(fullest int) int { return fullest << shardBits }

// names numbers the names of entries.
type names struct {
	seed   maphash.Seed
	shards [shards]struct {
		sync.Mutex
		at   map[string]uint32
		list []string
	}
}

func (t *names) number(name []byte) uint32 {
	i := maphash.Bytes(t.seed, name) % shards
	s := &t.shards[i]
	s.Lock()
	defer s.Unlock()
	n, ok := s.at[string(name)]
	if !ok {
		if s.at == nil {
			s.at = map[string]uint32{}
		}
		n = uint32(len(s.list))<<shardBits | uint32(i)
		text := string(name)
		s.at[text] = n
		s.list = append(s.list, text)
	}
	return n
}

// close lets go of what numbering needs; numbers can still be turned into names.
func (t *names) close() {
	for i := range t.shards {
		t.shards[i].at = nil
	}
}

func (t *names) text(n uint32) string { return t.shards[n%shards].list[n>>shardBits] }

func (t *names) limit() int {
	fullest := 0
	for i := range t.shards {
		fullest = max(fullest, len(t.shards[i].list))
	}
	return limit(fullest)
}

// longest is the length of the longest name.
func (t *names) longest() int {
	most := 0
	for i := range t.shards {
		for _, name := range t.shards[i].list {
			most = max(most, len(name))
		}
	}
	return most
}

// nodes numbers objects.
type nodes struct {
	seed   maphash.Seed
	shards [shards]struct {
		sync.Mutex
		at map[odb.ID]uint32
	}
}

func (t *nodes) number(id odb.ID) uint32 {
	i := maphash.Comparable(t.seed, id) % shards
	s := &t.shards[i]
	s.Lock()
	defer s.Unlock()
	n, ok := s.at[id]
	if !ok {
		if s.at == nil {
			s.at = map[odb.ID]uint32{}
		}
		n = uint32(len(s.at))<<shardBits | uint32(i)
		s.at[id] = n
	}
	return n
}

// find gives the number of an object that has one. It must not be called while objects are still being numbered.
func (t *nodes) find(id odb.ID) (uint32, bool) {
	n, ok := t.shards[maphash.Comparable(t.seed, id)%shards].at[id]
	return n, ok
}

func (t *nodes) all(visit func(id odb.ID, n uint32)) {
	for i := range t.shards {
		for id, n := range t.shards[i].at {
			visit(id, n)
		}
	}
}

func (t *nodes) limit() int {
	fullest := 0
	for i := range t.shards {
		fullest = max(fullest, len(t.shards[i].at))
	}
	return limit(fullest)
}
