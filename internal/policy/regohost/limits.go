package regohost

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"
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
	"numbers.range":                    numbersRange,
	"numbers.range_step":               numbersRange,
	"bits.lsh":                         shift,
	"sprintf":                          format,
	"replace":                          replaceText,
	"strings.replace_n":                replaceAll,
	"concat":                           concat,
	"plus":                             arithmetic,
	"minus":                            arithmetic,
	"mul":                              arithmetic,
	"div":                              arithmetic,
	"rem":                              arithmetic,
	"format_int":                       arithmetic,
	"product":                          product,
	"to_number":                        digits,
	"units.parse":                      digits,
	"units.parse_bytes":                digits,
	"time.format":                      zone,
	"time.date":                        zone,
	"time.clock":                       zone,
	"time.weekday":                     zone,
	"time.add_date":                    zone,
	"time.diff":                        zone,
	"time.parse_ns":                    layout,
	"yaml.unmarshal":                   aliases,
	"yaml.is_valid":                    aliases,
	"object.union_n":                   squared,
	"json.patch":                       squared,
	"json.remove":                      thorough,
	"json.filter":                      thorough,
	"graph.reachable":                  thorough,
	"json.marshal_with_options":        indented,
	"indexof":                          pairwise,
	"indexof_n":                        pairwise,
	"trim":                             pairwise,
	"trim_left":                        pairwise,
	"trim_right":                       pairwise,
	"object.subset":                    pairwise,
	"glob.match":                       small,
	"regex.is_valid":                   func(m *machine, args []*ast.Term) error { return expression(m, args[0], nil) },
	"regex.match":                      func(m *machine, args []*ast.Term) error { return expression(m, args[0], args[1]) },
	"re_match":                         func(m *machine, args []*ast.Term) error { return expression(m, args[0], args[1]) },
	"regex.split":                      func(m *machine, args []*ast.Term) error { return expression(m, args[0], args[1]) },
	"regex.find_n":                     func(m *machine, args []*ast.Term) error { return expression(m, args[0], args[1]) },
	"regex.find_all_string_submatch_n": groups,
	"regex.replace":                    replaceMatches,
	"regex.template_match":             template,
}

// integer is a number of a length that can be worked with; nil for any other value, which the built-in will refuse.
func integer(t *ast.Term) *big.Int {
	n, ok := t.Value.(ast.Number)
	if !ok {
		return nil
	}
	i, err := builtins.NumberToInt(n)
	if err != nil {
		return nil
	}
	return i
}

func numbersRange(m *machine, args []*ast.Term) error {
	if err := numbers(m, args); err != nil {
		return err
	}
	from, to := integer(args[0]), integer(args[1])
	if from == nil || to == nil {
		return nil
	}
	count := new(big.Int).Sub(to, from)
	count.Abs(count)
	if len(args) == 3 {
		if step := integer(args[2]); step != nil && step.Sign() > 0 {
			count.Div(count, step)
		}
	}
	if count.Cmp(big.NewInt(maxRange)) > 0 {
		return fmt.Errorf("the range has more than %d numbers", maxRange)
	}
	return m.step(int(count.Int64()))
}

func shift(m *machine, args []*ast.Term) error {
	if err := numbers(m, args); err != nil {
		return err
	}
	if n := integer(args[1]); n != nil && n.Cmp(big.NewInt(3*maxDigits)) > 0 {
		return fmt.Errorf("a shift by more than %d bits", 3*maxDigits)
	}
	return nil
}

// arithmetic accounts for numbers of many digits.
func arithmetic(m *machine, args []*ast.Term) error {
	if err := numbers(m, args); err != nil {
		return err
	}
	for _, a := range args {
		if n, ok := a.Value.(ast.Number); ok && len(n) > 20 || ok && exponent.MatchString(string(n)) {
			if err := m.step(maxDigits / 8); err != nil {
				return err
			}
		}
	}
	return nil
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

const maxWidth = 999

func format(_ *machine, args []*ast.Term) error {
	text, ok := args[0].Value.(ast.String)
	if ok && wide.MatchString(string(text)) {
		return fmt.Errorf("a width or precision above %d, or one given as an operand", maxWidth)
	}
	return fits(strings.Count(string(text), "%") * maxWidth)
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
