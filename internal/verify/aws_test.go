package verify

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assaysec/assay/internal/finding"
	"github.com/google/go-cmp/cmp"
)

// The keys of AWS' own examples, in parts.
const (
	exampleID     = "AKID" + "EXAMPLE"
	exampleSecret = "wJalrXUtnFEMI" + "/K7MDENG+" + "bPxRfiCYEXAMPLEKEY"
)

// The signatures are those of AWS' published test suite for Signature Version 4.
func TestSign(t *testing.T) {
	for _, tt := range []struct{ name, method, body, contentType, want string }{
		{"get-vanilla", "GET", "", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"post-vanilla", "POST", "", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{"post-x-www-form-urlencoded", "POST", "Param1=value1", "application/x-www-form-urlencoded", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequest(tt.method, "https://example.amazonaws.com/", nil)
			if err != nil {
				t.Fatal(err)
			}
			if tt.contentType != "" {
				req.Header.Set("Content-Type", tt.contentType)
			}
			sign(req, tt.body, scope{exampleID, exampleSecret, "us-east-1", "service"}, time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC))
			_, got, _ := strings.Cut(req.Header.Get("Authorization"), "Signature=")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("signature (-want +got):\n%s", diff)
			}
		})
	}
}

var (
	someID      = plain("AKIA" + strings.Repeat("A", 16))
	temporaryID = plain("ASIA" + strings.Repeat("A", 16))
	otherID     = plain("AKIA" + strings.Repeat("B", 16))
	someSecret  = plain(strings.Repeat("s", 40))
	otherSecret = plain(strings.Repeat("t", 40))
	session     = plain(strings.Repeat("u", 200))
)

func TestAWS(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		body   string
		want   finding.Verification
	}{
		{"live", 200, `{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Account":"1","Arn":"a"}}}`, alive},
		{"no such key", 403, `{"Error":{"Code":"InvalidClientTokenId"}}`, gone},
		{"expired", 403, `{"Error":{"Code":"ExpiredToken"}}`, gone},
		{"not the secret of this ID", 403, `{"Error":{"Code":"SignatureDoesNotMatch"}}`, open},
		{"clock", 403, `{"Error":{"Code":"RequestTimeTooSkewed"}}`, open},
		{"another format", 200, `<GetCallerIdentityResponse/>`, open},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStand(t, says(tt.status, tt.body))
			now := func() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }
			c := newClient(t, Options{Instances: at("aws", s.URL), Now: now})
			a := checkOne(t, c, Credential{Verifier: "aws", Value: someSecret, ID: temporaryID, Session: session})
			if a.Verification != tt.want {
				t.Errorf("answer %+v, want %s", a, tt.want)
			}
			heard := s.questions()
			if len(heard) != 1 || heard[0].Method != "POST" || heard[0].Path != "/" || heard[0].Body != stsQuestion {
				t.Fatalf("questions %+v", heard)
			}
			h := heard[0].Header
			if !strings.HasPrefix(h["Authorization"], "AWS4-HMAC-SHA256 Credential="+string(temporaryID)+
				"/20261124/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=") {
				t.Errorf("authorization %s", h["Authorization"])
			}
			if h["X-Amz-Security-Token"] != string(session) || h["X-Amz-Date"] != "20261124T090000Z" {
				t.Errorf("headers %v", h)
			}
			for name, value := range h {
				if strings.Contains(value, string(someSecret)) {
					t.Errorf("the secret itself is sent, in %s", name)
				}
			}
		})
	}
}

// The partitions are asked one after the other, each with its region in the signature.
func TestAWSPartitions(t *testing.T) {
	var regions []string
	tr := fake(func(r *http.Request) (*http.Response, error) {
		regions = append(regions, strings.Split(r.Header.Get("Authorization"), "/")[2])
		return response(403, `{"Error":{"Code":"InvalidClientTokenId"}}`), nil
	})
	c := newClient(t, Options{Transport: tr})
	if a := checkOne(t, c, Credential{Verifier: "aws", Value: someSecret, ID: someID}); a.Verification != gone {
		t.Errorf("answer %+v", a)
	}
	if want := []string{"us-east-1", "us-gov-west-1", "cn-north-1"}; !slices.Equal(regions, want) {
		t.Errorf("regions %v, want %v", regions, want)
	}
}

func TestPair(t *testing.T) {
	key := func(value Value, place string, line int) Found {
		return Found{Credential{Verifier: "aws", Value: value}, place, line}
	}
	whole := func(id, secret, token Value) Credential {
		return Credential{Verifier: "aws", ID: id, Value: secret, Session: token}
	}
	unsureOf := func(c Credential) Credential { c.Unsure = true; return c }
	unsure := func(id, secret Value) Credential { return unsureOf(whole(id, secret, nil)) }
	for _, tt := range []struct {
		name string
		list []Found
		want []Credential
	}{
		{"a pair", []Found{key(someID, "a", 1), key(someSecret, "a", 2)},
			[]Credential{whole(someID, someSecret, nil), whole(someID, someSecret, nil)}},
		{"two pairs", []Found{key(someID, "a", 1), key(someSecret, "a", 2), key(otherID, "a", 4), key(otherSecret, "a", 5)},
			[]Credential{whole(someID, someSecret, nil), unsure(someID, someSecret), whole(otherID, otherSecret, nil), unsure(otherID, otherSecret)}},
		{"alone", []Found{key(someID, "a", 1), key(someSecret, "b", 1)},
			[]Credential{whole(someID, nil, nil), whole(nil, someSecret, nil)}},
		{"too far apart", []Found{key(someID, "a", 1), key(someSecret, "a", 2+reach)},
			[]Credential{whole(someID, nil, nil), whole(nil, someSecret, nil)}},
		{"temporary", []Found{key(temporaryID, "a", 1), key(someSecret, "a", 2), key(session, "a", 3)},
			[]Credential{whole(temporaryID, someSecret, session), whole(temporaryID, someSecret, session), whole(temporaryID, someSecret, session)}},
		{"the one before, of two as near", []Found{key(someID, "a", 1), key(someSecret, "a", 2), key(otherID, "a", 3)},
			[]Credential{whole(someID, someSecret, nil), unsure(someID, someSecret), whole(otherID, someSecret, nil)}},
		{"the first, of two in one line", []Found{key(someID, "a", 1), key(otherID, "a", 1), key(someSecret, "a", 2)},
			[]Credential{whole(someID, someSecret, nil), whole(otherID, someSecret, nil), unsure(someID, someSecret)}},
		{"not in the order of the text", []Found{key(someSecret, "a", 5), key(otherID, "a", 9), key(someID, "a", 4)},
			[]Credential{unsure(someID, someSecret), whole(otherID, someSecret, nil), whole(someID, someSecret, nil)}},
		{"two session tokens", []Found{key(temporaryID, "a", 1), key(someSecret, "a", 2), key(session, "a", 3), key(plain(strings.Repeat("v", 200)), "a", 4)},
			[]Credential{
				unsureOf(whole(temporaryID, someSecret, session)), unsureOf(whole(temporaryID, someSecret, session)),
				unsureOf(whole(temporaryID, someSecret, session)), unsureOf(whole(temporaryID, someSecret, plain(strings.Repeat("v", 200)))),
			}},
		{"one ID that stands there twice", []Found{key(someID, "a", 1), key(someSecret, "a", 2), key(someID, "a", 3)},
			[]Credential{whole(someID, someSecret, nil), whole(someID, someSecret, nil), whole(someID, someSecret, nil)}},
		{"no part of AWS", []Found{{Credential{Verifier: "github", Value: plain("x")}, "a", 1}},
			[]Credential{{Verifier: "github", Value: plain("x")}}},
		{"nothing", nil, []Credential{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Pair(tt.list)); diff != "" {
				t.Errorf("credentials (-want +got):\n%s", diff)
			}
		})
	}
}

// A text made of access keys is paired in time that grows with their number, not with its square.
func TestPairManyKeys(t *testing.T) {
	var list []Found
	for i := range 100_000 {
		value := plain(fmt.Sprintf("AKIA%016d", i))
		if i%2 == 1 {
			value = plain(fmt.Sprintf("%040d", i))
		}
		list = append(list, Found{Credential{Verifier: "aws", Value: value}, "a", i / 1000})
	}
	begin := time.Now()
	Pair(list)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

// A secret that stands near several IDs may belong to any: that one of them is dead says nothing about it.
func TestUnsureSecretIsNotDead(t *testing.T) {
	c := newClient(t, Options{Transport: sayer(403, `{"Error":{"Code":"InvalidClientTokenId"}}`)})
	pair := Credential{Verifier: "aws", ID: someID, Value: someSecret}
	unsure := pair
	unsure.Unsure = true
	answers, _ := c.Check(t.Context(), []Credential{pair, unsure})
	if answers[0] != (Answer{gone, ""}) || answers[1].Verification != open || answers[1].Note == "" {
		t.Errorf("answers %+v", answers)
	}
}

// A part alone is not asked about.
func TestAWSParts(t *testing.T) {
	c := newClient(t, Options{Transport: forbidden(t)})
	for _, credential := range []Credential{
		{Verifier: "aws", ID: someID}, {Verifier: "aws", Value: someSecret}, {Verifier: "aws", ID: temporaryID, Value: someSecret},
	} {
		if a := checkOne(t, c, credential); a.Verification != open || a.Note == "" {
			t.Errorf("answer %+v", a)
		}
	}
}
