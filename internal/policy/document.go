package policy

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/risk"
)

// An Unknown stands in a document where a value is not known. It holds the name of what is unknown.
type Unknown string

// A field is a name with its place in a document. A name that other names go on from, such as "service" beside
// "service.tier", is a member of theirs: "level" where it is a level, else "name".
type field struct {
	*Name
	path []string
}

var findingFields, runFields = fields(FindingNames), fields(RunNames)

var serviceFields = func() []field {
	var list []field
	for _, f := range findingFields {
		if f.path[0] == "service" {
			list = append(list, field{f.Name, f.path[1:]})
		}
	}
	return list
}()

// fields places names in a document, each place once. What names of the run say is not repeated in each finding.
func fields(names []Name) []field {
	var list []field
	placed := map[string]bool{}
	for i := range names {
		n := &names[i]
		path := strings.Split(n.Name, ".")
		if slices.ContainsFunc(names, func(other Name) bool { return strings.HasPrefix(other.Name, n.Name+".") }) {
			last := "name"
			if n.Type == Level {
				last = "level"
			}
			path = append(path, last)
		}
		key := strings.Join(path, ".")
		ofRun := n.Name == nowName.Name || n.Name == stageName.Name
		if placed[key] || ofRun && &names[0] == &FindingNames[0] {
			continue
		}
		placed[key] = true
		list = append(list, field{n, path})
	}
	return list
}

// Document is the whole run as one value, under the same names as in expressions, nested at their dots: maps, lists,
// texts, numbers, truth values, and Unknown. A level is its word, a time is in RFC 3339, and a duration in seconds.
// Its schema is DocumentSchema.
func (in *Input) Document() map[string]any {
	a := &asked{stage: in.Gates.stage, now: in.Now, counts: &in.Counts}
	doc, unknowns := object(runFields, a)
	doc["coverage"] = coverageList(in.Coverage)
	doc["unknowns"] = unknowns
	doc["levels"] = levelRanks()
	doc["services"] = in.serviceList()
	j := newJudge(in)
	findings := make([]any, len(in.Risks))
	for i := range in.Risks {
		findings[i] = j.finding(&in.Risks[i])
	}
	doc["findings"] = findings
	return doc
}

func (j *judge) finding(r *risk.Risk) map[string]any {
	doc, unknowns := object(findingFields, j.ask(r))
	doc["target"], doc["unknowns"] = r.Target, unknowns
	return doc
}

func (in *Input) serviceList() []any {
	list := []any{}
	for _, target := range slices.Sorted(maps.Keys(in.Services)) {
		for i := range in.Services[target] {
			s := &in.Services[target][i]
			doc, unknowns := object(serviceFields, &asked{risk: &risk.Risk{Service: s.Name}, service: s})
			doc["target"], doc["unknowns"] = target, unknowns
			list = append(list, doc)
		}
	}
	return list
}

func coverageList(records []coverage.Record) []any {
	list := make([]any, len(records))
	for i, r := range records {
		list[i] = RecordFields(&r)
	}
	return list
}

// object gets the values of fields, and lists those that are unknown by their place.
func object(fields []field, a *asked) (doc map[string]any, unknowns []string) {
	return collect(fields, func(f field) (any, bool) { return f.get(a) })
}

func collect(fields []field, get func(field) (any, bool)) (doc map[string]any, unknowns []string) {
	doc, unknowns = map[string]any{}, []string{}
	for _, f := range fields {
		if f.Type == Records {
			continue
		}
		value, known := get(f)
		place := strings.Join(f.path, ".")
		if !known {
			unknowns = append(unknowns, place)
			put(doc, f.path, Unknown(place))
			continue
		}
		put(doc, f.path, plain(f.Type, value))
	}
	return doc, unknowns
}

func put(doc map[string]any, path []string, value any) {
	for _, key := range path[:len(path)-1] {
		inner, ok := doc[key].(map[string]any)
		if !ok {
			inner = map[string]any{}
			doc[key] = inner
		}
		doc = inner
	}
	doc[path[len(path)-1]] = value
}

// plain gives a value as documents hold it.
func plain(t Type, value any) any {
	switch v := value.(type) {
	case int:
		if t == Level {
			return LevelWords[v-1]
		}
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case time.Duration:
		return int(v / time.Second)
	}
	return value
}

func levelRanks() map[string]any {
	ranks := map[string]any{}
	for i, word := range LevelWords {
		ranks[word] = i + 1
	}
	return ranks
}
