package source

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/git/odb"
)

// vendoredDirs are folders that package managers and habit fill with other people's code.
var vendoredDirs = []string{"vendor", "node_modules", "bower_components", "third_party", "third-party", "Godeps", "Pods", "Carthage", "site-packages"}

// generatedNames are endings of files that only programs write.
var generatedNames = []string{".pb.go", ".pb.gw.go", "_pb2.py", "_pb2_grpc.py", ".g.dart", ".designer.cs", "_generated.go", ".pb.cc", ".pb.h", ".bundle.js.map", ".css.map", ".js.map"}

// classOfPath is the class of a file as far as its path tells.
func classOfPath(p string) coverage.Class {
	dir, name := path.Split(p)
	if strings.Contains(name, ".min.") {
		return coverage.Minified
	}
	for _, ending := range generatedNames {
		if strings.HasSuffix(name, ending) {
			return coverage.Generated
		}
	}
	if dir != "" && vendored(dir) {
		return coverage.Vendored
	}
	return coverage.Source
}

// ClassOfMode is the class of an entry of a tree as far as its mode and path tell.
func ClassOfMode(mode odb.Mode, p string) coverage.Class {
	if mode == odb.ModeSymlink {
		return coverage.Link
	}
	return classOfPath(p)
}

// Vendored reports whether a path leads to somebody else's code.
func Vendored(p string) bool {
	dir, _ := path.Split(p)
	return vendored(dir)
}

func vendored(dir string) bool {
	for dir != "" {
		var part string
		part, dir, _ = strings.Cut(dir, "/")
		if slices.Contains(vendoredDirs, part) {
			return true
		}
	}
	return false
}

const (
	headBytes     = 8000 // looked at for the class, as git does for binary files
	longLine      = 1000 // bytes; a script or style sheet with lines that long on average was minified
	minifiedBytes = 4096 // smaller files are not worth the name
)

// ClassOf is the class of a file by its path's class and its content.
func ClassOf(byPath coverage.Class, name string, text []byte) coverage.Class {
	head := text[:min(len(text), headBytes)]
	if bytes.IndexByte(head, 0) >= 0 {
		return coverage.Binary
	}
	if byPath != coverage.Source {
		return byPath
	}
	if generated(head) {
		return coverage.Generated
	}
	if len(text) >= minifiedBytes && minifiable(name) && len(head)/(bytes.Count(head, []byte{'\n'})+1) > longLine {
		return coverage.Minified
	}
	return coverage.Source
}

func minifiable(name string) bool {
	switch path.Ext(name) {
	case ".js", ".mjs", ".cjs", ".css", ".html", ".htm", ".svg":
		return true
	}
	return false
}

// generated looks for the marks by which programs sign what they write: Go's (golang.org/s/generatedcode) and the
// @generated that many others share.
func generated(head []byte) bool {
	head = head[:min(len(head), 1024)]
	return bytes.Contains(head, []byte("DO NOT EDIT")) && bytes.Contains(head, []byte("generated")) ||
		bytes.Contains(head, []byte("@generated"))
}
