package regohost

import (
	"errors"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Limits on what the rules of one run may cost together. They count work, not seconds, so that a machine's speed never
// decides. To these steps come some for each byte of the input, about 500 for a finding; a rule of five expressions takes
// about 30 of them.
const (
	maxSteps  = 2_000_000
	maxWeight = 64 << 20  // of one value besides the input's own: its texts' bytes and 16 for each member
	maxMemory = 256 << 20 // of all values that rules made
	maxDepth  = 2_000     // of rules that ask one another
	perInput  = 4         // bytes of the input for which there is one step more
	perStep   = 256       // bytes that a built-in may go through for one step
)

var errDepth = fmt.Errorf("more than %d rules ask one another", maxDepth)

var errMemory = errors.New("the rules make too many or too large values")

// A budget is what is left of the limits. Once it is spent it stays so.
type budget struct {
	steps, memory int
	limit         int // steps at first
	heaviest      int
	weights       map[ast.Value]int // of large values: one that holds itself twice, twelve levels deep, is weighed in twelve looks
}

func newBudget(steps, memory int, input *ast.Term) budget {
	b := budget{steps: steps, limit: steps, memory: memory, heaviest: 1 << 40, weights: map[ast.Value]int{}}
	if input != nil {
		w := b.weigh(input.Value)
		b.heaviest = maxWeight + 2*w
		b.limit = steps + w/perInput
		b.steps = b.limit
	}
	return b
}

func (b *budget) step(n int) error {
	b.steps -= n
	if b.steps < 0 {
		b.steps = -1
		return fmt.Errorf("the rules take more than %d steps", b.limit)
	}
	return nil
}

// charge takes the cost of looking through a value where no error can be told; the next step tells if it was too much.
func (b *budget) charge(t *ast.Term) {
	switch v := t.Value.(type) {
	case ast.String:
		b.steps -= len(v) / perStep
	case *ast.Array, ast.Set, ast.Object, ast.Number:
		b.steps -= b.weigh(v) / perStep
	}
}

// inside is the names of what is unknown in a value that is bound.
func (b *budget) inside(t *ast.Term) doubt {
	if t.Value.IsGround() {
		return nil
	}
	b.charge(t)
	return inside(t)
}

// made accounts for a value that a rule put together. Its members have been accounted for when they were made, but that
// a set and an object go through the texts that they find them by.
func (b *budget) made(t *ast.Term) error {
	switch v := t.Value.(type) {
	case ast.Set:
		v.Foreach(b.charge)
	case ast.Object:
		v.Foreach(func(key, _ *ast.Term) { b.charge(key) })
	}
	if err := b.spend(64 + 16*memberCount(t.Value)); err != nil {
		return err
	}
	return b.read(t)
}

// received accounts for a value that a built-in gave, which may be new down to its last member.
func (b *budget) received(t *ast.Term) error {
	if err := b.read(t); err != nil {
		return err
	}
	return b.spend(b.weigh(t.Value))
}

// read accounts for going through a value.
func (b *budget) read(t *ast.Term) error {
	w := b.weigh(t.Value)
	if w > b.heaviest {
		return fmt.Errorf("a value is larger than %d MiB", b.heaviest>>20)
	}
	return nil
}

func (b *budget) spend(bytes int) error {
	b.memory -= bytes
	if b.memory < 0 {
		b.memory = -1
		return errMemory
	}
	return nil
}

func memberCount(v ast.Value) int {
	switch v := v.(type) {
	case *ast.Array:
		return v.Len()
	case ast.Set:
		return v.Len()
	case ast.Object:
		return 2 * v.Len()
	}
	return 0
}

const remembered = 1 << 10 // the weight from which a value's weight is kept

func (b *budget) weigh(v ast.Value) int {
	switch v := v.(type) {
	case ast.String:
		return 16 + len(v)
	case ast.Number:
		return 16 + len(v)
	case *ast.Array, ast.Set, ast.Object:
		if w, ok := b.weights[v]; ok {
			return w
		}
		w := b.sum(v)
		if w > remembered {
			b.weights[v] = w
		}
		return w
	}
	return 16
}

func (b *budget) sum(v ast.Value) int {
	sum := 16
	add := func(t *ast.Term) bool {
		sum += b.weigh(t.Value)
		return sum > b.heaviest
	}
	switch v := v.(type) {
	case *ast.Array:
		v.Until(add)
	case ast.Set:
		v.Until(add)
	case ast.Object:
		v.Until(func(key, value *ast.Term) bool { return add(key) || add(value) })
	}
	return sum
}
