package verify

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/assaysec/assay/internal/finding"
)

// A reading is one way to understand an answer: with this status, and this said in this field of its JSON, it means that.
// Both are asked for, so that the page of a proxy or a portal, whatever its status, is never taken for a provider's word.
type reading struct {
	status int
	field  string // path of names with dots; of a list any member will do; empty: that it is an object is enough
	says   string // what a text holds somewhere, in any case, or what a number is; empty: anything but null, false, 0 or nothing
	means  finding.Verification
}

func live(status int, field, says string) reading { return reading{status, field, says, finding.Live} }

func dead(status int, field, says string) reading { return reading{status, field, says, finding.Dead} }

// read is what the first reading that holds means, and unknown if none does.
func read(readings []reading, status int, body []byte) finding.Verification {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return finding.Unknown
	}
	for _, r := range readings {
		if r.status == status && r.holds(value) {
			return r.means
		}
	}
	return finding.Unknown
}

func (r reading) holds(value any) bool {
	if r.field == "" {
		_, ok := value.(map[string]any)
		return ok
	}
	return anyAt(value, r.field, func(v any) bool {
		if r.says == "" {
			return truthy(v)
		}
		switch v := v.(type) {
		case string:
			return strings.Contains(strings.ToLower(v), strings.ToLower(r.says))
		case bool, float64:
			return fmt.Sprint(v) == r.says
		}
		return false
	})
}

// anyAt reports whether holds is true of a value at the end of path.
func anyAt(value any, path string, holds func(any) bool) bool {
	if list, ok := value.([]any); ok {
		for _, v := range list {
			if anyAt(v, path, holds) {
				return true
			}
		}
		return false
	}
	if path == "" {
		return holds(value)
	}
	object, ok := value.(map[string]any)
	if !ok {
		return false
	}
	name, rest, _ := strings.Cut(path, ".")
	v, ok := object[name]
	return ok && anyAt(v, rest, holds)
}

func truthy(v any) bool {
	switch v := v.(type) {
	case string:
		return v != ""
	case bool:
		return v
	case float64:
		return v != 0
	case map[string]any:
		return len(v) > 0
	}
	return false
}

// remark says why an answer is unknown, without its text: that is a stranger's.
func remark(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return "asks for fewer questions"
	case 300 <= status && status < 400:
		return "answered with a redirect, which is not followed"
	}
	return fmt.Sprintf("gave no clear answer (status %d)", status)
}
