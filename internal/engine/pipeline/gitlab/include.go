package gitlab

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// includes notes the local files of include: and checks how the others are named.
func (r *reader) includes(n *yaml.Node) {
	for _, item := range document.Items(n) {
		if !document.IsMap(item) {
			r.includeText(item, item)
			continue
		}
		for k, v := range document.Pairs(item) {
			switch k.Value {
			case "local":
				for _, one := range document.Items(v) {
					r.local(one)
				}
			case "remote":
				r.remote(v, document.Get(item, "integrity") != nil)
			case "project":
				r.project(v, document.Get(item, "ref"))
			case "component":
				r.component(v)
			case "template":
				r.facts.Foreign = true
			}
		}
	}
}

// includeText is an include that says only where: a URL or a path of the repository.
func (r *reader) includeText(n, item *yaml.Node) {
	if strings.Contains(document.Text(n), "://") {
		r.remote(item, false)
		return
	}
	r.local(n)
}

func (r *reader) local(n *yaml.Node) {
	name := document.Text(n)
	if name == "" {
		return
	}
	if strings.ContainsAny(name, "$") {
		r.facts.Foreign = true
		r.facts.Uncheckedf("which files %q includes is known only when the pipeline begins", name)
		return
	}
	r.facts.Includes = append(r.facts.Includes, strings.TrimPrefix(name, "/"))
}

var commitInURL = lazyregexp.New(`[/=][0-9a-f]{40}(?:[/&?]|$)`)

func (r *reader) remote(n *yaml.Node, sealed bool) {
	r.facts.Foreign = true
	url := document.Text(n)
	span := r.doc.Span(n)
	shown := bare(url)
	if strings.HasPrefix(strings.ToLower(url), "http://") {
		f := fault.Fault{Rule: "gitlab-include-over-http", Span: span, Key: shown,
			Message: fmt.Sprintf("The pipeline includes %q over a connection that anybody on the way can change", shown)}
		if s := r.doc.Scalar(n); s.Verbatim(0, 7) {
			f.Fix = &fault.Fix{Title: "Include over https", Edits: []fault.Edit{{Span: s.Span(0, 7), Text: "https://"}}}
		}
		r.add(f)
	}
	if sealed || strings.Contains(url, "$") {
		return
	}
	f := fault.Fault{Rule: "gitlab-unpinned-include", Span: span, Key: shown,
		Message: fmt.Sprintf("The pipeline includes %q without integrity, so whoever can change that file changes the jobs", shown),
		Advice:  "Add integrity: with the digest of the file (sha256-…), or copy the file into the repository and include it as local"}
	if commitInURL().MatchString(url) {
		f.Severity = finding.Low
	}
	r.add(f)
}

// bare is a URL without user, password and parameters.
func bare(url string) string {
	url, _, _ = strings.Cut(url, "?")
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	host, path, _ := strings.Cut(rest, "/")
	return scheme + "://" + host[strings.LastIndexByte(host, '@')+1:] + "/" + path
}

var (
	commitHash = lazyregexp.New(`^[0-9a-f]{40}$|^[0-9a-f]{64}$`)
	version    = lazyregexp.New(`^v?\d+(?:\.\d+)*(?:[-+.]\w[\w.+-]*)?$`)
	fullRef    = lazyregexp.New(`^v?\d+\.\d+\.\d+(?:[-+.]\w[\w.+-]*)?$`)
	branchName = lazyregexp.New(`^(?:refs/heads/.*|main|master|develop|dev|trunk|stable|latest|HEAD|release|production|prod|next|staging)$`)
)

func (r *reader) project(n, ref *yaml.Node) {
	r.facts.Foreign = true
	name, at := document.Text(n), document.Text(ref)
	f := fault.Fault{Rule: "gitlab-unpinned-include", Span: r.doc.Span(n), Key: name}
	switch {
	case strings.Contains(at, "$") || commitHash().MatchString(at) || strings.Contains(at, "[["):
		return
	case ref == nil:
		f.Message = fmt.Sprintf("The pipeline includes a file of the project %q without a ref, so every push to its default branch changes the jobs", name)
	case branchName().MatchString(at):
		f.Message = fmt.Sprintf("The pipeline includes a file of the project %q from the branch %q, so every push to it changes the jobs", name, at)
	default: // a tag, or a branch of another name
		if version().MatchString(strings.TrimPrefix(at, "refs/tags/")) {
			return
		}
		f.Message = fmt.Sprintf("The pipeline includes a file of the project %q at %q, which is no commit", name, at)
		f.Severity = finding.Low
	}
	f.Advice = "Name the commit in ref: with its full hash, and keep the version in a comment"
	r.add(f)
}

func (r *reader) component(n *yaml.Node) {
	r.facts.Foreign = true
	full := document.Text(n)
	i := strings.LastIndexByte(full, '@')
	if i < 0 || strings.Contains(full[i:], "$") {
		return
	}
	name, at := full[:i], full[i+1:]
	f := fault.Fault{Rule: "gitlab-unpinned-include", Span: r.doc.Span(n), Key: name}
	switch {
	case commitHash().MatchString(at) || fullRef().MatchString(at):
		return
	case at == "~latest" || branchName().MatchString(at):
		f.Message = fmt.Sprintf("The component %q is taken at %q, so every release or push of its project changes the jobs", name, at)
	default:
		f.Message = fmt.Sprintf("The component %q is taken at %q, which stands for several versions", name, at)
		f.Severity = finding.Low
	}
	f.Advice = "Name a full version or the hash of a commit after the @"
	r.add(f)
}
