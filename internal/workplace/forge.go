package workplace

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/lazyregexp"
)

// A Forge is where pull requests are made.
type Forge string

// The forges that there is a workflow for.
const (
	GitHub  Forge = "github"
	GitLab  Forge = "gitlab"
	Azure   Forge = "azure"
	NoForge Forge = "none"
)

// Forges is every forge, as --forge takes them.
var Forges = []string{string(GitHub), string(GitLab), string(Azure), string(NoForge)}

// Where the workflows of the forges lie.
const (
	GitHubWorkflow = ".github/workflows/assay.yml"
	gitLabMain     = ".gitlab-ci.yml"
	gitLabJob      = ".gitlab/assay.yml"
	azureMain      = "azure-pipelines.yml"
	azureSteps     = ".azure/assay.yml"
)

// ForgeOf tells the forge of a repository from the files that it has, else from the URL of its remote.
func ForgeOf(has func(path string) bool, remote string) Forge {
	for _, sign := range []struct {
		path  string
		forge Forge
	}{{".github/workflows", GitHub}, {gitLabMain, GitLab}, {azureMain, Azure}, {".azure-pipelines", Azure}, {".github", GitHub}, {".gitlab", GitLab}} {
		if has(sign.path) {
			return sign.forge
		}
	}
	host := hostOf(remote)
	switch {
	case host == "github.com" || strings.HasPrefix(host, "github."):
		return GitHub
	case host == "gitlab.com" || strings.HasPrefix(host, "gitlab."):
		return GitLab
	case host == "dev.azure.com" || host == "ssh.dev.azure.com" || strings.HasSuffix(host, ".visualstudio.com"):
		return Azure
	}
	return NoForge
}

// scpLike is user@host:path, which git takes for ssh.
var scpLike = lazyregexp.New(`^(?:[^/@]+@)?([^/:]+):[^/\\]`)

func hostOf(remote string) string {
	if !strings.Contains(remote, "://") {
		if m := scpLike().FindStringSubmatch(remote); m != nil {
			return strings.ToLower(m[1])
		}
		return ""
	}
	u, err := url.Parse(remote)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// unfit are the characters that a service's name is not made of.
var unfit = lazyregexp.New(`[^A-Za-z0-9._-]+`)

// ServiceName is the name of the service: that of the remote's repository, else the folder's. It goes into a file, so it is
// made of plain characters, and never holds what else a URL may say.
func ServiceName(remote, folder string) string {
	name := folder
	if remote != "" {
		trimmed, _, _ := strings.Cut(remote, "?")
		trimmed = strings.TrimSuffix(strings.TrimRight(trimmed, "/"), ".git")
		if i := strings.LastIndexAny(trimmed, "/:\\"); i >= 0 {
			name = trimmed[i+1:]
		}
	}
	name = strings.Trim(unfit().ReplaceAllString(name, "-"), "-._")
	if len(name) > 100 {
		name = name[:100]
	}
	if name == "" || name == "unassigned" {
		return "service"
	}
	return name
}

//go:embed text/github.yml
var gitHubHead string

//go:embed text/github-action.yml
var gitHubByAction string

//go:embed text/github-path.yml
var gitHubByPath string

//go:embed text/gitlab.yml
var gitLabText string

//go:embed text/azure.yml
var azureText string

//go:embed text/azure-pipeline.yml
var azurePipeline string

var revision = lazyregexp.New(`^[0-9a-f]{40}$`)

// GitHubText is the workflow for GitHub. action is the commit of Assay whose action it uses; where that is not known, it
// uses the program of the runner: what is not pinned is not used.
func GitHubText(action string) string {
	if revision().MatchString(action) {
		return gitHubHead + strings.Replace(gitHubByAction, "REVISION", action, 1)
	}
	return gitHubHead + gitHubByPath
}

// What a pipeline that takes the program from PATH needs, so that nobody learns it from a job that fails.
const (
	gitHubNote = "GitHub's runners have no assay: put one into the PATH, or let the step use the action at a commit that you trust, as its last lines show"
	runnerNote = "the job needs assay in the PATH of its image or runner: without it nothing is checked, and the job fails"
)

// workflow is what a forge needs.
func workflow(f Forge, read Reader, action string) []Step {
	switch f {
	case GitHub:
		step := create(GitHubWorkflow, GitHubText(action), read)
		if !revision().MatchString(action) {
			step.Note = gitHubNote
		}
		return []Step{step}
	case GitLab:
		step := create(gitLabJob, gitLabText, read)
		step.Note = runnerNote
		return []Step{step, gitLabInclude(read)}
	case Azure:
		step := create(azureSteps, azureText, read)
		step.Note = runnerNote
		return []Step{step, azureTemplate(read)}
	}
	return nil
}

// gitLabInclude lets the pipeline include our job.
func gitLabInclude(read Reader) Step {
	before, err := read(gitLabMain)
	entry := "  - local: " + gitLabJob + "\n"
	if errors.Is(err, fs.ErrNotExist) {
		return Step{Path: gitLabMain, Kind: Create, After: []byte("include:\n" + entry), Needs: gitLabJob}
	}
	var after []byte
	var done bool
	if err == nil {
		after, done, err = AddInclude(before)
	}
	switch {
	case err != nil:
		return Step{Path: gitLabMain, Kind: ByHand, Why: err.Error(), Add: "include:\n" + entry}
	case done:
		return Step{Path: gitLabMain, Kind: InPlace}
	}
	return Step{Path: gitLabMain, Kind: Extend, Before: before, After: after, Needs: gitLabJob}
}

// AddInclude adds our job to the includes of a GitLab pipeline: to a list, or where there is none before everything else.
func AddInclude(text []byte) (out []byte, done bool, err error) {
	list, err := topLevel(text, "include")
	if err != nil {
		return nil, false, err
	}
	if list == nil {
		if len(text) > 0 && (onlyComments(text) || text[0] == '-' || text[0] == '%') {
			return nil, false, fmt.Errorf("%w: it has no keys, or begins with a mark", ErrByHand)
		}
		out, err = insertAfter(text, 0, "include:\n  - local: "+gitLabJob+"\n\n")
		if err == nil && !grew(out, "include", 1) {
			err = fmt.Errorf("%w: it is laid out in a way of its own", ErrByHand)
		}
		return out, false, err
	}
	if includes(list) {
		return text, true, nil
	}
	if list.Kind != yaml.SequenceNode || list.Style&yaml.FlowStyle != 0 || len(list.Content) == 0 {
		return nil, false, fmt.Errorf("%w: its include is no list with one entry a line", ErrByHand)
	}
	indent := indentOfItem(text, list.Content[0])
	if indent < 0 {
		return nil, false, fmt.Errorf("%w: its include is laid out in a way of its own", ErrByHand)
	}
	entry := strings.Repeat(" ", indent) + "- local: " + gitLabJob + "\n"
	out, err = insertAfter(text, endOfBlock(text, list.Content[0].Line, indent), entry)
	if err == nil && !grew(out, "include", len(list.Content)+1) {
		err = fmt.Errorf("%w: its include is laid out in a way of its own", ErrByHand)
	}
	return out, false, err
}

// includes reports whether our job is among the includes.
func includes(list *yaml.Node) bool {
	names := []string{gitLabJob, "/" + gitLabJob}
	entries := []*yaml.Node{list}
	if list.Kind == yaml.SequenceNode {
		entries = list.Content
	}
	return slices.ContainsFunc(entries, func(n *yaml.Node) bool {
		var local struct{ Local string }
		return slices.Contains(names, n.Value) || n.Kind == yaml.MappingNode && n.Decode(&local) == nil && slices.Contains(names, local.Local)
	})
}

// azureTemplate lets the pipeline use our steps. Where they belong in a pipeline that is there, only a person knows.
func azureTemplate(read Reader) Step {
	before, err := read(azureMain)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Step{Path: azureMain, Kind: Create, After: []byte(azurePipeline), Needs: azureSteps}
	case strings.Contains(string(before), "template: "+azureSteps) || strings.Contains(string(before), "template: /"+azureSteps):
		return Step{Path: azureMain, Kind: InPlace}
	}
	return Step{Path: azureMain, Kind: ByHand, Why: "where the steps belong in it is yours to say",
		Add: "    steps:\n      - template: " + azureSteps + "\n"}
}

// Pinned says how the workflows of a repository ask Assay: the file that does, and whether what it uses is pinned to a commit.
func Pinned(file string, text []byte) (asks, pinned bool) {
	pinned = true
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, " #")
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, ref, found := strings.Cut(line, "@")
		if used := strings.TrimLeft(name, "- "); found && strings.HasPrefix(used, "uses:") && path.Base(strings.TrimSpace(strings.TrimPrefix(used, "uses:"))) == "assay" {
			asks, pinned = true, pinned && revision().MatchString(strings.Trim(ref, `"' `))
		}
		if strings.Contains(line, "assay gate") || strings.Contains(line, "gate --diff-base") || strings.Contains(line, gitLabJob) || strings.Contains(line, azureSteps) {
			asks = true
		}
	}
	return asks, pinned
}
