package main

// An expectedConfig is a fact of gitleaks' own tests: whether it takes a configuration, and the rules that come of it.
type expectedConfig struct {
	name    string // below testdata/config, without .toml
	refused bool
	rules   []string
	more    bool // gitleaks' test looks at these rules only
}

var expectedConfigs = []expectedConfig{
	{name: "generic", rules: []string{"generic-api-key"}},
	{name: "valid/rule_path_only", rules: []string{"python-files-only"}},
	{name: "valid/rule_regex_escaped_character_group", rules: []string{"pypi-upload-token"}},
	{name: "valid/rule_entropy_group", rules: []string{"discord-api-key"}},
	{name: "invalid/rule_missing_id", refused: true},
	{name: "invalid/rule_no_regex_or_path", refused: true},
	{name: "invalid/rule_bad_entropy_group", refused: true},
	{name: "valid/allowlist_global_old_compat"},
	{name: "valid/allowlist_global_multiple", rules: []string{"test"}},
	{name: "valid/allowlist_global_target_rules", rules: []string{"github-app-token", "github-oauth", "github-pat"}},
	{name: "valid/allowlist_global_regex"},
	{name: "invalid/allowlist_global_empty", refused: true},
	{name: "invalid/allowlist_global_old_and_new", refused: true},
	{name: "invalid/allowlist_global_target_rule_id", refused: true},
	{name: "invalid/allowlist_global_regextarget", refused: true},
	{name: "valid/allowlist_rule_old_compat", rules: []string{"example"}},
	{name: "valid/allowlist_rule_regex", rules: []string{"aws-access-key"}},
	{name: "valid/allowlist_rule_commit", rules: []string{"aws-access-key"}},
	{name: "valid/allowlist_rule_path", rules: []string{"aws-access-key"}},
	{name: "invalid/allowlist_rule_empty", refused: true},
	{name: "invalid/allowlist_rule_old_and_new", refused: true},
	{name: "invalid/allowlist_rule_regextarget", refused: true},
	{name: "valid/extend", rules: []string{"aws-access-key", "aws-secret-key", "aws-secret-key-again"}},
	{name: "valid/extend_disabled", rules: []string{"aws-secret-key", "pypi-upload-token"}},
	{name: "valid/extend_rule_no_regexpath", rules: []string{"aws-secret-key-again-again"}},
	{name: "valid/extend_rule_override_description", rules: []string{"aws-access-key"}, more: true},
	{name: "valid/extend_rule_override_path", rules: []string{"aws-access-key"}, more: true},
	{name: "valid/extend_rule_override_regex", rules: []string{"aws-access-key"}, more: true},
	{name: "valid/extend_rule_override_secret_group", rules: []string{"aws-access-key"}, more: true},
	{name: "valid/extend_rule_override_entropy", rules: []string{"aws-access-key"}, more: true},
	{name: "valid/extend_rule_override_keywords", rules: []string{"aws-access-key"}, more: true},
	{name: "valid/extend_rule_override_tags", rules: []string{"aws-access-key"}, more: true},
	{name: "valid/extend_rule_allowlist_or", rules: []string{"aws-secret-key-again-again"}},
	{name: "valid/extend_rule_allowlist_and", rules: []string{"aws-secret-key-again-again"}},
	// gitleaks' own test takes it only because of a counter left over from the tests before; its command refuses it.
	{name: "valid/extend_rule_new", refused: true},
	{name: "valid/extend_base_rule_including_keywords_with_attribute", more: true},
	{name: "invalid/extend_invalid_ruleid", refused: true},
}

// An expectedDetection is a fact of gitleaks' own tests: what it finds where, with which configuration.
type expectedDetection struct {
	group   string
	source  string // below testdata
	config  string
	flags   []string
	want    []string // "rule path:line", paths in Assay's notation
	because string   // why Assay tells more, where it does on purpose
	at      string   // where the copy lies
}

var expectedDetections = []expectedDetection{
	{group: "history", source: "repos/small", config: "simple", flags: []string{"--history"},
		want: []string{"aws-access-key foo/foo.go:9", "aws-access-key main.go:20"}},
	{group: "history", source: "repos/archives", config: "archives", flags: []string{"--history"},
		want: within("nested.tar.gz!/", append(all, files...), "main.go.zst:20")},
	{group: "staged", source: "repos/staged", config: "simple", flags: []string{"--staged"},
		want:    []string{"aws-access-key api/api.go:7"},
		because: "; the .gitleaksignore of HEAD does not name it, and a changed one cannot excuse the change"},
	{group: "directory", source: "repos/nogit", config: "simple", want: []string{"aws-access-key main.go:20"}},
	{group: "directory", source: "repos/nogit/main.go", config: "simple", want: []string{"aws-access-key main.go:20"}},
	{group: "directory", source: "repos/nogit/.env.prod", config: "generic", want: []string{"generic-api-key .env.prod:4"}},
	{group: "archive", source: "archives/files", config: "archives", want: within("", compressed)},
	{group: "archive", source: "archives/files.7z", config: "archives", want: within("files.7z!/files/", plain)},
	{group: "archive", source: "archives/files.tar", config: "archives", want: within("files.tar!/files/", plain)},
	{group: "archive", source: "archives/files.tar.xz", config: "archives", want: within("files.tar.xz!/files/", plain)},
	{group: "archive", source: "archives/files.tar.zst", config: "archives", want: within("files.tar.zst!/files/", plain)},
	{group: "archive", source: "archives/files.zip", config: "archives", want: within("files.zip!/files/", plain)},
	{group: "archive", source: "archives/nested.tar.gz", config: "archives", want: within("nested.tar.gz!/", append(all, files...))},
}

// The members of gitleaks' archives that hold its test key, each on line 20.
var (
	plain      = []string{"api.go", "main.go"}
	compressed = []string{"api.go", "main.go", "main.go.gz", "main.go.xz", "main.go.zst"}
	files      = prefixed("archives/files/", compressed)
	all        = slicesOf("archives/files.7z!/files/", "archives/files.tar!/files/", "archives/files.tar.xz!/files/",
		"archives/files.tar.zst!/files/", "archives/files.zip!/files/")
)

// unsupportedContainers are kinds of archive that Assay does not open, by a part of the path.
var unsupportedContainers = []string{".7z!/", ".xz"}

func slicesOf(folders ...string) []string {
	var out []string
	for _, f := range folders {
		out = append(out, prefixed(f, plain)...)
	}
	return out
}

func prefixed(prefix string, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = prefix + n
	}
	return out
}

func within(prefix string, names []string, more ...string) []string {
	var out []string
	for _, n := range names {
		out = append(out, "aws-access-key "+prefix+n+":20")
	}
	for _, m := range more {
		out = append(out, "aws-access-key "+m)
	}
	return out
}
