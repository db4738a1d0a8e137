package workplace

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Hooks are the hooks of git that Assay can stand in.
var Hooks = []string{"pre-commit", "pre-push", "pre-receive"}

// Aside is what the name of a hook that was there before ends in, where ours had to take its place.
const Aside = ".before-assay"

// A hook that is there already keeps working in one of two ways.
//
// A script for a shell gets our lines after its first one. They come first because such scripts end early, by exit or exec,
// and what stands behind would never be reached. The file stays the one that people know, its name for itself ($0) is the
// same, and whoever renews it finds it where it was.
//
// What is no script of that kind (another language, a program, a link, a hook that is switched off) cannot take our lines. It
// is moved to NAME.before-assay as it is, and ours calls it. A link keeps leading to where it led, since it stays in its folder.
const (
	opening = "# >>> assay hook >>> (written by: assay hook install; taken out by: assay hook uninstall)"
	closing = "# <<< assay hook <<<"
	ownLine = "#!/bin/sh\n" // the first line of a file that is ours alone
)

// verbs are what our lines call.
var verbs = map[string]string{"pre-commit": "hook run pre-commit", "pre-push": "hook run pre-push", "pre-receive": "hook receive"}

// what says what a hook would have looked at.
var what = map[string]string{"pre-commit": "this commit", "pre-push": "this push", "pre-receive": "this push"}

// block is the lines that stand in a hook, the same for every repository. They are POSIX sh, and their names begin with
// assay_ so that they are nobody else's. A hook that is asked through standard input has to hand on what it read.
func block(hook string) string {
	var b strings.Builder
	b.WriteString(opening + "\n")
	b.WriteString(`assay_hook() {
	assay_bin=${ASSAY_BIN:-assay}
	if ! command -v "$assay_bin" >/dev/null 2>&1; then
		if [ "${ASSAY_HOOK_OPTIONAL:-}" = 1 ]; then
			echo "assay: not found; ` + what[hook] + ` was NOT checked (ASSAY_HOOK_OPTIONAL=1)" >&2
			return 0
		fi
		echo "assay: not found, so ` + what[hook] + ` could not be checked and is refused" >&2
		echo "  → put assay into your PATH (make install in a clone of it), or name the program: ASSAY_BIN=/path/to/assay" >&2
		echo "  → ASSAY_HOOK_OPTIONAL=1 lets it pass unchecked" >&2
		return 1
	fi
`)
	fmt.Fprintf(&b, "\t\"$assay_bin\" %s \"$@\"\n}\n", verbs[hook])
	if hook == "pre-commit" {
		b.WriteString("assay_hook \"$@\" || exit $?\n")
	} else {
		b.WriteString(`assay_lines=$(cat)
printf '%s' "${assay_lines:+$assay_lines
}" | assay_hook "$@" || exit $?
if [ -n "$assay_lines" ]; then
	exec <<ASSAY_LINES
$assay_lines
ASSAY_LINES
else
	exec </dev/null
fi
`)
	}
	b.WriteString(closing + "\n")
	return b.String()
}

// own is a file that is ours alone. It hands over to the hook that was there before, if it can be run.
func own(hook string) string {
	return ownLine + strings.TrimSuffix(block(hook), closing+"\n") +
		"if [ -x \"$0" + Aside + "\" ]; then\n\texec \"$0" + Aside + "\" \"$@\"\nfi\n" + closing + "\n"
}

// A HookFile is a hook as it lies on the disk.
type HookFile struct {
	Exists     bool
	Regular    bool // not a link, nor anything else
	Executable bool
	Sourced    bool // a hook manager gives it to sh, whatever its first line and its mode
	Text       []byte
}

// A HookState says what a hook has of ours.
type HookState string

// The states.
const (
	HookAbsent  HookState = "absent"  // nothing of ours
	HookCurrent HookState = "current" // what this version would write
	HookOld     HookState = "old"     // what another version wrote, or somebody changed
	HookOff     HookState = "off"     // ours, and git passes it over: it may not be run
)

// State looks at a hook.
func (f HookFile) State(hook string) HookState {
	begin, end, err := find(f.Text)
	switch {
	case !f.Exists || !f.Regular || err != nil || begin < 0:
		return HookAbsent
	case !f.Executable && !f.Sourced:
		return HookOff
	case string(f.Text[begin:end]) == block(hook), string(f.Text) == own(hook):
		return HookCurrent
	}
	return HookOld
}

// A HookPlan is what installing or uninstalling a hook does to its file.
type HookPlan struct {
	SetAside bool   // first, move the file to its name with Aside
	Restore  bool   // last, move what was set aside back; the file itself is gone
	Write    []byte // the new text; nil: none is written
	Kept     bool   // there was a hook before, and it goes on working
}

var errBroken = errors.New("the lines of assay in it are damaged: their first or last is missing or stands twice")

// Install puts our lines into a hook.
func (f HookFile) Install(hook string) (HookPlan, error) {
	if !slices.Contains(Hooks, hook) {
		return HookPlan{}, fmt.Errorf("hook %q is not known: there is %s", hook, strings.Join(Hooks, ", "))
	}
	if !f.Exists {
		return HookPlan{Write: []byte(own(hook))}, nil
	}
	if !f.Regular {
		return HookPlan{SetAside: true, Write: []byte(own(hook)), Kept: true}, nil
	}
	begin, end, err := find(f.Text)
	if err != nil {
		return HookPlan{}, err
	}
	switch {
	case begin >= 0 && f.isOwn(begin, end):
		return HookPlan{Write: []byte(own(hook))}, nil
	case begin >= 0:
		return HookPlan{Write: slices.Concat(f.Text[:begin], []byte(block(hook)), f.Text[end:]), Kept: true}, nil
	case f.Sourced || f.Executable && shellScript(f.Text):
		at := 0
		if bytes.HasPrefix(f.Text, []byte("#!")) {
			at = bytes.IndexByte(f.Text, '\n') + 1
		}
		return HookPlan{Write: slices.Concat(f.Text[:at], []byte(block(hook)), f.Text[at:]), Kept: true}, nil
	}
	return HookPlan{SetAside: true, Write: []byte(own(hook)), Kept: true}, nil
}

// Uninstall takes our lines out. ok is false where there are none.
func (f HookFile) Uninstall() (plan HookPlan, ok bool, err error) {
	if !f.Exists || !f.Regular {
		return HookPlan{}, false, nil
	}
	begin, end, err := find(f.Text)
	if err != nil || begin < 0 {
		return HookPlan{}, false, err
	}
	if f.isOwn(begin, end) {
		return HookPlan{Restore: true}, true, nil
	}
	return HookPlan{Write: slices.Concat(f.Text[:begin], f.Text[end:]), Kept: true}, true, nil
}

// isOwn reports whether a file is ours alone: nothing stands around our lines, and they hand over to what was set aside. An
// empty script of somebody else's has lines of ours that do not.
func (f HookFile) isOwn(begin, end int) bool {
	return string(f.Text[:begin]) == ownLine && end == len(f.Text) && bytes.Contains(f.Text[begin:end], []byte(Aside))
}

// find finds our lines; begin is -1 where there are none.
func find(text []byte) (begin, end int, err error) {
	opened, closed := bytes.Count(text, []byte(opening+"\n")), bytes.Count(text, []byte(closing+"\n"))
	begin = bytes.Index(text, []byte(opening+"\n"))
	end = bytes.Index(text, []byte(closing+"\n")) + len(closing) + 1
	switch {
	case opened == 0 && closed == 0:
		return -1, -1, nil
	case opened != 1 || closed != 1 || end <= begin || begin > 0 && text[begin-1] != '\n':
		return -1, -1, errBroken
	}
	return begin, end, nil
}

// shell is the first line of a script for a POSIX shell, with the options that do not change what our lines mean.
var shell = lazily(`^#![ \t]*(/[\w./-]*/)?(env[ \t]+)?(/[\w./-]*/)?(sh|bash|dash|ksh|zsh)([ \t]+-[eux]+)*[ \t]*\n`)

func shellScript(text []byte) bool { return shell().Match(text) && !bytes.Contains(text, []byte{0}) }
