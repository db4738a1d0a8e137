package azure

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/pipelinetest"
)

func TestJoin(t *testing.T) {
	for name, c := range map[string]struct {
		files string
		want  []string
	}{
		"a template that nothing takes is no pipeline": {
			"-- x.yml --\nsteps:\n- bash: echo $(Build.SourceBranchName)\n", nil},
		"a template that a pipeline takes is part of it": {
			"-- azure-pipelines.yml --\nsteps:\n- template: a/x.yml\n-- a/x.yml --\nsteps:\n- bash: echo $(Build.SourceBranchName)\n- template: ../y.yml\n-- y.yml --\njobs:\n- job: a\n  container: img:latest\n",
			[]string{"a/x.yml:2 script-injection", "y.yml:3 unpinned-image"}},
		"from the root, and of this repository by name": {
			"-- ci/azure-pipelines.yml --\nsteps:\n- template: /a/x.yml\n- template: /a/z.yml@self\n-- a/x.yml --\nsteps:\n- bash: echo $(Build.SourceBranchName)\n-- a/z.yml --\nsteps:\n- bash: echo $(Build.SourceBranchName)\n",
			[]string{"a/x.yml:2 script-injection", "a/z.yml:2 script-injection"}},
		"templates in a circle": {
			"-- azure-pipelines.yml --\nsteps:\n- template: x.yml\n-- x.yml --\nsteps:\n- template: x.yml\n- template: azure-pipelines.yml\n- bash: echo $(Build.SourceBranchName)\n", []string{"x.yml:4 script-injection"}},
		"a parameter that callers fill with fixed texts is silent": {
			"-- azure-pipelines.yml --\nsteps:\n- template: x.yml\n  parameters: {what: fixed}\n-- x.yml --\nparameters: [{name: what, type: string}]\nsteps:\n- bash: make ${{ parameters.what }}\n", nil},
		"a parameter through two templates": {
			"-- azure-pipelines.yml --\nsteps:\n- template: x.yml\n  parameters: {what: $(System.PullRequest.SourceBranch)}\n-- x.yml --\nsteps:\n- template: y.yml\n  parameters:\n    inner: a-${{ parameters.what }}\n-- y.yml --\nsteps:\n- bash: make ${{ parameters.Inner }}\n",
			[]string{"y.yml:2 script-injection"}},
		"a parameter of the run through a template": {
			"-- azure-pipelines.yml --\ntrigger: none\nparameters: [{name: what, type: string}]\nsteps:\n- template: x.yml\n  parameters: {inner: '${{ parameters.what }}'}\n-- x.yml --\nsteps:\n- bash: make ${{ parameters.inner }}\n",
			[]string{"x.yml:2 parameter-injection"}},
		"a comparison gives nothing of its texts": {
			"-- azure-pipelines.yml --\nvariables:\n  main: ${{ eq(variables['Build.SourceBranch'], 'refs/heads/main') }}\nsteps:\n- bash: echo $(main)\n", nil},
		"a variable of a runtime expression": {
			"-- azure-pipelines.yml --\nvariables:\n- name: b\n  value: $[ replace(variables['Build.SourceBranch'], 'refs/heads/', '') ]\nsteps:\n- bash: echo $(b)\n",
			[]string{"azure-pipelines.yml:5 script-injection"}},
		"a command is no variable": {
			"-- azure-pipelines.yml --\nsteps:\n- bash: echo $(pwd) $(git rev-parse HEAD)\n- pwsh: echo $(Get-Date)\n", nil},
		"the environment, quoted, is safe": {
			"-- azure-pipelines.yml --\nsteps:\n- bash: make \"$MSG\" \"$BUILD_SOURCEBRANCHNAME\"\n  env: {MSG: $(Build.SourceVersionMessage)}\n", nil},
		"the environment, evaluated, is not": {
			"-- azure-pipelines.yml --\nsteps:\n- bash: eval \"$MSG\"\n  env: {MSG: $(Build.SourceVersionMessage)}\n- pwsh: iex $env:BUILD_SOURCEVERSIONMESSAGE\n- pwsh: |\n    $branch = $env:BUILD_SOURCEBRANCH\n    if ($branch -match 'x') { exit 1 }\n",
			[]string{"azure-pipelines.yml:2 script-injection", "azure-pipelines.yml:4 script-injection"}},
		"a variable that a script sets": {
			"-- azure-pipelines.yml --\nsteps:\n- bash: echo \"##vso[task.setvariable variable=title]$BUILD_SOURCEVERSIONMESSAGE\"\n- bash: make $(title)\n",
			[]string{"azure-pipelines.yml:2 logging-command", "azure-pipelines.yml:3 script-injection"}},
		"an output of a step": {
			"-- azure-pipelines.yml --\njobs:\n- job: a\n  steps:\n  - bash: echo \"##vso[task.setvariable variable=t;isOutput=true]$BUILD_SOURCEBRANCHNAME\"\n    name: s\n- job: b\n  variables:\n    text: $[ dependencies.a.outputs['s.t'] ]\n  steps:\n  - bash: make $(text)\n",
			[]string{"azure-pipelines.yml:10 script-injection"}},
		"inline scripts of tasks": {
			"-- azure-pipelines.yml --\nsteps:\n- task: AzureCLI@2\n  inputs:\n    ScriptType: pscore\n    InlineScript: echo '$(Build.SourceBranchName)'\n- task: PythonScript@0\n  inputs: {script: 'print(\"$(Build.SourceBranchName)\")'}\n- task: Npm@1\n  inputs: {customCommand: '$(Build.SourceBranchName)'}\n",
			[]string{"azure-pipelines.yml:5 script-injection", "azure-pipelines.yml:7 script-injection"}},
		"steps under conditions and handed to a template": {
			"-- azure-pipelines.yml --\nstages:\n- ${{ if eq(parameters.x, 'y') }}:\n  - stage: a\n    jobs:\n    - template: t.yml@other\n      parameters:\n        steps:\n        - bash: echo $(Build.SourceBranchName)\n",
			[]string{"azure-pipelines.yml:8 script-injection"}},
		"a template that only the run knows": {
			"-- azure-pipelines.yml --\nsteps:\n- template: ${{ parameters.which }}.yml\n", []string{`azure-pipelines.yml: which template "${{ parameters.which }}.yml" is, is known only when the pipeline begins`}},
		"the payload of a webhook": {
			"-- azure-pipelines.yml --\nresources:\n  webhooks:\n  - webhook: hook\n    connection: c\nsteps:\n- bash: make ${{ parameters.hook.title }}\n", []string{"azure-pipelines.yml:6 script-injection"}},
		"steps that a deployment job may take": {
			"-- azure-pipelines.yml --\njobs:\n- deployment: d\n  environment: e\n  strategy: {runOnce: {deploy: {steps: [{template: t.yml}]}}}\n-- t.yml --\nsteps:\n- task: AzureWebApp@1\n- bash: kubectl apply -f x\n", nil},
		"broken YAML is told": {
			"-- azure-pipelines.yml --\na: [\n", []string{"azure-pipelines.yml: not read as a whole: yaml: line 1: did not find expected node content"}},
		"cmd on Windows": {
			"-- azure-pipelines.yml --\npool: {vmImage: windows-2025}\nsteps:\n- script: build.cmd /p:B=$(Build.SourceBranchName)\n", []string{"azure-pipelines.yml:3 script-injection"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, platform.Told(pipelinetest.Archive(c.files))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestFix applies the edits of a finding and looks again: it is gone, and the rest of the file is as it was.
func TestFix(t *testing.T) {
	text := "steps:\n# a comment\n- bash: |\n    ./x \"b $(Build.SourceBranchName)\" $(Build.SourceBranchName)\n- pwsh: ./x \"$(Build.SourceBranchName)\"\n"
	want := "steps:\n# a comment\n- bash: |\n    ./x \"b $BUILD_SOURCEBRANCHNAME\" \"$BUILD_SOURCEBRANCHNAME\"\n- pwsh: ./x \"${env:BUILD_SOURCEBRANCHNAME}\"\n"
	faults, _ := platform.Run(map[string][]byte{"azure-pipelines.yml": []byte(text)})
	var edits []fault.Edit
	for _, f := range faults {
		if f.Fix != nil {
			edits = append(edits, f.Fix.Edits...)
		}
	}
	got := string(pipelinetest.Apply(t, []byte(text), edits))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fixed (-want +got):\n%s", diff)
	}
	if again, _ := platform.Run(map[string][]byte{"azure-pipelines.yml": []byte(got)}); len(again) != 0 {
		t.Errorf("still told: %v", again)
	}
}

// TestFixStyles applies a fix in each style of scalar: the file stays one, and the fault is gone.
func TestFixStyles(t *testing.T) {
	for text, fixable := range map[string]bool{
		"steps: [{bash: \"echo $(Build.SourceBranchName)\"}]":                      true,
		"steps: [{bash: 'echo $(Build.SourceBranchName)'}]":                        true,
		"steps: [{bash: 'echo ''a $(Build.SourceBranchName)'' '}]":                 true,
		"steps:\n- bash: echo $(Build.SourceBranchName)":                           true,
		"steps:\n- bash: $(Build.SourceBranchName) x":                              false,
		"steps:\n- bash: >-\n    echo\n    $(Build.SourceBranchName)":              true,
		"steps:\n- bash: |\n    cat <<'E'\n    $(Build.SourceBranchName)\n    E\n": false,
		"steps:\n- bash: bash -c 'x $(Build.SourceBranchName)'":                    false,
	} {
		faults, _ := platform.Run(map[string][]byte{"azure-pipelines.yml": []byte(text)})
		if len(faults) != 1 || (faults[0].Fix != nil) != fixable {
			t.Errorf("%s: %+v, want one fault, fixable %v", text, faults, fixable)
			continue
		}
		if !fixable {
			continue
		}
		e := faults[0].Fix.Edits[0]
		got := text[:e.Span.Start] + e.Text + text[e.Span.End:]
		if again, unchecked := platform.Run(map[string][]byte{"azure-pipelines.yml": []byte(got)}); len(again)+len(unchecked) > 0 {
			t.Errorf("%s became %s: %v %q", text, got, again, unchecked)
		}
	}
}

func TestConstant(t *testing.T) {
	for text, want := range map[string]string{
		"eq('a', 'a')": "always", "ne('a','A')": "never", "eq('a','b')": "never", "ne(variables.x, variables.x)": "never",
		"eq(variables['x'], 'a')": "", "always()": "", "eq('${{ parameters.x }}', 'true')": "", "and(succeeded(), eq('a','a'))": "", "eq(true, false)": "never",
	} {
		if got := constant(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestSummaryHasNoValues looks for a value and a script's text in the summary.
func TestSummaryHasNoValues(t *testing.T) {
	const value, script = "Zq8vTr41Lm", "--something-else"
	_, summary, _ := Look("azure-pipelines.yml", []byte("variables: {token: "+value+"}\nsteps:\n- bash: ./x "+script+" "+value+" $X $(token)\n  env: {PASSWORD: "+value+"}\n- template: x.yml\n  parameters: {token: "+value+"}\n"))
	for _, s := range []string{value, script} {
		if strings.Contains(string(summary), s) {
			t.Errorf("the summary has %q in it", s)
		}
	}
}

func TestFixExamples(t *testing.T) { platform.TestFixes(t, 3) }

func FuzzLook(f *testing.F) {
	platform.Fuzz(f, []string{"x.yml"},
		"trigger: none\nparameters: [{name: a}]\nvariables: {b: '$(Build.SourceBranch)'}\nsteps:\n- template: x.yml\n  parameters: {a: '${{ parameters.a }}'}\n- bash: |\n    echo $(b) ${{ parameters.a }}\n  env: {X: $(b)}\n",
		"jobs:\n- ${{ if x }}:\n  - deployment: d\n    environment: e\n    strategy: {runOnce: {deploy: {steps: [{task: Bash@3, inputs: {script: 'iex $(c)'}}]}}}\n",
		"resources: {repositories: [{repository: r, ref: main}], containers: [{container: c, image: i}]}\nstages: [{stage: s, condition: always(), jobs: [{deployment: d}]}]\n",
	)
}
