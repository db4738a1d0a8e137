package register

import "strings"

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
// lies below. It goes back to the last ** only, so its work is bounded by the product of the lengths.
func fitsGlob(glob, path string) bool {
	if path == "" {
		return false
	}
	parts, names := globParts(glob), strings.Split(path, "/")
	if parts[len(parts)-1] == "**" {
		parts = append(parts, "*") // the folder itself does not lie below itself
	}
	p, n, star, from := 0, 0, -1, 0
	for n < len(names) {
		switch {
		case p < len(parts) && parts[p] == "**":
			star, from = p, n
			p++
		case p < len(parts) && fitsName(parts[p], names[n]):
			p++
			n++
		case star >= 0:
			from++
			p, n = star+1, from
		default:
			return false
		}
	}
	return p == len(parts)
}

// fitsName matches * and ? within a name; a ? is one code point.
func fitsName(pattern, name string) bool {
	pp, nn := []rune(pattern), []rune(name)
	p, n, star, from := 0, 0, -1, 0
	for n < len(nn) {
		switch {
		case p < len(pp) && pp[p] == '*':
			star, from = p, n
			p++
		case p < len(pp) && (pp[p] == '?' || pp[p] == nn[n]):
			p++
			n++
		case star >= 0:
			from++
			p, n = star+1, from
		default:
			return false
		}
	}
	for p < len(pp) && pp[p] == '*' {
		p++
	}
	return p == len(pp)
}
