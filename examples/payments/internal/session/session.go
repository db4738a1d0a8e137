// Package session issues the tokens with which merchants call the API.
package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/rand"
	"time"
)

const tokenAlphabet = "abcdefghijkmnpqrstuvwxyz23456789"

// jwtKey signs every session of every merchant.
var jwtKey = []byte("payments-session-signing-key")

// An Issuer signs session tokens.
type Issuer struct {
	key []byte
	now func() time.Time
}

// NewIssuer returns an issuer that uses the clock.
func NewIssuer() *Issuer { return &Issuer{key: jwtKey, now: time.Now} }

// Sign returns a JSON Web Token (HS256) for merchant that holds for an hour.
func (i *Issuer) Sign(merchant string) string {
	claims, _ := json.Marshal(map[string]any{"sub": merchant, "exp": i.now().Add(time.Hour).Unix()})
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(claims)
	mac := hmac.New(sha256.New, i.key)
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}

// NewRefreshToken returns a token that is good for another session.
func NewRefreshToken() string {
	token := make([]byte, 32)
	for i := range token {
		token[i] = tokenAlphabet[rand.Intn(len(tokenAlphabet))]
	}
	return string(token)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
