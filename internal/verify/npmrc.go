package verify

import "strings"

// Registry is the registry that an npm configuration file of the user names, empty if it names none or takes it from a
// variable. A target's own file must not be given here: it would say where credentials are sent.
func Registry(npmrc []byte) string {
	found := ""
	for line := range strings.Lines(string(npmrc)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || strings.TrimSpace(name) != "registry" {
			continue
		}
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		if strings.Contains(value, "${") {
			value = ""
		}
		found = value
	}
	return found
}
