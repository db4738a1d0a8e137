package register

import (
	"strings"

	"github.com/assaysec/assay/internal/wildcard"
)

const maxGlob = 512 // bytes

// globProblem says why a glob is none. It stands for paths from the root: * and ? within a name, ** for any folders.
func globProblem(glob string) (problem, hint string) {
	switch {
	case len(glob) > maxGlob:
		return "is too long", ""
	case strings.HasPrefix(glob, "/"):
		return "begins with a slash", "paths begin at the root without one"
	case strings.HasSuffix(glob, "/"):
		return "ends with a slash", "write " + glob + "** for all that lies below"
	case strings.ContainsAny(glob, `[]{}\`) || strings.HasPrefix(glob, "!"):
		return "has a sign that is not read here", "there are *, ? and **: write ? in its place"
	}
	for part := range strings.SplitSeq(glob, "/") {
		switch {
		case part == "" || part == "." || part == "..":
			return "has an empty part, . or ..", ""
		case part != "**" && strings.Contains(part, "**"):
			return "has ** beside other signs", "** stands for whole folders, as in web/**/test"
		}
	}
	return "", ""
}

// globParts gives the parts of a glob; several ** in a row are one.
func globParts(glob string) []string {
	var parts []string
	for part := range strings.SplitSeq(glob, "/") {
		if part != "**" || len(parts) == 0 || parts[len(parts)-1] != "**" {
			parts = append(parts, part)
		}
	}
	return parts
}

// fitsGlob matches a path part by part. ** stands for any number of folders, none included, and at the end for all that
// lies below.
func fitsGlob(glob, path string) bool {
	if path == "" {
		return false
	}
	parts, names := globParts(glob), strings.Split(path, "/")
	if parts[len(parts)-1] == "**" {
		parts = append(parts, "*") // the folder itself does not lie below itself
	}
	return wildcard.Match(parts, names, "**", fitsName)
}

// fitsName matches * and ? within a name; a ? is one code point.
func fitsName(pattern, name string) bool {
	return wildcard.Match([]rune(pattern), []rune(name), '*', func(p, r rune) bool { return p == '?' || p == r })
}
