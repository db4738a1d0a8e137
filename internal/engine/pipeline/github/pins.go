package github

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/finding"
)

// A use is one `uses` with what it belongs to.
type use struct {
	node *yaml.Node
	ref  Ref
	key  string
	step *Step // nil for a job's
}

// uses are all of the file: of steps, and of jobs that call a workflow.
func (c *context) uses() []use {
	var list []use
	for _, j := range c.jobs() {
		if j.Uses != nil {
			list = append(list, use{j.Uses, j.Ref, j.ID, nil})
		}
		for _, s := range j.Steps {
			if s.Uses != nil {
				list = append(list, use{s.Uses, s.Ref, s.Key(), s})
			}
		}
	}
	return list
}

// actionUnpinned: what an action's version names may be other code tomorrow. The key's last word is the reference, which
// the engine above looks up among the pins.
func actionUnpinned(c *context) {
	for _, u := range c.uses() {
		if u.ref.Kind != Remote || u.ref.Rev == "" || u.ref.Pinned() || shortCommit(u.ref.Rev) {
			continue
		}
		f := c.tellAt(u.node, u.key+" "+u.ref.Text, fmt.Sprintf("%s is not pinned to a commit: %q may be moved to other code", u.ref.Name(), u.ref.Rev))
		switch branch := isBranch(u.ref.Rev); {
		case ownAction(u.ref) && !branch:
			f.Severity = finding.Low
		case branch:
			f.Message = fmt.Sprintf("%s follows the branch %q: each change there runs here", u.ref.Name(), u.ref.Rev)
			f.Severity = finding.Medium
		}
		if what := c.handedOn(u.step); what != "" && !ownAction(u.ref) {
			f.Message += ", and it gets " + what
		}
	}
}

func isBranch(rev string) bool {
	switch strings.ToLower(rev) {
	case "main", "master", "develop", "dev", "trunk", "head", "next", "nightly", "edge", "stable", "latest":
		return true
	}
	return strings.HasPrefix(rev, "refs/heads/")
}

// shortCommit reports whether a version is the beginning of a commit's name, as far as one can tell.
func shortCommit(rev string) bool {
	return len(rev) >= 7 && len(rev) < 40 && isHex(rev) && strings.ContainsAny(rev, "0123456789") && strings.ContainsAny(strings.ToLower(rev), "abcdef")
}

// commitShort: the beginning of a commit's name is no pin, for others may begin alike.
func commitShort(c *context) {
	for _, u := range c.uses() {
		if u.ref.Kind == Remote && shortCommit(u.ref.Rev) {
			c.tellAt(u.node, u.key+" "+u.ref.Text, fmt.Sprintf("%s is pinned to %q, which is not all of a commit's name", u.ref.Name(), u.ref.Rev))
		}
	}
}

// imageUnpinned: an image is named by a tag, or by nothing.
func imageUnpinned(c *context) {
	for _, u := range c.uses() {
		if u.ref.Kind == Docker {
			c.image(u.node, u.ref.Image, u.key)
		}
	}
	for _, j := range c.jobs() {
		c.imageNode(j, j.Container, j.ID+" container")
		for k, service := range document.Pairs(j.Services) {
			c.imageNode(j, service, j.ID+" "+k.Value)
		}
	}
	if c.action != nil {
		if image, ok := strings.CutPrefix(document.Text(c.action.Image), "docker://"); ok {
			c.image(c.action.Image, image, "runs")
		}
	}
}

func (c *context) imageNode(j *Job, n *yaml.Node, key string) {
	if document.IsMap(n) {
		n = document.Get(n, "image")
	}
	if e := c.whole(n); e != nil {
		for _, image := range c.texts(e.Tree, j) {
			if c.image(n, image, key) {
				return // one of several is enough to tell
			}
		}
		return
	}
	image := document.Text(n)
	if list := c.exprs(n); len(list) == 1 {
		if known := c.texts(list[0].Tree, j); len(known) > 0 { // a part of the name
			image = image[:list[0].From] + known[0] + image[list[0].To:]
		}
	}
	c.image(n, image, key)
}

// texts are the texts that an expression may give, as far as the file holds them.
func (c *context) texts(tree actionlint.ExprNode, j *Job) []string {
	switch n := tree.(type) {
	case *actionlint.StringNode:
		return []string{n.Value}
	case *actionlint.LogicalOpNode:
		if n.Kind == actionlint.LogicalOpNodeKindAnd {
			return c.texts(n.Right, j)
		}
		return append(c.texts(n.Left, j), c.texts(n.Right, j)...)
	}
	var list []string
	if row, ok := strings.CutPrefix(pathOf(tree), "matrix."); ok {
		values, _ := c.rowValues(j, row)
		for _, v := range values {
			list = append(list, v.Value)
		}
	}
	return list
}

// image tells of an image without a digest, and whether it did.
func (c *context) image(n *yaml.Node, image, key string) bool {
	if image == "" || strings.Contains(image, "@sha256:") || strings.Contains(image, "${{") {
		return false
	}
	f := c.tellAt(n, key+" "+image, fmt.Sprintf("the image %q is not pinned to a digest", image))
	name := image[strings.LastIndexByte(image, '/')+1:]
	if _, tag, ok := strings.Cut(name, ":"); ok && tag != "latest" {
		f.Severity = finding.Low
	}
	return true
}

// latestUnasked are actions that install the latest version where their input names none.
var latestUnasked = map[string]string{
	"aquasecurity/setup-trivy": "version", "1password/load-secrets-action": "version", "azure/setup-kubectl": "version", "azure/setup-helm": "version", "hashicorp/setup-terraform": "terraform_version",
	"golangci/golangci-lint-action": "version", "bufbuild/buf-setup-action": "version", "fluxcd/flux2/action": "version",
}

// toolUnpinned: an action installs a program in whatever version is the latest.
func toolUnpinned(c *context) {
	for _, s := range c.steps() {
		if s.Ref.Kind != Remote {
			continue
		}
		if in := latestUnasked[s.Ref.Name()]; in != "" && s.Input(in) == nil {
			c.tellAt(s.Uses, s.Key()+" "+in, fmt.Sprintf("%s installs whatever version is the latest", s.Ref.Name()))
		}
		for k, v := range document.Pairs(s.With) {
			if strings.HasSuffix(strings.ToLower(k.Value), "version") && document.Text(v) == "latest" {
				c.tellAt(v, s.Key()+" "+k.Value, fmt.Sprintf("%s installs whatever version is the latest", s.Ref.Name()))
			}
		}
	}
}

// eachScript gives the scripts that were read.
func (c *context) eachScript(visit func(s *Step, sc *Script)) {
	for _, s := range c.steps() {
		if sc := c.script(s); sc.Shell != nil {
			visit(s, sc)
		}
	}
}

// archived are repositories of actions that nobody maintains any more.
var archived = named(
	"actions-rs/toolchain", "actions-rs/cargo", "actions-rs/clippy-check", "actions-rs/audit-check", "actions-rs/install", "actions-rs/tarpaulin", "actions-rs/grcov",
	"actions/create-release", "actions/upload-release-asset", "actions/setup-ruby", "actions/setup-elixir", "actions/setup-haskell", "actions/heroku", "actions/hello-world-docker-action",
	"andrewmcodes/rubocop-linter-action", "azure/container-actions", "azure/docker-login", "c-hive/gha-remove-artifacts", "codecov/test-results-action", "cirrus-actions/rebase", "cedrickring/golang-action",
	"contributor-assistant/github-action", "crazy-max/ghaction-chocolatey", "crazy-max/ghaction-docker-buildx", "decathlon/pull-request-labeler-action", "fusion-engineering/setup-git-credentials", "gaurav-nelson/github-action-markdown-link-check",
	"github/super-linter", "google-github-actions/setup-cloud-sdk", "grafana/k6-action", "gradle/gradle-build-action", "helaili/jekyll-action", "justinribeiro/lighthouse-action", "jakejarvis/hugo-build-action",
	"marvinpinto/action-automatic-releases", "marvinpinto/actions", "maxheld83/ghpages", "mikeal/publish-to-github-action", "paambaati/codeclimate-action",
	"primer/publish", "repo-sync/pull-request", "semgrep/semgrep-action", "returntocorp/semgrep-action", "sonarsource/sonarcloud-github-action",
	"stelligent/cfn_nag", "tibdex/github-app-token", "verizon/git-filter-repo-action", "gradle/wrapper-validation-action",
	"8398a7/action-slack", "technote-space/auto-cancel-redundant-workflow", "technote-space/get-diff-action",
)

// actionArchived: nobody mends the action any more.
func actionArchived(c *context) {
	for _, u := range c.uses() {
		if archived[u.ref.Repository()] {
			c.tellAt(u.node, u.key+" "+u.ref.Text, fmt.Sprintf("%s is not maintained any more", u.ref.Repository()))
		}
	}
}

// A breach is a range of versions of an action that are known to be bad.
type breach struct {
	from, fixed string // versions: from included, fixed not
	commits     []string
	names       string
	what        string
}

var breaches = map[string][]breach{
	"tj-actions/changed-files": {
		{"0", "46", []string{"0e58ed8671d6b60d0890c21b07f8835ace038e67"}, "CVE-2025-30066", "printed the secrets of those who used it"},
	},
	"aquasecurity/trivy-action":             {{"0", "0.35.0", nil, "CVE-2026-33634", "was moved to a program that steals credentials"}},
	"aquasecurity/setup-trivy":              {{"0", "0.2.6", nil, "CVE-2026-33634", "was moved to a program that steals credentials"}},
	"reviewdog/action-setup":                {{"", "", []string{"f0d342d24037bb11d26b9bd8496e0808ba32e9ec"}, "CVE-2025-30154", "printed the secrets of those who used it"}},
	"tj-actions/branch-names":               {{"0", "8.2.1", nil, "CVE-2025-54416", "runs a branch's name as code"}},
	"tj-actions/verify-changed-files":       {{"0", "17", nil, "CVE-2023-52137", "runs a file's name as code"}},
	"actions/download-artifact":             {{"4.0.0", "4.1.3", nil, "CVE-2024-42471", "lets an artifact write outside of its folder"}},
	"gradle/gradle-build-action":            {{"0", "2.4.2", nil, "CVE-2023-30853", "puts secrets into the cache"}},
	"rlespinasse/github-slug-action":        {{"4.0.0", "4.4.1", nil, "CVE-2023-27581", "runs a branch's name as code"}},
	"atlassian/gajira-create":               {{"0", "2.0.1", nil, "CVE-2020-14188", "runs an issue's text as code"}},
	"atlassian/gajira-comment":              {{"0", "2.0.2", nil, "CVE-2020-14189", "runs an issue's text as code"}},
	"hashicorp/vault-action":                {{"0", "2.2.0", nil, "CVE-2021-32074", "prints secrets of several lines"}},
	"check-spelling/check-spelling":         {{"0", "0.0.19", nil, "CVE-2021-32724", "gives its token away"}},
	"embano1/wip":                           {{"0", "2", nil, "CVE-2023-30623", "runs a pull request's title as code"}},
	"azure/setup-kubectl":                   {{"0", "3", nil, "CVE-2023-23939", "installs a program that anybody may change"}},
	"bullfrogsec/bullfrog":                  {{"0", "0.8.4", nil, "CVE-2025-47775", "can be got around"}},
	"canonical/get-workflow-version-action": {{"0", "1.0.1", nil, "CVE-2025-31479", "prints a part of its token"}},
	"dawidd6/action-download-artifact":      {{"0", "6", nil, "GHSA-5xr6-xhww-33m4", "takes artifacts of forks for the repository's"}},
	"sonarsource/sonarqube-scan-action":     {{"4", "5.3.1", nil, "CVE-2025-58178", "runs an argument as code"}},
}

// actionBreached: the version of an action is known to be bad.
func actionBreached(c *context) {
	for _, u := range c.uses() {
		for _, b := range breaches[u.ref.Repository()] {
			if slices.Contains(b.commits, strings.ToLower(u.ref.Rev)) || b.fixed != "" && !u.ref.Pinned() && between(u.ref.Rev, b.from, b.fixed) {
				c.tellAt(u.node, u.key+" "+u.ref.Text, fmt.Sprintf("%s@%s %s (%s)", u.ref.Repository(), u.ref.Rev, b.what, b.names))
			}
		}
	}
}

// between reports whether all versions that a tag may stand for lie in a range: v4 stands for the newest 4.
func between(rev, from, fixed string) bool {
	v, ok := version(rev, 1<<30)
	low, _ := version(from, 0)
	high, _ := version(fixed, 0)
	return ok && slices.Compare(v, low) >= 0 && slices.Compare(v, high) < 0
}

// version reads up to three numbers; those that are missing are filled in.
func version(text string, fill int) ([]int, bool) {
	v := []int{fill, fill, fill}
	parts := strings.Split(strings.TrimPrefix(text, "v"), ".")
	if len(parts) > 3 {
		return nil, false
	}
	for i, p := range parts {
		if p == "" || len(p) > 6 {
			return nil, false
		}
		v[i] = 0
		for _, d := range p {
			if d < '0' || d > '9' {
				return nil, false
			}
			v[i] = v[i]*10 + int(d-'0')
		}
	}
	return v, true
}

// actionTypo: the name of an action is one letter away from one that many use.
func actionTypo(c *context) {
	for _, u := range c.uses() {
		if meant := mistyped(u.ref); meant != "" {
			c.tellAt(u.node, u.key+" "+u.ref.Text, fmt.Sprintf("%s may be meant for %s", u.ref.Name(), meant))
		}
	}
}

// mistyped is the action whose name differs by one letter in the owner, and in nothing else.
func mistyped(r Ref) string {
	name := r.Name()
	if _, known := actionNeeds[name]; known || r.Kind != Remote {
		return ""
	}
	for _, owner := range []string{"actions", "github", "docker", "azure", "hashicorp", "aws-actions", "google-github-actions", "softprops", "codecov", "goreleaser", "peter-evans", "golangci"} {
		meant := owner + name[len(r.Owner):]
		if _, known := actionNeeds[meant]; known && oneLetter(strings.ToLower(r.Owner), owner) {
			return meant
		}
	}
	return ""
}

// oneLetter reports whether one letter added, dropped, changed or exchanged with its neighbour makes one of the other.
func oneLetter(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 0:
		if i == len(a) {
			return false
		}
		return a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	case 1:
		return a[i:] == b[i+1:]
	}
	return false
}
