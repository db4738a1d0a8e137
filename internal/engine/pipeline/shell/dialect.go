package shell

import "strings"

// A Dialect is the language of a script.
type Dialect uint8

// The dialects. Other is any language that is not read.
const (
	Bash Dialect = iota
	POSIX
	PowerShell
	Cmd
	Python
	JavaScript
	Other
)

var dialectNames = [...]string{"bash", "sh", "powershell", "cmd", "python", "javascript", "other"}

func (d Dialect) String() string {
	if int(d) < len(dialectNames) {
		return dialectNames[d]
	}
	return "other"
}

var dialects = map[string]Dialect{
	"": Bash, "bash": Bash, "zsh": Bash, "ksh": Bash, "sh": POSIX, "dash": POSIX, "ash": POSIX, "busybox": POSIX,
	"pwsh": PowerShell, "powershell": PowerShell, "cmd": Cmd,
	"python": Python, "python2": Python, "python3": Python, "pypy3": Python,
	"node": JavaScript, "nodejs": JavaScript, "deno": JavaScript, "bun": JavaScript,
}

// DialectOf reads the line that names a shell, with its options: "bash -e {0}", "/usr/bin/env bash", "pwsh". No name at
// all means Bash, which is what runs such scripts on most platforms.
func DialectOf(shell string) Dialect {
	for word := range strings.FieldsSeq(strings.TrimPrefix(strings.TrimSpace(shell), "#!")) {
		name := strings.TrimSuffix(strings.ToLower(baseName(word)), ".exe")
		if name == "env" || strings.HasPrefix(name, "-") || strings.Contains(name, "=") {
			continue
		}
		if d, ok := dialects[name]; ok {
			return d
		}
		return Other
	}
	return Bash
}

// baseName is a path's last part, with slashes of both kinds.
func baseName(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }
