package odb

import (
	"container/list"
	"sync"
)

type cacheKey struct {
	pack   int
	offset uint64
}

type cached struct {
	key  cacheKey
	kind Type
	data []byte
}

// A baseCache keeps the delta bases that were used last, up to a number of bytes. What it holds is never written to.
type baseCache struct {
	mu     sync.Mutex
	limit  int64
	bytes  int64
	recent list.List // of *cached, the latest first
	byKey  map[cacheKey]*list.Element
}

func (c *baseCache) get(key cacheKey) (Type, []byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.byKey[key]
	if !ok {
		return 0, nil, false
	}
	c.recent.MoveToFront(el)
	hit := el.Value.(*cached)
	return hit.kind, hit.data, true
}

// put keeps data, unless it would push out more than a quarter of what is there.
func (c *baseCache) put(key cacheKey, kind Type, data []byte) {
	size := int64(cap(data))
	if size > c.limit/4 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byKey[key]; ok {
		return
	}
	if c.byKey == nil {
		c.byKey = map[cacheKey]*list.Element{}
	}
	c.byKey[key] = c.recent.PushFront(&cached{key: key, kind: kind, data: data})
	c.bytes += size
	for c.bytes > c.limit {
		last := c.recent.Back()
		old := c.recent.Remove(last).(*cached)
		delete(c.byKey, old.key)
		c.bytes -= int64(cap(old.data))
	}
}
