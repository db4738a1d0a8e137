package fix

import (
	"bytes"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// A reference is the name of an action as a file has it.
type reference struct {
	from, to int // in the text, with its quotes
	quote    string
	value    string
}

// properties are an anchor and a tag before a value of YAML.
var properties = lazyregexp.New(`^(?:[&!][^ \t\r\n]*[ \t]+)*`)

// at reads the name that stands at a place: plain or in quotes, behind an anchor or not.
func at(text []byte, place *finding.Place) (r reference, ok bool) {
	l := newLines(text)
	from, ok1 := l.offset(place.Start)
	to, ok2 := l.offset(place.End)
	if !ok1 || !ok2 || from >= to {
		return r, false
	}
	from += len(properties().Find(text[from:to]))
	value := string(text[from:to])
	if len(value) > 2 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
		r.quote, value = value[:1], value[1:len(value)-1]
	}
	r.from, r.to, r.value = from, to, value
	name, tag, found := strings.Cut(value, "@")
	return r, found && strings.Contains(name, "/") && tag != "" && !strings.ContainsAny(value, " \t\r\n\\'\"")
}

// Uses is the name of an action that stands at a place, as owner/repository[/path]@tag. ok is false where none does.
func Uses(text []byte, place *finding.Place) (uses string, ok bool) {
	r, ok := at(text, place)
	return r.value, ok
}

// Pinned is the fix of an action's name that stands at a place: the commit in place of the tag, and the tag in a comment
// behind it, where dependency updates look for it. ok is false where the place does not hold such a name.
func Pinned(text []byte, place *finding.Place, pins *Pins) (f finding.Fix, ok bool) {
	r, ok := at(text, place)
	pin, known := pins.Find(r.value)
	if !ok || !known {
		return f, false
	}
	name, tag, _ := strings.Cut(r.value, "@")
	f.Title = "Pin " + name + " to the commit that " + tag + " led to on " + pin.Checked
	if !pin.Verified() {
		f.Title = "Pin " + name + " to the commit that " + PinsFile + " names for " + tag + ", which is unverified"
	}
	start, end := place.Start, place.End
	start.Column = end.Column - len([]rune(string(text[r.from:r.to]))) // a name is on one line
	f.Edits = []finding.Edit{{Start: start, End: end, Text: r.quote + name + "@" + pin.Commit + r.quote}}
	if comment, ok := commentEdit(text, r.to, end, firstOf(pin.Version, tag)); ok {
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
	case said[0] != '#' || says(said, version):
		return finding.Edit{}, false
	}
	end.Column += len(rest) - len(said) + 1
	return finding.Edit{Start: end, End: end, Text: " " + version + ","}, true
}

// says reports whether a comment begins with the version already.
func says(comment []byte, version string) bool {
	words := bytes.FieldsFunc(comment, func(r rune) bool { return r == '#' || r == ' ' || r == '\t' || r == ',' })
	return len(words) > 0 && string(words[0]) == version
}
