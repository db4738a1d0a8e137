package register

import (
	"fmt"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/lazyregexp"
	"github.com/assaysec/assay/internal/strictyaml"
)

const (
	maxExceptions = 2000
	maxControls   = 16
	maxHeaders    = 8
	maxSpread     = 10_000 // findings that one exception may ask for
)

var (
	idForm      = lazyregexp.New(`^[A-Za-z][A-Za-z0-9]*(?:[-._][A-Za-z0-9]+)*$`)
	controlForm = lazyregexp.New(`^[A-Za-z0-9]+(?:[-._/][A-Za-z0-9]+)*$`)
	regoForm    = lazyregexp.New(`^data(?:\.[A-Za-z_][A-Za-z0-9_]*)+$`)
	printForm   = lazyregexp.New(`^[a-z][0-9]+:[0-9a-f]{16,64}$`)
	headerForm  = lazyregexp.New(`^[A-Za-z0-9-]+$`)
	portForm    = lazyregexp.New(`^[1-9][0-9]{0,4}$`)
)

const maxName = 64 // bytes of an ID or of a control's name

// Parse reads the exceptions; file names them in errors, which are a diagnostic.Errors. An empty file has none.
func Parse(file string, content []byte) (*Register, error) {
	r := newReader(file)
	reg := &Register{File: file}
	if top := r.document(content); top != nil {
		reg.read(r, top)
	}
	if err := r.Errs.Settle(); err != nil {
		return nil, err
	}
	return reg, nil
}

func (reg *Register) read(r *reader, top *yaml.Node) {
	if top.Kind != yaml.SequenceNode {
		r.WrongType(top, "", `a list of exceptions, each beginning with "- id:"`)
		return
	}
	if len(top.Content) > maxExceptions {
		r.Fail(top, "", "more than %d exceptions", maxExceptions)
		return
	}
	lines := map[string]int{}
	for i, n := range top.Content {
		e := r.exception(fmt.Sprintf("[%d]", i), n)
		key := strings.ToLower(e.ID)
		if first, again := lines[key]; again && key != "" {
			r.Fail(n, fmt.Sprintf("it was first given in line %d", first), "the id %s is given twice", e.ID)
		} else {
			lines[key] = n.Line
		}
		reg.Exceptions = append(reg.Exceptions, e)
	}
}

// exception reads one entry; its path in errors is its ID, where it has one.
func (r *reader) exception(path string, n *yaml.Node) Exception {
	e := Exception{MaxFindings: 1, At: r.At(n)}
	if id := value(n, "id"); id != nil && idForm().MatchString(id.Value) {
		path = id.Value
	}
	nodes := map[string]*yaml.Node{}
	keep := func(name string, read func(string, *yaml.Node)) strictyaml.Field {
		return strictyaml.Field{Name: name, Required: true, Read: func(path string, n *yaml.Node) { nodes[name] = n; read(path, n) }}
	}
	fields := []strictyaml.Field{
		keep("id", func(path string, n *yaml.Node) { e.ID = r.id(path, n) }),
		keep("kind", func(path string, n *yaml.Node) {
			e.Kind = strictyaml.OneOf(r.Reader, "kind of an exception", path, n, Kinds)
		}),
		keep("match", func(path string, n *yaml.Node) { e.Match = r.match(path, n) }),
		keep("reason", func(path string, n *yaml.Node) { e.Reason = r.Text(path, n) }),
		keep("owner", func(path string, n *yaml.Node) { e.Owner = r.word(path, n) }),
		keep("approver", func(path string, n *yaml.Node) { e.Approver = r.word(path, n) }),
		keep("created", func(path string, n *yaml.Node) { e.Created = r.date(path, n) }),
		keep("expires", func(path string, n *yaml.Node) { e.Expires = r.date(path, n) }),
		keep("compensating", func(path string, n *yaml.Node) { e.Compensating = r.controls(path, n) }),
		{Name: "max-findings", Read: func(path string, n *yaml.Node) { e.MaxFindings = r.Number(path, n, 1, maxSpread) }},
		{Name: "signature", Read: func(path string, n *yaml.Node) { e.Signature = r.signature(path, n) }},
	}
	if kind := value(n, "kind"); kind != nil && Kind(kind.Value) == FalsePositive {
		for i := range fields {
			fields[i].Required = fields[i].Required && fields[i].Name != "compensating"
		}
	}
	r.Mapping(n, path, "key of an exception", fields)
	r.consistent(path, &e, nodes)
	return e
}

// value finds the value of a key.
func value(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// consistent holds the fields against one another.
func (r *reader) consistent(path string, e *Exception, nodes map[string]*yaml.Node) {
	if e.Owner != "" && sameParty(e.Owner, e.Approver) {
		r.Fail(nodes["approver"], "the owner asks and the approver grants: name somebody else",
			"%s: the approver %s is the owner", path, e.Approver)
	}
	if !e.Created.IsZero() && !e.Expires.IsZero() && e.Expires.Before(e.Created) {
		r.Fail(nodes["expires"], "", "%s: it expires on %s, before it was created on %s",
			path, nodes["expires"].Value, nodes["created"].Value)
	}
	if n := nodes["compensating"]; n != nil && n.Kind == yaml.SequenceNode && len(n.Content) == 0 && e.Kind != FalsePositive {
		r.Fail(n, "name what makes the risk bearable, and the check of it", "%s.compensating is empty", path)
	}
}

func (r *reader) id(path string, n *yaml.Node) string {
	id := r.Text(path, n)
	if id != "" && (!idForm().MatchString(id) || len(id) > maxName) {
		r.Fail(n, "write one such as EX-7", "%s: %q is not an id", path, id)
		return ""
	}
	return id
}

func (r *reader) match(path string, n *yaml.Node) Match {
	var m Match
	r.Mapping(n, path, "key of a match", []strictyaml.Field{
		{Name: "fingerprint", Read: func(path string, n *yaml.Node) {
			if m.Fingerprint = r.word(path, n); m.Fingerprint != "" && !printForm().MatchString(m.Fingerprint) {
				r.Fail(n, "copy it from a report", "%s: %q is not a fingerprint", path, m.Fingerprint)
			}
		}},
		{Name: "rule", Read: func(path string, n *yaml.Node) { m.Rule = r.word(path, n) }},
		{Name: "package", Read: func(path string, n *yaml.Node) {
			if m.Package = r.word(path, n); m.Package != "" && !strings.HasPrefix(m.Package, "pkg:") {
				r.Fail(n, "write one such as pkg:npm/lodash", "%s: %q is not a package URL", path, m.Package)
			}
		}},
		{Name: "path", Read: func(path string, n *yaml.Node) {
			m.Path = r.word(path, n)
			if problem, hint := globProblem(m.Path); problem != "" && m.Path != "" {
				r.Fail(n, hint, "%s: %q %s", path, m.Path, problem)
			}
		}},
		{Name: "service", Read: func(path string, n *yaml.Node) { m.Service = r.word(path, n) }},
	})
	switch {
	case n.Kind != yaml.MappingNode:
	case len(n.Content) == 0:
		r.Fail(n, "name a fingerprint, or any of rule, package, path and service", "%s matches anything", path)
	case m.Fingerprint != "" && len(n.Content) > 2:
		r.Fail(n, "leave the other keys out", "%s: a fingerprint stands alone", path)
	}
	return m
}

func (r *reader) signature(path string, n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" || strings.TrimSpace(n.Value) == "" {
		r.WrongType(n, path, `text that "assay exceptions approve" writes`)
		return ""
	}
	return strings.TrimSpace(n.Value) + "\n"
}

func (r *reader) controls(path string, n *yaml.Node) []Control {
	var list []Control
	r.List(path, n, func(path string, n *yaml.Node) {
		c := Control{At: r.At(n)}
		r.Mapping(n, path, "key of a compensating control", []strictyaml.Field{
			{Name: "control", Required: true, Read: func(path string, n *yaml.Node) { c.Control = r.control(path, n) }},
			{Name: "check", Required: true, Read: func(path string, n *yaml.Node) { c.Check, c.At = r.check(path, n) }},
		})
		if c.Control != "" && slices.ContainsFunc(list, func(o Control) bool { return o.Control == c.Control }) {
			r.Fail(n, "", "%s: the control %s is given twice", path, c.Control)
		}
		list = append(list, c)
	})
	if len(list) > maxControls {
		r.Fail(n, "", "%s: more than %d controls", path, maxControls)
	}
	return list
}

func (r *reader) control(path string, n *yaml.Node) string {
	name := r.word(path, n)
	if name != "" && (!controlForm().MatchString(name) || len(name) > maxName) {
		r.Fail(n, "write one such as waf-rule-942", "%s: %q is not the name of a control", path, name)
	}
	return name
}

// check reads exactly one of cel, rego and https, and where its expression begins.
func (r *reader) check(path string, n *yaml.Node) (c Check, at diagnostic.Position) {
	at = r.At(n)
	r.Mapping(n, path, "kind of check", []strictyaml.Field{
		{Name: CEL, Read: func(path string, n *yaml.Node) { c.CEL, at = r.Text(path, n), r.inside(n) }},
		{Name: Rego, Read: func(path string, n *yaml.Node) {
			c.Rego, at = r.word(path, n), r.inside(n)
			if c.Rego != "" && !regoForm().MatchString(c.Rego) {
				r.Fail(n, "write a reference such as data.assay.controls.waf", "%s: %q is not a reference to a rule", path, c.Rego)
			}
		}},
		{Name: HTTPSKind, Read: func(path string, n *yaml.Node) { c.HTTPS, at = r.https(path, n), r.At(n) }},
	})
	if n.Kind == yaml.MappingNode && len(n.Content) != 2 {
		r.Fail(n, "", "%s: want exactly one of cel, rego and https", path)
	}
	return c, at
}

// inside is where the text of a scalar begins.
func (r *reader) inside(n *yaml.Node) diagnostic.Position {
	at := r.At(n)
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		at.Column++
	}
	return at
}

func (r *reader) https(path string, n *yaml.Node) *HTTPS {
	h := &HTTPS{}
	r.Mapping(n, path, "key of a probe", []strictyaml.Field{
		{Name: "url", Required: true, Read: func(path string, n *yaml.Node) {
			if h.URL = r.word(path, n); h.URL != "" {
				if problem, hint := urlProblem(h.URL); problem != "" {
					r.Fail(n, hint, "%s: the address %s", path, problem)
				}
			}
		}},
		{Name: "status", Required: true, Read: func(path string, n *yaml.Node) { h.Status = r.Number(path, n, 100, 599) }},
		{Name: "body-contains", Read: func(path string, n *yaml.Node) { h.BodyContains = r.Text(path, n) }},
		{Name: "header", Read: func(path string, n *yaml.Node) { h.Header = r.headers(path, n) }},
	})
	return h
}

func (r *reader) headers(path string, n *yaml.Node) map[string]string {
	headers := map[string]string{}
	r.Pairs(n, path, func(key, value *yaml.Node) {
		if !headerForm().MatchString(key.Value) || len(key.Value) > maxName {
			r.Fail(key, "", "%s: %q is not the name of a header", path, key.Value)
			return
		}
		name := textproto.CanonicalMIMEHeaderKey(key.Value)
		if _, again := headers[name]; again {
			r.Fail(key, "", "%s: the header %s is given twice", path, name)
		}
		headers[name] = r.word(strictyaml.Join(path, key.Value), value)
	})
	if n.Kind == yaml.MappingNode && (len(headers) == 0 || len(headers) > maxHeaders) {
		r.Fail(n, "", "%s: want 1 to %d headers", path, maxHeaders)
	}
	return headers
}

// urlProblem says why an address cannot be probed, whatever the policy allows.
func urlProblem(text string) (problem, hint string) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "cannot be read", "write one such as https://pay.example.com/probe"
	case u.Scheme != "https":
		return "is not one of https", "a probe proves something only over TLS"
	case u.User != nil:
		return "holds credentials", "a probe asks as anybody could"
	case u.Hostname() == "" || u.Opaque != "":
		return "names no host", ""
	case u.Port() != "" && !portForm().MatchString(u.Port()) || strings.HasSuffix(u.Host, ":"):
		return "has a port that is none", ""
	case u.Fragment != "":
		return "has a fragment, which is never sent", "leave out what follows #"
	}
	return "", ""
}
