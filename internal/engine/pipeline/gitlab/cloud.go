package gitlab

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/lazyregexp"
)

var (
	aws = &assembly.Cloud{Name: "AWS", Advice: `Let the job ask for a short-lived login instead, and delete the key:
id_tokens:
  AWS_TOKEN:
    aud: https://gitlab.example.com
before_script:
  - printf '%s' "$AWS_TOKEN" > "$CI_PROJECT_DIR.tmp-token"
  - export AWS_WEB_IDENTITY_TOKEN_FILE="$CI_PROJECT_DIR.tmp-token" AWS_ROLE_ARN="$ROLE_ARN" AWS_ROLE_SESSION_NAME="ci-$CI_JOB_ID"
Trust the role to this project and its protected branches only`}
	azureCloud = &assembly.Cloud{Name: "Azure", Advice: `Let the job ask for a short-lived login instead, and delete the client secret:
id_tokens:
  AZURE_TOKEN:
    aud: api://AzureADTokenExchange
script:
  - az login --service-principal -u "$AZURE_CLIENT_ID" -t "$AZURE_TENANT_ID" --federated-token "$AZURE_TOKEN"
Add a federated credential for this project and branch to the application`}
	google = &assembly.Cloud{Name: "Google Cloud", Advice: `Let the job ask for a short-lived login instead, and delete the key of the service account:
id_tokens:
  GOOGLE_TOKEN:
    aud: https://iam.googleapis.com/$WORKLOAD_IDENTITY_PROVIDER
script:
  - printf '%s' "$GOOGLE_TOKEN" > "$CI_PROJECT_DIR.tmp-token"
  - gcloud iam workload-identity-pools create-cred-config "$WORKLOAD_IDENTITY_PROVIDER" --service-account="$SERVICE_ACCOUNT" --credential-source-file="$CI_PROJECT_DIR.tmp-token" --output-file="$CI_PROJECT_DIR.tmp-config"
  - gcloud auth login --cred-file="$CI_PROJECT_DIR.tmp-config"
Bind the pool to this project and its protected branches only`}
	vault = &assembly.Cloud{Name: "Vault", Advice: `Let GitLab log in with a token of the job instead, and revoke this one:
id_tokens:
  VAULT_ID_TOKEN:
    aud: https://vault.example.com
secrets:
  DATABASE_PASSWORD:
    vault: production/db/password@secret
    token: $VAULT_ID_TOKEN
Bind the role to this project and its protected branches only`}
)

// clouds are the providers as shell names them.
var clouds = map[string]*assembly.Cloud{"aws": aws, "azure": azureCloud, "google": google, "vault": vault}

var (
	loneRef    = lazyregexp.New(`^\$(?:\{(\w+)\}|(\w+))$`)
	shortLived = lazyregexp.New(`(?i)ID_?TOKEN|JWT|OIDC|WIF|WORKLOAD|FEDERAT|CONFIG`)
)

// cloudVariable tells of a variable that hands a project's stored credential to a cloud's tools. A value of the file itself
// is a literal secret, or one of a test.
func (r *reader) cloudVariable(k *yaml.Node, value string) {
	c := clouds[shell.LongLivedVariable(k.Value)]
	m := loneRef().FindStringSubmatch(value)
	if c == nil || k.Value == "AWS_ACCESS_KEY_ID" || m == nil || shortLived().MatchString(value) {
		return
	}
	r.add(fault.Fault{Rule: "gitlab-long-lived-credential", Span: r.doc.Span(k), Key: k.Value, Advice: c.Advice,
		Message: fmt.Sprintf("The variable %s is a long-lived credential for %s, kept as %q in the settings", k.Value, c.Name, m[1]+m[2])})
}
