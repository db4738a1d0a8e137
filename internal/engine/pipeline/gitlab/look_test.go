package gitlab

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rulesOf are the rules told of one pipeline, with their severity where it is not the rule's own.
func TestLook(t *testing.T) {
	sha, commit := strings.Repeat("ab", 32), strings.Repeat("ab", 20)
	emulator := "C2y6yDjf5/R+ob0N8A7Cgv30" + "VRDJIWEHLM+4QDU5DE2nQ9n" + "DuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="
	made := "kZ83" + "hdQ2lT" + "x9Rb44"
	for _, c := range []struct{ text, want string }{
		// images
		{"a: {image: ruby}", "unpinned-image"},
		{"a: {image: 'ruby:latest'}", "unpinned-image"},
		{"a: {image: 'registry.example.com:5000/ruby'}", "unpinned-image"},
		{"a: {image: 'registry.example.com:5000/ruby:3'}", "unpinned-image low"},
		{"a: {image: {name: 'ruby:3', entrypoint: ['']}}", "unpinned-image low"},
		{"a: {image: 'ruby:3@sha256:" + sha + "'}", ""},
		{"a: {image: $IMAGE}", ""},
		{"a: {image: '$CI_REGISTRY_IMAGE:latest'}", ""},
		{"variables: {V: latest}\na: {image: 'ruby:$V'}", "unpinned-image"},
		{"variables: {V: {value: '3'}}\na: {image: 'ruby:${V}'}", "unpinned-image low"},
		{"default: {image: ruby}", "unpinned-image"},
		{"image: ruby", "unpinned-image"},
		{"services: [redis]", "unpinned-image"},
		{"a: {services: [{name: redis, alias: r}]}", "unpinned-image"},
		{"a: {services: [!reference [.x, services]]}", ""},
		{"a:\n  image: $[[ inputs.image ]]", ""},
		{"a: {services: ['docker:28-dind@sha256:" + sha + "']}", "privileged-docker"},
		{"a: {services: ['docker:28-dind-rootless@sha256:" + sha + "']}", ""},
		{"a: {script: [docker run --privileged img@sha256:" + sha + "]}", "privileged-docker"},
		// includes
		{"include: https://gitlab.example.com/x.yml", "unpinned-include"},
		{"include: 'https://user:" + made + "@gitlab.example.com/x.yml?private_token=" + made + "'", "unpinned-include"},
		{"include: {remote: 'https://gitlab.example.com/-/raw/" + commit + "/x.yml'}", "unpinned-include low"},
		{"include: {remote: 'https://$HOST/x.yml'}", ""},
		{"include: {project: a/b, file: x.yml}", "unpinned-include"},
		{"include: {project: a/b, ref: main, file: x.yml}", "unpinned-include"},
		{"include: {project: a/b, ref: " + commit + ", file: x.yml}", ""},
		{"include: {project: a/b, ref: v1.2, file: x.yml}", ""},
		{"include: {project: a/b, ref: feature/x, file: x.yml}", "unpinned-include low"},
		{"include: {project: a/b, ref: $REF, file: x.yml}", ""},
		{"include: {component: $CI_SERVER_FQDN/a/b@1.2.3}", ""},
		{"include: {component: $CI_SERVER_FQDN/a/b@1.2}", "unpinned-include low"},
		{"include: {component: $CI_SERVER_FQDN/a/b@main}", "unpinned-include"},
		{"include: {component: $CI_SERVER_FQDN/a/b@$CI_COMMIT_SHA}", ""},
		{"include: {template: Jobs/SAST.gitlab-ci.yml}", ""},
		// variables
		{"variables: {CI_DEBUG_TRACE: 'true'}", "debug-trace"},
		{"variables: {CI_DEBUG_TRACE: true}", "debug-trace"},
		{"variables: {CI_DEBUG_TRACE: {value: 'true', description: x}}", "debug-trace"},
		{"variables: {CI_DEBUG_TRACE: $DEBUG}", ""},
		{"variables: {CI_DEBUG_SERVICES: 'true'}", "debug-trace low"},
		{"variables: {DOCKER_TLS_CERTDIR: ''}", "docker-without-tls"},
		{"variables: {DOCKER_TLS_CERTDIR: }", ""},
		{"variables: {DOCKER_HOST: 'tcp://docker:2375'}", "docker-without-tls low"},
		{"variables: {DOCKER_HOST: 'tcp://docker:2376'}", ""},
		{"variables: {GIT_SSL_NO_VERIFY: '1'}", "disabled-tls"},
		{"variables: {GIT_SSL_NO_VERIFY: 'false'}", ""},
		{"variables: {NODE_TLS_REJECT_UNAUTHORIZED: 0}", "disabled-tls"},
		{"variables: {AWS_SECRET_ACCESS_KEY: $KEY}", "long-lived-credential"},
		{"variables: {AWS_SECRET_ACCESS_KEY: test}", ""},
		{"variables: {AZURE_CLIENT_SECRET: $SECRET}", "long-lived-credential"},
		{"variables: {GOOGLE_APPLICATION_CREDENTIALS: /tmp/x.json}", ""},
		{"variables: {GOOGLE_APPLICATION_CREDENTIALS: $WIF_CONFIG}", ""},
		{"variables: {VAULT_TOKEN: $VAULT_ID_TOKEN}", ""},
		{"variables: {API_TOKEN: " + made + "}", "literal-secret"},
		{"variables: {API_TOKEN: {value: " + made + "}}", "literal-secret"},
		{"variables: {POSTGRES_PASSWORD: " + made + "}", "literal-secret low"},
		{"variables: {POSTGRES_PASSWORD: postgres}", ""},
		{"variables: {API_TOKEN: $OTHER}", ""},
		{"variables: {API_TOKEN: example-token-123}", ""},
		{"variables: {CACHE_KEY: " + made + "}", ""},
		{"variables: {TOKEN_FILE: " + made + "}", ""},
		{"variables: {COSMOS_TOKEN: " + emulator + "}", ""},
		{"variables: {API_KEY: /run/secrets/key1234}", ""},
		// jobs
		{"a: {cache: {unprotect: true}}", "shared-cache"},
		{"a: {cache: [{key: a}, {key: b, unprotect: true}]}", "shared-cache"},
		{"a: {cache: {key: a-$CI_PIPELINE_ID, unprotect: true}}", "shared-cache low"},
		{"a: {cache: {key: '${CI_COMMIT_REF_SLUG}', unprotect: true}}", "shared-cache"},
		{"a: {cache: {unprotect: false}}", ""},
		{"a: {artifacts: {paths: [.env]}}", "secret-in-artifact"},
		{"a: {artifacts: {paths: [config/.env.production]}}", "secret-in-artifact"},
		{"a: {artifacts: {paths: [.env.example]}}", ""},
		{"a: {artifacts: {paths: [.env], access: none}}", ""},
		{"a: {artifacts: {paths: ['.']}}", "secret-in-artifact medium"},
		{"a: {artifacts: {paths: ['.'], exclude: ['.git/**/*']}}", ""},
		{"a: {artifacts: {paths: [$CI_PROJECT_DIR]}}", "secret-in-artifact medium"},
		{"a: {artifacts: {paths: [$CI_PROJECT_DIR/dist]}}", ""},
		{"a: {artifacts: {untracked: true}}", "secret-in-artifact low"},
		{"a: {artifacts: {paths: [deploy/terraform.tfstate]}}", "secret-in-artifact"},
		{"a: {id_tokens: {T: {aud: https://x.example.com}}}", ""},
		{"a: {id_tokens: {T: {aud: [https://x.example.com]}}}", ""},
		{"a: {id_tokens: {T: {aud: [a, b]}}}", "wide-id-token"},
		{"a: {id_tokens: {T: {aud: '*'}}}", "wide-id-token"},
		{"a: {id_tokens: {T: {}}}", "wide-id-token"},
		{"a: {trigger: {project: x, forward: {pipeline_variables: true}}}", "forwarded-variables"},
		{"a: {trigger: x}", ""},
		{"secret_detection: {script: ./scan, allow_failure: true}", "ignored-scanner"},
		{"secret_detection: {allow_failure: true}", "ignored-scanner low"},
		{"sast: {script: ./scan, allow_failure: {exit_codes: 3}}", ""},
		{"forecast: {script: ./scan, allow_failure: true}", ""},
		{"trivy: {script: [trivy fs --exit-code 0 .]}", "ignored-scanner"},
		// scripts
		{"a: {script: ['curl https://x.example.com/i.sh | sh']}", "piped-installer"},
		{"a: {script: ['curl -k https://x.example.com/f -o f']}", "disabled-tls"},
		{"a: {script: ['echo $API_TOKEN']}", "printed-secret"},
		{"a: {script: ['echo $PWD']}", ""},
		{"a: {script: ['echo \"$CI_REGISTRY_PASSWORD\" | docker login --password-stdin']}", ""},
		{"a: {script: ['git clone https://x:$CI_JOB_TOKEN@github.com/a/b']}", "job-token-elsewhere,secret-argument"},
		{"a: {script: ['git clone https://x:$CI_JOB_TOKEN@gitlab.example.com/a/b']}", "secret-argument"},
		{"a: {script: ['npm ci', 'make']}", ""},
		{"a: {script: ['az login --service-principal -u $U -p $P -t $T']}", "long-lived-credential"},
		{"a: {script: ['Write-Host $env:X', 'Invoke-WebRequest https://x.example.com/i.ps1 | iex']}", "piped-installer"},
		// injection
		{"a: {script: ['sh -c \"echo $CI_COMMIT_TAG\"']}", "script-injection medium"},
		{"a: {script: ['$CI_COMMIT_BRANCH --help']}", "script-injection medium"},
		{"a: {script: ['sed -i \"s/V/$CI_COMMIT_TAG/\" f']}", "script-injection low"},
		{"a: {script: ['sed -i \"s/V/$CI_COMMIT_TITLE/\" f']}", "script-injection medium"},
		{"a: {script: ['echo \"$CI_COMMIT_MESSAGE\"', 'test \"$CI_COMMIT_BRANCH\" = main']}", ""},
		{"a: {script: ['eval \"$CI_COMMIT_SHA $CI_COMMIT_REF_SLUG\"']}", ""},
		{"a: {script: ['MSG=$CI_COMMIT_TITLE', 'eval \"echo $MSG\"']}", "script-injection"},
		{"variables: {CI_COMMIT_TITLE: fixed}\na: {script: ['eval \"$CI_COMMIT_TITLE\"']}", ""},
		{"variables: {T: {value: $CI_COMMIT_TITLE, expand: false}}\na: {script: ['eval \"$T\"']}", ""},
		{"spec: {inputs: {x: }}\n---\na: {script: ['./y $[[ inputs.x ]]']}", "input-injection"},
		{"spec: {inputs: {x: {type: number}}}\n---\na: {script: ['./y $[[ inputs.x ]]']}", ""},
		{"spec: {inputs: {x: {regex: '^a$'}}}\n---\na: {script: ['./y $[[ inputs.x ]]']}", ""},
		// deployments
		{"a: {script: [helm upgrade x ./x]}", "deploy-without-environment low"},
		{"a: {script: [helm upgrade --dry-run x ./x]}", ""},
		{"a: {script: [kind create cluster, helm upgrade x ./x]}", ""},
		{"a: {environment: e, script: [helm upgrade x ./x]}", ""},
		{"a: {environment: {name: prod, action: stop}, script: ./x}", ""},
		{"a: {environment: pre-prod, script: ./x}", ""},
		{"a: {environment: review/$CI_COMMIT_REF_SLUG, script: ./x}", ""},
		{"a: {environment: prod, when: always, only: [main], script: ./x}", "deploy-always"},
		{"a: {environment: prod, script: ./x, rules: [{if: $CI_COMMIT_REF_PROTECTED == \"true\"}]}", ""},
		{"a: {environment: prod, script: ./x, rules: [{if: $CI_COMMIT_TAG =~ /^v/}]}", ""},
		{"a: {environment: prod, script: ./x, rules: [{changes: [x]}]}", "deploy-from-any-branch,deploy-on-merge-request"},
		{"a: {environment: prod, script: ./x, rules: [{when: manual}]}", ""},
		{"a: {environment: prod, trigger: {project: p}}", ""},
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
	text := "include: 'http://u:" + made + "@gitlab.example.com/x.yml?token=" + made + "'\nvariables: {API_TOKEN: " + made + "}\na:\n  script:\n    - curl -k https://u:" + made + "@example.com/x | sh\n    - docker login -p " + made + "\n"
	platform.TestNoSecrets(t, text, made, 4)
}

func TestWants(t *testing.T) {
	for path, want := range map[string][2]bool{
		".gitlab-ci.yml": {true, true}, "a/b/.gitlab-ci.yaml": {true, true}, "templates/Go.gitlab-ci.yml": {true, true}, ".gitlab/ci/x.yml": {true, true},
		".gitlab/x.yml": {true, false}, "ci/x.yml": {true, false}, ".github/workflows/x.yml": {false, false}, "azure-pipelines.yml": {false, false}, "x.json": {false, false},
	} {
		wants, sure := Wants(path)
		if got := [2]bool{wants, sure}; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}
