package git

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"

	"github.com/assaysec/assay/internal/git/odb"
)

// A commit is what walks need of a commit. It is not changed once it is in the cache.
type commit struct {
	id      odb.ID
	tree    odb.ID
	parents []odb.ID // as stored, also at the shallow boundary
	date    int64    // the committer's, in seconds
	number  int      // counts from 0 in the order of reading: the index of this commit in the state of a walk
}

// commitCache keeps each commit once for all walks.
type commitCache struct {
	mu   sync.Mutex
	byID map[odb.ID]*commit
}

func (c *commitCache) init() { c.byID = map[odb.ID]*commit{} }

func (c *commitCache) get(id odb.ID) *commit {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byID[id]
}

func (c *commitCache) put(new *commit) *commit {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.byID[new.id]; old != nil {
		return old
	}
	new.number = len(c.byID)
	c.byID[new.id] = new
	return new
}

func (r *Repo) commit(id odb.ID) (*commit, error) {
	if c := r.commits.get(id); c != nil {
		return c, nil
	}
	t, data, err := r.store.Get(id)
	if err != nil {
		return nil, err
	}
	if t != odb.Commit {
		return nil, fmt.Errorf("object %s is a %s, not a commit", id, t)
	}
	c, err := parseCommit(data)
	if err != nil {
		return nil, fmt.Errorf("commit %s: %w", id, err)
	}
	c.id = id
	return r.commits.put(c), nil
}

// Learn takes the bytes of a commit that the caller has read anyhow, so that walks need not read it again, and returns its
// tree.
func (r *Repo) Learn(id odb.ID, data []byte) (tree odb.ID, err error) {
	c, err := parseCommit(data)
	if err != nil {
		return odb.ID{}, err
	}
	c.id = id
	return r.commits.put(c).tree, nil
}

// Commit reads a commit with all that it says.
func (r *Repo) Commit(id odb.ID) (odb.CommitInfo, error) {
	t, data, err := r.store.Get(id)
	if err != nil {
		return odb.CommitInfo{}, err
	}
	if t != odb.Commit {
		return odb.CommitInfo{}, fmt.Errorf("object %s is a %s, not a commit", id, t)
	}
	return odb.ParseCommit(data)
}

// cutOff tells whether the parents of a commit exist and are not here.
func (r *Repo) cutOff(c *commit) bool {
	_, cut := r.shallow[c.id]
	return cut && len(c.parents) > 0
}

// parseCommit is odb.ParseCommit without what walks do not need; they read every commit there is.
func parseCommit(data []byte) (*commit, error) {
	c := &commit{}
	rest, err := idLine(data, "tree ", &c.tree)
	if err != nil {
		return nil, err
	}
	for bytes.HasPrefix(rest, []byte("parent ")) {
		var id odb.ID
		if rest, err = idLine(rest, "parent ", &id); err != nil {
			return nil, err
		}
		c.parents = append(c.parents, id)
	}
	for len(rest) > 0 && rest[0] != '\n' {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		if who, ok := bytes.CutPrefix(line, []byte("committer ")); ok {
			c.date = dateOf(who)
			break
		}
	}
	return c, nil
}

func idLine(data []byte, key string, id *odb.ID) ([]byte, error) {
	line, rest, _ := bytes.Cut(data, []byte{'\n'})
	digits, ok := bytes.CutPrefix(line, []byte(key))
	if !ok {
		return nil, fmt.Errorf("no line %q", key)
	}
	var err error
	*id, err = odb.ParseID(string(digits))
	return rest, err
}

// dateOf reads the seconds that follow the last ">". What is no number is 0, as it is for git: broken dates exist.
func dateOf(who []byte) int64 {
	fields := bytes.Fields(who[bytes.LastIndexByte(who, '>')+1:])
	if len(fields) == 0 {
		return 0
	}
	n, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// maxTagDepth bounds tags of tags.
const maxTagDepth = 100

// Peel follows annotated tags to what they name.
func (r *Repo) Peel(id odb.ID) (odb.ID, odb.Type, error) {
	for range maxTagDepth {
		if r.commits.get(id) != nil {
			return id, odb.Commit, nil
		}
		t, _, err := r.store.Header(id)
		if err != nil || t != odb.Tag {
			return id, t, err
		}
		_, data, err := r.store.Get(id)
		if err != nil {
			return id, t, err
		}
		tag, err := odb.ParseTag(data)
		if err != nil {
			return id, t, fmt.Errorf("tag %s: %w", id, err)
		}
		id = tag.Object
	}
	return id, 0, fmt.Errorf("tag %s: more than %d tags of tags", id, maxTagDepth)
}

// TreeOf returns the tree of a commit or of a tag of one; a tree is its own.
func (r *Repo) TreeOf(id odb.ID) (odb.ID, error) {
	id, t, err := r.Peel(id)
	if err != nil {
		return odb.ID{}, err
	}
	switch t {
	case odb.Tree:
		return id, nil
	case odb.Commit:
		c, err := r.commit(id)
		if err != nil {
			return odb.ID{}, err
		}
		return c.tree, nil
	}
	return odb.ID{}, fmt.Errorf("object %s is a %s and has no tree", id, t)
}
