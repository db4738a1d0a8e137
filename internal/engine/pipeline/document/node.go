package document

import (
	"iter"

	"go.yaml.in/yaml/v3"
)

// maxAliases bounds how often an alias leads to another.
const maxAliases = 32

// Follow is the value that an alias stands for, or the value itself. It is nil for nil and where aliases go in a circle.
func Follow(n *yaml.Node) *yaml.Node {
	for range maxAliases {
		if n == nil || n.Kind != yaml.AliasNode {
			return n
		}
		n = n.Alias
	}
	return nil
}

// Pairs gives the keys and values of a mapping, in their order, those of merged mappings (<<) after its own. Values are
// followed. It gives nothing for what is no mapping.
func Pairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(k, v *yaml.Node) bool) {
		budget := maxNodes
		pairs(n, map[string]bool{}, &budget, 0, yield)
	}
}

func pairs(n *yaml.Node, seen map[string]bool, budget *int, depth int, yield func(k, v *yaml.Node) bool) bool {
	n = Follow(n)
	if n == nil || n.Kind != yaml.MappingNode || depth > maxAliases {
		return true
	}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], Follow(n.Content[i+1])
		if *budget--; *budget < 0 || v == nil {
			return *budget >= 0
		}
		switch {
		case k.Tag == "!!merge":
			merged = append(merged, v)
		case seen[k.Value]:
		default:
			seen[k.Value] = true
			if !yield(k, v) {
				return false
			}
		}
	}
	for _, m := range merged {
		list := []*yaml.Node{m}
		if m.Kind == yaml.SequenceNode {
			list = m.Content
		}
		for _, one := range list {
			if !pairs(one, seen, budget, depth+1, yield) {
				return false
			}
		}
	}
	return true
}

// Get is the value below a mapping by a path of keys, nil where there is none.
func Get(n *yaml.Node, keys ...string) *yaml.Node {
	n = Follow(n)
	for _, key := range keys {
		_, n = Entry(n, key)
		if n == nil {
			return nil
		}
	}
	return n
}

// Entry is a key of a mapping and its value, nil where there is none.
func Entry(n *yaml.Node, key string) (k, v *yaml.Node) {
	for k, v := range Pairs(n) {
		if k.Value == key {
			return k, v
		}
	}
	return nil, nil
}

// Items gives the members of a list, followed; of a scalar or mapping, itself; of nil, nothing. Lists in lists are
// flattened, as GitLab does with scripts.
func Items(n *yaml.Node) []*yaml.Node {
	var out []*yaml.Node
	budget := maxNodes
	items(n, 0, &budget, &out)
	return out
}

func items(n *yaml.Node, depth int, budget *int, out *[]*yaml.Node) {
	n = Follow(n)
	if *budget--; n == nil || depth > maxAliases || *budget < 0 {
		return
	}
	if n.Kind != yaml.SequenceNode {
		*out = append(*out, n)
		return
	}
	for _, c := range n.Content {
		items(c, depth+1, budget, out)
	}
}

// Text is the value of a scalar; "" for anything else, and for null.
func Text(n *yaml.Node) string {
	if n = Follow(n); n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// IsMap reports whether a value is a mapping.
func IsMap(n *yaml.Node) bool { n = Follow(n); return n != nil && n.Kind == yaml.MappingNode }

// IsList reports whether a value is a list.
func IsList(n *yaml.Node) bool { n = Follow(n); return n != nil && n.Kind == yaml.SequenceNode }

// IsScalar reports whether a value is a text, number, bool or null.
func IsScalar(n *yaml.Node) bool { n = Follow(n); return n != nil && n.Kind == yaml.ScalarNode }

// Scalars gives every scalar at or below a value, once, in the file's order; keys too. Aliases are not entered: what they
// stand for is given where it is written.
func Scalars(n *yaml.Node) iter.Seq[*yaml.Node] {
	return func(yield func(*yaml.Node) bool) { scalars(n, yield) }
}

func scalars(n *yaml.Node, yield func(*yaml.Node) bool) bool {
	switch {
	case n == nil || n.Kind == yaml.AliasNode:
		return true
	case n.Kind == yaml.ScalarNode:
		return yield(n)
	}
	for _, c := range n.Content {
		if !scalars(c, yield) {
			return false
		}
	}
	return true
}
