package shell

import "testing"

func TestPublished(t *testing.T) {
	proven := func(r Remark) string {
		if r.Proven {
			return string(r.Kind) + " " + r.Tool + " proven"
		}
		return string(r.Kind) + " " + r.Tool
	}
	runRemarks(t, []remarkCase{
		{text: "npm publish", want: "published npm"},
		{text: "npm publish --provenance --access public", want: "published npm proven"},
		{text: "npm publish --provenance=false", want: "published npm"},
		{text: "npm --prefix x publish", want: "published npm"},
		{text: "yarn npm publish", want: "published yarn"},
		{text: "pnpm publish", want: "published pnpm"},
		{text: "twine upload dist/*", want: "published twine"},
		{text: "python -m twine upload --attestations dist/*", want: "published twine proven"},
		{text: "uv publish", want: "published uv"},
		{text: "poetry publish --build", want: "published poetry"},
		{text: "cargo publish", want: "published cargo"},
		{text: "cargo +nightly publish", want: "published cargo"},
		{text: "python3.10 -m twine upload dist/*", want: "published twine"},
		{text: "pipx run twine==5.1.1 upload dist/*", want: "published twine"},
		{text: "pipx run --spec 'twine==5.1.1' twine upload dist/*", want: "published twine"},
		{text: "uvx --from twine twine upload dist/*", want: "published twine"},
		{text: "uv tool run twine upload dist/*", want: "published twine"},
		{text: "npx --yes semantic-release@24.0.0", want: "published semantic-release"},
		{text: "gem push x.gem", want: "published gem"},
		{text: "docker push x:1", want: "published docker"},
		{text: "docker buildx build --push .", want: "published docker"},
		{text: "helm push x.tgz oci://r", want: "published helm"},
		{text: "gh release create v1 x", want: "published gh"},
		{text: "gh release upload v1 x", want: "published gh"},
		{text: "mvn -B deploy", want: "published mvn"},
		{text: "./mvnw clean deploy -DskipTests", want: "published mvnw"},
		{text: "./gradlew publish", want: "published gradlew"},
		{text: "./gradlew :lib:publishToMavenCentral", want: "published gradlew"},
		{text: "dotnet nuget push x.nupkg", want: "published dotnet"},
		{text: "goreleaser release --clean", want: "published goreleaser"},
		{text: "npx semantic-release", want: "published semantic-release"},
		{text: "cosign sign x", want: "signed cosign"},
		{text: "cosign attest --predicate p x", want: "signed cosign"},
		{text: "gpg --detach-sign x", want: "signed gpg"},

		{text: "npm publish --dry-run"},
		{text: "cargo publish --dry-run"},
		{text: "docker build ."},
		{text: "npm run publish"},
		{text: "cargo +nightly publish --dry-run"},
		{text: "cargo +nightly build"},
		{text: "pipx run twine==5.1.1 check dist/*"},
		{text: "gh release view v1"},
		{text: "goreleaser release --snapshot"},
		{text: "twine check dist/*"},
		{text: "mvn -B verify"},
		{text: "cosign verify x"},
		{text: "echo npm publish"},
	}, (*Script).Published, proven)
}

func TestDeploys(t *testing.T) {
	runRemarks(t, []remarkCase{
		{text: "kubectl apply -f x.yaml", want: "kubectl"},
		{text: "kubectl -n prod rollout restart deploy/x", want: "kubectl"},
		{text: "helm upgrade --install x ./chart", want: "helm"},
		{text: "terraform apply -auto-approve", want: "terraform"},
		{text: "aws s3 sync dist s3://x", want: "aws"},
		{text: "aws s3 sync dist s3://x/$STAGE", want: "aws"},
		{text: "aws s3 cp a.jar s3://x/${CI_PIPELINE_ID}/a.jar"},
		{text: "aws s3 sync s3://x dist"},
		{text: "aws --region x ecs update-service --service y", want: "aws"},
		{text: "aws cloudformation deploy --stack-name x", want: "aws"},
		{text: "aws lambda update-function-code --function-name x", want: "aws"},
		{text: "gcloud run deploy x", want: "gcloud"},
		{text: "gcloud app deploy", want: "gcloud"},
		{text: "az webapp deploy -n x", want: "az"},
		{text: "serverless deploy", want: "serverless"},
		{text: "npx serverless deploy", want: "serverless"},
		{text: "flyctl deploy", want: "flyctl"},
		{text: "ansible-playbook site.yml", want: "ansible-playbook"},
		{text: "cdk deploy --all", want: "cdk"},
		{text: "npx cdk deploy", want: "cdk"},
		{text: "pulumi up --yes", want: "pulumi"},
		{text: "argocd app sync x", want: "argocd"},
		{text: "wrangler pages deploy dist", want: "wrangler"},
		{text: "firebase deploy", want: "firebase"},

		{text: "kubectl get pods"},
		{text: "kubectl apply --dry-run=client -f x"},
		{text: "helm lint"},
		{text: "terraform plan"},
		{text: "aws s3 ls"},
		{text: "aws sts get-caller-identity"},
		{text: "aws eks update-kubeconfig --name x"},
		{text: "gcloud info"},
		{text: "az account show"},
		{text: "ansible-playbook --syntax-check site.yml"},
		{text: "cdk synth"},
		{text: "pulumi preview"},
	}, (*Script).Deploys, func(r Remark) string { return r.Tool })
}

func TestLongLivedLogins(t *testing.T) {
	runRemarks(t, []remarkCase{
		{text: `aws configure set aws_access_key_id "$ID"`, want: "aws aws configure set"},
		{text: `export AWS_SECRET_ACCESS_KEY="$K"`, want: "aws AWS_SECRET_ACCESS_KEY"},
		{text: `AWS_ACCESS_KEY_ID=«x» aws s3 ls`, want: "aws AWS_ACCESS_KEY_ID"},
		{text: `gcloud auth activate-service-account --key-file k.json`, want: "google gcloud auth activate-service-account"},
		{text: `az login --service-principal -u a -p "$P" --tenant t`, want: "azure az login --service-principal"},
		{text: `vault login -method=userpass username=x`, want: "vault vault login userpass"},
		{text: `vault login "$T"`, want: "vault vault login"},
		{text: `docker login -u _json_key -p "$K" gcr`, want: "google docker login -u _json_key"},
		{text: `$env:AWS_SECRET_ACCESS_KEY = "«x»"`, dialect: PowerShell, want: "aws AWS_SECRET_ACCESS_KEY"},
		{text: `export AWS_REGION=x`},
		{text: `export AWS_SECRET_ACCESS_KEY=$(jq -r .k c.json) AWS_SESSION_TOKEN=$(jq -r .t c.json)`},
		{text: `aws configure set region x`},
		{text: `az login --service-principal -u a --federated-token "$T" --tenant t`},
		{text: `az login --identity`},
		{text: `vault login -method=jwt role=x`},
		{text: `gcloud auth configure-docker`},
		{text: `unset AWS_SECRET_ACCESS_KEY`},
	}, (*Script).LongLivedLogins, func(r Remark) string { return r.Tool + " " + r.Detail })
}

func TestObfuscatedCode(t *testing.T) {
	runRemarks(t, []remarkCase{
		{text: "echo aGk= | base64 -d | sh", want: "sh base64 -d"},
		{text: "base64 --decode x.txt | bash", want: "bash base64 -d"},
		{text: `eval $(echo aGk= | base64 -d)`, want: "eval base64 -d"},
		{text: `eval "$(echo $X | base64 --decode)"`, want: "eval base64 -d"},
		{text: `bash -c "$(base64 -d <<< aGk=)"`, want: "bash base64 -d"},
		{text: `bash <(echo aGk= | base64 -d)`, want: "bash base64 -d"},
		{text: `x=$(echo aGk= | base64 -d); eval "$x"`, want: "eval base64 -d"},
		{text: `printf '\x65\x63\x68\x6f\x20\x68\x69\x0a' | sh`, want: "sh escapes"},
		{text: `eval $'\x65\x63\x68\x6f\x20\x68\x69\x0a'`, want: "eval escapes"},
		{text: `xxd -r -p x | bash`, want: "bash xxd -r"},
		{text: `echo rpub | tr 'A-Za-z' 'N-ZA-Mn-za-m' | sh`, want: "sh tr"},
		{text: `echo x | openssl base64 -d | sh`, want: "sh openssl -d"},
		{text: `pwsh -enc abc`, want: "pwsh -EncodedCommand"},
		{text: `iex ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('aGk=')))`, dialect: PowerShell, want: "Invoke-Expression FromBase64String"},
		{text: "echo aGk= | base64 -d > key"},
		{text: `echo "$KEY" | base64 -d | gpg --import`},
		{text: "echo hi | base64 | sh-like"},
		{text: `printf '\x41' > x`},
		{text: `eval "$(ssh-agent)"`},
	}, (*Script).ObfuscatedCode, func(r Remark) string { return r.Tool + " " + r.Detail })
}

func TestFileModes(t *testing.T) {
	runRemarks(t, []remarkCase{
		{text: "chmod 777 x", want: "777"},
		{text: "sudo chmod -R 0777 /opt", want: "0777"},
		{text: "chmod a+rwx x", want: "a+rwx"},
		{text: "chmod 755 x"},
		{text: "chmod +x x"},
		{text: "echo chmod 777 x"},
	}, (*Script).FileModes, func(r Remark) string { return r.Detail })
}
