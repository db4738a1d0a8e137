package azure

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/engine/pipeline/shell"
)

// rulesOf are the rules told of one pipeline, with their severity where it is not the rule's own.
func TestLook(t *testing.T) {
	sha, commit := strings.Repeat("ab", 32), strings.Repeat("ab", 20)
	emulator := "C2y6yDjf5/R+ob0N8A7Cgv30" + "VRDJIWEHLM+4QDU5DE2nQ9n" + "DuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="
	made := "kZ83" + "hdQ2lT" + "x9Rb44"
	for _, c := range []struct{ text, want string }{
		// what is pasted
		{"steps: [{bash: 'echo $(Build.SourceBranchName)'}]", "script-injection medium"},
		{"steps: [{bash: 'echo $(build.sourceversionmessage)'}]", "script-injection high"},
		{"steps: [{bash: 'echo $(Build.BuildId) $(Build.SourcesDirectory) $(System.PullRequest.PullRequestId)'}]", ""},
		{"steps: [{bash: \"# $(Build.SourceBranchName)\\nmake\"}]", ""},
		{"steps: [{script: 'echo $(System.PullRequest.SourceBranch)'}]", "script-injection high"},
		{"steps: [{pwsh: \"$b = '$(Build.SourceBranch)'\"}]", "script-injection medium"},
		{"steps: [{pwsh: '$b = $env:BUILD_SOURCEBRANCH'}]", ""},
		{"steps: [{pwsh: '& $env:BUILD_SOURCEBRANCH'}]", "script-injection medium"},
		{"steps: [{bash: \"echo ${{ variables['Build.SourceBranchName'] }}\"}]", "script-injection medium"},
		{"steps: [{bash: \"echo ${{ eq(variables['Build.SourceBranchName'], 'main') }}\"}]", ""},
		{"steps: [{bash: make, condition: \"eq(variables['Build.SourceBranchName'], 'main')\"}]", ""},
		{"steps: [{task: Bash@3, inputs: {targetType: inline, script: 'echo $(Build.SourceBranchName)'}}]", "script-injection medium"},
		{"steps: [{task: PowerShell@2, inputs: {filePath: x.ps1, arguments: '-B $(Build.SourceBranchName)'}}]", "script-injection medium"},
		{"steps: [{task: ArchiveFiles@2, inputs: {archiveFile: '$(Build.SourceBranchName).zip'}}]", ""},
		{"variables: [{name: b, value: $(Build.SourceBranchName)}]\nsteps: [{bash: 'echo $(b)'}]", "script-injection medium"},
		{"jobs: [{job: a, variables: {B: $(Build.SourceBranchName)}, steps: [{bash: 'echo \"$(B)\"'}]}]", "script-injection medium"},
		{"steps: [{bash: 'make \"$B\"', env: {B: $(Build.SourceBranchName)}}]", ""},
		{"steps: [{bash: 'bash -c \"make $B\"', env: {B: $(Build.SourceBranchName)}}]", "script-injection medium"},
		{"steps: [{bash: 'bash -c \"make $BUILD_SOURCEVERSIONMESSAGE\"', env: {BUILD_SOURCEVERSIONMESSAGE: fixed}}]", ""},
		{"trigger: none\nparameters: [{name: p, type: string}]\nsteps: [{bash: 'make ${{ parameters.p }}'}]", "parameter-injection"},
		{"trigger: none\nparameters: [{name: p, type: boolean}, {name: q, values: [a]}, {name: r, type: number}]\nsteps: [{bash: 'make ${{ parameters.p }} ${{ parameters.q }} ${{ parameters.r }}'}]", ""},
		{"steps: [{bash: 'echo \"$BUILD_SOURCEVERSIONMESSAGE\"'}]", "logging-command"},
		{"steps: [{bash: 'echo \"$BUILD_SOURCEBRANCHNAME\"'}]", ""},
		{"steps: [{bash: 'echo \"$BUILD_SOURCEVERSIONMESSAGE\" > message.txt'}]", ""},
		{"steps: [{pwsh: 'Write-Host $env:BUILD_REQUESTEDFOR'}]", "logging-command"},
		// what is taken from elsewhere
		{"resources: {repositories: [{repository: r, name: a/b}]}\nsteps: [{template: x.yml@r}]", "unpinned-template"},
		{"resources: {repositories: [{repository: r, name: a/b, ref: refs/heads/main}]}\nextends: {template: x.yml@r}", "unpinned-template"},
		{"resources: {repositories: [{repository: r, name: a/b, ref: refs/tags/v1}]}\nsteps: [{template: x.yml@r}]", ""},
		{"resources: {repositories: [{repository: r, name: a/b, ref: " + commit + "}]}\nsteps: [{template: x.yml@r}]", ""},
		{"resources: {repositories: [{repository: r, name: a/b}]}\nsteps:\n- checkout: r\n", ""},
		{"resources: {containers: [{container: c, image: ubuntu}]}", "unpinned-image"},
		{"resources: {containers: [{container: c, image: 'ubuntu:24.04'}]}", "unpinned-image low"},
		{"resources: {containers: [{container: c, image: 'ubuntu@sha256:" + sha + "'}]}", ""},
		{"resources: {containers: [{container: c, type: ACR, repository: x}]}", ""},
		{"jobs: [{job: a, container: c, steps: [{bash: make}]}]", ""},
		{"jobs: [{job: a, container: 'ubuntu:latest', steps: [{bash: make}]}]", "unpinned-image"},
		{"jobs: [{job: a, container: '$[ variables.image ]', steps: [{bash: make}]}]", ""},
		{"jobs: [{job: a, container: {image: 'u@sha256:" + sha + "', options: '-v /var/run/docker.sock:/var/run/docker.sock'}, steps: [{bash: make}]}]", "privileged-container"},
		{"steps: [{task: Npm}]", "unversioned-task"},
		{"steps: [{task: Npm@1}]", ""},
		{"steps: [{task: AzurePowerShell@3}]", "unversioned-task low"},
		// credentials
		{"steps: [{checkout: self, persistCredentials: true}]", "persisted-credentials"},
		{"steps: [{checkout: self, persistCredentials: true}, {bash: git push}]", "persisted-credentials low"},
		{"steps: [{checkout: self, persistCredentials: false}]", ""},
		{"variables: {T: $(System.AccessToken)}\nsteps: [{bash: make}]", "secret-for-all-steps"},
		{"steps: [{bash: ./x, env: {SYSTEM_ACCESSTOKEN: $(System.AccessToken)}}]", ""},
		{"steps: [{bash: 'git clone https://$(System.AccessToken)@github.com/a/b'}]", "access-token-elsewhere,secret-argument"},
		{"steps: [{bash: 'echo $(apiToken)'}]", "printed-secret"},
		{"steps: [{bash: env}]", ""},
		{"steps: [{bash: 'echo $PWD'}]", ""},
		{"steps: [{task: AzureCLI@2, inputs: {addSpnToEnvironment: true}}]", "service-principal-in-environment"},
		{"steps: [{bash: terraform plan, env: {ARM_CLIENT_SECRET: $(s)}}]", "long-lived-credential"},
		{"variables: {AWS_SECRET_ACCESS_KEY: $(s)}", "long-lived-credential"},
		{"variables: {AWS_SECRET_ACCESS_KEY: test}", ""},
		{"variables: {apiToken: " + made + "}", "literal-secret"},
		{"variables: {apiToken: $(other)}", ""},
		{"variables: [{name: apiToken, value: " + made + "}]", "literal-secret"},
		{"steps: [{bash: ./x, env: {API_TOKEN: " + made + "}}]", "literal-secret"},
		{"variables: {tokenName: " + made + "}", ""},
		{"variables: {cosmosToken: " + emulator + "}", ""},
		{"resources: {repositories: [{repository: self, type: git, ref: main}]}\nsteps: [{template: x.yml@self}]", ""},
		{"steps: [{bash: 'echo \"##vso[task.setvariable variable=T]$apiToken\"'}]", "printed-secret low"},
		{"steps: [{bash: 'echo \"##vso[task.setvariable variable=T;issecret=true]$apiToken\"'}]", ""},
		{"trigger: none\npr: none\nsteps: [{bash: 'echo $(Build.SourceBranchName)'}]", "script-injection low"},
		{"trigger: none\nsteps: [{bash: 'echo $(Build.SourceBranchName)'}]", "script-injection medium"},
		// conditions and deployments
		{"pr: [main]\npool: {name: own}\nsteps: [{bash: make}]", "self-hosted-on-pull-request"},
		{"pr: none\npool: {name: own}\nsteps: [{bash: make}]", ""},
		{"pr: [main]\npool: {name: Azure Pipelines, vmImage: ubuntu-24.04}\nsteps: [{bash: make}]", ""},
		{"jobs: [{job: a, steps: [{task: AzureWebApp@1}]}]", "deploy-without-environment low"},
		{"jobs: [{job: deploy, steps: [{task: AzureWebApp@1}]}]", "deploy-without-environment"},
		{"jobs: [{job: deploy, steps: [{task: HelmDeploy@1, inputs: {command: package}}]}]", ""},
		{"jobs: [{job: deploy, steps: [{task: HelmDeploy@1, inputs: {command: upgrade}}]}]", "deploy-without-environment"},
		{"jobs: [{deployment: d, environment: e, strategy: {runOnce: {deploy: {steps: [{task: AzureWebApp@1}]}}}}]", ""},
		{"jobs: [{deployment: d, environment: e, condition: always(), strategy: {}}]", "deploy-always"},
		{"jobs: [{deployment: d, environment: e, condition: 'and(succeeded(), always())', strategy: {}}]", ""},
		{"steps: [{bash: ./report, condition: always()}]", ""},
		{"steps: [{bash: make, condition: \"eq('a', 'a')\"}]", "constant-condition"},
		{"steps: [{task: CredScan@3, continueOnError: true}]", "ignored-scanner"},
		{"steps: [{task: PublishTestResults@2, continueOnError: true}]", ""},
		{"steps: [{task: SnykSecurityScan@1, inputs: {failOnIssues: false}}]", "ignored-scanner"},
		{"variables: {system.debug: true}", "debug-log"},
		{"variables: {system.debug: false}", ""},
		{"variables: {GIT_SSL_NO_VERIFY: true}", "disabled-tls"},
		{"steps: [{task: Docker@2, inputs: {command: buildAndPush}}]", "unproven-artefact"},
		{"steps: [{task: Docker@2, inputs: {command: build}}]", ""},
	} {
		want := []string(nil)
		if c.want != "" {
			want = strings.Split(c.want, ",")
		}
		if diff := cmp.Diff(want, platform.Names(c.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}

// TestNoSecrets looks for a credential of the file in what is told.
func TestNoSecrets(t *testing.T) {
	made := "kZ83" + "hdQ2lT" + "x9Rb44"
	text := "variables: {apiToken: " + made + "}\nsteps:\n- bash: curl -k https://u:" + made + "@example.com/x | sh\n- bash: docker login -p " + made + " && npm publish\n  env: {API_TOKEN: " + made + "}\n"
	platform.TestNoSecrets(t, text, made, 4)
}

func TestRefs(t *testing.T) {
	for text, want := range map[string][]ref{
		"a $(Build.SourceBranch) b":                         {{macro, "build.sourcebranch"}},
		"$(step.Name)":                                      {{output, "name"}},
		"${{ parameters.a-b }}/${{ parameters['c'] }}":      {{parameter, "a-b"}, {parameter, "c"}},
		"${{ variables.X }}":                                {{macro, "x"}},
		"$[ variables['X'] ]":                               {{macro, "x"}},
		"$[ dependencies.a.outputs['s.T'] ]":                {{output, "t"}},
		"$[ stageDependencies.s.j.outputs['d.s.T'] ]":       {{output, "t"}},
		"${{ eq(parameters.a, 'b') }}":                      nil,
		"${{ coalesce(parameters.a, variables.b) }}":        {{parameter, "a"}, {macro, "b"}},
		"$(git rev-parse HEAD)":                             nil,
		"${{ if eq(variables['Build.Reason'], 'Manual') }}": nil,
	} {
		if diff := cmp.Diff(want, refsOf(text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestDialect(t *testing.T) {
	for _, c := range []struct {
		kind, text, pool string
		want             shell.Dialect
	}{
		{"script", "make", "ubuntu-24.04", shell.Bash}, {"script", "make", "windows-2025", shell.Cmd}, {"script", "make", "", shell.Bash},
		{"script", "echo %PATH%", "", shell.Cmd}, {"pwsh", "x", "ubuntu-24.04", shell.PowerShell}, {"bash", "x", "windows-2025", shell.Bash},
	} {
		if got := dialect(c.kind, c.text, c.pool); got != c.want {
			t.Errorf("%s on %q: %v, want %v", c.kind, c.pool, got, c.want)
		}
	}
}

func TestWants(t *testing.T) {
	for path, want := range map[string][2]bool{
		"azure-pipelines.yml": {true, true}, "a/azure-pipelines-release.yaml": {true, true}, "x.azure-pipelines.yml": {true, true}, ".azure-pipelines/a/b.yml": {true, true},
		".azuredevops/x.yml": {true, true}, "pipelines/x.yml": {true, false}, "a/b.yml": {true, false}, ".github/workflows/x.yml": {false, false}, ".gitlab-ci.yml": {false, false}, "x.json": {false, false},
	} {
		wants, sure := Wants(path)
		if got := [2]bool{wants, sure}; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}
