package native

// A syntax is one word of the table, and the function that reads what stands around it. The function reports whether it is
// a mark at all; a mark that it cannot read is one, and says so.
type syntax struct {
	word string
	fold bool
	tool string
	read func(p *place, f *Found) bool
}

// syntaxes are all marks. Each entry names the public documentation that it follows.
var syntaxes = []syntax{
	// Ours: design.md §6. Its own line, or where it stands alone in a comment, the next.
	{word: "assay:ignore", tool: Assay, read: readAssay},

	// github.com/gitleaks/gitleaks, README, "gitleaks:allow": the lines of the finding.
	{word: "gitleaks:allow", tool: Gitleaks, read: readOwnLine},

	// docs.trufflesecurity.com, "Ignoring": the line with the secret.
	{word: "trufflehog:ignore", tool: Trufflehog, read: readOwnLine},

	// semgrep.dev/docs/ignoring-files-folders-code: the first line of the match, or the line before it where nothing but
	// the signs of a comment precedes the word. Case does not matter; a blank stands before the word.
	{word: "nosem", fold: true, tool: Semgrep, read: readSemgrep},

	// github.com/securego/gosec, README, "Annotating code": #nosec begins a comment of Go; rules follow, and after "--" a
	// reason. bandit.readthedocs.io, "Exclusions": "# nosec" in Python, its line. The language tells which of them it is.
	{word: "nosec", tool: Gosec, read: readNosec},
	{word: "gosec:disable", tool: Gosec, read: readGosecDisable},

	// docs.sonarsource.com, "Exclude a line": all issues of the line, or those of the rules in parentheses.
	{word: "NOSONAR", fold: true, tool: Sonar, read: readNosonar},

	// checkov.io, "Suppressing and Skipping Policies": a comment within the resource, all of a Dockerfile, and annotations
	// of Kubernetes. The older prefix is read by the same expression.
	{word: "checkov:skip=", tool: Checkov, read: readCheckov},
	{word: "bridgecrew:skip=", tool: Checkov, read: readCheckov},
	{word: "checkov.io/skip", tool: Checkov, read: readCheckovAnnotation},

	// aquasecurity.github.io/tfsec, "Ignoring checks", and trivy.dev, "Filtering", "By inline comments": its line, or, on a
	// line of its own, what begins on the next one that holds no further mark. Trivy reads both words.
	{word: "tfsec:ignore:", tool: Tfsec, read: readTrivy},
	{word: "trivy:ignore:", tool: Trivy, read: readTrivy},

	// runterrascan.io, "In-file instrumentation": a comment within the resource, and an annotation of Kubernetes.
	{word: "ts:skip=", tool: Terrascan, read: readTerrascan},
	{word: "runterrascan.io/skip", tool: Terrascan, read: readTerrascanAnnotation},

	// docs.kics.io, "Running KICS", "Using commands on scanned files as comments".
	{word: "kics-scan", fold: true, tool: KICS, read: readKICS},

	// docs.zizmor.sh, "Usage", "Ignoring results", "With comments": a comment of YAML within any place of the finding.
	{word: "zizmor: ignore[", tool: Zizmor, read: readZizmor},

	// github.com/github/codeql, shared/util/codeql/util/suppression: lgtm[…] speaks about its line, codeql[…] on a line of
	// its own about the next. Case does not matter.
	{word: "lgtm", fold: true, tool: CodeQL, read: readLGTM},
	{word: "codeql", fold: true, tool: CodeQL, read: readCodeQL},

	// github.com/hadolint/hadolint, README, "Inline ignores" and "Global ignores": the next instruction, or the file.
	{word: "hadolint", tool: Hadolint, read: readHadolint},

	// github.com/koalaman/shellcheck, wiki, "Directive" and "Ignore": the next command, or the file where it stands before
	// the first one.
	{word: "shellcheck", tool: Shellcheck, read: readShellcheck},
}
