package secret

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/expr"
	"github.com/assaysec/assay/internal/finding"
)

func builtinFiltersForTest(t testing.TB) *filters {
	t.Helper()
	c, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	f, err := compileFilters(c.Filters)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func filterName(set filterSet) string {
	for _, f := range filterNames {
		if f.set == set {
			return f.name
		}
	}
	return ""
}

// TestFilters shows each filter from both sides.
func TestFilters(t *testing.T) {
	f := builtinFiltersForTest(t)
	tests := []struct {
		filter filterSet
		before string
		drops  []string
		keeps  []string
	}{
		{filter: placeholder,
			drops: []string{"your-api-key", "YOUR_API_KEY_HERE", "<password>", "[token]", "****************", "changeme123", "replace-with-token",
				"sk_live_xxxxxxxxxxxxxxxx", "TESTQ7R2MNX4", "FAKE8a4e42c6dc16", "abc...xyz", "password123", "insert_token_here", "null"},
			keeps: []string{"q7RwZ2vNp9Lx4T", "yourkP3vT9xQ2m", "kP3vT9xQ2mLbWz7RyN4c"}},
		{filter: reference,
			drops: []string{"${TOKEN}", "$TOKEN", "%TOKEN%", "$(cat token)", "{{ token }}", "process.env.TOKEN", "op://vault/item/field",
				"vault:secret/data/app#key", "arn:aws:secretsmanager:eu-west-1:1:secret:x", "@Microsoft.KeyVault(SecretUri=x)",
				"projects/p/secrets/s/versions/1", "%(password)s", "#{token}", "os.environ"},
			keeps: []string{"q7Rw$Z2vNp9", "p%ssw0rd$7Rw", "Zk4pW9tR2m/v7LqBhT7c"}},
		{filter: publicValue,
			drops: []string{"AKIAIOSFODNN7" + "EXAMPLE", "hunter2", "postgres:postgres", "minioadmin", "ghp_16C7e42F292c6912E771" + "0c838347Ae178B4a"},
			keeps: []string{"AKIAIOSFODNN7" + "EXAMPLF", "hunter3"}},
		{filter: sequence,
			drops: []string{"abcdefgh12345678", "0123456789abcdef0123456789abcdef", "aaaaaaaaaaaaaaaa", "qwertyuiop", "a1b2c3d4e5f6", "9876543210",
				"aabbccddeeff", "x7Rx7Rx7Rx7R", "XYZxyz12", "sdkjfhaksd8f", "kjhasdkjfh-21983-skdjfhk", "ABCD1234EFGH5678IJKL9012", "abc123def456ghi789jkl012", "XYZ-987-MNO-654", "kjlsdHFKJlDSFJKLdfsJKHGF"},
			keeps: []string{"q7RwZ2vNp9Lx4T", "7c1f0b94e2d84a6f95b31c0de2f7a846", "abcdq7RwZ2vNp9Lx4T", "abc123q7RwZ2vNp9Lx4T"}},
		{filter: contentHash, before: `"sha256": "`,
			drops: []string{strings.Repeat("7c1f0b94", 8), "5e1f0b94e2d84a6f95b31c0de2f7a846", "q7RwZ2vNp9Lx4TkP3vT9xQ2mLbWz7RyN4cUeHsZk4pU="},
			keeps: []string{"q7RwZ2vNp9Lx4T", "7c1f0b94e2d84a6f95b31c0d"}},
		{filter: contentHash, before: `"token": "`, keeps: []string{strings.Repeat("7c1f0b94", 8)}},
		{filter: embedded, before: "url(data:font/woff2;base64," + strings.Repeat("d09GMgABAAAA", 8), drops: []string{"EAABq7RwZ2vNp9Lx4T"}},
		{filter: embedded, before: "https://hooks.acme.net/services/T0A1B2C3/B0A1B2C3/", keeps: []string{"q7RwZ2vNp9Lx4T"}},
		{filter: code,
			drops: []string{"getToken()", "request.getHeader(name)", "tokens[0]", "Foo::bar", "https://acme.net/token", "/etc/ssl/key.pem",
				"server-key.pem", "v1.2.3", "2031-12-24T18:30:00Z", "10.1.2.3", "#3fa9f5", "text/html; charset=utf-8", "0x1f", `[a-z0-9]+`,
				"user@acme.net", "List<String>", "Pictures7/v2/1c/0d/7c1f0b94-e2d8-4a6f-95b3-1c0de2f7a846", "a1b2/v2/1c/wide_view.mov"},
			keeps: []string{"q7RwZ2vNp9Lx4T", "/Zk4pW9tR2mXv7LqBhT7c", "Zk4p==", "u9#Kd2$mVq8@Zr5^Tn", "https://svc:q7RwZ2@acme.net/"}},
		{filter: identifiers,
			drops: []string{"7c1f0b94-e2d8-4a6f-95b3-1c0de2f7a846", "urn:oid:1.2.3", "1.3.6.1.4.1.311", "417.7c1f0b94-e2d8-4a6f-95b3-1c0de2f7a846",
				"QZ7R2MNX4LT9KPVB3WHC/20310224/eu-west-1/s3/aws4_request", "KEY_USAGE_SIGN_V4", "ECDH-ES+A256KW", "0x7C1f0b94e2D84a6f95b31c0dE2f7a846B31c0De2",
				"01JZ7R2MNX4QT9KPVB3WHC5DGE"},
			keeps: []string{"7c1f0b94e2d84a6f95b31c0de2f7a846", "7c1f-q7RwZ2vNp9"}},
		{filter: material,
			drops: []string{"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSURkekNDQWwrZ0F3", "{scheme@v2}7c1f0b94e2d84a6f95b31c0d", "$acme1$SHA-256$5000$q7RwZ2vNp9Lx4TkP3vT9xQ2m",
				"<enc-v2>q7RwZ2vNp9Lx4T", "ssh-rsa AAAAB3Nza", "AAAAC3NzaC1lZDI1NTE5AAAA", "sha384-" + strings.Repeat("q7Rw", 16), "3F:A9:F5:01:22:9B:C4:7D",
				"data:image/png;base64,AAA", "iVBORw0KGgoAAAANSUhEUg", "{cipher}7c1f", "ENC(q7RwZ2)", "$6$salt$hash", "md5$a$7c1f"},
			keeps: []string{"q7RwZ2vNp9Lx4T", "AAAAq7RwZ2vNp9Lx4T", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
				"LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2UUlCQURBTkJna3E3" +
					"UndaMnZOcDlMeDRUa1AzdlQ5eFEybUxiV3o3UnlONGNVZUhzCi0tLS0tRU5EIFBSSVZBVEUgS0VZLS0tLS0K"}},
		{filter: words,
			drops: []string{"production-database", "ordersServiceToken", "RABBITMQ_PASSWORD_2024", "sup3r-s3cr3t", "c3VwZXItc2VjcmV0LXBhc3N3b3Jk",
				"summer2024!", "s3cr3tp@ssw0rd", "drowssap-retsam", "orders12345", "this-one-secret-abc123abc"},
			keeps: []string{"q7RwZ2vNp9Lx4T", "kP3vT9xQ2mLbWz7RyN4c", "prod_kP3vT9xQ2mLbWz7RyN4c", "production-7c1f0b94e2d84a6f"}},
		{filter: tokens,
			drops: []string{"kuberneteslike", "argumentative-resolvers", "handleUnmarshalling", "createdelegatingencoder"},
			keeps: []string{"q7RwZ2vNp9Lx4T", "kP3vT9xQ2mLbWz7RyN4c", "xkqzjvwpfmtrhb", "7c1f0b94e2d84a6f95b31c0de2f7a846",
				"argumentative-q7RwZ2vNp9Lx4T"}},
		{filter: plain,
			drops: []string{"12345-9876-1234", "wachtwoordherhaling", "kassakonto-2", "kassakonto-20240131123000", "WACHTWOORD", "Passwort-Wiederholung"},
			keeps: []string{"q7RwZ2vNp9Lx4T", "xkqZjvwpfm", "XKQZJVWPFMTRHB"}},
	}
	var m expr.Machine
	for _, tt := range tests {
		for _, v := range tt.drops {
			if f.dropped(&m, tt.filter, v, []byte(tt.before)) == 0 {
				t.Errorf("%s keeps %q", filterName(tt.filter), v)
			}
		}
		for _, v := range tt.keeps {
			if f.dropped(&m, tt.filter, v, []byte(tt.before)) != 0 {
				t.Errorf("%s drops %q", filterName(tt.filter), v)
			}
		}
	}
}

// alphabets are those that credentials are made of.
var alphabets = []struct {
	name, digits string
	lengths      []int
}{
	{"hex", "0123456789abcdef", []int{32, 40, 64}},
	{"base32", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", []int{16, 26, 32}},
	{"base36", "0123456789abcdefghijklmnopqrstuvwxyz", []int{16, 20, 32}},
	{"base62", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", []int{12, 16, 20, 32, 40, 64}},
	{"base64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", []int{20, 32, 40, 64, 86}},
	{"base64url", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", []int{22, 43}},
	{"password", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&*+-.=?@^_~", []int{12, 16, 20}},
}

// TestFiltersKeepRandomValues measures how many random values each filter drops. With -v it prints the table.
func TestFiltersKeepRandomValues(t *testing.T) {
	const (
		values = 1000
		most   = 0.006 // of one filter; chance alone makes 6 of 1,000 of a true rate of 1 in 1,000 rarer than 1 in 1,000
		all    = 0.012
	)
	f := builtinFiltersForTest(t)
	random := rand.New(rand.NewPCG(1, 2))
	var m expr.Machine
	for _, a := range alphabets {
		for _, n := range a.lengths {
			dropped := map[filterSet]int{}
			any := 0
			for range values {
				v := make([]byte, n)
				for i := range v {
					v[i] = a.digits[random.IntN(len(a.digits))]
				}
				hit := 0
				for _, name := range filterNames {
					if f.dropped(&m, name.set, string(v), []byte("key: ")) != 0 {
						dropped[name.set]++
						hit = 1
						if testing.Verbose() {
							t.Logf("%s drops %s", name.name, v)
						}
					}
				}
				any += hit
			}
			var row strings.Builder
			for _, name := range filterNames {
				if rate := float64(dropped[name.set]) / values; rate > 0 {
					fmt.Fprintf(&row, " %s %.2f%%", name.name, 100*rate)
					if rate > most {
						t.Errorf("%s drops %.2f%% of random values: %s of %d", name.name, 100*rate, a.name, n)
					}
				}
			}
			if float64(any)/values > all {
				t.Errorf("the filters drop %.2f%% of random values: %s of %d", 100*float64(any)/values, a.name, n)
			}
			t.Logf("%-9s %2d: %.2f%%:%s", a.name, n, 100*float64(any)/values, row.String())
		}
	}
}

// TestDefaultFilters tells which filters a rule gets by what it says of itself.
func TestDefaultFilters(t *testing.T) {
	mild := placeholder | reference | publicValue | embedded
	tests := []struct {
		name       string
		rule       RuleConfig
		confidence finding.Confidence
		generic    bool
		want       filterSet
	}{
		{"a distinctive prefix", RuleConfig{Entropy: 3.5}, finding.HighConfidence, false, mild},
		{"a checksum", RuleConfig{Entropy: 3.5, Checksum: "github"}, finding.MediumConfidence, false, mild &^ embedded},
		{"a provider's word near by", RuleConfig{Entropy: 3.5}, finding.MediumConfidence, false, mild | contentHash | code | words | tokens},
		{"a password in a certain place", RuleConfig{Entropy: 2}, finding.HighConfidence, false, mild | code | repeated},
		{"a password", RuleConfig{Entropy: 2}, finding.MediumConfidence, true, mild | contentHash | code | sequence | repeated},
		{"any value", RuleConfig{Entropy: 3}, finding.MediumConfidence, true, allFilters},
		{"token efficiency", RuleConfig{TokenEfficiency: true}, finding.HighConfidence, false, mild | tokens},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, defaultFilters(&tt.rule, tt.confidence, tt.generic)); diff != "" {
				t.Errorf("filters (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseFilters(t *testing.T) {
	got, err := parseFilters([]string{"words", "sequence"})
	if err != nil || got != words|sequence {
		t.Errorf("parseFilters = %b, %v", got, err)
	}
	if none, err := parseFilters([]string{}); err != nil || none != 0 {
		t.Errorf("an empty list = %b, %v", none, err)
	}
	if _, err := parseFilters([]string{"entropy"}); err == nil || !strings.Contains(err.Error(), "token-efficiency") {
		t.Errorf("the error for an unknown filter does not list those there are: %v", err)
	}
}

// TestTokenEfficiencyOfForeignRules shows that a configuration without filters drops by token efficiency alone.
func TestTokenEfficiencyOfForeignRules(t *testing.T) {
	c := &Config{Rules: []RuleConfig{
		{ID: "asks", Regex: `asks=(\S+)`, TokenEfficiency: true},
		{ID: "does-not", Regex: `plain=(\S+)`},
	}}
	e, err := New(c, Options{Foreign: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range lookAt(e, "a", "asks=argumentativeResolvers asks=q7RwZ2vNp9Lx4T plain=argumentativeResolvers plain=xxxxxxxxxxxxxx").Findings {
		got = append(got, f.Rule)
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"secret/asks", "secret/does-not", "secret/does-not"}, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestLanguageTable(t *testing.T) {
	if _, err := newLanguage("012"); err == nil {
		t.Error("a short table is accepted")
	}
	if _, err := newLanguage(strings.Repeat("-", symbols*symbols*symbols)); err == nil {
		t.Error("a table of other characters is accepted")
	}
}

// FuzzFilters holds that no value breaks a filter.
func FuzzFilters(f *testing.F) {
	for _, s := range []string{"", "q7RwZ2vNp9Lx4T", "ſecretKey", "\xff\xfe", strings.Repeat("a1", 400), "ÀÉÎ-token"} {
		f.Add(s, s)
	}
	all := builtinFiltersForTest(f)
	f.Fuzz(func(t *testing.T, value, before string) {
		var m expr.Machine
		set := all.dropped(&m, allFilters, value, []byte(before))
		if set != 0 && filterName(set) == "" {
			t.Errorf("%q is dropped by %b, which has no name", value, set)
		}
		sum := sha256.Sum256([]byte(value))
		_ = all.dropped(&m, allFilters, hex.EncodeToString(sum[:])+base64.StdEncoding.EncodeToString([]byte(value)), nil)
	})
}
