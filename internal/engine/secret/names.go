package secret

import (
	"path"
	"slices"
	"strings"
)

// everyRule are the names of the fault that all rules look for, a credential in the text.
var everyRule = []string{"CWE-798", "gosec:G101"}

// languages are the extensions of the files that a tool reads, by the beginning of its names. Other tools read all files.
var languages = map[string][]string{"gosec:": {".go"}, "bandit:": {".py", ".pyi"}}

// namesIn is those of a finding's names that tools could give it in a file.
func namesIn(file string, names []string) []string {
	extension := path.Ext(file)
	return slices.DeleteFunc(names, func(name string) bool {
		tool := name[:strings.IndexByte(name, ':')+1]
		read, limited := languages[tool]
		return limited && !slices.Contains(read, extension)
	})
}

// Names are the IDs of all rules and the names that others have for them.
func (e *Engine) Names() []string {
	var names []string
	for i := range e.rules {
		names = append(names, "secret/"+e.rules[i].id)
		names = append(names, e.describe(&e.rules[i]).Aliases...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
