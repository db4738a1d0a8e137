package azure

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/lazyregexp"
)

var clouds = map[string]*assembly.Cloud{
	"azure": {Name: "Azure", Advice: `Use a service connection with workload identity federation, which has no secret, and delete the client secret:
- task: AzureCLI@2
  inputs:
    azureSubscription: name-of-the-service-connection
    scriptType: bash
    scriptLocation: inlineScript
    inlineScript: az group list`},
	"aws": {Name: "AWS", Advice: `Use a service connection of the AWS toolkit with OpenID Connect, which takes a role for the length of the job, and delete the key:
- task: AWSShellScript@1
  inputs:
    awsCredentials: name-of-the-service-connection
    regionName: eu-central-1
    scriptType: inline
    inlineScript: aws sts get-caller-identity
Trust the role to this organization, project and service connection only`},
	"google": {Name: "Google Cloud", Advice: `Exchange the token of a federated service connection for a short-lived one, and delete the key of the service account:
- task: AzureCLI@2
  inputs:
    azureSubscription: name-of-the-service-connection
    addSpnToEnvironment: true
    scriptType: bash
    scriptLocation: inlineScript
    inlineScript: |
      printf '%s' "$idToken" > "$AGENT_TEMPDIRECTORY/token"
      gcloud iam workload-identity-pools create-cred-config "$WORKLOAD_IDENTITY_PROVIDER" --service-account="$SERVICE_ACCOUNT" --credential-source-file="$AGENT_TEMPDIRECTORY/token" --output-file="$AGENT_TEMPDIRECTORY/config"
      gcloud auth login --cred-file="$AGENT_TEMPDIRECTORY/config"`},
	"vault": {Name: "Vault", Advice: `Let Vault accept the token of a federated service connection (auth method jwt), and revoke this one:
- task: AzureCLI@2
  inputs:
    azureSubscription: name-of-the-service-connection
    addSpnToEnvironment: true
    scriptType: bash
    scriptLocation: inlineScript
    inlineScript: vault write -field=token auth/jwt/login role=ci jwt="$idToken"`},
}

var shortLived = lazyregexp.New(`(?i)id_?token|jwt|oidc|federat|config`)

// cloudVariable tells of a variable that hands a stored credential to a cloud's tools.
func (r *reader) cloudVariable(k *yaml.Node, value string) {
	c := clouds[shell.LongLivedVariable(strings.ToUpper(k.Value))]
	m := loneMacro().FindStringSubmatch(value)
	if c == nil || strings.EqualFold(k.Value, "AWS_ACCESS_KEY_ID") || m == nil || shortLived().MatchString(value) {
		return
	}
	r.add(fault.Fault{Rule: "azure-long-lived-credential", Span: r.doc.Span(k), Key: k.Value, Advice: c.Advice,
		Message: fmt.Sprintf("The variable %s is a long-lived credential for %s, kept as %q", k.Value, c.Name, m[1])})
}
