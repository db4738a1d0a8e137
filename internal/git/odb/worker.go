package odb

import (
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"runtime/debug"
	"slices"

	"github.com/assaysec/assay/internal/git/odb/inflate"
)

// A frame is an object from which others are still to be made.
type frame struct {
	f     *forest
	node  int32
	kind  Type
	data  *buffer // nil if it was dropped to save memory
	state any     // what its visit returned

	heavy int32   // the heaviest child, which comes last; -1 if it is done or somebody else's
	rest  int32   // first of the other children to be made
	list  []int32 // or these, in a part that was given away
}

// take returns the next child to make.
func (fr *frame) take() int32 {
	if n := len(fr.list); n > 0 {
		c := fr.list[n-1]
		fr.list = fr.list[:n-1]
		return c
	}
	if c := fr.rest; c >= 0 {
		fr.rest = fr.f.next[c]
		return c
	}
	c := fr.heavy
	fr.heavy = -1
	return c
}

func (fr *frame) more() bool { return len(fr.list) > 0 || fr.rest >= 0 || fr.heavy >= 0 }

// A worker makes objects, depth first. A base is let go of as soon as its last child has been made; and since the heaviest
// child comes last, only about log2(n) objects are held for a tree of n.
type worker struct {
	*walk
	number   int
	dec      *inflate.Decoder
	pool     bufferPool
	share    int64 // of the memory in work
	hasToken bool
	stack    []frame
	delta    []byte
	copies   []Copy
	object   Object
	stats    EachStats
}

// A visitPanic is a panic of a visit, on its way to the goroutine of the caller of Each.
type visitPanic struct {
	value any
	stack []byte
}

func newWorker(w *walk, number int) *worker {
	share := w.opts.BytesInWork / int64(w.workers)
	return &worker{walk: w, number: number, share: share, dec: new(inflate.Decoder), pool: bufferPool{limit: share / 4}}
}

func (w *worker) run() {
	defer func() {
		if r := recover(); r != nil {
			w.panicked.CompareAndSwap(nil, &visitPanic{r, debug.Stack()})
			w.giveTokenBack()
			w.cancel(errPanic)
		}
	}()
	var err error
	func() {
		defer w.catchFault(&err)()
		for err == nil {
			t, ok := w.next(w.workers)
			if !ok {
				return
			}
			err = w.do(t)
			w.giveTokenBack()
		}
	}()
	if err != nil {
		w.giveTokenBack()
		w.cancel(err)
	}
}

func (w *worker) do(t task) error {
	var err error
	switch {
	case t.loose != nil:
		return w.looseObjects(t.loose)
	case t.part != nil:
		w.stack = append(w.stack[:0], *t.part)
	default:
		w.stack = w.stack[:0]
		err = w.root(t)
	}
	for err == nil && len(w.stack) > 0 {
		if w.stopped.Load() {
			return nil
		}
		if w.hungry.Load() > 0 {
			w.giveAway()
		}
		err = w.step()
	}
	return err
}

// root makes an object that has no base in this pack, or one whose base could not be read here.
func (w *worker) root(t task) error {
	f, n := t.f, t.node
	err := t.broken
	if err == nil {
		err = f.broken[n]
	}
	if err != nil {
		return w.mend(f, n, 0, err)
	}
	e, err := f.p.entry(f.offset[n])
	if err != nil {
		return w.mend(f, n, 0, err)
	}
	if e.isDelta() {
		return w.rootDelta(f, n, &e)
	}
	kind := Type(e.kind)
	wanted := !f.duplicate[n] && w.want(kind, int64(e.size))
	if !wanted && f.leaf(n) {
		return nil
	}
	if err := w.room(int64(e.size)); err != nil {
		return err
	}
	b, err := w.whole(f, n, &e)
	if err != nil {
		return w.mend(f, n, kind, err)
	}
	return w.made(f, n, kind, b, nil, nil, wanted)
}

// whole inflates an entry that is no delta.
func (w *worker) whole(f *forest, n int32, e *entry) (*buffer, error) {
	if err := f.p.checkSize(e, w.opts.MaxObject); err != nil {
		return nil, err
	}
	b := w.pool.take(int(e.size))
	if err := w.inflate(f, n, e, b.mem); err != nil {
		w.pool.release(b)
		return nil, err
	}
	return b, nil
}

// inflate decompresses an entry, and checks that it ends before the next begins.
func (w *worker) inflate(f *forest, n int32, e *entry, mem []byte) error {
	end, err := f.p.inflate(w.dec, e, mem, w.opts.Verify || f.p.damaged)
	if err != nil {
		return err
	}
	if uint64(end) > f.end(n) && f.end(n) > f.offset[n] {
		return errOverlap
	}
	w.stats.Inflated += int64(e.size)
	return nil
}

// rootDelta makes a delta whose base is not among the pack's nodes.
func (w *worker) rootDelta(f *forest, n int32, e *entry) error {
	r := w.newReading()
	defer w.charge(r)
	kind, _, err := r.headAt(f.p, f.offset[n])
	if err != nil {
		return w.mend(f, n, 0, err)
	}
	if !w.wanted[kind] {
		return nil
	}
	var data []byte
	if e.baseID != nil {
		_, data, err = r.object(e.baseID)
	} else {
		_, data, err = r.at(f.p, e.base)
	}
	if err != nil {
		return w.mend(f, n, kind, err)
	}
	if err := w.room(int64(len(data))); err != nil {
		return err
	}
	base := w.pool.adopt(data)
	defer w.pool.release(base)
	return w.child(f, n, kind, base, nil)
}

// step makes the next child of the frame on top.
func (w *worker) step() error {
	top := &w.stack[len(w.stack)-1]
	c := top.take()
	if c < 0 {
		w.pool.release(top.data)
		w.stack = w.stack[:len(w.stack)-1]
		return nil
	}
	if top.data == nil {
		if err := w.remake(top); err != nil {
			if w.ctx.Err() != nil || errors.Is(err, ErrTooMuch) {
				return err
			}
			return w.failed(top.f, c, top.kind, baseCause(err))
		}
	}
	f, kind, base, state := top.f, top.kind, top.data, top.state
	if top.more() {
		base.refs.Add(1) // so that it is not dropped now
	} else {
		w.stack = w.stack[:len(w.stack)-1]
	}
	err := w.child(f, c, kind, base, state)
	w.pool.release(base)
	if w.hasToken && w.pool.inUse.Load() <= w.share {
		w.giveTokenBack()
	}
	return err
}

// child makes a delta from its base, which the caller holds.
func (w *worker) child(f *forest, n int32, kind Type, base *buffer, state any) error {
	size, code, err := w.instructions(f, n, len(base.data))
	if err == nil && !plausible(size, base.data, code) {
		err = errBadDelta
	}
	if err == nil && size > uint64(w.opts.MaxObject) {
		err = &TooLargeError{Size: int64(size), Limit: w.opts.MaxObject}
	}
	if err != nil {
		return w.mend(f, n, kind, err)
	}
	wanted := !f.duplicate[n] && w.want(kind, int64(size))
	if !wanted && f.leaf(n) {
		return nil
	}
	if err := w.room(int64(size)); err != nil {
		return err
	}
	b := w.pool.take(int(size))
	var copied int
	var ok bool
	w.copies, copied, ok = applyDelta(b.data, base.data, code, w.copies[:0], wanted)
	if !ok {
		w.pool.release(b)
		return w.mend(f, n, kind, errBadDelta)
	}
	w.stats.Copied += int64(copied)
	w.stats.Inserted += int64(size) - int64(copied)
	return w.made(f, n, kind, b, base.data, state, wanted)
}

// keepDelta is the largest memory for delta instructions that a worker keeps between objects.
const keepDelta = 4 << 20

// instructions inflates a delta and returns the size of what it makes, and how.
func (w *worker) instructions(f *forest, n int32, baseLen int) (uint64, []byte, error) {
	e, err := f.p.entry(f.offset[n])
	if err != nil {
		return 0, nil, err
	}
	if err := f.p.checkSize(&e, w.opts.MaxObject); err != nil {
		return 0, nil, err
	}
	need := int(e.size) + inflate.Slack
	if cap(w.delta) < need || cap(w.delta) > keepDelta {
		w.delta = make([]byte, max(need, 64<<10))
	}
	if err := w.inflate(f, n, &e, w.delta[:need]); err != nil {
		return 0, nil, err
	}
	baseSize, size, code, ok := deltaSizes(w.delta[:e.size])
	if !ok || baseSize != uint64(baseLen) {
		return 0, nil, errBadDelta
	}
	return size, code, nil
}

// made shows an object that is ready and keeps it if others are made from it. It takes over the buffer.
func (w *worker) made(f *forest, n int32, kind Type, b *buffer, baseData []byte, base any, wanted bool) error {
	if w.opts.Verify && !hashesTo(f.id(n), kind, b.data) {
		w.pool.release(b)
		return w.mend(f, n, kind, errBadHash)
	}
	var state any
	if wanted {
		var err error
		if state, err = w.show(makeID(f.id(n)), kind, b.data, baseData, base, !f.leaf(n)); err != nil {
			return err
		}
	}
	if f.leaf(n) {
		w.pool.release(b)
		return nil
	}
	w.stack = append(w.stack, frame{f: f, node: n, kind: kind, data: b, state: state, heavy: f.head[n], rest: f.next[f.head[n]]})
	return nil
}

func (w *worker) show(id ID, kind Type, data, baseData []byte, base any, isBase bool) (any, error) {
	w.object = Object{ID: id, Type: kind, Data: data, IsBase: isBase}
	if baseData != nil {
		w.object.Base, w.object.BaseData, w.object.Copies = base, baseData, w.copies
	}
	w.stats.Objects++
	w.stats.Bytes += int64(len(data))
	return w.visit(w.number, &w.object)
}

func (w *worker) looseObjects(b *batch) error {
	for _, id := range b.ids {
		if w.stopped.Load() {
			return nil
		}
		if err := w.looseObject(b.dir, id); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) looseObject(d *objectDir, id ID) error {
	fail := func(err error) error {
		w.stats.list(Unread{ID: id, Path: d.path + "/" + loosePath(id), Offset: -1, Err: err})
		return nil
	}
	src, err := w.readLoose(d, id)
	if err != nil {
		return fail(err)
	}
	kind, size, _, err := looseHead(w.dec, src)
	if err != nil {
		return fail(err)
	}
	if !w.wanted[kind] || !w.want(kind, size) {
		return nil
	}
	if err := w.room(size); err != nil {
		return err
	}
	var b *buffer
	_, data, err := w.Store.looseObject(w.dec, id, src, func(n int) []byte {
		b = w.pool.take(n)
		return b.data
	})
	defer func() { w.pool.release(b) }()
	if err == nil && w.opts.Verify && !hashesTo(id.raw(), kind, data) {
		err = errBadHash
	}
	if err != nil {
		return fail(err)
	}
	w.stats.Inflated += size
	_, err = w.show(id, kind, data, nil, nil, false)
	return err
}

// giveAway gives a part of the work that lies furthest down the stack, which is the largest, to a worker that has none.
func (w *worker) giveAway() {
	for i := range w.stack {
		fr := &w.stack[i]
		if fr.data == nil || !fr.more() {
			continue
		}
		part := fr.split(i == len(w.stack)-1)
		if part == nil {
			continue
		}
		fr.data.refs.Add(1)
		w.give(task{part: part})
		return
	}
}

// split takes about half of the work off a frame. A frame on top of the stack must keep some, another need not.
func (fr *frame) split(keepSome bool) *frame {
	var list []int32
	for {
		c := fr.take()
		if c < 0 {
			break
		}
		list = append(list, c)
	}
	if keepSome && len(list) < 2 {
		fr.list = list
		return nil
	}
	slices.SortFunc(list, func(a, b int32) int { return int(min(max(fr.f.weight[a]-fr.f.weight[b], -1), 1)) })
	part := &frame{f: fr.f, node: fr.node, kind: fr.kind, data: fr.data, state: fr.state, heavy: -1, rest: -1}
	// Every other one, so that both get light and heavy ones; take goes from the end, so the heaviest must come first.
	for i, c := range slices.Backward(list) {
		if (len(list)-1-i)%2 == 0 {
			part.list = append(part.list, c)
		} else {
			fr.list = append(fr.list, c)
		}
	}
	return part
}

func hashesToTrailer(data []byte, end int) bool {
	if len(data)-end == sha256.Size {
		sum := sha256.Sum256(data[:end])
		return slices.Equal(sum[:], data[end:])
	}
	sum := sha1.Sum(data[:end])
	return slices.Equal(sum[:], data[end:])
}
