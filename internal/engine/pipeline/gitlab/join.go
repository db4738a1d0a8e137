package gitlab

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// The bounds of Join. GitLab itself allows 150 includes and ten levels of extends.
const (
	maxFiles  = 500 // of one pipeline
	maxLevels = 16  // of extends, of !reference and of child pipelines
	maxRoots  = 300
	maxParts  = 200 // that a job consists of
)

// Join gets the summaries of all files of the target by path, sorted, and returns the faults that lie between them.
func Join(paths []string, summaries [][]byte) (faults []fault.Fault, unchecked []string) {
	all, files := assembly.Decode(paths, summaries, func(f *facts) *assembly.Standing { return &f.Standing })
	all.TooMuch = "jobs are not put together any further: there are too many files, jobs and inclusions"
	j := &joiner{all, files}
	j.pipelines()
	return j.Finish()
}

// A joiner puts the files of a target together.
type joiner struct {
	*assembly.Joiner
	files map[string]*facts
}

// pipelines goes through all files that a pipeline may begin with, and the child pipelines that they start.
func (j *joiner) pipelines() {
	included := map[string]bool{}
	for _, path := range j.Paths {
		if f := j.files[path]; f != nil {
			for _, name := range j.included(f.Includes) {
				included[name] = included[name] || name != path
			}
		}
	}
	var queue []start
	for _, path := range j.Paths {
		if f := j.files[path]; f != nil && f.Sure && (!included[path] || begins(path)) {
			queue = append(queue, start{path: path})
		}
	}
	begun := map[string]bool{}
	for n := 0; len(queue) > 0 && n < maxRoots; n++ {
		s := queue[0]
		queue = queue[1:]
		if begun[s.key()] || s.level > maxLevels {
			continue
		}
		begun[s.key()] = true
		p := j.pipeline(s)
		p.check()
		queue = append(queue, p.children(s.level)...)
	}
}

// begins says that GitLab begins pipelines with a file of this name, whatever else includes it.
func begins(path string) bool {
	return path == ".gitlab-ci.yml" || strings.HasSuffix(path, "/.gitlab-ci.yml")
}

// A start is a file that a pipeline begins with, and the variables of foreign text that its parent hands to it.
type start struct {
	path    string
	foreign map[string]source
	level   int
}

func (s *start) key() string {
	return s.path + "\x00" + strings.Join(slices.Sorted(maps.Keys(s.foreign)), " ")
}

// A pipeline is what a start and its inclusions say together.
type pipeline struct {
	*joiner
	start   start
	jobs    map[string][]placed // all that the files say of a job, the strongest first
	names   []string            // of jobs, sorted
	wholes  map[string]*whole   // that were put together
	globals []placedVariable
	maybe   []placedVariable
	deflt   []placed
	flow    []rule
	hasFlow bool
	foreign bool // something is included that was not read
	gone    map[string]bool
}

// placed is a job with its file.
type placed struct {
	*job
	path string
}

type placedVariable struct {
	variable
	path string
}

// pipeline puts a start and all that it includes together. What a file says itself is stronger than what it includes, and
// a later inclusion stronger than an earlier one.
func (j *joiner) pipeline(s start) *pipeline {
	p := &pipeline{joiner: j, start: s, jobs: map[string][]placed{}, wholes: map[string]*whole{}, gone: map[string]bool{}}
	done := map[string]bool{}
	var visit func(path string)
	visit = func(path string) {
		f := j.files[path]
		if f == nil || done[path] || len(done) >= maxFiles {
			return
		}
		done[path], j.Used[path] = true, true
		p.take(path, f)
		names := j.included(f.Includes)
		for i := len(names) - 1; i >= 0; i-- {
			visit(names[i])
		}
	}
	visit(s.path)
	for name := range p.jobs {
		p.names = append(p.names, name)
	}
	slices.Sort(p.names)
	return p
}

func (p *pipeline) take(path string, f *facts) {
	for i := range f.Jobs {
		p.jobs[f.Jobs[i].Name] = append(p.jobs[f.Jobs[i].Name], placed{&f.Jobs[i], path})
	}
	for _, v := range f.Globals {
		p.globals = append(p.globals, placedVariable{v, path})
	}
	for _, v := range f.Maybe {
		p.maybe = append(p.maybe, placedVariable{v, path})
	}
	p.deflt = append(p.deflt, placed{&f.Default, path})
	if f.HasFlow && !p.hasFlow {
		p.flow, p.hasFlow = f.Workflow, true
	}
	p.foreign = p.foreign || f.Foreign
}

// included are the files of the target that names of include:local stand for.
func (j *joiner) included(names []string) []string {
	var out []string
	for _, name := range names {
		if !strings.Contains(name, "*") {
			out = append(out, name)
			continue
		}
		re := wildcard(name)
		for _, path := range j.Paths {
			if re != nil && re.MatchString(path) {
				out = append(out, path)
			}
		}
	}
	return out
}

// wildcard turns * (a part of a path) and ** (any path) into an expression.
// https://docs.gitlab.com/ci/yaml/includes/#use-includelocal-with-wildcard-file-paths
func wildcard(name string) *regexp.Regexp {
	if len(name) > 500 {
		return nil
	}
	quoted := strings.ReplaceAll(strings.ReplaceAll(regexp.QuoteMeta(name), `\*\*`, `.*`), `\*`, `[^/]*`)
	re, err := regexp.Compile(`^` + quoted + `$`)
	if err != nil {
		return nil
	}
	return re
}
