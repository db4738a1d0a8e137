package policy

// DocumentSchema is the JSON Schema of Document, made from the same names. It is closed, so that a host can tell a
// mistyped name.
func DocumentSchema() map[string]any {
	finding := schemaOf(findingFields)
	describe(finding, "target", "string", "ID of the target; with the fingerprint it names the finding")
	describe(finding, "unknowns", "", "places of the values that are unknown and therefore absent, such as service.tier")
	service := schemaOf(serviceFields)
	describe(service, "target", "string", "ID of the target that the service is in")
	describe(service, "unknowns", "", "places of the values that are unknown and therefore absent")
	root := schemaOf(runFields)
	describe(root, "unknowns", "", "places of the values that are unknown and therefore absent, such as suppressions.count")
	properties := root["properties"].(map[string]any)
	properties["findings"] = arrayOf(finding, "every finding, also what is held back: see its status")
	properties["services"] = arrayOf(service, "every service of every target")
	properties["levels"] = levelSchema()
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "urn:assay:policy-input:1"
	root["title"] = "Input of Rego policies"
	root["description"] = "What a rule in .assay/policies sees as input: one document for the whole run. A value that is unknown is absent. " +
		"A rule whose answer hangs on it is an error, which denies; the list unknowns lets a rule say what it makes of that."
	return root
}

// schemaOf describes fields as an object. A value that may be unknown is not required; which those are, the texts say.
func schemaOf(fields []field) map[string]any {
	root := closed()
	for _, f := range fields {
		at := root
		for _, key := range f.path[:len(f.path)-1] {
			properties := at["properties"].(map[string]any)
			if properties[key] == nil {
				properties[key] = closed()
			}
			at = properties[key].(map[string]any)
		}
		at["properties"].(map[string]any)[f.path[len(f.path)-1]] = schemaOfType(f.Type, f.Words, f.Doc)
	}
	return root
}

func closed() map[string]any {
	return map[string]any{"type": "object", "properties": map[string]any{}, "additionalProperties": false}
}

func describe(object map[string]any, name, typ, doc string) {
	s := map[string]any{"type": typ, "description": doc}
	if typ == "" {
		s = arrayOf(map[string]any{"type": "string"}, doc)
	}
	object["properties"].(map[string]any)[name] = s
}

func arrayOf(items map[string]any, doc string) map[string]any {
	return map[string]any{"type": "array", "items": items, "description": doc}
}

func schemaOfType(t Type, words []string, doc string) map[string]any {
	s := map[string]any{"type": "string", "description": doc}
	switch t {
	case Bool:
		s["type"] = "boolean"
	case Int:
		s["type"] = "integer"
	case Duration:
		s["type"], s["description"] = "integer", doc+"; in seconds"
	case Time:
		s["format"] = "date-time"
	case Level:
		if words == nil {
			words = LevelWords
		}
	case Records:
		return arrayOf(recordSchema(), doc)
	case Strings:
		items := map[string]any{"type": "string"}
		allow(items, words)
		return arrayOf(items, doc)
	}
	allow(s, words)
	return s
}

// allow lists the words that a text can be.
func allow(s map[string]any, words []string) {
	if len(words) == 0 {
		return
	}
	list := make([]any, len(words))
	for i, w := range words {
		list[i] = w
	}
	s["enum"] = list
}

func recordSchema() map[string]any {
	record := closed()
	for _, f := range CoverageFields {
		record["properties"].(map[string]any)[f.Name] = schemaOfType(f.Type, f.Words, f.Doc)
	}
	return record
}

func levelSchema() map[string]any {
	levels := closed()
	levels["description"] = "the order of the levels, as in input.levels[f.risk.level] >= input.levels.high"
	for word, rank := range levelRanks() {
		levels["properties"].(map[string]any)[word] = map[string]any{"const": rank, "type": "integer"}
	}
	return levels
}
