package secret

import (
	"strings"
	"testing"
)

// TestPlaces shows what the text around a value says of it: the first lines of a pair are silent for what stands there, the
// second, with another name or value, are not. A ¦ breaks what another scanner might trip over.
func TestPlaces(t *testing.T) {
	tests := []struct{ name, silent, loud string }{
		{"a place in a list", `expectedNextToken: "q7RwZ2v¦Np9Lx4TkP3vT9"`, `expectedAuthToken: "q7RwZ2v¦Np9Lx4TkP3vT9"`},
		{"a mark of a request", `idempotency_key="q7RwZ2v¦Np9Lx4TkP3vT9"; client_request_token="q7RwZ2v¦Np9Lx4TkP3vT9"`, `client_token="q7RwZ2v¦Np9Lx4TkP3vT9"`},
		{"made up to be refused", `const wrongPassword = "q7RwZ2v¦Np9Lx4T"`, `const adminPassword = "q7RwZ2v¦Np9Lx4T"`},
		{"encrypted already", `shopEncryptedClientSecret = "q7RwZ2v¦Np9Lx4TkP3vT9"`, `shopUnencryptedClientSecret = "q7RwZ2v¦Np9Lx4TkP3vT9"`},
		{"a mark of a format", `secretSignature = "7c1f0b94e2d84a6f¦95b31c0de2f7a846"`, `secretValue = "7c1f0b94e2d84a6f¦95b31c0de2f7a846"`},
		{"an access-key ID", `accessKey: "QZ7R2MNX4L¦T9KPVB3WHC"`, `accessSecretKey: "QZ7R2MNX4L¦T9KPVB3WHC"`},
		{"an access-key ID in a call", `credentialOf("QZ7R2MNX4L¦T9KPVB3WHC", day)`, `credentialOf("QZ7R2MNX4L¦T9KPVB3WHCx", day)`},
		{"a type", `def renew(token: OrderTicket, at: Long)`, `token: q7RwZ2vNp9Lx4T`},
		{"a field of the same name", `out.TokenTTLValue1 = in.TokenTTLValue1`, `out.TokenTTLValue1 = in.q7RwZ2vNp9Lx4T`},
		{"a value for its own name", `ORDERS_TOKEN_V1X = "orders_token_v1x"`, `ORDERS_TOKEN_V1X = "q7RwZ2v¦Np9Lx4T"`},
		{"an account of the same name", `{"accessKey":"warehouse-x9q2","secretKey":"warehouse-x9q2"}`, `{"accessKey":"warehouse-x9q2","secretKey":"q7RwZ2v¦Np9Lx4T"}`},
		{"a module", "github.com/acme/go-tokensecret v0.0.0-20310224101530-7c1f0b94e2d8/go.mod h1:x", "run --tokensecret q7RwZ2v¦Np9Lx4T"},
		{"user and password alike", `postgres://orders:orders@db1.acme-shop.net/orders`, `postgres://orders:q7Rw¦Z2vNp9@db1.acme-shop.net/orders`},
		{"user and a number", `mysql://orders:orders123@db1.acme-shop.net/orders`, `mysql://orders:ledger8Q2x@db1.acme-shop.net/orders`},
		{"user and password alike, in words", `"host=db1.acme-shop.net user=ledger password=ledger dbname=ledger"`, `"host=db1.acme-shop.net user=ledger password=q7Rw¦Z2vNp9 dbname=ledger"`},
		{"syntax", `postgresql://[user[:password]@][host][:port]`, `postgresql://orders:q7Rw¦Z2vNp9@db1.acme-shop.net:5432`},
		{"a server next door", `mysql://root:harvest@mysql:3306/app`, `mysql://root:harvest@mysql.acme-shop.net:3306/app`},
		{"a thumbprint by the type below", "new Secret(\"5e1f0b94e2d84a6f95b3¦1c0de2f7a8461c2d3e4f\", \"mtls\")\n{\n    Type = Kinds.CertificateThumbprint\n}", "new Secret(\"5e1f0b94e2d84a6f95b3¦1c0de2f7a8461c2d3e4f\", \"mtls\")\n{\n    Type = Kinds.Shared\n}"},
		{"a public key", "other_master_key = \"q7RwZ2vNp9Lx4TkP3vT9¦xQ2mLbWz7RyN4cUeHsZk4pU\"\nkeys = {\"ed25519:\" + other_master_key: 1}", "other_master_key = \"q7RwZ2vNp9Lx4TkP3vT9¦xQ2mLbWz7RyN4cUeHsZk4pU\"\nkeys = {\"ed25519:\" + other_key: 1}"},
		{"a stored file", `"token": "Pictures7/v2/1c/0d/7c1f0b94-e2d8-4a6f-95b3-1c0de2f7a846/wide_view.mov"`, `"token": "Zk4pW9tR2m/v7LqBhT7c¦Q2zWm8Lr5Vnt8VbQ3+Yx"`},
		{"a key of tests", `run --apiKey TESTQ7R2MNX4`, `run --apiKey QTQ7R2MNX4LK9`},
		{"a word for a key", `mongodb://orders:auth_key@10.20.4.7:27017`, `mongodb://orders:q7Rw¦Z2vNp9@10.20.4.7:27017`},
	}
	e := builtinEngine(t)
	find := func(text string) []string {
		var out []string
		for _, f := range lookAt(e, "service/app.txt", "\n"+strings.ReplaceAll(text, breakMark, "")+"\n").Findings {
			out = append(out, f.Rule+" "+f.Properties.(Properties).Value.Reveal())
		}
		return out
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := find(tt.silent); len(got) != 0 {
				t.Errorf("%s: %q", tt.silent, got)
			}
			if got := find(tt.loud); len(got) == 0 {
				t.Errorf("nothing in %s", tt.loud)
			}
		})
	}
}

// TestKeyPair holds that of an access key only the secret half is told, however far the name alone would go.
func TestKeyPair(t *testing.T) {
	e := builtinEngine(t)
	text := "access_key: q7RwZ2vNp9Lx4TkP3vT9xQ2m\nregion: eu-west-1\nsecret_key: kP3vT9xQ2mLbWz7RyN4cUeHsZk4pW9tR2mXv7LqB\n"
	found := lookAt(e, "a.yml", text).Findings
	if len(found) != 1 || found[0].Place.Start.Line != 3 {
		t.Errorf("%d findings: %v", len(found), found)
	}
}

// FuzzPlace holds that no place of a value breaks what looks at it.
func FuzzPlace(f *testing.F) {
	f.Add("token = q7RwZ2vNp9Lx4T", 0, 7, 21)
	f.Add("\n", 1, 1, 1)
	f.Fuzz(func(t *testing.T, line string, start, from, to int) {
		from, to = min(max(from, 0), len(line)), min(max(to, 0), len(line))
		start = min(max(start, 0), from)
		to = max(from, to)
		at := place{line: []byte(line), start: start, end: to, from: from, to: to}
		secret := line[from:to]
		_, _, _, _ = at.name(), at.repeats(secret), at.isIdentity(secret), at.quoted()
		_, _ = selects(at.name(), secret), isTypeName(secret)
		if got := linesAfter(at.line, to, to+from); got < to || got > len(line) {
			t.Errorf("lines after %d end at %d of %d", to, got, len(line))
		}
	})
}
