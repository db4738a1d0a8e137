package regohost

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

const (
	maxDigits = 1_000     // of a number
	maxText   = 4 << 20   // bytes that a built-in may make of small ones
	maxRange  = 1_000_000 // numbers in a range
)

// admit refuses a call whose result could be far larger than what goes in. All other built-ins take time and give
// results that grow with their operands, which this accounts for.
func (m *machine) admit(name string, args []*ast.Term) error {
	cost := 0
	for _, a := range args {
		if err := m.read(a); err != nil {
			return err
		}
		cost += m.weigh(a.Value)
	}
	if err := m.step(1 + cost/perStep); err != nil {
		return err
	}
	if check := checks[name]; check != nil {
		return check(m, args)
	}
	return nil
}

// checks look at the operands of built-ins that can make much of little.
var checks = map[string]func(*machine, []*ast.Term) error{
	"numbers.range":        numbersRange,
	"numbers.range_step":   numbersRange,
	"bits.lsh":             shift,
	"sprintf":              format,
	"replace":              replaceText,
	"strings.replace_n":    replaceAll,
	"regex.replace":        replaceText,
	"concat":               concat,
	"mul":                  numbers,
	"product":              product,
	"to_number":            digits,
	"units.parse":          digits,
	"units.parse_bytes":    digits,
	"time.format":          zone,
	"time.date":            zone,
	"time.clock":           zone,
	"time.weekday":         zone,
	"time.add_date":        zone,
	"time.diff":            zone,
	"time.parse_ns":        layout,
	"yaml.unmarshal":       aliases,
	"yaml.is_valid":        aliases,
	"object.union_n":       squared,
	"json.patch":           squared,
	"glob.match":           small,
	"regex.match":          small,
	"regex.template_match": small,
}

func number(t *ast.Term) (float64, bool) {
	n, ok := t.Value.(ast.Number)
	if !ok {
		return 0, false
	}
	f, ok := n.Float64()
	return f, ok
}

func numbersRange(m *machine, args []*ast.Term) error {
	from, ok1 := number(args[0])
	to, ok2 := number(args[1])
	if !ok1 || !ok2 {
		return nil
	}
	count := to - from
	if count < 0 {
		count = -count
	}
	if len(args) == 3 {
		if step, ok := number(args[2]); ok && step >= 1 {
			count /= step
		}
	}
	if !(count <= maxRange) {
		return fmt.Errorf("the range has more than %d numbers", maxRange)
	}
	return m.step(int(count))
}

func shift(_ *machine, args []*ast.Term) error {
	if n, ok := number(args[1]); ok && n > 3*maxDigits {
		return fmt.Errorf("a shift by more than %d bits", 3*maxDigits)
	}
	return numbers(nil, args)
}

// numbers refuses those so long that multiplying them is dear.
func numbers(_ *machine, args []*ast.Term) error {
	var long func(t *ast.Term) bool
	long = func(t *ast.Term) bool {
		switch v := t.Value.(type) {
		case ast.Number:
			return len(v) > maxDigits || largeExponent(string(v))
		case *ast.Array:
			return v.Until(long)
		case ast.Set:
			return v.Until(long)
		case ast.Object:
			return v.Until(func(_, value *ast.Term) bool { return long(value) })
		}
		return false
	}
	for _, a := range args {
		if long(a) {
			return fmt.Errorf("a number of more than %d digits", maxDigits)
		}
	}
	return nil
}

var exponent = regexp.MustCompile(`[eE][+-]?0*([0-9]+)`)

func largeExponent(text string) bool {
	for _, e := range exponent.FindAllStringSubmatch(text, -1) {
		if n, err := strconv.Atoi(e[1]); err != nil || n > maxDigits {
			return true
		}
	}
	return false
}

func product(m *machine, args []*ast.Term) error {
	if memberCount(args[0].Value) > maxDigits {
		return fmt.Errorf("a product of more than %d numbers", maxDigits)
	}
	return numbers(m, args)
}

// digits is numbers for a text that says one.
func digits(_ *machine, args []*ast.Term) error {
	if s, ok := args[0].Value.(ast.String); ok && (len(s) > maxDigits || largeExponent(string(s))) {
		return fmt.Errorf("a number of more than %d digits", maxDigits)
	}
	return nil
}

// wide finds a width or a precision of more than three digits, or one that is an operand, after a verb's percent sign.
var wide = regexp.MustCompile(`%[-+# 0]*(?:\[[0-9]*\])?[0-9.]*(?:[0-9]{4}|\*|\[)`)

func format(_ *machine, args []*ast.Term) error {
	text, ok := args[0].Value.(ast.String)
	if ok && wide.MatchString(string(text)) {
		return errors.New("a width or precision above 999, or one given as an operand")
	}
	return nil
}

func text(t *ast.Term) int {
	s, _ := t.Value.(ast.String)
	return len(s)
}

func fits(n int) error {
	if n > maxText {
		return fmt.Errorf("the text could be longer than %d MiB", maxText>>20)
	}
	return nil
}

// replaceText bounds what becomes of a text if every place in it is replaced.
func replaceText(_ *machine, args []*ast.Term) error {
	if len(args) < 3 {
		return nil
	}
	if old, ok := args[1].Value.(ast.String); ok && old != "" {
		if s, ok := args[0].Value.(ast.String); ok {
			return fits(len(s) + strings.Count(string(s), string(old))*text(args[2]))
		}
	}
	return fits((text(args[0]) + 1) * max(text(args[1]), text(args[2]), 1))
}

func replaceAll(m *machine, args []*ast.Term) error {
	patterns, ok := args[0].Value.(ast.Object)
	if !ok {
		return nil
	}
	longest := 1
	patterns.Foreach(func(_, to *ast.Term) { longest = max(longest, text(to)) })
	return fits((text(args[1]) + 1) * longest)
}

func concat(m *machine, args []*ast.Term) error {
	return fits(m.weigh(args[1].Value) + memberCount(args[1].Value)*text(args[0]))
}

// zone takes no time zone but UTC: the others are read from files, which are not the same everywhere.
func zone(_ *machine, args []*ast.Term) error {
	for _, a := range args {
		list, ok := a.Value.(*ast.Array)
		if !ok || list.Len() < 2 {
			continue
		}
		if s, ok := list.Elem(1).Value.(ast.String); ok && s != "" && s != "UTC" {
			return fmt.Errorf("time zone %q: want UTC, the one that is the same everywhere", string(s))
		}
	}
	return nil
}

// layout takes no zone by its abbreviation, whose meaning hangs on the machine.
func layout(_ *machine, args []*ast.Term) error {
	if s, ok := args[0].Value.(ast.String); ok && (strings.Contains(string(s), "MST") || s == "RFC1123" || s == "RFC822" || s == "RFC850" || s == "UnixDate") {
		return errors.New("a layout with the abbreviation of a time zone: its meaning is not the same everywhere")
	}
	return nil
}

// aliases takes no YAML that refers to parts of itself: a few lines could stand for gigabytes.
func aliases(_ *machine, args []*ast.Term) error {
	if s, ok := args[0].Value.(ast.String); ok && strings.Contains(string(s), "*") && strings.Contains(string(s), "&") {
		return errors.New("YAML with aliases")
	}
	return nil
}

// squared is for those that go through one operand for each member of another.
func squared(m *machine, args []*ast.Term) error {
	w := 1
	for _, a := range args {
		w = max(w, m.weigh(a.Value)/perStep)
	}
	return m.step(w * (1 + memberCount(args[len(args)-1].Value)))
}

// small is for expressions that are compiled at each call.
func small(m *machine, args []*ast.Term) error {
	for _, a := range args {
		if err := m.step(text(a) / 8); err != nil {
			return err
		}
	}
	return nil
}
