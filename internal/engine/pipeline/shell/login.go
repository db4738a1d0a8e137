package shell

import (
	"strings"

	"github.com/assaysec/assay/internal/lazyregexp"
)

// longLived are variables that hold credentials of a cloud which stay valid until somebody revokes them.
var longLived = map[string]string{
	"AWS_SECRET_ACCESS_KEY": "aws", "AWS_ACCESS_KEY_ID": "aws", "AZURE_CLIENT_SECRET": "azure", "ARM_CLIENT_SECRET": "azure", "AZURE_CREDENTIALS": "azure", "AZURE_PASSWORD": "azure",
	"GOOGLE_CREDENTIALS": "google", "GCP_SA_KEY": "google", "GOOGLE_SERVICE_ACCOUNT_KEY": "google", "GCLOUD_SERVICE_KEY": "google", "GCP_CREDENTIALS": "google",
	"VAULT_TOKEN": "vault", "VAULT_SECRET_ID": "vault",
}

// LongLivedVariable names the provider whose lasting credential a variable of this name holds; platforms ask it for
// their own env blocks.
func LongLivedVariable(name string) string { return longLived[name] }

// LongLivedLogins are logins to a cloud with a credential that does not expire by itself. Variables that another command
// has just obtained for a session are left out.
func (s *Script) LongLivedLogins() []Remark {
	var out []Remark
	session := s.sessions()
	for i := range s.Commands {
		c := &s.Commands[i]
		for _, a := range c.Assigns {
			provider := longLived[a.Name]
			if provider == "" || session || obtained(a.Value) || a.Value.Text == "" {
				continue
			}
			r := s.remark(LongLivedLogin, i)
			r.Range, r.Tool, r.Detail = a.Range, provider, a.Name
			out = append(out, r)
		}
		if provider, detail := login(c); provider != "" && !session {
			r := s.remark(LongLivedLogin, i)
			r.Tool, r.Detail = provider, detail
			out = append(out, r)
		}
	}
	return inOrder(out)
}

// obtained says that a value comes from a command, as the keys of an assumed role do.
func obtained(w Word) bool {
	for _, p := range w.Parts {
		if p.Kind == Capture {
			return true
		}
	}
	return false
}

// sessions says that the script sets a session token, which only short-lived AWS credentials have.
func (s *Script) sessions() bool {
	for i := range s.Commands {
		for _, a := range s.Commands[i].Assigns {
			if a.Name == "AWS_SESSION_TOKEN" {
				return true
			}
		}
		if c := &s.Commands[i]; c.Name == "aws" && c.Has("aws_session_token") {
			return true
		}
	}
	return false
}

func login(c *Command) (provider, detail string) {
	if c.Kind != Simple {
		return "", ""
	}
	switch c.Name {
	case "aws":
		if c.verb(0, "--profile") == "configure" && c.Has("aws_access_key_id", "aws_secret_access_key") {
			return "aws", "aws configure set"
		}
	case "gcloud":
		if c.verb(0) == "auth" && c.verb(1) == "activate-service-account" {
			return "google", "gcloud auth activate-service-account"
		}
	case "az":
		if c.verb(0) == "login" && c.Has("--service-principal") && c.Has("-p", "--password") && !c.Has("--federated-token") {
			return "azure", "az login --service-principal"
		}
	case "vault":
		if c.verb(0) == "login" {
			method, at := c.Value("-method", "--method")
			name := method.Text
			for _, w := range c.Args {
				if m, ok := strings.CutPrefix(w.Text, "-method="); ok {
					name, at = m, 0
				}
			}
			if at < 0 || name == "token" || name == "userpass" || name == "ldap" || name == "github" {
				return "vault", strings.TrimSpace("vault login " + name)
			}
		}
	case "docker":
		if c.verb(0) == "login" && valueIs(c, "-u", "_json_key") {
			return "google", "docker login -u _json_key"
		}
	case "Connect-AzAccount":
		if c.Has("-ServicePrincipal") && c.Has("-Credential") {
			return "azure", "Connect-AzAccount -ServicePrincipal"
		}
	}
	return "", ""
}

var escapes = lazyregexp.New(`(?:\\x[0-9a-fA-F]{2}){8,}|(?:\\[0-7]{3}){8,}`)

// ObfuscatedCode is code that is decoded before it runs, so that a reader does not see what it does.
func (s *Script) ObfuscatedCode() []Remark {
	var out []Remark
	x := s.search(func(c *Command) bool { return decodes(c) != "" })
	for i := range s.Commands {
		c := &s.Commands[i]
		if c.Kind != Simple {
			continue
		}
		at, ok := -1, false
		if c.readsCode() {
			if at, ok = x.stream(c.In); !ok {
				at, ok = x.redirected(c)
			}
		}
		how := ""
		for _, w := range runs(c) {
			if !ok {
				at, ok = x.word(w)
			}
			if how == "" {
				how = s.spelled(w)
			}
		}
		if ok {
			how = decodes(&s.Commands[at])
		} else if how == "" {
			how = encodedCommand(c)
		}
		if how != "" {
			r := s.remark(Obfuscated, i)
			r.Detail = how
			out = append(out, r)
		}
	}
	return inOrder(out)
}

// spelled looks for code that is spelled in escapes, or decoded by .NET.
func (s *Script) spelled(w Word) string {
	text := s.Text[w.Range.Start:w.Range.End]
	if s.Dialect == PowerShell && strings.Contains(strings.ToLower(text), "frombase64string") {
		return "FromBase64String"
	}
	for _, p := range w.Parts {
		if p.Kind == Literal && p.Quote == Single && escapes().MatchString(s.Text[p.Range.Start:p.Range.End]) {
			return "escapes"
		}
	}
	return ""
}

func encodedCommand(c *Command) string {
	if c.Name != "pwsh" && c.Name != "powershell" {
		return ""
	}
	for _, a := range c.Args {
		if t := strings.ToLower(a.Text); t == "-enc" || t == "-encodedcommand" || t == "-e" || t == "-ec" {
			return "-EncodedCommand"
		}
	}
	return ""
}

func decodes(c *Command) string {
	switch c.Name {
	case "base64", "base32":
		if c.Has("-d", "-D", "--decode", "-di") {
			return c.Name + " -d"
		}
	case "openssl":
		if (c.verb(0) == "base64" || c.verb(0) == "enc") && c.Has("-d", "-base64", "-a") && c.Has("-d") {
			return "openssl -d"
		}
	case "xxd":
		if c.Has("-r") {
			return "xxd -r"
		}
	case "rev":
		return "rev"
	case "tr":
		if len(c.Args) == 2 && strings.Contains(c.Args[0].Text, "A-Z") && strings.Contains(c.Args[1].Text, "N-Z") {
			return "tr"
		}
	case "printf", "echo":
		for _, w := range c.Args {
			if escapes().MatchString(w.Text) {
				return "escapes"
			}
		}
	}
	return ""
}

// FileModes are commands that let anybody change a file.
func (s *Script) FileModes() []Remark {
	var out []Remark
	for i := range s.Commands {
		c := &s.Commands[i]
		if c.Name != "chmod" {
			continue
		}
		for _, w := range c.Args {
			mode := w.Text
			if mode == "777" || mode == "0777" || mode == "666" || mode == "0666" || mode == "a+rwx" || mode == "a+w" || mode == "o+w" || mode == "ugo+rwx" || mode == "a=rwx" {
				r := s.remark(DangerousFileModes, i)
				r.Detail = mode
				out = append(out, r)
				break
			}
		}
	}
	return inOrder(out)
}
