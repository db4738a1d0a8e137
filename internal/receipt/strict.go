package receipt

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

const (
	maxDepth   = 64
	maxObjects = 1 << 20 // an empty one takes two bytes as it is written, and hundreds once it is read
)

// strict wants every name in a receipt to be one of the format, written as the format has it, and once. The standard
// decoder takes names in any case and lets the last of two win, so that two readers could see two receipts in one.
func strict(text []byte) error {
	r := &reader{dec: json.NewDecoder(bytes.NewReader(text)), names: map[reflect.Type]map[string]reflect.Type{}}
	r.dec.UseNumber()
	if err := r.value(reflect.TypeFor[Statement](), "", 0); err != nil {
		return err
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the receipt")
	}
	return nil
}

type reader struct {
	dec     *json.Decoder
	objects int
	names   map[reflect.Type]map[string]reflect.Type
}

// value reads one value of a type; nil stands for any.
func (r *reader) value(t reflect.Type, at string, depth int) error {
	token, err := r.dec.Token()
	if err != nil {
		return err
	}
	if depth > maxDepth {
		return fmt.Errorf("%s: nested deeper than %d", shorten(at), maxDepth)
	}
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch token {
	case json.Delim('{'):
		return r.object(t, at, depth)
	case json.Delim('['):
		var item reflect.Type
		if t != nil && t.Kind() == reflect.Slice && !opaque(t) {
			item = t.Elem()
		}
		for i := 0; r.dec.More(); i++ {
			if err := r.value(item, fmt.Sprintf("%s[%d]", at, i), depth+1); err != nil {
				return err
			}
		}
		_, err = r.dec.Token()
	}
	return err
}

func (r *reader) object(t reflect.Type, at string, depth int) error {
	if r.objects++; r.objects > maxObjects {
		return fmt.Errorf("more than %d objects", maxObjects)
	}
	known, item := r.members(t)
	seen := map[string]bool{}
	for r.dec.More() {
		token, err := r.dec.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		where := joined(at, name)
		if seen[name] {
			return fmt.Errorf("%s stands there twice", shorten(where))
		}
		seen[name] = true
		of := item
		if known != nil {
			var ok bool
			if of, ok = known[name]; !ok {
				return fmt.Errorf("%s is no field of this format", shorten(where))
			}
		}
		if err := r.value(of, where, depth+1); err != nil {
			return err
		}
	}
	_, err := r.dec.Token()
	return err
}

// members are the names that an object of a type may have, and their types; where it may have any, the type of all.
func (r *reader) members(t reflect.Type) (known map[string]reflect.Type, item reflect.Type) {
	switch {
	case t == nil || opaque(t):
		return nil, nil
	case t.Kind() == reflect.Map:
		return nil, t.Elem()
	case t.Kind() != reflect.Struct:
		return nil, nil // the decoder says what is wrong
	}
	if known, ok := r.names[t]; ok {
		return known, nil
	}
	known = fieldsOf(t)
	r.names[t] = known
	return known, nil
}

// fieldsOf are the fields of a struct by the names that they are written under.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported() && !f.Anonymous:
		case name == "" && f.Anonymous:
			for inner, of := range fieldsOf(f.Type) {
				out[inner] = of
			}
		case name == "":
			out[f.Name] = f.Type
		default:
			out[name] = f.Type
		}
	}
	return out
}

// opaque reports whether a type reads itself, or holds what the format does not know.
func opaque(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t.Kind() == reflect.Interface || p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func shorten(at string) string {
	const most = 160
	if r := []rune(at); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return at
}
