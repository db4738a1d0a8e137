package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// CatalogFile is the name of Backstage's descriptor.
const CatalogFile = "catalog-info.yaml"

const (
	maxCatalogSize      = 1 << 20
	maxCatalogDocuments = 200
	maxCatalogNodes     = 20_000 // counted through aliases, so that they cannot multiply
)

// entity is the part of a Backstage entity that says something about risk.
// https://backstage.io/docs/features/software-catalog/descriptor-format
type entity struct {
	Kind     string `yaml:"kind"`
	Metadata struct {
		Name        string            `yaml:"name"`
		Annotations map[string]string `yaml:"annotations"`
		Labels      map[string]string `yaml:"labels"`
		Tags        []string          `yaml:"tags"`
	} `yaml:"metadata"`
	Spec struct {
		Type  string `yaml:"type"`
		Owner string `yaml:"owner"`
	} `yaml:"spec"`
}

// ParseCatalog reads the component of a catalog-info.yaml; file is its path, and the service holds the folder it lies
// in. Tier, exposure and data have no place of their own in Backstage, so they are taken from where people put them:
// labels and annotations whose name, after the slash, is tier, exposure or data, and tags such as "tier-1" or
// "internet". The lifecycle is not read: "experimental" says how old a service is, not how much it would be missed.
//
// A word that is not known leaves its value unknown and is returned as a note.
func ParseCatalog(file string, content []byte) (services []Service, notes []string, err error) {
	if len(content) > maxCatalogSize {
		return nil, nil, fmt.Errorf("%s: larger than %d bytes", file, maxCatalogSize)
	}
	dec := yaml.NewDecoder(bytes.NewReader(content))
	left := maxCatalogNodes
	for range maxCatalogDocuments {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return single(file, services, notes)
		}
		if err == nil {
			err = fit(&doc, &left)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", file, err)
		}
		var e entity
		var wrongType *yaml.TypeError
		switch err := doc.Decode(&e); {
		case errors.As(err, &wrongType):
			notes = append(notes, fmt.Sprintf("%s: %s", file, wrongType.Errors[0]))
		case err != nil:
			return nil, nil, fmt.Errorf("%s: %w", file, err)
		}
		switch {
		case e.Kind != "Component" || e.Metadata.Name == "":
		case e.Metadata.Name == Unassigned:
			notes = append(notes, fmt.Sprintf("%s: %q is the name for what belongs to no service: the component is passed over", file, Unassigned))
		default:
			s, more := e.service(file)
			services = append(services, s)
			notes = append(notes, more...)
		}
	}
	return single(file, services, append(notes, fmt.Sprintf("%s: only the first %d documents are read", file, maxCatalogDocuments)))
}

// fit refuses what the YAML package would spend too much on: it compares each key of a mapping with every other one, and
// makes a text of each pair that is equal.
func fit(n *yaml.Node, left *int) error {
	if *left--; *left < 0 {
		return fmt.Errorf("line %d: more than %d values, counting what aliases stand for", n.Line, maxCatalogNodes)
	}
	if n.Kind == yaml.AliasNode {
		return fit(n.Alias, left)
	}
	keys := map[string]bool{}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && c.Kind == yaml.ScalarNode {
			if keys[c.Value] {
				return fmt.Errorf("line %d: %.60q is given twice", c.Line, c.Value)
			}
			keys[c.Value] = true
		}
		if err := fit(c, left); err != nil {
			return err
		}
	}
	return nil
}

// single gives up where a file describes several components: which paths belong to which, it does not say, and a guess
// could take a mild profile for the wrong code. So could the profile of a folder above, which is why the file's folder
// belongs to no service then.
func single(file string, services []Service, notes []string) ([]Service, []string, error) {
	if len(services) < 2 {
		return services, notes, nil
	}
	notes = append(notes, fmt.Sprintf("%s: it describes %d components and not which paths belong to which: list them under \"services\" in .assay.yaml",
		file, len(services)))
	return []Service{{Name: Unassigned, Paths: services[0].Paths, Source: file}}, notes, nil
}

func (e *entity) service(file string) (Service, []string) {
	s := Service{Name: e.Metadata.Name, Owner: e.Spec.Owner, Source: file}
	if folder, _, ok := cutLast(file, "/"); ok {
		s.Paths = []string{folder}
	}
	var notes []string
	note := func(what, value string, known []string) {
		notes = append(notes, fmt.Sprintf("%s: component %q: %s %q: want one of %s",
			file, s.Name, what, value, strings.Join(known, ", ")))
	}
	for _, tag := range e.Metadata.Tags {
		s.readTag(tag)
	}
	for _, m := range []map[string]string{e.Metadata.Labels, e.Metadata.Annotations} {
		if v, ok := named(m, "tier"); ok {
			if s.Tier = parseTier(v); s.Tier == TierUnknown {
				note("tier", v, Words(Tiers))
			}
		}
		if v, ok := named(m, "exposure"); ok {
			if s.Exposure, ok = lookUp(Exposures, v); !ok {
				note("exposure", v, Words(Exposures))
			}
		}
		if v, ok := named(m, "data"); ok {
			var odd string
			if s.Data, odd = parseData(v); odd != "" {
				note("data", odd, Words(DataClasses))
			}
		}
	}
	if s.Exposure == ExposureUnknown && e.Spec.Type == "website" {
		s.Exposure = Internet
	}
	return s, notes
}

// parseData reads a list of classes. One word that is not known leaves all unknown: it may stand for the worst of them.
func parseData(v string) (classes []Data, odd string) {
	for word := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ',' || r == ' ' }) {
		d, ok := lookUp(DataClasses, word)
		if !ok {
			return nil, word
		}
		classes = append(classes, d)
	}
	return classes, ""
}

// readTag takes what a tag says, the worst of several. Tags are free words, so an unknown one means nothing.
func (s *Service) readTag(tag string) {
	tag = strings.ToLower(tag)
	if rest, ok := strings.CutPrefix(tag, "tier"); ok {
		if t := parseTier(strings.TrimLeft(rest, "-:_")); worse(Tiers, t, s.Tier) {
			s.Tier = t
		}
	}
	if x, ok := lookUp(Exposures, tag); ok && worse(Exposures, x, s.Exposure) {
		s.Exposure = x
	}
	if d, ok := lookUp(DataClasses[2:], tag); ok { // "public" and "internal" as tags may mean anything
		s.Data = append(s.Data, d)
	}
}

// parseTier reads a tier's word, or its number as operations people count: 0 and 1 are the most critical.
func parseTier(v string) Tier {
	v = strings.ToLower(strings.TrimSpace(v))
	v = strings.TrimLeft(strings.TrimPrefix(v, "tier"), "-:_ ")
	if t, ok := lookUp(Tiers, v); ok {
		return t
	}
	return map[string]Tier{"0": TierCritical, "1": TierCritical, "2": TierHigh, "3": TierMedium, "4": TierLow}[v]
}

// named finds the value whose key is name, or ends in "/name". The plain name wins; of several prefixes the one that
// sorts first does, so that the answer does not hang on the order of a map.
func named(m map[string]string, name string) (string, bool) {
	if v, ok := m[name]; ok {
		return v, true
	}
	best := ""
	for key := range m {
		if strings.HasSuffix(key, "/"+name) && (best == "" || key < best) {
			best = key
		}
	}
	return m[best], best != ""
}

func lookUp[T ~string](list []T, word string) (T, bool) {
	for _, w := range list {
		if string(w) == strings.ToLower(word) {
			return w, true
		}
	}
	return "", false
}

// worse reports whether a stands after b in a list that is ordered mildest first.
func worse[T ~string](list []T, a, b T) bool { return slices.Index(list, a) > slices.Index(list, b) }

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}
