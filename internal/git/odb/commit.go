package odb

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// A Signature is who did something, and when.
type Signature struct {
	Name, Email string
	When        time.Time // in the zone of the signature; zero if the date cannot be read
}

// A CommitInfo is a parsed commit. Text is as stored, in Encoding, which is empty for UTF-8.
type CommitInfo struct {
	Tree              ID
	Parents           []ID
	Author, Committer Signature
	Encoding          string
	Message           string
}

// A TagInfo is a parsed annotated tag.
type TagInfo struct {
	Object  ID
	Type    Type
	Name    string
	Tagger  Signature // zero in very old tags
	Message string
}

// ParseCommit reads a commit. Histories hold commits with odd names and dates, so only what leads to other objects must be
// well-formed: the tree and the parents.
func ParseCommit(data []byte) (CommitInfo, error) {
	var c CommitInfo
	rest, err := idLine(data, "tree ", &c.Tree)
	if err != nil {
		return CommitInfo{}, fmt.Errorf("commit: %w", err)
	}
	for bytes.HasPrefix(rest, []byte("parent ")) {
		var id ID
		if rest, err = idLine(rest, "parent ", &id); err != nil {
			return CommitInfo{}, fmt.Errorf("commit: %w", err)
		}
		c.Parents = append(c.Parents, id)
	}
	c.Message = headers(rest, func(key string, value []byte) {
		switch key {
		case "author":
			c.Author = parseSignature(value)
		case "committer":
			c.Committer = parseSignature(value)
		case "encoding":
			c.Encoding = string(value)
		}
	})
	return c, nil
}

// ParseTag reads an annotated tag.
func ParseTag(data []byte) (TagInfo, error) {
	var t TagInfo
	rest, err := idLine(data, "object ", &t.Object)
	if err != nil {
		return TagInfo{}, fmt.Errorf("tag: %w", err)
	}
	t.Message = headers(rest, func(key string, value []byte) {
		switch key {
		case "type":
			t.Type, _ = parseType(value)
		case "tag":
			t.Name = string(value)
		case "tagger":
			t.Tagger = parseSignature(value)
		}
	})
	if t.Type == 0 {
		return TagInfo{}, errors.New("tag: no type of object")
	}
	return t, nil
}

// idLine reads a line of a keyword and an ID.
func idLine(data []byte, key string, id *ID) ([]byte, error) {
	line, rest, _ := bytes.Cut(data, []byte{'\n'})
	value, ok := bytes.CutPrefix(line, []byte(key))
	if !ok {
		return nil, fmt.Errorf("no %q line where one must be", key[:len(key)-1])
	}
	var err error
	*id, err = ParseID(string(value[:min(len(value), 65)]))
	return rest, err
}

// headers calls visit for each header line and returns what follows the empty line after them. Continuation lines, which
// begin with a space, belong to signatures and merged tags, and are skipped. The first header of a name counts, as for git.
func headers(data []byte, visit func(key string, value []byte)) string {
	seen := map[string]bool{}
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte{'\n'})
		data = rest
		if len(line) == 0 {
			return string(data)
		}
		key, value, ok := bytes.Cut(line, []byte{' '})
		if !ok || len(key) == 0 || len(key) > 16 || seen[string(key)] {
			continue
		}
		seen[string(key)] = true
		visit(string(key), value)
	}
	return ""
}

// parseSignature reads "Name <email> seconds zone", taking what is there. The date is what follows the last bracket.
func parseSignature(b []byte) Signature {
	var s Signature
	open := bytes.IndexByte(b, '<')
	end := bytes.LastIndexByte(b, '>')
	if open < 0 || end < open {
		s.Name = string(bytes.TrimSpace(b))
		return s
	}
	s.Name = string(bytes.TrimSpace(b[:open]))
	s.Email = string(b[open+1 : end])
	if i := bytes.IndexByte(b[open:end], '>'); i > 0 {
		s.Email = string(b[open+1 : open+i])
	}
	seconds, zone, _ := bytes.Cut(bytes.TrimSpace(b[end+1:]), []byte{' '})
	n, err := strconv.ParseInt(string(seconds), 10, 64)
	// Beyond the year 9999 a time has no text form in RFC 3339, and no commit was made then.
	if err != nil || n < -62135596800 || n > 253402214400 {
		return s
	}
	s.When = time.Unix(n, 0).In(parseZone(string(zone)))
	return s
}

// parseZone reads "+0130". What is not a zone counts as UTC.
func parseZone(z string) *time.Location {
	if len(z) != 5 || z[0] != '+' && z[0] != '-' {
		return time.UTC
	}
	n, err := strconv.ParseUint(z[1:], 10, 16)
	if err != nil || n%100 > 59 || n == 0 {
		return time.UTC
	}
	seconds := int(n/100*60+n%100) * 60
	if z[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone("", seconds)
}
