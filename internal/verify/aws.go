package verify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// aws is asked who a pair of access key ID and secret access key is: a question that needs no permission and cannot be
// forbidden. The secret is not sent, only a signature made with it. The three partitions know nothing of each other.
var aws = &Provider{
	Name: "aws", Title: "AWS",
	bases: []string{
		"https://sts.us-east-1.amazonaws.com", "https://sts.us-gov-west-1.amazonaws.com", "https://sts.cn-north-1.amazonaws.com.cn",
	},
	method: "POST", path: "/", body: stsQuestion, sign: signSTS, unfit: unfitAWS,
	readings: []reading{
		live(200, "GetCallerIdentityResponse.GetCallerIdentityResult.Account", ""),
		dead(403, "Error.Code", "InvalidClientTokenId"),
		dead(403, "Error.Code", "ExpiredToken"),
	},
}

const stsQuestion = "Action=GetCallerIdentity&Version=2011-06-15"

func unfitAWS(c parts) string {
	switch {
	case c.id == "":
		return "no access key ID stands beside the secret access key"
	case c.value == "":
		return "no secret access key stands beside the access key ID"
	case temporary(c.id) && c.session == "":
		return "no session token stands beside the temporary access key"
	}
	return ""
}

func temporary(id string) bool { return strings.HasPrefix(id, "ASIA") }

// signSTS signs a question to the security token service, whose region is in its host's name.
func signSTS(req *http.Request, c parts, now time.Time) {
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	if temporary(c.id) {
		req.Header.Set("X-Amz-Security-Token", c.session)
	}
	region := "us-east-1"
	if labels := strings.Split(req.URL.Hostname(), "."); len(labels) > 2 && labels[0] == "sts" && labels[2] == "amazonaws" {
		region = labels[1]
	}
	sign(req, stsQuestion, scope{c.id, c.value, region, "sts"}, now)
}

// A scope is what a signature is made with and holds for.
type scope struct{ id, secret, region, service string }

const (
	amzTime = "20060102T150405Z"
	amzDate = "20060102"
)

// sign adds an Authorization header of Signature Version 4, over all headers that the request has. The path must need no
// escaping and the query be empty.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func sign(req *http.Request, body string, s scope, now time.Time) {
	now = now.UTC()
	req.Header.Set("X-Amz-Date", now.Format(amzTime))
	headers, signed := canonicalHeaders(req)
	canonical := strings.Join([]string{req.Method, req.URL.Path, "", headers, signed, digest(body)}, "\n")
	credential := strings.Join([]string{now.Format(amzDate), s.region, s.service, "aws4_request"}, "/")
	text := strings.Join([]string{"AWS4-HMAC-SHA256", now.Format(amzTime), credential, digest(canonical)}, "\n")

	key := []byte("AWS4" + s.secret)
	for _, part := range []string{now.Format(amzDate), s.region, s.service, "aws4_request", text} {
		key = mac(key, part)
	}
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+s.id+"/"+credential+
		", SignedHeaders="+signed+", Signature="+hex.EncodeToString(key))
}

// canonicalHeaders lists the headers that are signed, and their names. A proxy may alter the user agent and what is accepted.
func canonicalHeaders(req *http.Request) (headers, signed string) {
	lines := map[string]string{"host": req.URL.Host}
	for name, values := range req.Header {
		if name = strings.ToLower(name); name == "content-type" || strings.HasPrefix(name, "x-amz-") {
			lines[name] = strings.Join(values, ",")
		}
	}
	var names []string
	for name := range lines {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		headers += name + ":" + strings.TrimSpace(lines[name]) + "\n"
	}
	return headers, strings.Join(names, ";")
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
