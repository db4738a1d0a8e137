package ignorefile

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/finding"
)

// readGrype reads the lists ignore and exclude of a configuration (github.com/anchore/grype, README, "Specifying matches to
// ignore"). All that an entry says has to hold. The other settings hold nothing and are not read.
func readGrype(f *File, content []byte, _ Options) {
	f.Tool, f.keys = native.Grype, keysOf(native.Grype)
	top := f.tree(content, false)
	if top == nil {
		return
	}
	if top.form != mapping {
		f.fault(top.line, top.column, "want a mapping of settings", "")
		return
	}
	for _, key := range []string{"ignore", "exclude"} {
		switch n := top.get(key); {
		case n == nil || n.form == null:
		case n.form != list:
			f.reject(n.entry(), key+" is "+n.what(), "want a list")
		case key == "ignore":
			for _, item := range n.items {
				f.grypeEntry(item)
			}
		default:
			for _, item := range n.items {
				f.grypeExclude(item)
			}
		}
	}
}

func (f *File) grypeEntry(n *node) {
	e := n.entry()
	if n.form != mapping || len(n.keys) == 0 {
		f.reject(e, "an entry of ignore is "+n.what(), "write - vulnerability: CVE-2026-0001")
		return
	}
	e.Reason = n.str("reason")
	id := n.str("vulnerability")
	if id != "" {
		e.Rules = []string{id}
	}
	if k := n.stranger("vulnerability", "reason", "include-aliases", "package"); k != nil {
		e.Problem = "it has the condition " + strconv.Quote(k.text) + ", which is not known here"
		f.add(e)
		return
	}
	holds, where, problem := grypePackage(n.get("package"))
	switch e.Where = where; {
	case problem != "":
		e.Problem = problem
		f.add(e)
		return
	case id == "" && holds == nil:
		f.reject(e, "an entry that says neither vulnerability nor package", "write - vulnerability: CVE-2026-0001")
		return
	}
	e.holds = func(x *finding.Finding) bool {
		return len(native.Names(x, native.Grype)) > 0 && (holds == nil || holds(x))
	}
	if id == "" {
		f.add(e)
		return
	}
	f.add(e, keyOf(native.Grype, id))
}

// grypeTypes are the types of package URLs by what Grype calls them.
var grypeTypes = map[string]string{
	"python": "pypi", "go-module": "golang", "java-archive": "maven", "jenkins-plugin": "maven", "rust-crate": "cargo",
	"php-composer": "composer", "dotnet": "nuget", "dart-pub": "pub", "pod": "cocoapods",
}

// grypePackage reads the conditions on the package. A name is an expression that has to match all of it.
func grypePackage(n *node) (holds func(*finding.Finding) bool, where, problem string) {
	switch {
	case n == nil || n.form == null:
		return nil, "", ""
	case n.form != mapping:
		return nil, "", "package is " + n.what()
	}
	if k := n.stranger("name", "version", "type", "location"); k != nil {
		return nil, "", "it has the condition " + strconv.Quote("package."+k.text) + ", which is not known here"
	}
	var parts []string
	for i, k := range n.keys {
		parts = append(parts, k.text+" "+n.items[i].text)
	}
	where = strings.Join(parts, ", ")
	expr, err := regexp.Compile(`^(?:` + strings.TrimSuffix(strings.TrimPrefix(n.str("name"), "^"), "$") + `)$`)
	if err != nil || len(n.str("name")) > maxText {
		return nil, where, "package.name is no expression"
	}
	location, err := parseGlob(strings.TrimPrefix(n.str("location"), "/"))
	if err != nil {
		return nil, where, "package.location is no pattern of paths"
	}
	return func(x *finding.Finding) bool {
		p, ok := parsePurl(x.Place.Package)
		return (ok || n.str("name")+n.str("version")+n.str("type") == "") && (n.str("name") == "" || matchesAny(expr, p.fullNames())) &&
			(n.str("version") == "" || n.str("version") == p.version) && sameType(n.str("type"), p.kind) &&
			(n.str("location") == "" || location.match(strings.TrimPrefix(x.Place.Path, "/")))
	}, where, ""
}

func matchesAny(expr *regexp.Regexp, names []string) bool {
	for _, name := range names {
		if expr.MatchString(name) {
			return true
		}
	}
	return false
}

func sameType(want, kind string) bool {
	return want == "" || want == kind || grypeTypes[want] == kind
}

// grypeExclude reads a path that is not looked at; Grype wants it to begin with ./, */ or **/ in a folder.
func (f *File) grypeExclude(n *node) {
	e := n.entry()
	e.Where = n.text
	g, err := parseGlob(n.text)
	if n.form != scalar || err != nil {
		f.reject(e, "an entry of exclude that is no pattern of paths", "write - './vendor/**'")
		return
	}
	if !strings.HasPrefix(n.text, "./") && !strings.HasPrefix(n.text, "*/") && !strings.HasPrefix(n.text, "**/") {
		e.Problem = "Grype reads it for images only: in a folder a pattern begins with ./, */ or **/"
		f.add(e)
		return
	}
	e.holds = func(x *finding.Finding) bool { return len(native.Names(x, native.Grype)) > 0 && g.match(x.Place.Path) }
	f.add(e)
}
