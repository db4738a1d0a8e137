package secret

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/finding"
)

// gitleaks reads its configuration with a library that makes values fit: a number may be written as a text, and one text
// may stand for a list. A loose reader does the same for files that the strict reader refuses, so that a file that works
// there works here.
type loose struct {
	name  string
	notes []string
}

// ourKeys are the keys of rules that gitleaks does not have. A foreign file may use their names for something else.
var ourKeys = []string{"tokenefficiency", "provider", "severity", "confidence", "advice", "aliases", "checksum", "filters", "verify", "generic", "examples", "nearmisses"}

// fill sets dst from a value as the TOML reader gives it. key is where it stands, for errors.
func (l *loose) fill(dst reflect.Value, v any, key string) error {
	switch dst.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(dst.Type().Elem())
		if err := l.fill(fresh.Elem(), v, key); err != nil {
			return err
		}
		dst.Set(fresh)
		return nil
	case reflect.Struct:
		table, ok := v.(map[string]any)
		if !ok {
			return l.unfit(dst, v, key)
		}
		return l.fillStruct(dst, table, key)
	case reflect.Slice:
		return l.fillSlice(dst, v, key)
	}
	return l.fillPlain(dst, v, key)
}

func (l *loose) unfit(dst reflect.Value, v any, key string) error {
	kind := fmt.Sprintf("%T", v)
	switch v.(type) {
	case []any:
		kind = "list"
	case map[string]any:
		kind = "table"
	}
	return fmt.Errorf("key %q: a %s cannot stand for a %s", key, kind, dst.Kind())
}

func (l *loose) fillStruct(dst reflect.Value, table map[string]any, key string) error {
	for _, k := range slices.Sorted(maps.Keys(table)) {
		at := strings.TrimPrefix(key+"."+k, ".")
		field := dst.FieldByNameFunc(func(n string) bool { return strings.EqualFold(n, k) })
		if !field.IsValid() || !field.CanSet() {
			l.notes = append(l.notes, fmt.Sprintf("%s: key %q is not known and is ignored", l.name, at))
			continue
		}
		err := l.fill(field, table[k], at)
		switch {
		case err == nil:
		case slices.Contains(ourKeys, strings.ToLower(k)):
			field.SetZero()
			l.notes = append(l.notes, fmt.Sprintf("%s: %v and is ignored", l.name, err))
		default:
			return err
		}
	}
	return nil
}

// fillSlice takes a single value for a list of one, and a text for the parts between its commas.
func (l *loose) fillSlice(dst reflect.Value, v any, key string) error {
	list, ok := v.([]any)
	if text, is := v.(string); is && text != "" {
		for part := range strings.SplitSeq(text, ",") {
			list = append(list, part)
		}
	} else if !ok && !is {
		list = []any{v}
	}
	out := reflect.MakeSlice(dst.Type(), len(list), len(list))
	for i, one := range list {
		if err := l.fill(out.Index(i), one, key); err != nil {
			return err
		}
	}
	dst.Set(out)
	return nil
}

func (l *loose) fillPlain(dst reflect.Value, v any, key string) error {
	text, err := "", error(nil)
	switch v := v.(type) {
	case string:
		text = v
	case int64, float64:
		text = fmt.Sprint(v)
	case bool:
		text = map[bool]string{true: "1", false: "0"}[v]
	default:
		return l.unfit(dst, v, key)
	}
	switch dst.Kind() {
	case reflect.String:
		dst.SetString(text)
	case reflect.Bool:
		var b bool
		if b, err = strconv.ParseBool(text); text != "" {
			dst.SetBool(b)
		}
	case reflect.Float64, reflect.Int:
		var f float64
		if f, err = strconv.ParseFloat(text, 64); dst.Kind() == reflect.Float64 {
			dst.SetFloat(f)
		} else {
			dst.SetInt(int64(f))
		}
	}
	if err != nil && text != "" {
		return l.unfit(dst, v, key)
	}
	return nil
}

// forgive drops values of our own keys that we do not know, since gitleaks does not know the keys.
func (c *Config) forgive(name string) []string {
	var notes []string
	for i := range c.Rules {
		r := &c.Rules[i]
		ignore := func(key, value string) {
			notes = append(notes, fmt.Sprintf("%s: rule %q: %s %q is not known and is ignored", name, r.ID, key, value))
		}
		var s finding.Severity
		if r.Severity != "" && s.UnmarshalText([]byte(r.Severity)) != nil {
			ignore("severity", r.Severity)
			r.Severity = ""
		}
		var sure finding.Confidence
		if r.Confidence != "" && sure.UnmarshalText([]byte(r.Confidence)) != nil {
			ignore("confidence", r.Confidence)
			r.Confidence = ""
		}
		if r.Checksum != "" && checksums[r.Checksum] == nil {
			ignore("checksum", r.Checksum)
			r.Checksum = ""
		}
		if _, err := parseFilters(r.Filters); err != nil {
			ignore("filters", strings.Join(r.Filters, ", "))
			r.Filters = nil
		}
		if r.TokenEfficiency {
			notes = append(notes, fmt.Sprintf("%s: rule %q: tokenEfficiency is judged by how language reads, not by a byte-pair vocabulary", name, r.ID))
		}
	}
	return notes
}
