package github

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// A memo holds what was worked out about a file, so that no question is answered twice: a hostile file asks the same one
// from each of its thousands of steps.
type memo struct {
	entries   map[*yaml.Node]map[string]*yaml.Node
	reads     map[*yaml.Node][]*Expr
	ifs       map[*yaml.Node]*Expr
	scalars   map[*yaml.Node]*document.Scalar
	spans     map[*yaml.Node]fault.Span
	scripts   map[*Step]*Script
	fixes     map[*Script]*fault.Fix
	programs  map[*Step]*fault.Fix
	blocked   map[audienceKey]bool
	stops     map[audienceKey]bool
	approved  map[*Job]bool
	events    map[place][]string
	open      map[place][]string
	asking    map[*Job]int
	checked   map[*Job]bool
	armed     map[*Job]bool
	needs     map[*Job]needed
	checkouts map[*Job][]foreignCheckout
	downloads map[*Job]int
	rows      map[*Job]map[string][]*yaml.Node
	values    map[valueKey][]Atom
	outer     map[outerKey][]Atom
	writers   map[*Job]map[string][]writer
	taints    map[taintKey][]taintGroup
	files     map[*Step][]Atom
	secrets   map[*yaml.Node]map[string]string
	pushing   map[*Job]int
	tokens    map[*yaml.Node]bool
	outputs   map[*Step]map[string][]string
	reading   map[*Step]bool
	releases  releaseMemo
}

// A place is a job, or a step of it.
type place struct {
	job  *Job
	step *Step
}

type audienceKey struct {
	job *Job
	who audience
}

type valueKey struct {
	place
	kind, name        string
	deep, above, head bool
}

type outerKey struct {
	node *yaml.Node
	job  *Job
	head bool
}

type taintKey struct {
	script *Script
	head   bool
}

func newMemo() memo {
	return memo{
		entries: map[*yaml.Node]map[string]*yaml.Node{}, reads: map[*yaml.Node][]*Expr{}, ifs: map[*yaml.Node]*Expr{}, scalars: map[*yaml.Node]*document.Scalar{}, spans: map[*yaml.Node]fault.Span{},
		scripts: map[*Step]*Script{}, fixes: map[*Script]*fault.Fix{}, programs: map[*Step]*fault.Fix{}, blocked: map[audienceKey]bool{}, stops: map[audienceKey]bool{}, approved: map[*Job]bool{}, events: map[place][]string{},
		open: map[place][]string{}, asking: map[*Job]int{}, checked: map[*Job]bool{}, armed: map[*Job]bool{}, needs: map[*Job]needed{}, checkouts: map[*Job][]foreignCheckout{},
		downloads: map[*Job]int{}, rows: map[*Job]map[string][]*yaml.Node{}, values: map[valueKey][]Atom{}, outer: map[outerKey][]Atom{}, writers: map[*Job]map[string][]writer{},
		taints: map[taintKey][]taintGroup{}, files: map[*Step][]Atom{}, secrets: map[*yaml.Node]map[string]string{}, pushing: map[*Job]int{}, tokens: map[*yaml.Node]bool{}, outputs: map[*Step]map[string][]string{}, reading: map[*Step]bool{},
		releases: newReleaseMemo(),
	}
}

// remember answers from a map or works the answer out. Asked for an answer that is being worked out, as circles do, it
// gives the zero value.
func remember[K comparable, V any](m map[K]V, key K, work func() V) V {
	v, ok := m[key]
	if !ok {
		m[key] = v
		v = work()
		m[key] = v
	}
	return v
}

// entry looks a value of a mapping up as GitHub does, whatever the case of its name; nil where there is none.
func (c *context) entry(n *yaml.Node, name string) *yaml.Node {
	n = document.Follow(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	index := remember(c.memo.entries, n, func() map[string]*yaml.Node {
		index := map[string]*yaml.Node{}
		for k, v := range document.Pairs(n) {
			if key := strings.ToLower(k.Value); index[key] == nil {
				index[key] = v
			}
		}
		return index
	})
	return index[strings.ToLower(name)]
}
