package verify

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/finding"
	"github.com/google/go-cmp/cmp"
)

// A play is an answer and what it means.
type play struct {
	status int
	body   string
	want   finding.Verification
}

// exchanges is, for each provider, what it must be asked and how its answers must be understood. The answers are made
// after what the providers document.
var exchanges = map[string]struct {
	value        string
	method, path string
	header       map[string]string
	body         string
	plays        []play
}{
	"airtable": {
		value: "pat" + strings.Repeat("a", 14), method: "GET", path: "/v0/meta/whoami",
		header: map[string]string{"Authorization": "Bearer pat" + strings.Repeat("a", 14)},
		plays: []play{
			{200, `{"id":"usr1"}`, alive},
			{401, `{"error":{"type":"AUTHENTICATION_REQUIRED","message":"Authentication required"}}`, gone},
			{403, `{"error":{"type":"INVALID_PERMISSIONS"}}`, open},
		},
	},
	"anthropic": {
		value: "sk-ant-x", method: "GET", path: "/v1/models",
		header: map[string]string{"X-Api-Key": "sk-ant-x", "Anthropic-Version": "2023-06-01"},
		plays: []play{
			{200, `{"data":[{"type":"model","id":"m"}],"has_more":false}`, alive},
			{401, `{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}`, gone},
			{403, `{"type":"error","error":{"type":"permission_error","message":"no"}}`, open},
		},
	},
	"cloudflare": {
		value: "cfut_x", method: "GET", path: "/client/v4/user/tokens/verify",
		header: map[string]string{"Authorization": "Bearer cfut_x"},
		plays: []play{
			{200, `{"success":true,"result":{"id":"1","status":"active"}}`, alive},
			{200, `{"success":true,"result":{"id":"1","status":"disabled"}}`, gone},
			{200, `{"success":true,"result":{"id":"1","status":"expired"}}`, gone},
			{401, `{"success":false,"errors":[{"code":1000,"message":"Invalid API Token"}]}`, gone},
			{400, `{"success":false,"errors":[{"code":6003,"message":"Invalid request headers"}]}`, open},
			{401, `{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}`, open},
		},
	},
	"datadog": {
		value: "dd1", method: "GET", path: "/api/v1/validate", header: map[string]string{"Dd-Api-Key": "dd1"},
		plays: []play{
			{200, `{"valid":true}`, alive},
			{200, `{"valid":false}`, gone},
			{403, `{"errors":["Forbidden"]}`, gone},
			{403, `<html>Forbidden</html>`, open},
		},
	},
	"digitalocean": {
		value: "dop_v1_x", method: "GET", path: "/v2/account", header: map[string]string{"Authorization": "Bearer dop_v1_x"},
		plays: []play{
			{200, `{"account":{"status":"active"}}`, alive},
			{403, `{"id":"forbidden","message":"You are missing the required permission account:read."}`, alive},
			{401, `{"id":"Unauthorized","message":"Unable to authenticate you"}`, gone},
		},
	},
	"discord": {
		value: "a.b.c", method: "GET", path: "/api/v10/users/@me", header: map[string]string{"Authorization": "Bot a.b.c"},
		plays: []play{
			{200, `{"id":"1","username":"u","bot":true}`, alive},
			{401, `{"message":"401: Unauthorized","code":0}`, open}, // it may be a person's token
			{403, `error code: 1020`, open},
		},
	},
	"doppler": {
		value: "dp.pt.x", method: "GET", path: "/v3/me", header: map[string]string{"Authorization": "Bearer dp.pt.x"},
		plays: []play{
			{200, `{"workplace":{"name":"w"},"type":"personal"}`, alive},
			{401, `{"messages":["Invalid Auth token"],"success":false}`, gone},
			{401, `{"messages":["Please provide a token"],"success":false}`, open},
		},
	},
	"figma": {
		value: "figd_x", method: "GET", path: "/v1/me", header: map[string]string{"X-Figma-Token": "figd_x"},
		plays: []play{
			{200, `{"id":"1","handle":"h"}`, alive},
			{403, `{"status":403,"err":"Invalid scope(s): file_read"}`, alive},
			{403, `{"status":403,"err":"Invalid token"}`, gone},
			{403, `{"status":403,"err":"Forbidden"}`, open},
		},
	},
	"github": {
		value: "ghp_x", method: "GET", path: "/user",
		header: map[string]string{"Authorization": "Bearer ghp_x", "Accept": "application/vnd.github+json", "X-Github-Api-Version": "2022-11-28"},
		plays: []play{
			{200, `{"login":"octo","id":1}`, alive},
			{403, `{"message":"Resource not accessible by integration"}`, alive},
			{401, `{"message":"Bad credentials"}`, gone},
			{403, `{"message":"API rate limit exceeded"}`, open},
			{403, `{"message":"the organization has an IP allow list enabled"}`, open},
		},
	},
	"gitlab": {
		value: "glpat-x", method: "GET", path: "/api/v4/personal_access_tokens/self", header: map[string]string{"Private-Token": "glpat-x"},
		plays: []play{
			{200, `{"id":1,"revoked":false,"active":true}`, alive},
			{200, `{"id":1,"revoked":true,"active":false}`, gone},
			{403, `{"error":"insufficient_scope","scope":"api read_api"}`, alive},
			{401, `{"message":"401 Unauthorized"}`, gone},
			{401, `{"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}`, gone},
			{404, `{"error":"404 Not Found"}`, open},
		},
	},
	"groq": {
		value: "gsk_x", method: "GET", path: "/openai/v1/models", header: map[string]string{"Authorization": "Bearer gsk_x"},
		plays: []play{
			{200, `{"object":"list","data":[]}`, alive},
			{401, `{"error":{"message":"Invalid API Key","code":"invalid_api_key"}}`, gone},
			{403, `{"error":{"message":"Forbidden"}}`, open},
		},
	},
	"heroku": {
		value: "HRKU-x", method: "GET", path: "/account",
		header: map[string]string{"Authorization": "Bearer HRKU-x", "Accept": "application/vnd.heroku+json; version=3"},
		plays: []play{
			{200, `{"id":"1","email":"a@example.com"}`, alive},
			{403, `{"id":"forbidden","message":"The scope of this OAuth authorization does not allow access to this resource."}`, alive},
			{401, `{"id":"unauthorized","message":"Invalid credentials provided."}`, gone},
			{403, `{"id":"two_factor","message":"A second factor is required"}`, open},
		},
	},
	"huggingface": {
		value: "hf_x", method: "GET", path: "/api/whoami-v2", header: map[string]string{"Authorization": "Bearer hf_x"},
		plays: []play{
			{200, `{"type":"user","name":"u"}`, alive},
			{401, `{"error":"Invalid credentials in Authorization header"}`, gone},
			{401, `{"error":"User Access Token is expired"}`, gone},
			{401, `{"error":"Unauthorized"}`, open},
		},
	},
	"linear": {
		value: "lin_api_x", method: "POST", path: "/graphql", body: viewer,
		header: map[string]string{"Authorization": "lin_api_x", "Content-Type": "application/json"},
		plays: []play{
			{200, `{"data":{"viewer":{"id":"1"}}}`, alive},
			{401, `{"errors":[{"message":"no","extensions":{"code":"AUTHENTICATION_ERROR"}}]}`, gone},
			{400, `{"errors":[{"message":"no","extensions":{"code":"AUTHENTICATION_ERROR"}}]}`, gone},
			{400, `{"errors":[{"message":"no","extensions":{"code":"RATELIMITED"}}]}`, open},
		},
	},
	"linear-oauth": {
		value: "lin_oauth_x", method: "POST", path: "/graphql", body: viewer,
		header: map[string]string{"Authorization": "Bearer lin_oauth_x", "Content-Type": "application/json"},
		plays: []play{
			{200, `{"data":{"viewer":{"id":"1"}}}`, alive},
			{401, `{"errors":[{"extensions":{"code":"AUTHENTICATION_ERROR"}}]}`, gone},
		},
	},
	"mailgun": {
		value: "key-x", method: "GET", path: "/v3/domains?limit=1",
		header: map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("api:key-x"))},
		plays: []play{
			{200, `{"total_count":0,"items":[]}`, alive},
			{200, `{"total_count":3,"items":[{}]}`, alive},
			{401, `{"message":"Invalid private key"}`, open},
			{401, `Forbidden`, open},
		},
	},
	"newrelic": {
		value: "NRAK-x", method: "POST", path: "/graphql", body: `{"query":"{actor{user{id}}}"}`,
		header: map[string]string{"Api-Key": "NRAK-x", "Content-Type": "application/json"},
		plays: []play{
			{200, `{"data":{"actor":{"user":{"id":7}}}}`, alive},
			{401, `{"errors":[{"extensions":{"error_code":"BAD_API_KEY"},"message":"no"}]}`, gone},
			{200, `{"data":{"actor":{"user":null}},"errors":[{"message":"no"}]}`, open},
		},
	},
	"notion": {
		value: "ntn_x", method: "GET", path: "/v1/users/me",
		header: map[string]string{"Authorization": "Bearer ntn_x", "Notion-Version": "2022-06-28"},
		plays: []play{
			{200, `{"object":"user","id":"1"}`, alive},
			{403, `{"object":"error","code":"restricted_resource"}`, alive},
			{401, `{"object":"error","code":"unauthorized","message":"API token is invalid."}`, gone},
		},
	},
	"npm": {
		value: "npm_x", method: "GET", path: "/-/whoami", header: map[string]string{"Authorization": "Bearer npm_x"},
		plays: []play{
			{200, `{"username":"u"}`, alive},
			{401, `{}`, gone},
			{401, `<html>log in</html>`, open},
			{403, `{"error":"blocked"}`, open},
		},
	},
	"openai": {
		value: "sk-proj-x", method: "GET", path: "/v1/models", header: map[string]string{"Authorization": "Bearer sk-proj-x"},
		plays: []play{
			{200, `{"object":"list","data":[]}`, alive},
			{403, `{"error":{"message":"You have insufficient permissions for this operation. Missing scopes: api.model.read"}}`, alive},
			{401, `{"error":{"code":"invalid_api_key"}}`, gone},
			{401, `{"error":{"code":"ip_not_authorized"}}`, open},
			{403, `{"error":{"code":"unsupported_country_region_territory"}}`, open},
		},
	},
	"postman": {
		value: "PMAK-x", method: "GET", path: "/me", header: map[string]string{"X-Api-Key": "PMAK-x"},
		plays: []play{
			{200, `{"user":{"id":1}}`, alive},
			{401, `{"error":{"name":"AuthenticationError","message":"Invalid API Key."}}`, gone},
		},
	},
	"replicate": {
		value: "r8_x", method: "GET", path: "/v1/account", header: map[string]string{"Authorization": "Bearer r8_x"},
		plays: []play{
			{200, `{"type":"user","username":"u"}`, alive},
			{401, `{"title":"Unauthenticated","detail":"no","status":401}`, gone},
		},
	},
	"sendgrid": {
		value: "SG.x.y", method: "GET", path: "/v3/scopes", header: map[string]string{"Authorization": "Bearer SG.x.y"},
		plays: []play{
			{200, `{"scopes":["mail.send"]}`, alive},
			{401, `{"errors":[{"field":null,"message":"The provided authorization grant is invalid, expired, or revoked"}]}`, gone},
			{403, `{"errors":[{"message":"access forbidden"}]}`, open},
		},
	},
	"slack": {
		value: "xoxb-x", method: "POST", path: "/api/auth.test", header: map[string]string{"Authorization": "Bearer xoxb-x"},
		plays: []play{
			{200, `{"ok":true,"team":"t"}`, alive},
			{200, `{"ok":false,"error":"token_revoked"}`, gone},
			{200, `{"ok":false,"error":"account_inactive"}`, gone},
			{200, `{"ok":false,"error":"token_expired"}`, gone},
			{200, `{"ok":false,"error":"invalid_auth"}`, open},
			{200, `{"ok":false,"error":"ratelimited"}`, open},
		},
	},
	"stripe": {
		value: "sk_test_x", method: "GET", path: "/v1/balance", header: map[string]string{"Authorization": "Bearer sk_test_x"},
		plays: []play{
			{200, `{"object":"balance","livemode":false}`, alive},
			{403, `{"error":{"message":"The provided key 'rk_*' does not have the required permissions for this endpoint"}}`, alive},
			{401, `{"error":{"type":"invalid_request_error","message":"Invalid API Key provided: sk_***"}}`, gone},
			{401, `{"error":{"code":"api_key_expired","message":"Expired API Key"}}`, gone},
			{401, `{"error":{"message":"This key may not be used from your address"}}`, open},
		},
	},
	"telegram": {
		value: "123:AAx_y-z", method: "GET", path: "/bot123:AAx_y-z/getMe",
		plays: []play{
			{200, `{"ok":true,"result":{"id":123,"is_bot":true}}`, alive},
			{401, `{"ok":false,"error_code":401,"description":"Unauthorized"}`, gone},
			{404, `{"ok":false,"error_code":404,"description":"Not Found"}`, open},
		},
	},
	"vercel": {
		value: "vcp_x", method: "GET", path: "/v2/user", header: map[string]string{"Authorization": "Bearer vcp_x"},
		plays: []play{
			{200, `{"user":{"id":"1"}}`, alive},
			{403, `{"error":{"code":"forbidden","message":"Not authorized","invalidToken":true}}`, gone},
			{403, `{"error":{"code":"forbidden","message":"Not authorized"}}`, open},
		},
	},
}

// everybody is what any provider's answer must not be mistaken for.
var everybody = []play{
	{200, `<html>Welcome to the hotel's network</html>`, open},
	{200, ``, open},
	{200, `{}`, open},
	{200, `[]`, open},
	{200, `null`, open},
	{200, `{"ok":`, open},
	{204, ``, open},
	{401, ``, open},
	{401, `<html>proxy authentication</html>`, open},
	{403, `<html>blocked</html>`, open},
	{403, `{}`, open},
	{407, `{"message":"Bad credentials"}`, open},
	{429, `{"message":"slow down"}`, open},
	{500, `{"message":"Bad credentials"}`, open},
	{503, `down`, open},
}

func TestExchanges(t *testing.T) {
	for _, p := range All {
		x, ok := exchanges[p.Name]
		if !ok {
			if p != aws { // it has tests of its own
				t.Errorf("provider %s has no exchange here", p.Name)
			}
			continue
		}
		for _, play := range slices.Concat(x.plays, everybody) {
			t.Run(p.Name, func(t *testing.T) {
				s := newStand(t, says(play.status, play.body))
				c := newClient(t, Options{Instances: map[string][]string{p.Name: {s.URL}}})
				answer := checkOne(t, c, Credential{Verifier: p.Name, Value: plain(x.value)})
				if answer.Verification != play.want {
					t.Errorf("status %d %s: %s, want %s", play.status, play.body, answer.Verification, play.want)
				}
				if (answer.Note == "") != (play.want != open) {
					t.Errorf("note %q with %s", answer.Note, answer.Verification)
				}
				want := asked{x.method, x.path, wantHeader(x.header), x.body}
				got := s.questions()
				for i := range got {
					delete(got[i].Header, "Content-Length")
				}
				if diff := cmp.Diff([]asked{want}, got); diff != "" {
					t.Errorf("questions (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func wantHeader(own map[string]string) map[string]string {
	h := map[string]string{"User-Agent": "assay", "Accept": "application/json"}
	maps.Copy(h, own)
	return h
}

func TestListIsSorted(t *testing.T) {
	var got []string
	for _, p := range All {
		got = append(got, p.Name)
	}
	if diff := cmp.Diff(names(), slices.Compact(got)); diff != "" {
		t.Errorf("names (-sorted +listed):\n%s", diff)
	}
	if _, err := New(Options{Transport: transport(t)}); err != nil {
		t.Errorf("a built-in address: %v", err)
	}
}

func TestUnfit(t *testing.T) {
	for _, tt := range []struct{ name, verifier, value string }{
		{"no value", "github", ""},
		{"a space", "github", "ghp x"},
		{"a line break", "github", "ghp_x\r\nX-Injected: 1"},
		{"not ASCII", "github", "ghp_ü"},
		{"too long", "github", strings.Repeat("a", maxValue+1)},
		{"a path in a bot's token", "telegram", "123:AA/../../x"},
		{"a query in a bot's token", "telegram", "123:AA?x"},
		{"no bot", "telegram", "AA"},
		{"an account's token", "cloudflare", "cfat_x"},
		{"an OAuth token", "figma", "figor_x"},
		{"a token for SCIM", "doppler", "dp.scim.x"},
		{"a key of another kind", "vercel", "vck_x"},
		{"an administrator's key", "openai", "sk-admin-x"},
		{"nobody", "no-such-provider", "x"},
		{"no registry known", "npm", "npm_x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, Options{Transport: forbidden(t)})
			if a := checkOne(t, c, Credential{Verifier: tt.verifier, Value: plain(tt.value)}); a.Verification != open || a.Note == "" {
				t.Errorf("answer %+v", a)
			}
		})
	}
}

// A no counts only where no other place could say yes.
func TestDoubt(t *testing.T) {
	for _, tt := range []struct {
		name, verifier, value string
		status                int
		body                  string
		options               Options
		want                  finding.Verification
	}{
		{"public instance only", "github", "ghp_x", 401, `{"message":"Bad credentials"}`, Options{}, open},
		{"instances named", "github", "ghp_x", 401, `{"message":"Bad credentials"}`,
			Options{Instances: map[string][]string{"github": {"https://a.example.com", "https://b.example.com/api/v3"}}}, gone},
		{"registry of npm's configuration", "npm", "npm_x", 401, `{}`, Options{NPMRegistry: "https://registry.example.com/npm/"}, open},
		{"registry named", "npm", "npm_x", 401, `{}`,
			Options{Instances: map[string][]string{"npm": {"https://registry.example.com/npm/"}}}, gone},
		{"token of a user or an account", "cloudflare", "x", 401, `{"errors":[{"code":1000}]}`, Options{}, open},
		{"key of unknown power", "mailgun", "key-x", 401, `{"message":"Invalid private key"}`, Options{}, open},
		{"every region", "datadog", "x", 403, `{"errors":["Forbidden"]}`, Options{}, gone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.options.Transport = sayer(tt.status, tt.body)
			c := newClient(t, tt.options)
			a := checkOne(t, c, Credential{Verifier: tt.verifier, Value: plain(tt.value)})
			if a.Verification != tt.want || (a.Note == "") != (tt.want != open) {
				t.Errorf("answer %+v, want %s", a, tt.want)
			}
		})
	}
}
