package receipt

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/report"
)

// The names of the format come from many packages. Whoever renames one there breaks the receipts of years, and hears of it
// here: what is in testdata/v1-keys.txt must stay. A new name that is left out where it is empty may be added to the file.
// One that changes what old receipts decide needs a new format.
func TestKeysOfTheFirstFormat(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "v1-keys.txt"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	keysOf(reflect.TypeFor[Statement](), "", got)
	keysOf(reflect.TypeFor[decision](), "predicate.decision", got)
	if diff := cmp.Diff(strings.Fields(string(text)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// keysOf lists the paths of all names that values of a type are written with, and what they are.
func keysOf(t reflect.Type, at string, out map[string]bool) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		out[at+":time"] = true
	case t == reflect.TypeFor[json.RawMessage]() || t.Kind() == reflect.Interface:
		out[at+":any"] = true
	case opaque(t):
		out[at+":word"] = true
	case t.Kind() == reflect.Slice:
		keysOf(t.Elem(), at+"[]", out)
	case t.Kind() == reflect.Map:
		keysOf(t.Elem(), at+"{}", out)
	case t.Kind() == reflect.Struct:
		for name, field := range fieldsOf(t) {
			keysOf(field, joined(at, name), out)
		}
	default:
		out[at+":"+t.Kind().String()] = true
	}
}

// No field is written under its Go name, which nobody takes care to keep.
func TestEveryFieldHasAName(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice || of.Kind() == reflect.Map {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || opaque(of) || seen[of] {
			return
		}
		seen[of] = true
		for f := range of.Fields() {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name == "" && f.IsExported() && !f.Anonymous {
				t.Errorf("%s.%s has no name of its own", of, f.Name)
			}
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[Statement]())
	walk(reflect.TypeFor[decision]())
}

// What the strict reader takes for the names of the format are those that the encoder writes, with every field filled in.
func TestStrictKnowsWhatIsWritten(t *testing.T) {
	var s Statement
	fill(reflect.ValueOf(&s).Elem(), 0)
	s.Predicate.Decision = json.RawMessage(`{}`)
	text, err := report.JSON(&s)
	if err != nil {
		t.Fatal(err)
	}
	if err := strict(text); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	for _, name := range []string{`"rule"`, `"hides"`, `"maxProbeAge"`, `"acceptBrought"`, `"inHead"`} {
		if !bytes.Contains(text, []byte(name)) {
			t.Errorf("the test does not write %s", name)
		}
	}
}

// fill puts something into every field.
func fill(v reflect.Value, depth int) {
	switch {
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte(`{"a": [1]}`))
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)))
	case v.Kind() == reflect.String:
		v.SetString("x")
	case v.CanInt() && !opaque(v.Type()):
		v.SetInt(7)
	case v.CanInt():
		v.SetInt(1)
	case v.CanUint():
		v.SetUint(1)
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case v.Kind() == reflect.Map:
		key, item := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, depth+1)
		fill(item, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, item)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), depth+1)
			}
		}
	}
}
