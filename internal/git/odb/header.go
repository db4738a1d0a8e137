package odb

import "bytes"

// unsaid are the headers of commits and tags that nobody wrote: the names of other objects, and signatures.
var unsaid = [][]byte{[]byte("tree"), []byte("parent"), []byte("object"), []byte("gpgsig"), []byte("gpgsig-sha256")}

// Said parts a commit or tag into what its headers say and its message. Of the headers those are left out that nobody
// wrote, and the dates of people, so that all that one person commits says the same.
func Said(object []byte) (headers, message []byte) {
	all, message, _ := bytes.Cut(object, []byte("\n\n"))
	left := false // the header at hand, with the lines that continue it
	for line := range bytes.Lines(all) {
		key, _, _ := bytes.Cut(bytes.TrimRight(line, "\n"), []byte{' '})
		if len(key) > 0 {
			left = isUnsaid(key)
		}
		switch {
		case left:
		case isPerson(key):
			headers = append(append(headers, undated(line)...), '\n')
		default:
			headers = append(headers, line...)
		}
	}
	return headers, message
}

func isUnsaid(key []byte) bool {
	for _, u := range unsaid {
		if bytes.Equal(key, u) {
			return true
		}
	}
	return false
}

// undated is a person's line without what follows the address, if that is a date.
func undated(line []byte) []byte {
	end := bytes.LastIndexByte(line, '>') + 1
	if end == 0 || len(bytes.Trim(line[end:], " +-0123456789\n")) > 0 {
		return bytes.TrimSuffix(line, []byte{'\n'})
	}
	return line[:end]
}

func isPerson(key []byte) bool {
	switch string(key) {
	case "author", "committer", "tagger":
		return true
	}
	return false
}
