package github

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// A cloud is a provider that lets a job in for minutes, in exchange for the identity token that GitHub signs.
type cloud struct {
	name   string
	advice string // with the login to paste
}

// clouds are the providers as package shell names them.
var clouds = map[string]cloud{
	"aws": {"AWS", `Let the job ask for a short-lived login instead, and delete the key:
permissions:
  id-token: write
steps:
  - uses: aws-actions/configure-aws-credentials@COMMIT
    with:
      role-to-assume: arn:aws:iam::ACCOUNT:role/ROLE
      aws-region: REGION
Trust the role to this repository and its environment or branch only`},
	"azure": {"Azure", `Let the job ask for a short-lived login instead, and delete the client secret:
permissions:
  id-token: write
steps:
  - uses: azure/login@COMMIT
    with:
      client-id: ${{ vars.AZURE_CLIENT_ID }}
      tenant-id: ${{ vars.AZURE_TENANT_ID }}
      subscription-id: ${{ vars.AZURE_SUBSCRIPTION_ID }}
Add a federated credential for this repository and its environment or branch to the application`},
	"google": {"Google Cloud", `Let the job ask for a short-lived login instead, and delete the key of the service account:
permissions:
  id-token: write
steps:
  - uses: google-github-actions/auth@COMMIT
    with:
      workload_identity_provider: projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER
      service_account: NAME@PROJECT.iam.gserviceaccount.com
Bind the provider to this repository and its environment or branch only`},
	"vault": {"Vault", `Let the job log in with its identity token instead, and revoke this credential:
permissions:
  id-token: write
steps:
  - uses: hashicorp/vault-action@COMMIT
    with:
      url: https://vault.example.com
      method: jwt
      role: ROLE
      secrets: secret/data/ci password | DATABASE_PASSWORD
Bind the role to this repository and its environment or branch only`},
}

// A loginInput is an input of an action that takes a credential which does not expire by itself.
type loginInput struct{ action, input, provider string }

var loginInputs = []loginInput{
	{"aws-actions/configure-aws-credentials", "aws-secret-access-key", "aws"},
	{"jakejarvis/s3-sync-action", "aws_secret_access_key", "aws"},
	{"einaregilsson/beanstalk-deploy", "aws_secret_key", "aws"},
	{"docker/login-action", "password", ""}, // see loginProvider
	{"azure/login", "creds", "azure"},
	{"azure/webapps-deploy", "publish-profile", "azure"},
	{"azure/functions-action", "publish-profile", "azure"},
	{"azure/docker-login", "password", "azure"},
	{"google-github-actions/auth", "credentials_json", "google"},
	{"google-github-actions/setup-gcloud", "service_account_key", "google"},
	{"google-github-actions/setup-gcloud", "credentials_json", "google"},
	{"google-github-actions/get-gke-credentials", "credentials", "google"},
	{"google-github-actions/deploy-cloudrun", "credentials", "google"},
	{"hashicorp/vault-action", "token", "vault"},
	{"hashicorp/vault-action", "secretid", "vault"},
	{"hashicorp/vault-action", "password", "vault"},
}

// loginNames are names of inputs that hold such a credential whatever action has them.
var loginNames = map[string]string{
	"aws_secret_access_key": "aws", "aws_secret_key": "aws", "credentials_json": "google", "gcp_credentials_json": "google", "gcp_sa_key": "google", "service_account_key": "google",
	"azure_credentials": "azure", "azure_client_secret": "azure", "arm_client_secret": "azure", "vault_token": "vault",
}

// longLivedCredential: a job logs in to a cloud with a stored credential, which works from anywhere until somebody revokes
// it.
func longLivedCredential(c *context) {
	for _, s := range c.steps() {
		for k, v := range document.Pairs(s.With) {
			if provider, ok := inputProvider(s, strings.ToLower(k.Value)); ok {
				c.storedInput(s, k.Value, v, provider)
			}
		}
		c.storedLogins(c.script(s))
	}
	if c.workflow != nil {
		c.storedVariables("workflow", c.workflow.Env)
	}
	for _, j := range c.jobs() {
		c.storedVariables(j.ID, j.Env)
		for _, s := range j.Steps {
			c.storedVariables(s.Key(), s.Env)
		}
	}
}

// storedVariables tells of variables that hand a stored credential to a cloud's tools. A value of the file itself is one of
// a test, and that of an earlier step comes from a login.
func (c *context) storedVariables(where string, env *yaml.Node) {
	for k, v := range document.Pairs(env) {
		provider, ok := clouds[shell.LongLivedVariable(k.Value)]
		name := secretOf(c.whole(v))
		if !ok || name == "" || k.Value == "AWS_ACCESS_KEY_ID" || shortLived().MatchString(name) || ownStore(env) {
			continue
		}
		c.tellAt(k, where+" "+k.Value, fmt.Sprintf("%s is a long-lived credential for %s, kept as the secret %s", k.Value, provider.name, name)).Advice = provider.advice
	}
}

// ownStore reports whether variables name a store of somebody else's that speaks Amazon's language and has its keys only.
func ownStore(env *yaml.Node) bool {
	for k := range document.Pairs(env) {
		if name := strings.ToLower(k.Value); strings.HasPrefix(name, "aws_endpoint") || strings.Contains(name, "s3_endpoint") || strings.Contains(name, "s3-endpoint") || name == "endpoint" {
			return true
		}
	}
	return false
}

// shortLived are words in the names of what does expire.
var shortLived = lazyregexp.New(`(?i)ID_?TOKEN|JWT|OIDC|WIF|WORKLOAD|FEDERAT|SESSION`)

// inputProvider is the provider whose lasting credential an input takes.
func inputProvider(s *Step, input string) (cloud, bool) {
	for _, in := range loginInputs {
		if in.input != input || !s.Is(in.action) {
			continue
		}
		if in.provider == "" {
			p, ok := clouds[registryProvider(s)]
			return p, ok
		}
		return clouds[in.provider], true
	}
	p, ok := clouds[loginNames[strings.ReplaceAll(input, "-", "_")]]
	return p, ok
}

// storedInput tells of an action that gets a stored credential to log in with. A session's token among its inputs says that
// somebody logged in before.
func (c *context) storedInput(s *Step, input string, n *yaml.Node, provider cloud) {
	name := secretOf(c.whole(n))
	if name == "" || s.Input("aws-session-token") != nil || shortLived().MatchString(name) || ownStore(s.With) {
		return
	}
	c.tellAt(n, s.Key()+" "+input, fmt.Sprintf("step %q logs in to %s with a long-lived credential, kept as the secret %s", s.Label(), provider.name, name)).Advice = provider.advice
}

// registryProvider is the cloud whose stored key a login to a registry takes: the names of the account are those by which
// Google's and Amazon's registries know a key.
func registryProvider(s *Step) string {
	user, registry := document.Text(s.Input("username")), document.Text(s.Input("registry"))
	switch {
	case strings.HasPrefix(user, "_json_key"):
		return "google"
	case strings.Contains(registry, ".dkr.ecr.") && secretOf(exprOf(s.Input("username"))) != "":
		return "aws"
	}
	return ""
}

// exprOf is the first expression of a scalar.
func exprOf(n *yaml.Node) *Expr {
	if list := exprs(n); len(list) > 0 {
		return list[0]
	}
	return nil
}

// storedLogins tells of commands of a script that log in with a secret that the step gets.
func (c *context) storedLogins(sc *Script) {
	if sc.Shell == nil {
		return
	}
	for _, r := range sc.Shell.LongLivedLogins() {
		provider, ok := clouds[r.Tool]
		if !ok || r.Detail == "AWS_ACCESS_KEY_ID" || !c.usesSecrets(sc) {
			continue
		}
		c.tell(sc.Span(r.Range), sc.Step.Key()+" "+r.Detail, fmt.Sprintf("step %q logs in to %s with a stored credential: %s", sc.Step.Label(), provider.name, r.Detail)).Advice = provider.advice
	}
}

// usesSecrets reports whether a script or its step's environment holds a secret other than the job's token.
func (c *context) usesSecrets(sc *Script) bool {
	for _, e := range sc.Exprs {
		if secretOf(e) != "" {
			return true
		}
	}
	for _, env := range c.environments(sc.Step) {
		for _, e := range c.secretsIn(env) {
			if e = strings.ToLower(e); e != "github.token" && e != "secrets.github_token" {
				return true
			}
		}
	}
	return false
}

// secretOf is the name of the secret that an expression is; empty for the job's own token, which ends with the job.
func secretOf(e *Expr) string {
	if e == nil || e.Tree == nil {
		return ""
	}
	for _, p := range shownPaths(e.Tree) {
		if name, ok := strings.CutPrefix(p, "secrets."); ok && name != "github_token" {
			return strings.ToUpper(name)
		}
	}
	return ""
}
