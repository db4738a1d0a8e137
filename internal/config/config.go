package config

import (
	"path"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
	"github.com/assaysec/assay/internal/strictyaml"
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

	places map[string]diagnostic.Position // of keys, such as scan.jobs, and of services by their names
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

	AllowEmpty bool // a target that holds no file is as it should be
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
// gate.<stage>.require may list. The error is a diagnostic.Errors.
func Parse(file string, content []byte, engines []string) (*File, error) {
	return parse(file, file, content, engines)
}

// ParseRoot reads a file that speaks about the root, wherever it lies; errors call it file.
func ParseRoot(file string, content []byte, engines []string) (*File, error) {
	return parse(Name, file, content, engines)
}

func parse(at, file string, content []byte, engines []string) (*File, error) {
	r := &reader{strictyaml.New(file, limits, ""), engines}
	f := &File{Path: at, places: r.Places, Gates: map[string]policy.Text{}, Due: risk.DefaultDue()}
	if top := r.Document(content); top != nil {
		r.document(f, top)
	}
	if err := r.Errs.Settle(); err != nil {
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
	fields := []strictyaml.Field{
		{Name: "service", Read: func(p string, n *yaml.Node) {
			one = n
			f.Services = append(f.Services, r.service(f, p, n, false))
		}},
		{Name: "services", Read: func(p string, n *yaml.Node) {
			several = n
			r.List(p, n, func(p string, n *yaml.Node) {
				f.Services = append(f.Services, r.service(f, p, n, true))
			})
		}},
		{Name: "gate", Read: func(p string, n *yaml.Node) { r.gate(f, p, n) }},
		{Name: "due", Read: func(p string, n *yaml.Node) { r.due(f.Due, p, n) }},
		{Name: "secret", Read: func(p string, n *yaml.Node) { r.secret(&f.Secret, p, n) }},
		{Name: "scan", Read: func(p string, n *yaml.Node) { r.scan(&f.Scan, p, n) }},
		{Name: "rules", Read: func(p string, n *yaml.Node) { f.Rules = r.texts(p, n) }},
		{Name: "exceptions", Read: func(p string, n *yaml.Node) { r.exceptions(&f.Exceptions, p, n) }},
		{Name: "suppressions", Read: func(p string, n *yaml.Node) {
			r.Mapping(n, p, "key", []strictyaml.Field{{Name: "accept-from-change", Read: func(p string, n *yaml.Node) { f.Suppressions.FromChange = r.yes(p, n) }}})
		}},
	}
	if f.folder() != "" {
		for i := 3; i < len(fields); i++ {
			name := fields[i].Name
			fields[i].Read = func(p string, n *yaml.Node) {
				r.Fail(n, "move it to the "+Name+" of the root", "%q holds for the whole run and has no place in a folder", name)
			}
		}
	}
	r.Mapping(top, "", "key", fields)
	if one != nil && several != nil {
		r.Fail(several, "list all services under \"services\"", "\"service\" and \"services\" exclude each other")
	}
	r.distinct(f, several)
}

// distinct refuses two services of one name, or with one path.
func (r *reader) distinct(f *File, n *yaml.Node) {
	names, paths := map[string]bool{}, map[string]string{}
	for _, s := range f.Services {
		if s.Name != "" && names[s.Name] {
			r.Fail(n, "", "two services are named %q", s.Name)
		}
		names[s.Name] = true
		for _, p := range s.Paths {
			key := strings.Trim(strings.TrimPrefix(p, "./"), "/")
			if other, taken := paths[key]; taken {
				r.Fail(n, "each path belongs to one service", "services %q and %q both claim %q", other, s.Name, p)
			}
			paths[key] = s.Name
		}
	}
}

func (r *reader) service(f *File, path string, n *yaml.Node, needsPaths bool) profile.Service {
	s := profile.Service{Source: f.Path}
	var pathsNode *yaml.Node
	errors := len(r.Errs)
	defer func() { r.Places[placeOfService+s.Name] = r.At(strictyaml.Follow(n)) }()
	r.Mapping(n, path, "key", []strictyaml.Field{
		{Name: "name", Read: func(p string, n *yaml.Node) {
			if s.Name = r.Text(p, n); s.Name == profile.Unassigned {
				r.Fail(n, "", "%q is the name for what belongs to no service", s.Name)
			}
		}},
		{Name: "tier", Read: func(p string, n *yaml.Node) { s.Tier = strictyaml.OneOf(r.Reader, "tier", p, n, profile.Tiers) }},
		{Name: "exposure", Read: func(p string, n *yaml.Node) {
			s.Exposure = strictyaml.OneOf(r.Reader, "exposure", p, n, profile.Exposures)
		}},
		{Name: "data", Read: func(p string, n *yaml.Node) {
			r.OneOrMore(p, n, func(p string, n *yaml.Node) {
				s.Data = append(s.Data, strictyaml.OneOf(r.Reader, "class of data", p, n, profile.DataClasses))
			})
		}},
		{Name: "owner", Read: func(p string, n *yaml.Node) { s.Owner = r.Text(p, n) }},
		{Name: "paths", Read: func(p string, n *yaml.Node) {
			pathsNode = n
			s.Paths = r.texts(p, n)
			for _, pattern := range s.Paths {
				r.checkPath(n, p, pattern)
			}
		}},
	})
	switch {
	case len(r.Errs) > errors: // the rest would only repeat it
	case s.Name == "":
		r.Fail(n, "", "%s.name is missing", path)
	case needsPaths && len(s.Paths) == 0:
		r.Fail(n, "give the folders or patterns that belong to it", "%s.paths is missing", path)
	case !needsPaths && pathsNode != nil:
		r.Fail(pathsNode, "a single service holds the whole folder; list several under \"services\"", "%s.paths has no place here", path)
	}
	return s
}

const placeOfService = "service "

func (r *reader) checkPath(n *yaml.Node, path, pattern string) {
	switch {
	case slices.Contains(strings.Split(pattern, "/"), ".."):
		r.Fail(n, "", "%s: %q leaves the folder", path, pattern)
	case strings.ContainsAny(pattern, `\[]{}!`):
		r.Fail(n, "the wildcards are *, ? and **", "%s: %q holds a character that has no meaning in a path", path, pattern)
	}
}

func (r *reader) gate(f *File, path string, n *yaml.Node) {
	var stages []strictyaml.Field
	for _, stage := range policy.Stages {
		stages = append(stages, strictyaml.Field{Name: stage, Read: func(p string, n *yaml.Node) { f.Gates[stage] = r.stage(p, n) }})
	}
	r.Mapping(n, path, "stage", stages)
}

// stage reads what is said about one stage.
func (r *reader) stage(path string, n *yaml.Node) policy.Text {
	var t policy.Text
	lines := func(p string, n *yaml.Node) []policy.Line {
		list := []policy.Line{}
		r.OneOrMore(p, n, func(p string, n *yaml.Node) { list = append(list, r.line(p, n)) })
		return list
	}
	r.Mapping(n, path, "key", []strictyaml.Field{
		{Name: "deny", Read: func(p string, n *yaml.Node) { t.Deny = lines(p, n) }},
		{Name: "warn", Read: func(p string, n *yaml.Node) { t.Warn = lines(p, n) }},
		{Name: "require", Read: func(p string, n *yaml.Node) {
			if strictyaml.Follow(n).Kind != yaml.SequenceNode {
				t.Require = []policy.Line{r.line(p, n)}
				return
			}
			t.Engines = []string{}
			r.List(p, n, func(p string, n *yaml.Node) {
				if e := strictyaml.OneOf(r.Reader, "engine", p, n, r.engines); e != "" {
					t.Engines = append(t.Engines, e)
				}
			})
		}},
	})
	return t
}

func (r *reader) due(table risk.DueTable, path string, n *yaml.Node) {
	var tiers []strictyaml.Field
	for _, tier := range profile.Tiers {
		tiers = append(tiers, strictyaml.Field{Name: string(tier), Read: func(p string, n *yaml.Node) {
			var levels []strictyaml.Field
			for _, level := range risk.Levels {
				levels = append(levels, strictyaml.Field{Name: level.String(), Read: func(p string, n *yaml.Node) {
					table.Set(tier, level, r.Number(p, n, 0, 3650))
				}})
			}
			r.Mapping(n, p, "level", levels)
		}})
	}
	r.Mapping(n, path, "tier", tiers)
}

func (r *reader) secret(s *Secret, path string, n *yaml.Node) {
	r.Mapping(n, path, "key", []strictyaml.Field{
		{Name: "config", Read: func(p string, n *yaml.Node) { s.Config = r.Text(p, n) }},
		{Name: "rules", Read: func(p string, n *yaml.Node) { s.Rules = r.texts(p, n) }},
		{Name: "decode-depth", Read: func(p string, n *yaml.Node) {
			if s.DecodeDepth = r.Number(p, n, 0, 16); s.DecodeDepth == 0 {
				s.DecodeDepth = -1
			}
		}},
	})
}

func (r *reader) exceptions(e *Exceptions, path string, n *yaml.Node) {
	r.Mapping(n, path, "key", []strictyaml.Field{
		{Name: "max-days", Read: func(p string, n *yaml.Node) { e.MaxDays = r.Number(p, n, 1, 3650) }},
		{Name: "max-renewals", Read: func(p string, n *yaml.Node) {
			if e.MaxRenewals = r.Number(p, n, 0, 1000); e.MaxRenewals == 0 {
				e.MaxRenewals = NoRenewal
			}
		}},
		{Name: "signed", Read: func(p string, n *yaml.Node) { e.Signed = r.yes(p, n) }},
		{Name: "repository", Read: func(p string, n *yaml.Node) { e.Repository = r.Text(p, n) }},
		{Name: "allowed-signers", Read: func(p string, n *yaml.Node) { e.AllowedSigners = r.Text(p, n) }},
		{Name: "max-probe-age", Read: func(p string, n *yaml.Node) { e.MaxProbeAge = r.duration(p, n) }},
		{Name: "probe", Read: func(p string, n *yaml.Node) {
			r.Mapping(n, p, "key", []strictyaml.Field{
				{Name: "hosts", Read: func(p string, n *yaml.Node) { e.Probe.Hosts = r.texts(p, n) }},
				{Name: "private", Read: func(p string, n *yaml.Node) { e.Probe.Private = r.texts(p, n) }},
			})
		}},
	})
}

func (r *reader) scan(s *Scan, path string, n *yaml.Node) {
	r.Mapping(n, path, "key", []strictyaml.Field{
		{Name: "include", Read: func(p string, n *yaml.Node) {
			r.List(p, n, func(p string, n *yaml.Node) {
				if class := strictyaml.OneOf(r.Reader, "class", p, n, IncludeClasses); class != "" {
					s.Include = append(s.Include, class)
				}
			})
		}},
		{Name: "jobs", Read: func(p string, n *yaml.Node) { s.Jobs = r.Number(p, n, 1, MaxJobs) }},
		{Name: "limits", Read: func(p string, n *yaml.Node) { r.limits(&s.Limits, p, n) }},
		{Name: "allow-empty", Read: func(p string, n *yaml.Node) { s.AllowEmpty = r.yes(p, n) }},
	})
}

func (r *reader) limits(l *Limits, path string, n *yaml.Node) {
	r.Mapping(n, path, "limit", []strictyaml.Field{
		{Name: "file-size", Read: func(p string, n *yaml.Node) { l.FileSize = r.size(p, n) }},
		{Name: "archive-depth", Read: func(p string, n *yaml.Node) { l.ArchiveDepth = r.Number(p, n, 1, 32) }},
		{Name: "archive-size", Read: func(p string, n *yaml.Node) { l.ArchiveSize = r.size(p, n) }},
		{Name: "archive-ratio", Read: func(p string, n *yaml.Node) { l.ArchiveRatio = int64(r.Number(p, n, 1, 1_000_000)) }},
		{Name: "archive-members", Read: func(p string, n *yaml.Node) { l.ArchiveMembers = r.Number(p, n, 1, 100_000_000) }},
		{Name: "findings-per-rule", Read: func(p string, n *yaml.Node) { l.FindingsPerRule = r.Number(p, n, 1, 1_000_000) }},
	})
}
