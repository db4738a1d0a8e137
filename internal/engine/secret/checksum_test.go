package secret

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The tokens are made up, with sums that another program has worked out, and broken by "¦" as in the pack.
func TestChecksums(t *testing.T) {
	tests := []struct {
		name, check, secret string
		want                bool
	}{
		{"GitHub", "github", "ghp_¦Ky9Pf34qY6Nb3wWD25RQ4F5ZR3qa7y3gm1IL", true},
		{"GitHub, one character changed", "github", "ghp_¦Ky9Pf34qY6Nb3wWD25RQ4F5ZR3qa7y3gm1IM", false},
		{"GitHub, sum with a leading zero", "github", "gho_¦Ee9txXOl0gn4Amzb2Jn1qtHUckwuOj09puk0", true},
		{"GitHub, layout without published sum", "github", "ghs_¦123_eyJhbGciOiJSUzI1NiJ9.e30.c2ln", true},
		{"GitHub, no underscore", "github", "ghp", true},
		{"npm", "npm", "npm_¦Eeeby3abP3E2Zs8IQ9Y7aJZqhB6bae2dTjzx", true},
		{"npm, placeholder", "npm", "npm_¦xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", false},
		{"GitLab", "gitlab-routable", "glpat-¦CN6Zj4a3dDVhYRnKTbxTNJFoBinF5aJXVuLkSIc4.01.140qij9tx", true},
		{"GitLab, other prefix", "gitlab-routable", "glrt-¦CN6Zj4a3dDVhYRnKTbxTNJFoBinF5aJXVuLkSIc4.01.140qij9tx", false},
		{"GitLab, too short", "gitlab-routable", "glpat-", false},
		{"Grafana", "grafana", "glsa_¦7WQAmL9xVQ2zg4mZaouqKLiMcVbpT4r5_48c9969f", true},
		{"Grafana, sum in the other byte order", "grafana", "glsa_¦7WQAmL9xVQ2zg4mZaouqKLiMcVbpT4r5_9f96c948", false},
		{"Grafana, no sum", "grafana", "glsa", false},
		{"AWS", "aws-access-key", "AKIA¦V2OSNQ3LLF4V5ARJ", true},
		{"AWS, from before 2019", "aws-access-key", "AKIA¦IOSFODNN7EXAMPLE", true},
		{"AWS, not base 32", "aws-access-key", "AKIA¦V2OSNQ3LLF4V5A01", false},
		{"AWS, account of 13 digits", "aws-access-key", "AKIA¦7777NQ3LLF4V5ARJ", false},
		{"AWS, line end inside", "aws-access-key", "AKIA¦V2OSNQ3\r\n\r\n\r\n\r\n\r", false},
		{"Discord", "discord-bot", "NTU0Mzg5NDQyNjM4MjE1Njg0.¦6UeP3C.4DSA7Lc360a9Y6yNd14tDdO9eGzMcNU77sVTUU", true},
		{"Discord, no number", "discord-bot", "NTU0Mzg5NDQyNjM4MjE1NjgA.¦6UeP3C.4DSA7Lc360a9Y6yNd14tDdO9eGzMcNU77sVTUU", false},
		{"JWT", "jwt", "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.¦eyJzdWIiOiAiOTY1ODY2MjExIn0.kRSsx7bQ", true},
		{"JWT, no algorithm", "jwt", "eyJ0eXAiOiJKV1QifQ.¦eyJzdWIiOiAiOTY1ODY2MjExIn0.kRSsx7bQ", false},
		{"JWT, payload is no JSON", "jwt", "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.¦eyJzdWIi.kRSsx7bQ", false},
		{"JWT, one part", "jwt", "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9", false},
		{"Sentry", "sentry-org", "sntrys_¦eyJpYXQiOiAxNzUwMDAwMDAwLjUsICJ1cmwiOiAiaHR0cHM6Ly9zZW50cnkuaW8iLCAib3JnIjogImFjbWUifQ==_vo3VT56J", true},
		{"Sentry, body is no JSON", "sentry-org", "sntrys_¦eyJpYXQiOiAxNzUwMDAwMDAwLjUs_vo3VT56J", false},
		{"Sentry, no body", "sentry-org", "sntrys_vo3VT56J", false},
		{"PyPI", "pypi", "pypi-¦AgEIcHlwaS5vcmcCoveGervdL9T2oSqxbgpUKcJ_LoTzmekFdviINFPKc_MNpbfzeOA7hz", true},
		{"PyPI, test index", "pypi", "pypi-¦AgENdGVzdC5weXBpLm9yZwIIcthCGKi1hJcJ4F3UoYPoRkTDKm_nDlsWuZ3FJ_IIOaT5V4", true},
		{"PyPI, other location", "pypi", "pypi-¦AgEIcHlwaS5vcmHCoveGervdL9T2oSqxbgpUKcJ_LoTzmekFdviINFPKc_MNpbfzeOA7hz", false},
		{"age", "age", "AGE-SECRET-KEY-¦1YRNUJCKPAK28LRDJG0EEL92UE3GM36KCWF9TFWWQLTSJQF6H5GRSNWAZ7D", true},
		{"age, two characters changed places", "age", "AGE-SECRET-KEY-¦1RYNUJCKPAK28LRDJG0EEL92UE3GM36KCWF9TFWWQLTSJQF6H5GRSNWAZ7D", false},
		{"age, letter outside the alphabet", "age", "AGE-SECRET-KEY-¦1YRNUJCKPAK28LRDJG0EEL92UE3GM36KCWF9TFWWQLTSJQF6H5GRSNWAZ7B", false},
		{"age, public key", "age", "age1yrnujckpak28lrdjg0eel92ue3gm36kcwf9tfwwqltsjqf6h5g", false},
		{"PEM", "pem-key", "\nMIIEowIBA¦EcMedk5AT5lZ6kEKkQIK/5l1yPLYi9KWBUbikyJET7OeVIWuyyxOLvna81lCcKoAN05bXHjiqYtnZE0HA3D2/6xfyHZdjHNvr1HlFeEDxlYhlQ9SwYYH+Zqx5YHtZFI9o5GLJc8IdfnSMRWjP2yMhiNQVgrU3EGZ1ry6cYqWPaGIg7fniGZIHJGNDP76B76Gw6/fOp2vv18EisY0dAjKWARXCshD7Xw8w0mqiukBO3lTMX0RjaydudCYnE3OBo9Jiq+NQzvZr0peAKDZQfggQs01R2A86FwHoxDmRNftM4DmjAPouB+1aT7sczcaiiNmuzu6eHFX6jNHqYvV6INYGy6Rius5MVsqyYJ1/B0pTLtAZFpJHIFoRUuTKhTMc7Kx0W2t4pn\n", true},
		{"PEM, one line", "pem-key", "\nMIIEowIBA¦O2/iEZfA63tKasUwlbn2FBWeRo4QyDENJVoctcsiGvLj64WZgLSHMH7\n", false},
		{"PEM, one line of a string", "pem-key", "\nMIIEowIBA¦O2/iEZfA63tKasUwlbn2FBWeRo4QyDENJVoctcsiGvLj64WZgLSHMH7\\n\"", true},
		{"PEM, one line again and again", "pem-key", "\nMIIEowIBA¦EcMedk5AT5lZ6kEKkQIK/5l1yPLYi9KWBUbikyJET7OeVIWuyyxOLvna81lCcKoAN05bXHjiqYtnZE0HA3D2/6xfyHZdjHNvr1HlFeEDxlYhlQ9SwYYH+Zqx5YHtZFI9o5GLJc8IdfnSMRWjP2yMhiNQVgrU3EGZ1ry6cYqWPaGIg7fniGZIHJGNDP76B76MIIEowIBAEcMedk5AT5lZ6kEKkQIK/5l1yPLYi9KWBUbikyJET7OeVIWuyyxOLvna81lCcKoAN05bXHjiqYtnZE0HA3D2/6xfyHZdjHNvr1HlFeEDxlYhlQ9SwYYH+Zqx5YHtZFI9o5GLJc8IdfnSMRWjP2yMhiNQVgrU3EGZ1ry6cYqWPaGIg7fniGZIHJGNDP76B76MIIEowIBAEcMedk5AT5lZ6kEKkQIK/5l1yPLYi9KWBUbikyJET7OeVIWuyyxOLvna81lCcKoAN05bXHjiqYtnZE0HA3D2/6xfyHZdjHNvr1HlFeEDxlYhlQ9SwYYH+Zqx5YHtZFI9o5GLJc8IdfnSMRWjP2yMhiNQVgrU3EGZ1ry6cYqWPaGIg7fniGZIHJGNDP76B76\n", false},
		{"PKCS #12", "pkcs12-file", "\x30\x82\x09\xe1\x02\x01\x03\x30", true},
		{"PKCS #12, length not told", "pkcs12-file", "\x30\x80\x02\x01\x03\x30\x80\x06", true},
		{"PKCS #12, base 64", "pkcs12-file", "MIIJ4QIBAzCCCacGCSqGSIb3DQEHATExMQ==", true},
		{"PKCS #12, elsewhere", "pkcs12-file", "version https://git-lfs.github.com/spec/v1\n", true},
		{"PKCS #12, a certificate", "pkcs12-file", "\x30\x82\x03\xe1\x30\x82\x02\xc9", false},
		{"PKCS #12, PEM", "pkcs12-file", "-----BEGIN CERTIFICATE-----\n", false},
		{"key store, Java", "key-store-file", "\xfe\xed\xfe\xed\x00\x00\x00\x02", true},
		{"key store, PKCS #12", "key-store-file", "\x30\x82\x09\xe1\x02\x01\x03\x30", true},
		{"key store, prose", "key-store-file", "to be made", false},
		{"card", "luhn", "4242 4242 4242 4242", true},
		{"card, wrong digit", "luhn", "4242-4242-4242-4241", false},
		{"card, zeros", "luhn", "0000000000000000", false},
		{"card, letters", "luhn", "4242x4242x4242x4242", false},
	}
	got, want := map[string]bool{}, map[string]bool{}
	for _, tt := range tests {
		got[tt.name] = checksums[tt.check](strings.ReplaceAll(tt.secret, "¦", ""))
		want[tt.name] = tt.want
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("checksums hold (-want +got):\n%s", diff)
	}
}

// No text, whatever a rule of somebody else's captures, may break a check, nor change from one call to the next.
func FuzzChecksums(f *testing.F) {
	for _, seed := range []string{"", "_", ".", "..", "-", "AGE-SECRET-KEY-1", "glsa__", "pypi-Ag", "sntrys__", "AKIA\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n", "eyJ9.e30.", "0", strings.Repeat("z", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, secret string) {
		for name, check := range checksums {
			if check(secret) != check(secret) {
				t.Errorf("%s changes its mind about %q", name, secret)
			}
		}
	})
}
