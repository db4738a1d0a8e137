package github

import "strings"

// A relay is an action whose outputs hold what others write: outputs named, or all where there are none.
type relay struct {
	outputs map[string]bool // in lower case
	source  string          // what it looks up by itself, in words
	input   string          // the input that it passes on
	events  string          // under which events it matters; all that outsiders cause where empty
	always  bool            // under any event: it asks for what is there
}

func (r relay) under(event string) bool {
	if r.events == "" {
		return true
	}
	for e := range strings.FieldsSeq(r.events) {
		if e == event {
			return true
		}
	}
	return false
}

func named(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

const onPullRequest = "pull_request pull_request_target pull_request_review pull_request_review_comment issue_comment workflow_run"

// relays are known actions that hand on texts of outsiders, each with the reason in source.
var relays = map[string]relay{
	"tj-actions/changed-files":                         {outputs: named("all_changed_files", "all_changed_and_modified_files", "all_modified_files", "all_old_new_renamed_files", "added_files", "any_changed", "changed_keys", "copied_files", "deleted_files", "modified_files", "other_changed_files", "other_modified_files", "renamed_files", "type_changed_files", "unmerged_files", "other_deleted_files"), source: "names of files of the pull request", events: onPullRequest},
	"trilom/file-changes-action":                       {source: "names of files of the pull request", events: onPullRequest},
	"jitterbit/get-changed-files":                      {source: "names of files of the pull request", events: onPullRequest},
	"ana06/get-changed-files":                          {source: "names of files of the pull request", events: onPullRequest},
	"masesgroup/retrieve-changed-files":                {source: "names of files of the pull request", events: onPullRequest},
	"jsmrcaga/action-changed-files":                    {source: "names of files of the pull request", events: onPullRequest},
	"lots0logs/gh-action-get-changed-files":            {source: "names of files of the pull request", events: onPullRequest},
	"tj-actions/branch-names":                          {outputs: named("current_branch", "head_ref_branch", "ref_branch"), source: "the branch of the pull request", events: onPullRequest},
	"nelonoel/branch-name":                             {source: "the branch of the pull request", events: onPullRequest},
	"xt0rted/pull-request-comment-branch":              {outputs: named("head_ref", "base_ref", "ref"), source: "the branch of the pull request", events: onPullRequest},
	"alessbell/pull-request-comment-branch":            {outputs: named("head_ref", "ref"), source: "the branch of the pull request", events: onPullRequest},
	"peter-murray/issue-body-parser-action":            {source: "the text of the issue"},
	"peter-murray/issue-forms-body-parser":             {source: "the text of the issue"},
	"stefanbuck/github-issue-parser":                   {source: "the text of the issue"},
	"zentered/issue-forms-body-parser":                 {source: "the text of the issue"},
	"issue-ops/parser":                                 {source: "the text of the issue"},
	"onmyjs/parse-issue-form":                          {source: "the text of the issue"},
	"octokit/graphql-action":                           {outputs: named("data"), source: "an answer with texts of others", always: true},
	"octokit/request-action":                           {outputs: named("data"), source: "an answer with texts of others", always: true},
	"8bitjonny/gh-get-current-pr":                      {outputs: named("pr", "pr_title", "pr_body", "pr_head_ref", "pr_head_label"), source: "the pull request's texts"},
	"potiuk/get-workflow-origin":                       {outputs: named("sourceheadbranch", "pullrequestlabels"), source: "the branch of the pull request"},
	"actions-ecosystem/action-get-merged-pull-request": {outputs: named("title", "body"), source: "the pull request's texts"},
	"actions-ecosystem/action-get-latest-commit":       {source: "the commit's message"},
	"khan/pull-request-comment-trigger":                {outputs: named("comment_body"), source: "the comment"},
	"xt0rted/slash-command-action":                     {outputs: named("command-arguments"), source: "the comment"},
	"the-coding-turtle/ga-file-list":                   {source: "names of files of the pull request", events: onPullRequest},
	"peter-evans/find-comment":                         {outputs: named("comment-body"), source: "the comment"},
	"dorny/paths-filter":                               {source: "names of files of the pull request", events: onPullRequest, outputs: named("files")},
	"actions-ecosystem/action-regex-match":             {input: "text"},
	"mad9000/actions-find-and-replace-string":          {input: "source"},
	"frabert/replace-string-action":                    {input: "string"},
	"ashley-taylor/regex-property-action":              {input: "value"},
	"bluwy/substitute-string-action":                   {input: "_input-text"},
	"asaianhub/action-string-transform":                {input: "string"},
	"gr2m/get-json-paths-action":                       {input: "json"},
	"rishabhgupta/split-by":                            {input: "string"},
	"winterjung/split":                                 {input: "msg"},
}

// headOutputs are the outputs of known actions that name the head of the pull request that the run is about.
var headOutputs = map[string]map[string]bool{
	"xt0rted/pull-request-comment-branch":   named("head_ref", "head_sha"),
	"alessbell/pull-request-comment-branch": named("head_ref", "head_sha"),
	"eficode/resolve-pr-refs":               named("head_ref", "head_sha"),
	"8bitjonny/gh-get-current-pr":           named("pr_head_ref", "pr_head_sha"),
	"potiuk/get-workflow-origin":            named("sourceheadbranch", "sourceheadsha", "mergecommitsha"),
}

// A codeInput is an input of an action that it runs as code.
type codeInput struct{ input, language string }

// codeInputs are inputs of known actions that are scripts: an expression in them is pasted into code as in `run`.
var codeInputs = map[string][]codeInput{
	"actions/github-script":                  {{"script", "JavaScript"}},
	"azure/cli":                              {{"inlinescript", "a shell script"}},
	"azure/powershell":                       {{"inlinescript", "a PowerShell script"}},
	"appleboy/ssh-action":                    {{"script", "a shell script on another machine"}},
	"garygrossgarten/github-action-ssh":      {{"command", "a shell script on another machine"}},
	"fifsky/ssh-action":                      {{"command", "a shell script on another machine"}},
	"cross-the-world/ssh-pipeline":           {{"script", "a shell script on another machine"}},
	"nick-fields/retry":                      {{"command", "a shell script"}, {"on_retry_command", "a shell script"}},
	"nick-invision/retry":                    {{"command", "a shell script"}, {"on_retry_command", "a shell script"}},
	"wandalen/wretry.action":                 {{"command", "a shell script"}},
	"addnab/docker-run-action":               {{"run", "a shell script"}, {"options", "options of docker run"}},
	"amadevus/pwsh-script":                   {{"script", "a PowerShell script"}},
	"jannekem/run-python-script-action":      {{"script", "Python"}},
	"satackey/action-js-inline":              {{"script", "JavaScript"}},
	"reactivecircus/android-emulator-runner": {{"script", "a shell script"}},
	"uraimo/run-on-arch-action":              {{"run", "a shell script"}, {"install", "a shell script"}, {"setup", "a shell script"}},
	"vmactions/freebsd-vm":                   {{"run", "a shell script"}, {"prepare", "a shell script"}},
	"vmactions/openbsd-vm":                   {{"run", "a shell script"}, {"prepare", "a shell script"}},
	"vmactions/netbsd-vm":                    {{"run", "a shell script"}, {"prepare", "a shell script"}},
	"vmactions/solaris-vm":                   {{"run", "a shell script"}, {"prepare", "a shell script"}},
	"cross-platform-actions/action":          {{"run", "a shell script"}},
	"coactions/setup-xvfb":                   {{"run", "a shell script"}},
	"gabrielbb/xvfb-action":                  {{"run", "a shell script"}},
	"mikefarah/yq":                           {{"cmd", "a shell script"}},
	"sergeysova/jq-action":                   {{"cmd", "a shell script"}},
	"borales/actions-yarn":                   {{"cmd", "arguments of yarn"}},
	"gradle/gradle-build-action":             {{"arguments", "arguments of Gradle"}},
	"workflow/nix-shell-action":              {{"script", "a shell script"}},
	"eskatos/gradle-command-action":          {{"arguments", "arguments of Gradle"}},
	"codedesignplus/aws-cli":                 {{"args", "a shell script"}},
	"sonarsource/sonarcloud-github-action":   {{"args", "arguments of a program"}},
	"sonarsource/sonarqube-scan-action":      {{"args", "arguments of a program"}},
}
