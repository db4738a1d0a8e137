package verify

import (
	"slices"
	"strings"
)

// All is every provider that can be asked, sorted by name. A test fails when a rule names one that is missing here, or
// docs/verify.md does not know one of them.
var All = []*Provider{
	airtable, anthropic, aws, cloudflare, datadog, digitalOcean, discord, doppler, figma, github, gitlab, groq, heroku,
	huggingFace, linear, linearOAuth, mailgun, newRelic, notion, npm, openAI, postman, replicate, sendGrid, slack, stripe,
	telegram, vercel,
}

// Find returns the provider of a name, nil if there is none.
func Find(name string) *Provider {
	for _, p := range All {
		if p.Name == name {
			return p
		}
	}
	return nil
}

var github = &Provider{
	Name: "github", Title: "GitHub", bases: []string{"https://api.github.com"}, instances: true,
	method: "GET", path: "/user", auth: bearer,
	header: map[string]string{"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
	readings: []reading{
		live(200, "login", ""),
		// What an app's installation hears of an address that is for users: it has been let in.
		live(403, "message", "Resource not accessible by"),
		dead(401, "message", "Bad credentials"),
	},
}

var gitlab = &Provider{
	Name: "gitlab", Title: "GitLab", bases: []string{"https://gitlab.com"}, instances: true,
	method: "GET", path: "/api/v4/personal_access_tokens/self", auth: in("PRIVATE-TOKEN", ""),
	readings: []reading{
		live(200, "active", "true"),
		dead(200, "active", "false"),
		live(403, "error", "insufficient_scope"),
		dead(401, "error_description", "revoked"),
		dead(401, "error_description", "expired"),
		dead(401, "message", "401 Unauthorized"),
	},
}

// invalid_auth is not among the readings: Slack also says it of a good token that comes from an address outside of the
// app's allowed ones.
var slack = &Provider{
	Name: "slack", Title: "Slack", bases: []string{"https://slack.com"},
	method: "POST", path: "/api/auth.test", auth: bearer,
	readings: []reading{
		live(200, "ok", "true"),
		dead(200, "error", "account_inactive"),
		dead(200, "error", "token_revoked"),
		dead(200, "error", "token_expired"),
	},
}

var stripe = &Provider{
	Name: "stripe", Title: "Stripe", bases: []string{"https://api.stripe.com"},
	method: "GET", path: "/v1/balance", auth: bearer,
	readings: []reading{
		live(200, "object", "balance"),
		live(403, "error.message", "does not have the required permissions"),
		dead(401, "error.code", "api_key_expired"),
		dead(401, "error.message", "Invalid API Key provided"),
		dead(401, "error.message", "Expired API Key provided"),
	},
}

var sendGrid = &Provider{
	Name: "sendgrid", Title: "SendGrid", bases: []string{"https://api.sendgrid.com", "https://api.eu.sendgrid.com"},
	method: "GET", path: "/v3/scopes", auth: bearer,
	readings: []reading{
		live(200, "scopes", ""),
		dead(401, "errors.message", "authorization grant is invalid, expired, or revoked"),
	},
}

// npm's address is the user's own: see Options.NPMRegistry. Others run registries, too, and a mirror knows none of the
// tokens of what it mirrors.
var npm = &Provider{
	Name: "npm", Title: "npm", instances: true,
	method: "GET", path: "/-/whoami", auth: bearer,
	readings: []reading{
		live(200, "username", ""),
		dead(401, "", ""),
	},
}

// Telegram says 401 of a token that was revoked, and 404 of one that never was one of its own as well as of a wrong address.
var telegram = &Provider{
	Name: "telegram", Title: "Telegram", bases: []string{"https://api.telegram.org"},
	method: "GET", path: "/bot{value}/getMe",
	unfit: func(c parts) string {
		bot, key, ok := strings.Cut(c.value, ":")
		if !ok || strings.Trim(bot, "0123456789") != "" || strings.ContainsAny(key, "/?#%.:") {
			return "the value has not the form of a bot's token"
		}
		return ""
	},
	readings: []reading{
		live(200, "ok", "true"),
		dead(401, "description", "Unauthorized"),
	},
}

var discord = &Provider{
	Name: "discord", Title: "Discord", bases: []string{"https://discord.com"},
	method: "GET", path: "/api/v10/users/@me", auth: in("Authorization", "Bot "),
	doubt: func(parts) string { return "says no of a person's token, too, which has the form of a bot's" },
	readings: []reading{
		live(200, "id", ""),
		dead(401, "message", "401: Unauthorized"),
	},
}

var huggingFace = &Provider{
	Name: "huggingface", Title: "Hugging Face", bases: []string{"https://huggingface.co"},
	method: "GET", path: "/api/whoami-v2", auth: bearer,
	readings: []reading{
		live(200, "name", ""),
		dead(401, "error", "Invalid"),
		dead(401, "error", "expired"),
	},
}

var openAI = &Provider{
	Name: "openai", Title: "OpenAI", bases: []string{"https://api.openai.com"},
	method: "GET", path: "/v1/models", auth: bearer,
	unfit: func(c parts) string {
		if strings.HasPrefix(c.value, "sk-admin-") {
			return "keys of administrators are for other addresses"
		}
		return ""
	},
	readings: []reading{
		live(200, "object", "list"),
		live(401, "error.message", "Missing scopes"),
		live(403, "error.message", "Missing scopes"),
		dead(401, "error.code", "invalid_api_key"),
		dead(401, "error.code", "account_deactivated"),
	},
}

var anthropic = &Provider{
	Name: "anthropic", Title: "Anthropic", bases: []string{"https://api.anthropic.com"},
	method: "GET", path: "/v1/models", auth: in("X-Api-Key", ""),
	header: map[string]string{"Anthropic-Version": "2023-06-01"},
	readings: []reading{
		live(200, "data.type", "model"),
		dead(401, "error.type", "authentication_error"),
	},
}

var groq = &Provider{
	Name: "groq", Title: "Groq", bases: []string{"https://api.groq.com"},
	method: "GET", path: "/openai/v1/models", auth: bearer,
	readings: []reading{
		live(200, "object", "list"),
		dead(401, "error.code", "invalid_api_key"),
		dead(401, "error.code", "expired_api_key"),
	},
}

var replicate = &Provider{
	Name: "replicate", Title: "Replicate", bases: []string{"https://api.replicate.com"},
	method: "GET", path: "/v1/account", auth: bearer,
	readings: []reading{
		live(200, "username", ""),
		dead(401, "title", "Unauthenticated"),
	},
}

var digitalOcean = &Provider{
	Name: "digitalocean", Title: "DigitalOcean", bases: []string{"https://api.digitalocean.com"},
	method: "GET", path: "/v2/account", auth: bearer,
	readings: []reading{
		live(200, "account", ""),
		live(403, "message", "missing the required permission"),
		dead(401, "message", "Unable to authenticate you"),
	},
}

// A key is known in the region of its account only.
var datadog = &Provider{
	Name: "datadog", Title: "Datadog",
	bases: []string{
		"https://api.datadoghq.com", "https://api.datadoghq.eu", "https://api.us3.datadoghq.com", "https://api.us5.datadoghq.com",
		"https://api.ap1.datadoghq.com", "https://api.ap2.datadoghq.com", "https://api.ddog-gov.com",
	},
	method: "GET", path: "/api/v1/validate", auth: in("DD-API-KEY", ""),
	readings: []reading{
		live(200, "valid", "true"),
		dead(200, "valid", "false"),
		dead(403, "errors", "Forbidden"),
	},
}

var mailgun = &Provider{
	Name: "mailgun", Title: "Mailgun", bases: []string{"https://api.mailgun.net", "https://api.eu.mailgun.net"},
	method: "GET", path: "/v3/domains?limit=1", auth: password("api"),
	doubt: func(parts) string {
		return "says no of a key that may only send for one domain, too"
	},
	readings: []reading{
		live(200, "total_count", ""),
		live(200, "total_count", "0"),
		dead(401, "message", "Invalid private key"),
	},
}

const viewer = `{"query":"{viewer{id}}"}`

var (
	linear      = linearWith("linear", "")
	linearOAuth = linearWith("linear-oauth", "Bearer ")
)

func linearWith(name, prefix string) *Provider {
	return &Provider{
		Name: name, Title: "Linear", bases: []string{"https://api.linear.app"},
		method: "POST", path: "/graphql", body: viewer, auth: in("Authorization", prefix),
		header: map[string]string{"Content-Type": "application/json"},
		readings: []reading{
			live(200, "data.viewer.id", ""),
			dead(401, "errors.extensions.code", "AUTHENTICATION_ERROR"),
			dead(400, "errors.extensions.code", "AUTHENTICATION_ERROR"),
		},
	}
}

var notion = &Provider{
	Name: "notion", Title: "Notion", bases: []string{"https://api.notion.com"},
	method: "GET", path: "/v1/users/me", auth: bearer,
	header: map[string]string{"Notion-Version": "2022-06-28"},
	readings: []reading{
		live(200, "object", "user"),
		live(403, "code", "restricted_resource"),
		dead(401, "code", "unauthorized"),
	},
}

// Tokens of accounts are verified at an address that holds the account's ID, which nobody knows here: this one says of
// them what it says of a dead one. Those of users can be told by their prefix since tokens have one.
var cloudflare = &Provider{
	Name: "cloudflare", Title: "Cloudflare", bases: []string{"https://api.cloudflare.com"},
	method: "GET", path: "/client/v4/user/tokens/verify", auth: bearer,
	unfit: func(c parts) string {
		if strings.HasPrefix(c.value, "cfat_") || strings.HasPrefix(c.value, "cfk_") {
			return "only tokens of users can be asked about"
		}
		return ""
	},
	doubt: func(c parts) string {
		if strings.HasPrefix(c.value, "cfut_") {
			return ""
		}
		return "says no of an account's token, too"
	},
	readings: []reading{
		live(200, "result.status", "active"),
		dead(200, "result.status", "disabled"),
		dead(200, "result.status", "expired"),
		dead(401, "errors.code", "1000"),
	},
}

var heroku = &Provider{
	Name: "heroku", Title: "Heroku", bases: []string{"https://api.heroku.com"},
	method: "GET", path: "/account", auth: bearer,
	header: map[string]string{"Accept": "application/vnd.heroku+json; version=3"},
	readings: []reading{
		live(200, "id", ""),
		live(403, "message", "scope of this OAuth authorization does not allow"),
		dead(401, "message", "Invalid credentials provided"),
	},
}

var postman = &Provider{
	Name: "postman", Title: "Postman", bases: []string{"https://api.getpostman.com", "https://api.eu.postman.com"},
	method: "GET", path: "/me", auth: in("X-Api-Key", ""),
	readings: []reading{
		live(200, "user.id", ""),
		dead(401, "error.name", "AuthenticationError"),
	},
}

var newRelic = &Provider{
	Name: "newrelic", Title: "New Relic", bases: []string{"https://api.newrelic.com", "https://api.eu.newrelic.com"},
	method: "POST", path: "/graphql", body: `{"query":"{actor{user{id}}}"}`, auth: in("API-Key", ""),
	header: map[string]string{"Content-Type": "application/json"},
	readings: []reading{
		live(200, "data.actor.user.id", ""),
		dead(401, "errors.extensions.error_code", "BAD_API_KEY"),
		dead(401, "errors.message", "Bad API Key"),
		dead(401, "errors.message", "Invalid credentials provided"),
	},
}

var airtable = &Provider{
	Name: "airtable", Title: "Airtable", bases: []string{"https://api.airtable.com"},
	method: "GET", path: "/v0/meta/whoami", auth: bearer,
	readings: []reading{
		live(200, "id", ""),
		dead(401, "error.type", "AUTHENTICATION_REQUIRED"),
		dead(401, "error.type", "UNAUTHORIZED"),
	},
}

var figma = &Provider{
	Name: "figma", Title: "Figma", bases: []string{"https://api.figma.com"},
	method: "GET", path: "/v1/me", auth: in("X-Figma-Token", ""),
	unfit: only("figd_"),
	readings: []reading{
		live(200, "id", ""),
		live(403, "err", "Invalid scope"),
		dead(403, "err", "Invalid token"),
		dead(403, "err", "Token expired"),
	},
}

var doppler = &Provider{
	Name: "doppler", Title: "Doppler", bases: []string{"https://api.doppler.com"},
	method: "GET", path: "/v3/me", auth: bearer,
	unfit: only("dp.pt.", "dp.ct.", "dp.st.", "dp.sa."),
	readings: []reading{
		live(200, "workplace", ""),
		dead(401, "messages", "Invalid Auth token"),
		dead(401, "messages", "Invalid Service token"),
	},
}

var vercel = &Provider{
	Name: "vercel", Title: "Vercel", bases: []string{"https://api.vercel.com"},
	method: "GET", path: "/v2/user", auth: bearer,
	unfit: only("vcp_"),
	readings: []reading{
		live(200, "user", ""),
		dead(403, "error.invalidToken", "true"),
	},
}

// only lets those credentials be asked about that the address is for: of another kind it would say no.
func only(prefixes ...string) func(parts) string {
	return func(c parts) string {
		for _, p := range prefixes {
			if strings.HasPrefix(c.value, p) {
				return ""
			}
		}
		return "only credentials that begin with " + strings.Join(prefixes, " or ") + " can be asked about"
	}
}

// names are those of all providers.
func names() []string {
	var list []string
	for _, p := range All {
		list = append(list, p.Name)
	}
	slices.Sort(list)
	return list
}
