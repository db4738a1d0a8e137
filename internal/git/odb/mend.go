package odb

import "fmt"

// mend deals with a node that could not be read: from another copy of the object if there is one, and else by listing it and
// what depends on it.
func (w *worker) mend(f *forest, n int32, kind Type, cause error) error {
	if w.copyElsewhere(f, n) {
		r := w.newReading()
		found, data, err := r.object(f.id(n))
		w.charge(r)
		if err == nil {
			kind = found
			wanted := w.wanted[kind] && !f.duplicate[n] && w.want(kind, int64(len(data)))
			if !w.wanted[kind] || !wanted && f.leaf(n) {
				return nil
			}
			if err := w.room(int64(len(data))); err != nil {
				return err
			}
			return w.made(f, n, kind, w.pool.adopt(data), nil, nil, wanted)
		}
	}
	return w.failed(f, n, kind, cause)
}

func (w *worker) copyElsewhere(f *forest, n int32) bool {
	found := false
	w.copiesOf(f.id(n), func(p *pack, _ uint64) bool {
		found = p != f.p
		return !found
	})
	for _, d := range w.dirs {
		if found {
			break
		}
		_, err := d.root.Lstat(loosePath(makeID(f.id(n))))
		found = err == nil
	}
	return found
}

// failed lists a node that cannot be read, and all that is made from it, save those nodes that have another copy: these become
// tasks of their own.
func (w *worker) failed(f *forest, n int32, kind Type, cause error) error {
	if !f.duplicate[n] {
		w.list(f, n, kind, cause)
	}
	below := children(f, n, nil)
	for len(below) > 0 {
		c := below[len(below)-1]
		below = below[:len(below)-1]
		if w.copyElsewhere(f, c) {
			w.give(task{f: f, node: c, broken: errBaseUnread})
			continue
		}
		if !f.duplicate[c] {
			w.list(f, c, kind, baseCause(cause))
		}
		below = children(f, c, below)
	}
	return nil
}

// baseCause is what is told of an object because of its base. It stays what it was: a missing base, or one that is too large.
func baseCause(cause error) error { return fmt.Errorf("delta base: %w", cause) }

func children(f *forest, n int32, list []int32) []int32 {
	for c := f.head[n]; c >= 0; c = f.next[c] {
		list = append(list, c)
	}
	return list
}

func (w *worker) list(f *forest, n int32, kind Type, cause error) {
	u := Unread{ID: makeID(f.id(n)), Type: kind, Path: f.p.path, Offset: int64(f.offset[n]), Err: cause}
	if large, ok := cause.(*TooLargeError); ok { // the object itself, not its base
		if kind != 0 && !w.want(kind, large.Size) {
			return
		}
		u.Size, u.Err = large.Size, &TooLargeError{ID: u.ID, Size: large.Size, Limit: large.Limit}
	}
	w.stats.list(u)
}
