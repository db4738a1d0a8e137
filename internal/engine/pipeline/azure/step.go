package azure

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// step looks at one step.
func (r *reader) step(n *yaml.Node, kind string, c context) {
	v := document.Get(n, kind)
	env := r.env(document.Get(n, "env"))
	switch kind {
	case "checkout":
		r.checkout(n, c)
	case "task":
		r.task(n, v, c, env)
	default:
		r.script(v, dialect(kind, document.Text(v), c.pool), c, env)
	}
	if cond := document.Get(n, "condition"); cond != nil {
		r.condition(cond)
	}
}

// dialect is the language of a script step. script: is cmd on Windows and bash elsewhere.
func dialect(kind, text, pool string) shell.Dialect {
	switch kind {
	case "pwsh", "powershell":
		return shell.PowerShell
	case "bash":
		return shell.Bash
	}
	if strings.Contains(pool, "windows") || strings.HasPrefix(pool, "win") || pool != "" && strings.Contains(pool, "vs20") || likeCmd().MatchString(text) {
		return shell.Cmd
	}
	return shell.Bash
}

// likeCmd are signs of cmd where the pool does not tell.
var likeCmd = lazyregexp.New(`(?im)%\w+%|^\s*(?:@echo|call |if (?:not )?exist |set \w+=|rem |xcopy |copy /|del /|rmdir /|md \w)|\.(?:cmd|bat)\b`)

// env reads the environment block of a step, and checks it.
func (r *reader) env(n *yaml.Node) []variable {
	var out []variable
	for k, v := range document.Pairs(n) {
		out = append(out, variable{k.Value, refsOf(document.Text(v)), r.doc.Span(k)})
		r.setting(k, v)
		r.literalSecret(k.Value, v)
		r.cloudVariable(k, document.Text(v))
	}
	return out
}

// checkout tells of credentials that stay in the folder for all later steps.
func (r *reader) checkout(n *yaml.Node, c context) {
	v := document.Get(n, "persistCredentials")
	if !strings.EqualFold(document.Text(v), "true") {
		return
	}
	r.persists = append(r.persists, fault.Fault{Rule: "azure-persisted-credentials", Span: r.doc.Span(v), Key: c.job,
		Message: "The token of the pipeline stays in .git/config, where every later step and tool can read it"})
}

// A taskScript is an input of a task that is run as code.
type taskScript struct {
	input   string
	dialect shell.Dialect
}

// taskScripts are the tasks that run what stands in an input. https://learn.microsoft.com/azure/devops/pipelines/tasks/reference/
var taskScripts = map[string][]taskScript{
	"bash": {{"script", shell.Bash}, {"arguments", shell.Bash}}, "shellscript": {{"args", shell.Bash}},
	"powershell": {{"script", shell.PowerShell}, {"inlineScript", shell.PowerShell}, {"arguments", shell.PowerShell}},
	"cmdline":    {{"script", shell.Cmd}}, "batchscript": {{"arguments", shell.Cmd}},
	"azurecli":        {{"inlineScript", shell.Bash}, {"arguments", shell.Bash}, {"scriptArguments", shell.Bash}},
	"azurepowershell": {{"inline", shell.PowerShell}, {"scriptArguments", shell.PowerShell}},
	"pythonscript":    {{"script", shell.Python}},
	"ssh":             {{"inline", shell.Bash}, {"commands", shell.Bash}},
}

// task looks at a task: its version, the scripts in its inputs, and what it is for.
func (r *reader) task(n, v *yaml.Node, c context, env []variable) {
	name, version, _ := strings.Cut(document.Text(v), "@")
	short := strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	if version == "" && name != "" && !strings.Contains(name, "${{") {
		r.add(fault.Fault{Rule: "azure-unversioned-task", Span: r.doc.Span(v), Key: name,
			Message: fmt.Sprintf("The task %q has no version, so a new major one changes what it does", name)})
	}
	inputs := document.Get(n, "inputs")
	for _, s := range taskScripts[short] {
		val := input(inputs, s.input)
		if document.Text(val) == "" {
			continue
		}
		d := s.dialect
		switch kind := strings.ToLower(document.Text(input(inputs, "scriptType"))); {
		case kind == "ps" || kind == "pscore":
			d = shell.PowerShell
		case kind == "batch":
			d = shell.Cmd
		case short == "cmdline":
			d = dialect("script", document.Text(val), c.pool)
		}
		r.script(val, d, c, env)
	}
	r.taskValues(n, v, short, version, inputs, c)
}

// input is one of a task's, whose names are the same in upper and lower case.
func input(n *yaml.Node, name string) *yaml.Node {
	for k, v := range document.Pairs(n) {
		if strings.EqualFold(k.Value, name) {
			return v
		}
	}
	return nil
}

// scanners are tasks that look for secrets, known faults or licences.
var scanners = map[string]bool{"credscan": true, "snyksecurityscan": true, "dependency-check-build-task": true, "whitesource": true, "trivy": true,
	"microsoftsecuritydevops": true, "advancedsecurity-codeql-analyze": true, "advancedsecurity-dependency-scanning": true, "codeql3000finalize": true,
	"postanalysis": true, "semmle": true, "checkmarxone": true, "veracode": true, "blackduckscan": true, "synopsys-security-scan": true, "aquascanner": true,
	"gitleaks": true, "securitycodescan": true, "componentgovernancecomponentdetection": true, "owaspzap": true, "mend": true, "bridge-ce": true}

// deployers are tasks that change what runs somewhere, with the input and value by which some of them do.
var deployers = map[string][2]string{
	"azurewebapp": {}, "azurermwebappdeployment": {}, "azurefunctionapp": {}, "azurefunctionappcontainer": {}, "azurewebappcontainer": {}, "azurestaticwebapp": {},
	"azurecontainerapps": {}, "kubernetesmanifest": {"action", "deploy"}, "helmdeploy": {"command", "upgrade"}, "kubernetes": {"command", "apply"},
	"azureresourcemanagertemplatedeployment": {}, "azureresourcegroupdeployment": {}, "sqlazuredacpacdeployment": {}, "iiswebappdeploymentonmachinegroup": {},
	"terraformtaskv4": {"command", "apply"}, "terraformtaskv3": {"command", "apply"}, "terraformcli": {"command", "apply"}, "elasticbeanstalkdeployapplication": {}, "cloudformationcreateorupdatestack": {}, "servicefabricdeploy": {},
}

// retired are versions of tasks that their maker took out of service.
var retired = map[string][]string{"credscan": {"1", "2"}, "azurepowershell": {"1", "2", "3"}, "azurecli": {"0"}, "nuget": {"0"}, "dotnetcoreinstaller": {"0"}, "sonarqubeprepare": {"4"},
	"azurermwebappdeployment": {"2"}, "azurekeyvault": {"1"}, "powershell": {"1"}, "docker": {"0"}, "kubernetes": {"0"}, "copypublishbuildartifacts": {"1"}, "npm": {"0"}}

func (r *reader) taskValues(n, v *yaml.Node, short, version string, inputs *yaml.Node, c context) {
	if slices.Contains(retired[short], version) {
		r.add(fault.Fault{Rule: "azure-unversioned-task", Span: r.doc.Span(v), Key: document.Text(v), Severity: finding.Low,
			Message: fmt.Sprintf("The task %q is out of service and gets no corrections", document.Text(v))})
	}
	if ignored := document.Get(n, "continueOnError"); scanners[short] && strings.EqualFold(document.Text(ignored), "true") {
		r.add(fault.Fault{Rule: "azure-ignored-scanner", Span: r.doc.Span(ignored), Key: document.Text(v),
			Message: fmt.Sprintf("The failure of %q is ignored, so what it finds stops nothing", document.Text(v)),
			Fix:     r.doc.Put("Let a failure count", ignored, "false")})
	}
	if fails := input(inputs, "failOnIssues"); short == "snyksecurityscan" && strings.EqualFold(document.Text(fails), "false") {
		r.add(fault.Fault{Rule: "azure-ignored-scanner", Span: r.doc.Span(fails), Key: document.Text(v) + " failOnIssues",
			Message: fmt.Sprintf("%q reports issues and does not fail, so what it finds stops nothing", document.Text(v))})
	}
	if spn := input(inputs, "addSpnToEnvironment"); strings.EqualFold(document.Text(spn), "true") {
		r.add(fault.Fault{Rule: "azure-service-principal-in-environment", Span: r.doc.Span(spn), Key: document.Text(v),
			Message: fmt.Sprintf("%q gives the credential of its service connection to the script", document.Text(v))})
	}
	if want, ok := deployers[short]; ok && !c.deploys && !c.template && (want[0] == "" || strings.EqualFold(document.Text(input(inputs, want[0])), want[1])) {
		r.deployed(r.doc.Span(v), document.Text(v), c)
	}
	r.pushed(v, short, inputs)
}

// deployed tells of a deployment that nobody can be asked about.
func (r *reader) deployed(span fault.Span, what string, c context) {
	f := fault.Fault{Rule: "azure-deploy-without-environment", Span: span, Key: c.job + " " + what,
		Message: fmt.Sprintf("%q deploys in a job that names no environment, so nobody's approval can be asked for", what)}
	if !deployName().MatchString(c.job) && !deployName().MatchString(c.stage) {
		f.Severity, f.Confidence = finding.Low, finding.MediumConfidence
	}
	r.add(f)
}

var deployName = lazyregexp.New(`(?i)deploy|release|publish|(?:^|[^a-z])prod|rollout|promote`)

// pushed keeps what a task publishes.
func (r *reader) pushed(v *yaml.Node, short string, inputs *yaml.Node) {
	command := strings.ToLower(document.Text(input(inputs, "command")))
	publishes := short == "nugetcommand" && command == "push" || short == "dotnetcorecli" && command == "push" || short == "docker" && (command == "push" || command == "buildandpush") ||
		short == "npm" && command == "publish" || short == "githubrelease"
	if publishes {
		r.published.Add(fault.Fault{Rule: "azure-unproven-artefact", Span: r.doc.Span(v), Key: document.Text(v) + " " + command}, strconv.Quote(document.Text(v)))
	}
	if strings.Contains(short, "sbom") || strings.Contains(short, "esrpcodesigning") || strings.Contains(short, "codesign") || strings.Contains(short, "manifestgenerator") {
		r.published.Proven()
	}
}
