package github

import "strings"

// A RefKind tells where the thing that `uses` names comes from.
type RefKind uint8

// NoRef is an empty or unreadable `uses`. Remote is OWNER/NAME/PATH@REF, Local ./PATH or $/PATH, Docker docker://IMAGE.
const (
	NoRef RefKind = iota
	Remote
	Local
	Docker
)

// A Ref is what `uses` names.
type Ref struct {
	Kind  RefKind
	Owner string // as written
	Repo  string
	Path  string // inside the repository; of a local one without "./"
	Rev   string // what follows @, as written
	Image string // of Docker
	Text  string // all of it
}

func parseRef(text string) Ref {
	r := Ref{Text: strings.TrimSpace(text)}
	switch {
	case r.Text == "" || strings.Contains(r.Text, "${{"):
	case strings.HasPrefix(r.Text, "./"), strings.HasPrefix(r.Text, "$/"):
		r.Kind, r.Path = Local, strings.Trim(r.Text[2:], "/")
	case strings.HasPrefix(r.Text, "docker://"):
		r.Kind, r.Image = Docker, r.Text[len("docker://"):]
	default:
		name, rev, _ := strings.Cut(r.Text, "@")
		parts := strings.SplitN(name, "/", 3)
		if len(parts) < 2 || parts[0] == "" || parts[1] == "" {
			return r
		}
		r.Kind, r.Owner, r.Repo, r.Rev = Remote, parts[0], parts[1], rev
		if len(parts) == 3 {
			r.Path = strings.Trim(parts[2], "/")
		}
	}
	return r
}

// Name is a remote action's name in lower case, without its version: owner/name or owner/name/path. It is empty for others.
func (r Ref) Name() string {
	if r.Kind != Remote {
		return ""
	}
	name := r.Owner + "/" + r.Repo
	if r.Path != "" {
		name += "/" + r.Path
	}
	return strings.ToLower(name)
}

// Repository is owner/name of a remote action, in lower case.
func (r Ref) Repository() string {
	if r.Kind != Remote {
		return ""
	}
	return strings.ToLower(r.Owner + "/" + r.Repo)
}

// Pinned reports whether the version is the full name of a commit.
func (r Ref) Pinned() bool { return len(r.Rev) == 40 && isHex(r.Rev) }

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return s != ""
}
