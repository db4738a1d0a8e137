package shell

import (
	"slices"
	"strings"
)

// insecureFlags are the options by which a program stops checking certificates, hosts or signatures.
var insecureFlags = map[string][]string{
	"curl": {"-k", "--insecure", "--proxy-insecure"}, "wget": {"--no-check-certificate", "--no-hsts"},
	"http": {"--verify=no"}, "https": {"--verify=no"}, "aria2c": {"--check-certificate=false"},
	"pip": {"--trusted-host"}, "pip3": {"--trusted-host"}, "uv": {"--allow-insecure-host", "--trusted-host"},
	"npm": {"--strict-ssl=false", "--no-strict-ssl"}, "yarn": {"--strict-ssl=false"}, "pnpm": {"--strict-ssl=false"},
	"apt": {"--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"}, "apt-get": {"--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"},
	"yum": {"--nogpgcheck", "--nogpg"}, "dnf": {"--nogpgcheck", "--no-gpgchecks"}, "zypper": {"--no-gpg-checks", "--gpg-auto-import-keys"}, "apk": {"--allow-untrusted"},
	"rpm": {"--nosignature", "--nodigest", "--nogpg"}, "pacman": {"--disable-sandbox-signature"},
	"helm": {"--insecure-skip-tls-verify", "--kube-insecure-skip-tls-verify", "--plain-http"}, "kubectl": {"--insecure-skip-tls-verify"}, "oc": {"--insecure-skip-tls-verify"},
	"argocd": {"--insecure"}, "docker": {"--tls-verify=false", "--disable-content-trust"}, "podman": {"--tls-verify=false"}, "buildah": {"--tls-verify=false"},
	"skopeo": {"--src-tls-verify=false", "--dest-tls-verify=false", "--tls-verify=false"}, "oras": {"--insecure", "--plain-http"},
	"crane": {"--insecure"}, "cosign": {"--insecure-ignore-tlog", "--allow-insecure-registry", "--insecure-ignore-sct"}, "vault": {"-tls-skip-verify"},
	"consul": {"-tls-skip-verify"}, "nomad": {"-tls-skip-verify"}, "aws": {"--no-verify-ssl"}, "az": {"--disable-ssl"}, "gsutil": {"-o Boto:https_validate_certificates=False"},
	"ansible-galaxy": {"--ignore-certs", "-c"}, "composer": {"--no-secure-http"}, "mc": {"--insecure"}, "influx": {"--skip-verify"},
	"sshpass": {"-o StrictHostKeyChecking=no"}, "cf": {"--skip-ssl-validation"}, "choco": {"--ignore-checksums", "--allow-empty-checksums"},
	"twine": {"--disable-ssl-verification"}, "conda": {"--insecure"}, "mvn": {"-Dmaven.wagon.http.ssl.insecure=true", "-Dmaven.wagon.http.ssl.allowall=true"},
}

// insecureSettings are variables that turn checks off when they have one of the values; none listed means any.
var insecureSettings = map[string][]string{
	"GIT_SSL_NO_VERIFY": {"1", "true", "yes", "on"}, "NODE_TLS_REJECT_UNAUTHORIZED": {"0"}, "PYTHONHTTPSVERIFY": {"0"},
	"GOINSECURE": nil, "GONOSUMCHECK": {"1", "true", "*"}, "GONOSUMDB": {"*"}, "GOSUMDB": {"off"}, "NPM_CONFIG_STRICT_SSL": {"false"}, "npm_config_strict_ssl": {"false"},
	"PIP_TRUSTED_HOST": nil, "COMPOSER_DISABLE_TLS": {"1", "true"}, "ANSIBLE_HOST_KEY_CHECKING": {"false", "0", "no"}, "VAULT_SKIP_VERIFY": {"1", "true"},
	"YARN_STRICT_SSL": {"false"}, "REQUESTS_CA_BUNDLE": {"/dev/null"}, "SSL_CERT_FILE": {"/dev/null"}, "CURL_INSECURE": {"1"}, "HOMEBREW_CURL_INSECURE": {"1"}, "BUNDLE_SSL_VERIFY_MODE": {"0"},
	"CARGO_HTTP_CHECK_REVOKE": {"false"}, "DOCKER_CONTENT_TRUST": {"0"}, "COSIGN_INSECURE_IGNORE_TLOG": {"true", "1"},
}

// InsecureTransport are commands and variables that turn off checks of certificates, hosts or signatures. Commands whose
// only addresses are those of the machine itself are left out.
func (s *Script) InsecureTransport() []Remark {
	var out []Remark
	for i := range s.Commands {
		c := &s.Commands[i]
		for _, a := range c.Assigns {
			if value, ok := a.Value.Static(); ok && insecureSetting(a.Name, value) {
				r := s.remark(InsecureTransport, i)
				r.Range, r.Detail = a.Range, a.Name+"="+value
				out = append(out, r)
			}
		}
		if detail := insecure(c); detail != "" && !local(c) {
			r := s.remark(InsecureTransport, i)
			r.Detail = detail
			out = append(out, r)
		}
		if c.Kind == Expression || c.Kind == Assignment {
			if detail := s.callback(c); detail != "" {
				r := s.remark(InsecureTransport, i)
				r.Detail = detail
				out = append(out, r)
			}
		}
	}
	return inOrder(out)
}

// InsecureSetting says that a variable of the environment turns off a check; platforms ask it for their own env blocks.
func InsecureSetting(name, value string) bool { return insecureSetting(name, value) }

func insecureSetting(name, value string) bool {
	if name == "GOFLAGS" {
		return strings.Contains(value, "-insecure")
	}
	if name == "GIT_SSH_COMMAND" {
		return hostKeysOff(value)
	}
	values, known := insecureSettings[name]
	return known && value != "" && (values == nil || slices.Contains(values, strings.ToLower(value)))
}

func hostKeysOff(text string) bool {
	lower := strings.ToLower(text)
	return strings.Contains(lower, "stricthostkeychecking=no") || strings.Contains(lower, "stricthostkeychecking no") || strings.Contains(lower, "userknownhostsfile=/dev/null")
}

// insecure is the option by which a command turns a check off.
func insecure(c *Command) string {
	for _, flag := range insecureFlags[c.Name] {
		if c.Has(flag) && !valueFalse(c, flag) {
			if (c.Name == "curl" || flag == "-k") && flag == "-k" && !curlHas(c) {
				continue
			}
			return flag
		}
	}
	for i, a := range c.Args {
		text := strings.ToLower(a.Text)
		switch {
		case c.Name == "git" && strings.HasPrefix(text, "http.sslverify=") && off(text[len("http.sslverify="):]):
			return "http.sslVerify=false"
		case c.Name == "git" && text == "http.sslverify" && i+1 < len(c.Args) && off(c.Args[i+1].Text):
			return "http.sslVerify false"
		case sshLike[c.Name] && hostKeysOff(text):
			return "StrictHostKeyChecking=no"
		case (c.Name == "npm" || c.Name == "yarn" || c.Name == "pnpm") && (text == "strict-ssl" || text == "strictssl" || text == "enablestrictssl") && i+1 < len(c.Args) && off(c.Args[i+1].Text):
			return "strict-ssl false"
		case strings.HasPrefix(c.Name, "apt") && strings.HasPrefix(text, "acquire::") && (strings.Contains(text, "verify-peer=false") || strings.Contains(text, "verify-host=false") || strings.Contains(text, "allowinsecurerepositories=true")):
			return a.Text
		case strings.HasPrefix(c.Name, "apt") && strings.HasPrefix(text, "apt::get::allowunauthenticated=true"):
			return a.Text
		case text == "-skipcertificatecheck":
			return "-SkipCertificateCheck"
		case c.Name == "go" && text == "-insecure":
			return "-insecure"
		case c.Name == "composer" && text == "secure-http" && i+1 < len(c.Args) && off(c.Args[i+1].Text):
			return "secure-http false"
		}
	}
	return ""
}

var sshLike = map[string]bool{"ssh": true, "scp": true, "sftp": true, "rsync": true, "sshpass": true, "autossh": true, "git": true, "ansible": true, "ansible-playbook": true, "mosh": true}

// curlHas looks for curl's -k among single letters, where the letters after one that takes a value are that value.
func curlHas(c *Command) bool {
	for _, a := range c.Args {
		text := a.Text
		if len(text) < 2 || text[0] != '-' || text[1] == '-' {
			continue
		}
		for i := 1; i < len(text); i++ {
			if text[i] == 'k' {
				return true
			}
			if strings.IndexByte("oHXduAeFTbcCmrwxEKtQzyYDhP", text[i]) >= 0 {
				break
			}
		}
	}
	return false
}

func off(value string) bool {
	switch strings.ToLower(value) {
	case "false", "0", "no", "off":
		return true
	}
	return false
}

// valueFalse says that an option is spelled out as not wanted: --insecure=false.
func valueFalse(c *Command, flag string) bool {
	return slices.ContainsFunc(c.Args, func(w Word) bool {
		v, ok := strings.CutPrefix(w.Text, flag+"=")
		return ok && off(v)
	})
}

// local says that each address of a command is the machine's own.
func local(c *Command) bool {
	found := false
	for _, w := range c.Args {
		text := w.Text
		if i := strings.IndexByte(text, '='); i > 0 && strings.HasPrefix(text, "-") {
			text = text[i+1:]
		}
		if strings.Contains(text, "://") || strings.HasPrefix(text, "localhost") || strings.HasPrefix(text, "127.") || strings.Contains(text, "@localhost") || strings.Contains(text, "@127.") {
			if i := strings.LastIndexByte(text, '@'); i >= 0 && !strings.Contains(text, "://") {
				text = text[i+1:]
			}
			if !loopback(text) {
				return false
			}
			found = true
		}
	}
	return found
}

// callback finds .NET's hook that accepts every certificate.
func (s *Script) callback(c *Command) string {
	text := strings.ToLower(s.Text[c.Range.Start:c.Range.End])
	for _, name := range []string{"ServerCertificateValidationCallback", "TrustAllCertsPolicy", "DangerousAcceptAnyServerCertificateValidator"} {
		if strings.Contains(text, strings.ToLower(name)) {
			return name
		}
	}
	return ""
}
