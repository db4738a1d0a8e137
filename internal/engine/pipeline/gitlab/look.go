package gitlab

import (
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// Look looks at one file by itself.
func Look(path string, text []byte) (faults []fault.Fault, summary []byte, unchecked []string) {
	_, sure := Wants(path)
	if !sure && !mayBe(text) {
		return nil, nil, nil
	}
	doc, err := document.Parse(text)
	r := &reader{path: path, doc: doc, scripts: map[*yaml.Node]script{}}
	r.header()
	if err != nil {
		r.facts.Uncheckedf("not read as a whole: %v", err)
	}
	if document.IsMap(r.top) {
		r.pipeline(sure)
	}
	sure, found := sure || r.form(), r.faults.Sorted()
	if !sure && len(r.facts.Jobs) == 0 && len(r.facts.Includes) == 0 && len(found) == 0 && len(r.facts.Globals) == 0 && len(r.facts.Unchecked) == 0 {
		return nil, nil, nil
	}
	faults, unchecked = r.facts.Settle(sure, found)
	return faults, assembly.Encode(&r.facts), unchecked
}

// pipeline looks at all keys of the file.
func (r *reader) pipeline(sure bool) {
	r.facts.Globals = r.variables(document.Get(r.top, "variables"))
	r.globals = map[string]*yaml.Node{}
	for k, v := range document.Pairs(document.Get(r.top, "variables")) {
		r.globals[k.Value] = v
	}
	if flow := document.Get(r.top, "workflow"); flow != nil {
		r.facts.HasFlow = true
		r.facts.Workflow = r.rules(document.Get(flow, "rules"))
		r.facts.Maybe = r.conditional(document.Get(flow, "rules"))
	}
	r.includes(document.Get(r.top, "include"))
	r.defaults()
	for k, v := range document.Pairs(r.top) {
		if !isJob(k, v) || !sure && !likeJob(v) {
			continue
		}
		if len(r.facts.Jobs) >= maxJobs {
			r.facts.Uncheckedf("jobs after the first %d are not looked at", maxJobs)
			return
		}
		r.job = k.Value
		r.facts.Jobs = append(r.facts.Jobs, r.readJob(k, v))
		r.values(v)
	}
	r.job = ""
	for _, f := range r.published.Unproven() {
		r.add(f)
	}
}

// defaults reads what stands for all jobs: default:, and the same keys at the top, as they were written once.
func (r *reader) defaults() {
	d := document.Get(r.top, "default")
	r.facts.Default = r.readJob(&yaml.Node{Kind: yaml.ScalarNode, Value: "default"}, d)
	r.facts.Default.Span = fault.Span{}
	r.values(d)
	top := r.readJob(&yaml.Node{Kind: yaml.ScalarNode, Value: "default"}, only(r.top, "image", "services", "cache", "before_script", "after_script"))
	for key, s := range top.Scripts {
		if _, ok := r.facts.Default.Scripts[key]; !ok {
			r.facts.Default.Scripts[key] = s
		}
	}
	r.values(only(r.top, "image", "services", "cache"))
}

// only is a mapping with some of the keys of another.
func only(n *yaml.Node, keys ...string) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, key := range keys {
		if k, v := document.Entry(n, key); k != nil {
			out.Content = append(out.Content, k, v)
		}
	}
	return out
}

// values checks what a job, or what stands for all, says in single values.
func (r *reader) values(v *yaml.Node) {
	for key, val := range document.Pairs(v) {
		switch key.Value {
		case "image":
			r.image(val, "image")
		case "services":
			items, _ := plain(val)
			for _, s := range items {
				r.image(s, "service")
			}
		case "cache":
			items, _ := plain(val)
			for _, c := range items {
				r.cache(c)
			}
		case "artifacts":
			r.artifacts(val)
		case "id_tokens":
			r.tokens(val)
		case "trigger":
			r.trigger(val)
		case "allow_failure":
			r.allowFailure(v, val)
		}
	}
}
