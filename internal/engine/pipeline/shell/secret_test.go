package shell

import "testing"

func TestSecrets(t *testing.T) {
	secret := func(name string) bool { return name == "TOKEN" || name == "PW" }
	runRemarks(t, []remarkCase{
		{text: `echo $TOKEN`, want: "printed-secret echo TOKEN"},
		{text: `echo "token: $TOKEN"`, want: "printed-secret echo TOKEN"},
		{text: `printf '%s\n' "$TOKEN"`, want: "printed-secret printf TOKEN"},
		{text: `echo "$TOKEN" | base64`, want: "printed-secret echo TOKEN"},
		{text: `echo "$TOKEN" | rev`, want: "printed-secret echo TOKEN"},
		{text: `echo "$TOKEN" | tee token.txt`, want: "printed-secret echo TOKEN"},
		{text: `echo "$(echo $TOKEN | base64)"`, want: "printed-secret echo TOKEN"},
		{text: `x="$TOKEN"; echo "$x"`, want: "printed-secret echo x"},
		{text: "cat <<EOF\n$TOKEN\nEOF", want: "printed-secret cat TOKEN"},
		{text: `cat <<< "$TOKEN"`, want: "printed-secret cat TOKEN"},
		{text: `printenv TOKEN`, want: "printed-secret printenv TOKEN"},
		{text: `env`, want: "printed-secret env "},
		{text: `printenv`, want: "printed-secret printenv "},
		{text: `env | sort`, want: "printed-secret env "},
		{text: "export -p", want: "printed-secret export "},
		{text: "set -x\ndeploy \"$TOKEN\"", want: "secret-argument deploy TOKEN"},
		{text: "set -x\nexport A=\"$TOKEN\"", want: "printed-secret export TOKEN"},
		{text: `echo "$TOKEN" >&2`, want: "printed-secret echo TOKEN"},
		{text: `{ echo "$TOKEN"; }`, want: "printed-secret echo TOKEN"},
		{text: `bash -c 'echo $TOKEN'`, want: "printed-secret echo TOKEN"},
		{text: `Write-Host $env:TOKEN`, dialect: PowerShell, want: "printed-secret Write-Host TOKEN"},
		{text: `Write-Output "t: $env:TOKEN"`, dialect: PowerShell, want: "printed-secret Write-Output TOKEN"},
		{text: `gci env:`, dialect: PowerShell, want: "printed-secret gci "},
		{text: `echo %TOKEN%`, dialect: Cmd, want: "printed-secret echo TOKEN"},
		{text: `echo "«secret»"`, want: "printed-secret echo "},
		{text: `echo "$TOKEN" > token.txt`, want: "stored-secret echo TOKEN"},
		{text: "cat <<EOF > ~/.npmrc\n//r/:_authToken=$TOKEN\nEOF", want: "stored-secret cat TOKEN"},
		{text: `echo "t=$TOKEN" >> "$GITHUB_ENV"`, want: "stored-secret echo TOKEN"},

		{text: `echo "$TOKEN" | docker login -u x --password-stdin`},
		{text: `echo "::add-mask::$TOKEN"`},
		{text: `echo "##vso[task.setvariable variable=x;issecret=true]$TOKEN"`},
		{text: `echo "$TOKEN" > /dev/null`},
		{text: `echo "${#TOKEN}"`},
		{text: `echo "${TOKEN:+set}"`},
		{text: `echo "$OTHER"`},
		{text: `env FOO=bar make`},
		{text: `env | grep -q TOKEN`},
		{text: `echo "$TOKEN" | sha256sum`},
		{text: `if [ -z "$TOKEN" ]; then exit 1; fi`},
		{text: `[[ -n $TOKEN ]] || exit`},
		{text: `x=$(echo "$TOKEN" | cut -c1)`},
		{text: "set -x\nset +x\nexport A=\"$TOKEN\""},
		{text: `export A="$TOKEN"`},
		{text: `echo '$TOKEN'`},
		{text: `set -e`},
		{text: `cat file`},

		{text: `curl -u "user:$TOKEN" https://example.com`, want: "secret-argument curl TOKEN"},
		{text: `echo x | docker login --username "$PW" --password-stdin`},
		{text: `docker login --username=$PW -u "$PW" r`},
		{text: `docker login -u "$PW" -p "$TOKEN" r`, want: "secret-argument docker TOKEN"},
		{text: `docker login -u x -p "$PW" r`, want: "secret-argument docker PW"},
		{text: `mysql -p$PW`, want: "secret-argument mysql PW"},
		{text: `git clone "https://x:$TOKEN@example.com/a"`, want: "secret-argument git TOKEN"},
		{text: `curl -H "Authorization: Bearer $TOKEN" https://example.com`, want: "secret-argument curl TOKEN"},
		{text: `tool --token=«x»`, want: "secret-argument tool "},
		{text: `TOKEN="$TOKEN" tool`},
		{text: `f() { :; }; f "$TOKEN"`},
	}, func(s *Script) []Remark {
		return s.Secrets(secret, func(int) bool { return true })
	}, func(r Remark) string { return string(r.Kind) + " " + r.Tool + " " + r.Name })
}

func TestSecretArgumentDetail(t *testing.T) {
	secret := func(name string) bool { return name == "PW" }
	runRemarks(t, []remarkCase{
		{text: `mysql -p$PW`, want: "-p"},
		{text: `tool --password=$PW`, want: "--password"},
		{text: `tool --password "$PW"`, want: "--password"},
		{text: `git push "https://x:$PW@example.com/a"`, want: "url"},
		{text: `tool "$PW"`, want: "argument"},
	}, func(s *Script) []Remark { return s.Secrets(secret, nil) }, func(r Remark) string { return r.Detail })
}
