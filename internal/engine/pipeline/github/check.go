package github

import (
	"fmt"
	"slices"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// A check tells the faults of one rule in one file.
type check struct {
	rule string
	run  func(*context)
}

// checks are all that Look asks, in the order of the families of rules. Each asks about a kind of file by itself.
var checks = []check{
	// what outsiders write gets where it is run
	{"github-script-injection", scriptInjection},
	{"github-action-script-injection", actionScriptInjection},
	{"github-variable-evaluated", evaluated},
	{"github-environment-write", environmentWrite},
	{"github-output-write", outputWrite},
	{"github-setting-injection", settingInjection},
	{"github-expression-in-script", unknownInjection},
	{"github-insecure-commands", insecureCommands},
	{"github-refused-command", oldCommands},
	{"github-obfuscated-expression", obfuscated},

	// code of outsiders gets the rights of the repository
	{"github-foreign-code-run", foreignExecution},
	{"github-foreign-code", foreignCode},
	{"github-foreign-artifact", foreignArtifact},
	{"github-mutable-head", mutableHead},
	{"github-bot-condition", botCondition},
	{"github-open-chatops", openChatOps},
	{"github-dangerous-trigger", dangerousTrigger},

	// more rights and secrets than are needed
	{"github-permissions-missing", permissionsMissing},
	{"github-permissions-broad", permissionsBroad},
	{"github-permission-unused", permissionsUnused},
	{"github-identity-unused", identityUnused},
	{"github-permission-undocumented", permissionsUndocumented},
	{"github-persisted-credentials", persistedCredentials},
	{"github-secrets-inherited", secretsInherited},
	{"github-secrets-over-provided", secretsOverProvided},
	{"github-secret-unredacted", secretUnredacted},
	{"github-secret-wide", secretWide},
	{"github-secret-outside-environment", secretOutsideEnvironment},
	{"github-container-credentials", containerCredentials},
	{"github-app-token-broad", appToken},
	{"github-secret-printed", secretPrinted},
	{"github-secret-argument", secretArgument},

	// what runs may be another thing tomorrow
	{"github-action-unpinned", actionUnpinned},
	{"github-short-commit", commitShort},
	{"github-image-unpinned", imageUnpinned},
	{"github-tool-unpinned", toolUnpinned},
	{"github-action-archived", actionArchived},
	{"github-action-breached", actionBreached},
	{"github-action-mistyped", actionTypo},

	// the rest: clouds, releases, deployments, scans, caches, machines, conditions, habits and style
	{"github-long-lived-credential", longLivedCredential},
	{"github-token-publishing", tokenPublishing},
	{"github-unproven-artefact", unproven},
	{"github-deploy-without-environment", bareDeploy},
	{"github-ignored-scanner", ignoredScanner},
	{"github-sleeping-scanner", sleepingScanner},
	{"github-cache-poisoning", cachePoisoning},
	{"github-self-hosted-runner", selfHosted},
	{"github-text-condition", textCondition},
	{"github-constant-condition", constantCondition},
	{"github-wrong-ref", wrongRef},
	{"github-unsound-contains", unsoundContains},
	{"github-unsound-ternary", unsoundTernary},
	{"github-secret-in-artifact", secretUpload},
	{"github-piped-installer", pipedInstaller},
	{"github-disabled-verification", disabledVerification},
	{"github-plain-http", plainHTTP},
	{"github-unlocked-install", unlockedInstall},
	{"github-obfuscated-command", obfuscatedCommand},
	{"github-loose-file-mode", looseFileMode},
	{"github-debug-log", debugLog},
	{"github-misfeature", misfeature},
	{"github-dependabot-execution", dependabotExecution},
	{"github-dependabot-cooldown", dependabotCooldown},
	{"github-dependabot-without-actions", dependabotActions},
	{"github-no-concurrency", noConcurrency},
	{"github-superfluous-action", superfluousAction},
	{"github-workspace-action", workspaceAction},
	{"github-anonymous-definition", anonymous},
	{"github-syntax", syntax},
}

// A joinCheck tells faults that lie between files. Those of resolvePending have the rules of the checks that held them
// back.
type joinCheck struct {
	rules []string
	run   func(*repository) []fault.Fault
}

var joinChecks = []joinCheck{
	{nil, resolvePending},
}

// Look looks at one file by itself.
func Look(path string, text []byte) (faults []fault.Fault, summary []byte, unchecked []string) {
	if kindOf(path) == none {
		return nil, nil, nil
	}
	file, err := document.Parse(text)
	if err != nil {
		unchecked = append(unchecked, err.Error())
	}
	c := newContext(path, file)
	for _, check := range checks {
		c.rule = check.rule
		check.run(c)
	}
	for _, s := range c.steps() {
		if sc := c.script(s); sc.Err != nil {
			span := c.span(sc.Node)
			unchecked = append(unchecked, fmt.Sprintf("script of step %q in line %d: %v", s.Label(), file.Line(span.Start), sc.Err))
		}
	}
	summary = c.summary()
	fault.Sort(c.faults)
	return compact(c.faults), summary, unchecked
}

// compact drops what is said twice of one place, as aliases bring it. The faults are sorted.
func compact(faults []fault.Fault) []fault.Fault {
	return slices.CompactFunc(faults, func(a, b fault.Fault) bool {
		return a.Path == b.Path && a.Rule == b.Rule && a.Span == b.Span && a.Key == b.Key
	})
}
