package odb

import "slices"

// room makes sure that an object of a size may be made, and fits this worker's share of the memory: first by dropping bases
// that can be made again, then by becoming the one worker that may take more.
func (w *worker) room(size int64) error {
	if size > w.opts.MaxObject {
		return nil // it will be refused
	}
	if w.total.Add(size) > w.opts.MaxTotal {
		return ErrTooMuch
	}
	fits := func() bool { return w.pool.inUse.Load()+size <= w.share }
	for i := 0; i < len(w.stack) && !fits(); i++ {
		if b := w.stack[i].data; b != nil && b.refs.Load() == 1 {
			w.stack[i].data = nil
			w.pool.release(b)
		}
	}
	if fits() || w.hasToken {
		return nil
	}
	select {
	case w.large <- struct{}{}:
		w.hasToken = true
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

// charge ends a reading that was done for the walk, and adds what it took to the total, which room holds against the limit.
func (w *worker) charge(r *reading) {
	w.total.Add(r.spent())
	r.done()
}

func (w *worker) giveTokenBack() {
	if w.hasToken {
		w.hasToken = false
		<-w.large
	}
}

// remake inflates a dropped object again, from the nearest base that is still there.
func (w *worker) remake(fr *frame) error {
	f := fr.f
	chain := []int32{fr.node}
	var base *buffer
	for n := f.base[fr.node]; n >= 0 && base == nil; n = f.base[n] {
		for i := range w.stack {
			if w.stack[i].f == f && w.stack[i].node == n && w.stack[i].data != nil {
				base = w.stack[i].data
			}
		}
		if base == nil {
			chain = append(chain, n)
		}
	}
	if base != nil {
		base.refs.Add(1)
	}
	for _, n := range slices.Backward(chain) {
		w.total.Add(hopCost)
		next, err := w.again(f, n, base)
		w.pool.release(base)
		if err != nil {
			return err
		}
		w.stats.Reinflated++
		base = next
	}
	fr.data = base
	return nil
}

// again makes one object anew, from its base if there is one.
func (w *worker) again(f *forest, n int32, base *buffer) (*buffer, error) {
	e, err := f.p.entry(f.offset[n])
	if err != nil || base == nil && e.isDelta() {
		return w.elsewhere(f, n)
	}
	size, code := e.size, []byte(nil)
	if base != nil {
		if size, code, err = w.instructions(f, n, len(base.data)); err != nil {
			return nil, err
		}
	}
	if err := w.room(int64(size)); err != nil {
		return nil, err
	}
	if base == nil {
		return w.whole(f, n, &e)
	}
	b := w.pool.take(int(size))
	if _, _, ok := applyDelta(b.data, base.data, code, nil, false); !ok {
		w.pool.release(b)
		return nil, errBadDelta
	}
	return b, nil
}

// elsewhere reads an object by its ID, from whatever copy can be read.
func (w *worker) elsewhere(f *forest, n int32) (*buffer, error) {
	r := w.newReading()
	defer w.charge(r)
	_, data, err := r.object(f.id(n))
	if err != nil {
		return nil, err
	}
	if err := w.room(int64(len(data))); err != nil {
		return nil, err
	}
	return w.pool.adopt(data), nil
}
