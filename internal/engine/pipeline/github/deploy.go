package github

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// A deployment is a place where a job changes what runs somewhere.
type deployment struct {
	step *Step
	span fault.Span
	what string // the action or command
	site bool   // only a web site of the project
}

// deployers are actions that deploy; true for those that publish a web site.
var deployers = map[string]bool{
	"azure/webapps-deploy": false, "azure/functions-action": false, "azure/k8s-deploy": false, "azure/container-apps-deploy-action": false, "azure/static-web-apps-deploy": true, "azure/arm-deploy": false,
	"azure/aks-set-context": false, "aws-actions/amazon-ecs-deploy-task-definition": false, "aws-actions/aws-cloudformation-github-deploy": false, "aws-actions/aws-lambda-deploy": false,
	"google-github-actions/deploy-cloudrun": false, "google-github-actions/deploy-cloud-functions": false, "google-github-actions/deploy-appengine": false,
	"cloudflare/wrangler-action": false, "cloudflare/pages-action": true, "amondnet/vercel-action": false, "netlify/actions/cli": true, "nwtgck/actions-netlify": true,
	"firebaseextended/action-hosting-deploy": true, "akhileshns/heroku-deploy": false, "easingthemes/ssh-deploy": false, "samkirkland/ftp-deploy-action": false,
	"peaceiris/actions-gh-pages": true, "jamesives/github-pages-deploy-action": true, "deliverybot/helm": false, "digitalocean/app_action": false, "digitalocean/app_action/deploy": false,
	"jakejarvis/s3-sync-action": true, "einaregilsson/beanstalk-deploy": false, "dflook/terraform-apply": false, "crazy-max/ghaction-github-pages": true, "appleboy/scp-action": false,
	"serverless/github-action": false, "w9jds/firebase-action": false, "bitnami/kubeapps-action": false, "capistrano/deploy-action": false,
}

// deployments are the places of a job where it deploys.
func (c *context) deployments(j *Job) []deployment {
	var list []deployment
	for _, s := range j.Steps {
		if site, ok := deployers[s.Ref.Name()]; ok {
			list = append(list, deployment{s, c.span(s.Uses), s.Ref.Name(), site})
		}
		sc := c.script(s)
		if sc.Shell == nil {
			continue
		}
		for _, r := range sc.Shell.Deploys() {
			list = append(list, deployment{s, sc.Span(r.Range), commandOf(r), r.Tool == "gh-pages" || r.Tool == "surge"})
		}
	}
	return list
}

// manyWords are programs whose orders have more than one word.
var manyWords = named("aws", "gcloud", "az", "gh", "dotnet", "docker", "argocd", "doctl", "nuget", "podman")

// commandOf names a command by its program and the order that it gets, without what that is about.
func commandOf(r shell.Remark) string {
	if manyWords[r.Tool] {
		return strings.TrimSpace(r.Tool + " " + r.Detail)
	}
	verb, _, _ := strings.Cut(r.Detail, " ")
	if strings.ContainsAny(verb, "/.:") {
		return r.Tool
	}
	return strings.TrimSpace(r.Tool + " " + verb)
}

// firstDeploy is the first place of a job where it deploys to something that lasts; nil where there is none.
func (c *context) firstDeploy(j *Job) *deployment {
	if testJob().MatchString(j.ID + " " + j.Name) {
		return nil
	}
	list := c.deployments(j)
	if len(list) == 0 || c.onTestCluster(j) {
		return nil
	}
	return &list[0]
}

// testClusters are words by which a job that has a cluster of its own for the time of the run shows it.
var testClusters = lazyregexp.New(`(?i)\bkind\b[ -]?(create|action|load|cluster)|helm/kind-action|engineerd/setup-kind|minikube|k3d\b|k3s\b|microk8s|localstack|chart-testing|\bct install|vcluster|docker[- ]compose up`)

// testJob are names of jobs that set something up to test it.
var testJob = lazyregexp.New(`(?i)(?:^|[^a-z])(?:tests?|e2e|conformance|smoke|integration|bench(?:mark)?s?)(?:[^a-z]|$)`)

func (c *context) onTestCluster(j *Job) bool {
	for _, s := range j.Steps {
		if testClusters().MatchString(s.Ref.Name()) || testClusters().MatchString(document.Text(s.Run)) || testClusters().MatchString(s.Name) {
			return true
		}
	}
	return false
}

var (
	deployName = lazyregexp.New(`(?i)(?:^|[^a-z])(?:deploy(?:ment|ing)?|prod|production|rollout|promote)(?:[^a-z]|$)`)
	notLive    = lazyregexp.New(`(?i)test|e2e|lint|preview|review|staging|stage|dev\b|sandbox|plan|dry|check|docs?\b|documentation|pages|site`)
)

// bareDeploy: a job deploys and stands in no environment, so nobody can be asked for an approval and every branch may do
// the same with the same secrets.
func bareDeploy(c *context) {
	if c.workflow == nil {
		return
	}
	for _, j := range c.workflow.Jobs {
		d := c.firstDeploy(j)
		if d == nil || j.Environment != nil || c.onlyPullRequests(j) {
			continue
		}
		f := c.tell(d.span, j.ID+" "+d.what, fmt.Sprintf("job %q deploys with %s and stands in no environment, so nobody's approval can be asked for", j.ID, d.what))
		text := j.ID + " " + j.Name + " " + c.workflow.Name
		if d.site || !deployName().MatchString(text) || notLive().MatchString(text) {
			f.Severity, f.Confidence = finding.Low, finding.MediumConfidence
		}
	}
}

// onlyPullRequests reports whether a job runs for pull requests alone: what it deploys is a preview or a test.
func (c *context) onlyPullRequests(j *Job) bool {
	events := c.events(j, nil)
	return len(events) > 0 && !slices.ContainsFunc(events, func(e string) bool { return !strings.HasPrefix(e, "pull_request") && e != "merge_group" })
}
