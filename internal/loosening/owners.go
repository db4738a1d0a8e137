package loosening

import (
	"maps"
	"slices"
	"strings"
)

// owners compares CODEOWNERS: who is named no more, or names nobody for what had an owner, may not hear of a finding.
func owners(f *File) []Alteration {
	if f.Head == nil {
		return []Alteration{{What: "removes the file of owners", Loosens: true}}
	}
	var out []Alteration
	old, now := ownerLines(f.Base), ownerLines(f.Head)
	for _, pattern := range slices.Sorted(maps.Keys(old)) {
		was := old[pattern]
		is, ok := now[pattern]
		switch {
		case !ok:
			out = append(out, Alteration{What: "takes the owners of " + pattern + " away", Loosens: true})
		case is.names != was.names:
			out = append(out, Alteration{Line: is.line, What: "makes others the owners of " + pattern, Loosens: true})
		}
	}
	for pattern, is := range now {
		if _, ok := old[pattern]; !ok {
			out = append(out, Alteration{Line: is.line, What: "names owners of " + pattern, Loosens: f.Base != nil})
		}
	}
	if len(out) == 0 && !sameLines(f.Base, f.Head) { // the last line that fits decides
		out = append(out, Alteration{Line: firstDifference(f.Base, f.Head), What: "puts the lines of owners in another order", Loosens: true})
	}
	return out
}

type ownerLine struct {
	names string
	line  int
}

func ownerLines(text []byte) map[string]ownerLine {
	out := map[string]ownerLine{}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		fields := strings.Fields(line)
		if len(fields) > 0 && fields[0][0] != '#' {
			out[fields[0]] = ownerLine{strings.Join(fields[1:], " "), n}
		}
	}
	return out
}
