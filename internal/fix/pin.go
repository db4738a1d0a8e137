package fix

import (
	"bytes"
	"strings"

	"github.com/assaysec/assay/internal/finding"
)

// Pinned is the fix of an action's name that stands at a place: the commit in place of the tag, and the tag in a comment
// behind it, where dependency updates look for it. ok is false where the place does not hold such a name.
func Pinned(text []byte, place *finding.Place, pins *Pins) (f finding.Fix, ok bool) {
	l := newLines(text)
	from, ok1 := l.offset(place.Start)
	to, ok2 := l.offset(place.End)
	if !ok1 || !ok2 || from >= to {
		return f, false
	}
	value := text[from:to]
	quote := ""
	if c := value[0]; (c == '"' || c == '\'') && len(value) > 2 && value[len(value)-1] == c {
		quote, value = string(c), value[1:len(value)-1]
	}
	name, tag, found := strings.Cut(string(value), "@")
	pin, known := pins.Find(string(value))
	if !found || !known {
		return f, false
	}
	f.Title = "Pin " + name + " to the commit that " + tag + " led to on " + pin.Checked
	f.Edits = []finding.Edit{{Start: place.Start, End: place.End, Text: quote + name + "@" + pin.Commit + quote}}
	if comment, ok := commentEdit(text, to, place.End, firstOf(pin.Version, tag)); ok {
		f.Edits = append(f.Edits, comment)
	}
	return f, true
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// commentEdit puts the version behind the name, before what a comment says already. In a flow mapping there is no room.
func commentEdit(text []byte, at int, end finding.Position, version string) (finding.Edit, bool) {
	rest := text[at:]
	if i := bytes.IndexAny(rest, "\r\n"); i >= 0 {
		rest = rest[:i]
	}
	said := bytes.TrimLeft(rest, " \t")
	switch {
	case len(said) == 0:
		end.Column += len(rest) // what follows is white space
		return finding.Edit{Start: end, End: end, Text: " # " + version}, true
	case said[0] != '#':
		return finding.Edit{}, false
	}
	end.Column += len(rest) - len(said) + 1
	return finding.Edit{Start: end, End: end, Text: " " + version + ","}, true
}
