package config

import (
	"path"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

// Name is the name of the file.
const Name = ".assay.yaml"

// A File is what one .assay.yaml says.
type File struct {
	Path     string
	Services []profile.Service      // paths as written, relative to the file's folder
	Gates    map[string]policy.Text // by stage
	Due      risk.DueTable          // complete: what the file does not say is the default
	Secret   Secret
	Scan     Scan
	Rules    []string // as --rules takes them: paths from the root, or "builtin"

	Exceptions   Exceptions
	Suppressions Suppressions

	places map[string]policy.Position // of keys, such as scan.jobs, and of services by their names
}

// Secret is the settings of the secret engine.
type Secret struct {
	Config      string   // path of a gitleaks configuration, from the root
	Rules       []string // as Rules, for this engine
	DecodeDepth int      // layers of encoding that are peeled; 0 means the default, negative none
}

// Exceptions is what exceptions must keep to. A number of 0 means that there is no limit.
type Exceptions struct {
	MaxDays        int           // from the first day to the last
	MaxRenewals    int           // NoRenewal for none at all
	Signed         bool          // an approval counts only with a signature
	AllowedSigners string        // path of the allowed-signers file, from the root
	Repository     string        // the name that approvals hold for
	MaxProbeAge    time.Duration // how old the last recorded answer of a probe may be
	Probe          Probe
}

// NoRenewal is the MaxRenewals of who wants none.
const NoRenewal = -1

// Probe says whom compensating checks may ask.
type Probe struct {
	Hosts   []string // names, or *.name for all below
	Private []string // addresses or networks that may be asked although they are not public
}

// Suppressions is what holds for the marks and ignore files of tools.
type Suppressions struct {
	FromChange bool // a mark that a change brings in hides what it speaks about at once
}

// Scan is how a run looks. A zero number means the default.
type Scan struct {
	Include []coverage.Class // of IncludeClasses
	Jobs    int
	Limits  Limits
}

// MaxJobs is how many files may be looked at side by side.
const MaxJobs = 1024

// Limits bound one run. Zero means the default.
type Limits struct {
	FileSize        int64
	ArchiveDepth    int
	ArchiveSize     int64
	ArchiveMembers  int
	ArchiveRatio    int64 // unpacked to packed
	FindingsPerRule int
}

// IncludeClasses are the classes of files that a scan leaves out, or asks less of, unless told to look at them as at any
// other file.
var IncludeClasses = []coverage.Class{coverage.Ignored, coverage.Binary, coverage.Minified, coverage.Vendored, coverage.Generated}

// Parse reads a file; file is its path from the root of the target, in slashes. engines are the names that
// gate.<stage>.require may list. The error is an Errors.
func Parse(file string, content []byte, engines []string) (*File, error) {
	return parse(file, file, content, engines)
}

// ParseRoot reads a file that speaks about the root, wherever it lies; errors call it file.
func ParseRoot(file string, content []byte, engines []string) (*File, error) {
	return parse(Name, file, content, engines)
}

func parse(at, file string, content []byte, engines []string) (*File, error) {
	r := &reader{file: file, engines: engines, places: map[string]policy.Position{}}
	f := &File{Path: at, places: r.places, Gates: map[string]policy.Text{}, Due: risk.DefaultDue()}
	if top := r.parse(content); top != nil {
		r.document(f, top)
	}
	if err := r.errs.settle(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *File) folder() string {
	if dir := path.Dir(f.Path); dir != "." {
		return dir
	}
	return ""
}

// document reads the top of the file. In a folder it may describe services and tighten the gate; what concerns the whole
// run stands in the root's file only.
func (r *reader) document(f *File, top *yaml.Node) {
	var one, several *yaml.Node
	fields := []field{
		{"service", func(p string, n *yaml.Node) {
			one = n
			f.Services = append(f.Services, r.service(f, p, n, false))
		}},
		{"services", func(p string, n *yaml.Node) {
			several = n
			r.list(p, n, false, func(p string, n *yaml.Node) {
				f.Services = append(f.Services, r.service(f, p, n, true))
			})
		}},
		{"gate", func(p string, n *yaml.Node) { r.gate(f, p, n) }},
		{"due", func(p string, n *yaml.Node) { r.due(f.Due, p, n) }},
		{"secret", func(p string, n *yaml.Node) { r.secret(&f.Secret, p, n) }},
		{"scan", func(p string, n *yaml.Node) { r.scan(&f.Scan, p, n) }},
		{"rules", func(p string, n *yaml.Node) { f.Rules = r.texts(p, n) }},
		{"exceptions", func(p string, n *yaml.Node) { r.exceptions(&f.Exceptions, p, n) }},
		{"suppressions", func(p string, n *yaml.Node) {
			r.mapping(n, p, "key", []field{{"accept-from-change", func(p string, n *yaml.Node) { f.Suppressions.FromChange = r.yes(p, n) }}})
		}},
	}
	if f.folder() != "" {
		for i := 3; i < len(fields); i++ {
			name := fields[i].name
			fields[i].read = func(p string, n *yaml.Node) {
				r.fail(n, "move it to the "+Name+" of the root", "%q holds for the whole run and has no place in a folder", name)
			}
		}
	}
	r.mapping(top, "", "key", fields)
	if one != nil && several != nil {
		r.fail(several, "list all services under \"services\"", "\"service\" and \"services\" exclude each other")
	}
	r.distinct(f, several)
}

// distinct refuses two services of one name, or with one path.
func (r *reader) distinct(f *File, n *yaml.Node) {
	names, paths := map[string]bool{}, map[string]string{}
	for _, s := range f.Services {
		if s.Name != "" && names[s.Name] {
			r.fail(n, "", "two services are named %q", s.Name)
		}
		names[s.Name] = true
		for _, p := range s.Paths {
			key := strings.Trim(strings.TrimPrefix(p, "./"), "/")
			if other, taken := paths[key]; taken {
				r.fail(n, "each path belongs to one service", "services %q and %q both claim %q", other, s.Name, p)
			}
			paths[key] = s.Name
		}
	}
}

func (r *reader) service(f *File, path string, n *yaml.Node, needsPaths bool) profile.Service {
	s := profile.Service{Source: f.Path}
	var pathsNode *yaml.Node
	errors := len(r.errs)
	defer func() { r.places[placeOfService+s.Name] = r.at(follow(n)) }()
	r.mapping(n, path, "key", []field{
		{"name", func(p string, n *yaml.Node) {
			if s.Name = r.text(p, n); s.Name == profile.Unassigned {
				r.fail(n, "", "%q is the name for what belongs to no service", s.Name)
			}
		}},
		{"tier", func(p string, n *yaml.Node) { s.Tier = oneOf(r, "tier", n, p, profile.Tiers) }},
		{"exposure", func(p string, n *yaml.Node) { s.Exposure = oneOf(r, "exposure", n, p, profile.Exposures) }},
		{"data", func(p string, n *yaml.Node) {
			r.list(p, n, true, func(p string, n *yaml.Node) {
				s.Data = append(s.Data, oneOf(r, "class of data", n, p, profile.DataClasses))
			})
		}},
		{"owner", func(p string, n *yaml.Node) { s.Owner = r.text(p, n) }},
		{"paths", func(p string, n *yaml.Node) {
			pathsNode = n
			s.Paths = r.texts(p, n)
			for _, pattern := range s.Paths {
				r.checkPath(n, p, pattern)
			}
		}},
	})
	switch {
	case len(r.errs) > errors: // the rest would only repeat it
	case s.Name == "":
		r.fail(n, "", "%s.name is missing", path)
	case needsPaths && len(s.Paths) == 0:
		r.fail(n, "give the folders or patterns that belong to it", "%s.paths is missing", path)
	case !needsPaths && pathsNode != nil:
		r.fail(pathsNode, "a single service holds the whole folder; list several under \"services\"", "%s.paths has no place here", path)
	}
	return s
}

const placeOfService = "service "

func (r *reader) checkPath(n *yaml.Node, path, pattern string) {
	switch {
	case slices.Contains(strings.Split(pattern, "/"), ".."):
		r.fail(n, "", "%s: %q leaves the folder", path, pattern)
	case strings.ContainsAny(pattern, `\[]{}!`):
		r.fail(n, "the wildcards are *, ? and **", "%s: %q holds a character that has no meaning in a path", path, pattern)
	}
}

func (r *reader) gate(f *File, path string, n *yaml.Node) {
	var stages []field
	for _, stage := range policy.Stages {
		stages = append(stages, field{stage, func(p string, n *yaml.Node) { f.Gates[stage] = r.stage(p, n) }})
	}
	r.mapping(n, path, "stage", stages)
}

// stage reads what is said about one stage.
func (r *reader) stage(path string, n *yaml.Node) policy.Text {
	var t policy.Text
	lines := func(p string, n *yaml.Node) []policy.Line {
		list := []policy.Line{}
		r.list(p, n, true, func(p string, n *yaml.Node) { list = append(list, r.line(p, n)) })
		return list
	}
	r.mapping(n, path, "key", []field{
		{"deny", func(p string, n *yaml.Node) { t.Deny = lines(p, n) }},
		{"warn", func(p string, n *yaml.Node) { t.Warn = lines(p, n) }},
		{"require", func(p string, n *yaml.Node) {
			if follow(n).Kind != yaml.SequenceNode {
				t.Require = []policy.Line{r.line(p, n)}
				return
			}
			t.Engines = []string{}
			r.list(p, n, false, func(p string, n *yaml.Node) {
				if e := oneOf(r, "engine", n, p, r.engines); e != "" {
					t.Engines = append(t.Engines, e)
				}
			})
		}},
	})
	return t
}

func (r *reader) due(table risk.DueTable, path string, n *yaml.Node) {
	var tiers []field
	for _, tier := range profile.Tiers {
		tiers = append(tiers, field{string(tier), func(p string, n *yaml.Node) {
			var levels []field
			for _, level := range risk.Levels {
				levels = append(levels, field{level.String(), func(p string, n *yaml.Node) {
					table.Set(tier, level, int(r.number(p, n, 0, 3650)))
				}})
			}
			r.mapping(n, p, "level", levels)
		}})
	}
	r.mapping(n, path, "tier", tiers)
}

func (r *reader) secret(s *Secret, path string, n *yaml.Node) {
	r.mapping(n, path, "key", []field{
		{"config", func(p string, n *yaml.Node) { s.Config = r.text(p, n) }},
		{"rules", func(p string, n *yaml.Node) { s.Rules = r.texts(p, n) }},
		{"decode-depth", func(p string, n *yaml.Node) {
			if s.DecodeDepth = int(r.number(p, n, 0, 16)); s.DecodeDepth == 0 {
				s.DecodeDepth = -1
			}
		}},
	})
}

func (r *reader) exceptions(e *Exceptions, path string, n *yaml.Node) {
	r.mapping(n, path, "key", []field{
		{"max-days", func(p string, n *yaml.Node) { e.MaxDays = int(r.number(p, n, 1, 3650)) }},
		{"max-renewals", func(p string, n *yaml.Node) {
			if e.MaxRenewals = int(r.number(p, n, 0, 1000)); e.MaxRenewals == 0 {
				e.MaxRenewals = NoRenewal
			}
		}},
		{"signed", func(p string, n *yaml.Node) { e.Signed = r.yes(p, n) }},
		{"repository", func(p string, n *yaml.Node) { e.Repository = r.text(p, n) }},
		{"allowed-signers", func(p string, n *yaml.Node) { e.AllowedSigners = r.text(p, n) }},
		{"max-probe-age", func(p string, n *yaml.Node) { e.MaxProbeAge = r.duration(p, n) }},
		{"probe", func(p string, n *yaml.Node) {
			r.mapping(n, p, "key", []field{
				{"hosts", func(p string, n *yaml.Node) { e.Probe.Hosts = r.texts(p, n) }},
				{"private", func(p string, n *yaml.Node) { e.Probe.Private = r.texts(p, n) }},
			})
		}},
	})
}

func (r *reader) scan(s *Scan, path string, n *yaml.Node) {
	r.mapping(n, path, "key", []field{
		{"include", func(p string, n *yaml.Node) {
			r.list(p, n, false, func(p string, n *yaml.Node) {
				if class := oneOf(r, "class", n, p, IncludeClasses); class != "" {
					s.Include = append(s.Include, class)
				}
			})
		}},
		{"jobs", func(p string, n *yaml.Node) { s.Jobs = int(r.number(p, n, 1, MaxJobs)) }},
		{"limits", func(p string, n *yaml.Node) { r.limits(&s.Limits, p, n) }},
	})
}

func (r *reader) limits(l *Limits, path string, n *yaml.Node) {
	r.mapping(n, path, "limit", []field{
		{"file-size", func(p string, n *yaml.Node) { l.FileSize = r.size(p, n) }},
		{"archive-depth", func(p string, n *yaml.Node) { l.ArchiveDepth = int(r.number(p, n, 1, 32)) }},
		{"archive-size", func(p string, n *yaml.Node) { l.ArchiveSize = r.size(p, n) }},
		{"archive-ratio", func(p string, n *yaml.Node) { l.ArchiveRatio = r.number(p, n, 1, 1_000_000) }},
		{"archive-members", func(p string, n *yaml.Node) { l.ArchiveMembers = int(r.number(p, n, 1, 100_000_000)) }},
		{"findings-per-rule", func(p string, n *yaml.Node) { l.FindingsPerRule = int(r.number(p, n, 1, 1_000_000)) }},
	})
}
