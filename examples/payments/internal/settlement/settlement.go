// Package settlement reads the files in which partners say what they paid out.
package settlement

import (
	"errors"
	"fmt"

	jwt "github.com/dgrijalva/jwt-go"
	"github.com/gorilla/websocket"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"gopkg.in/yaml.v2"
)

// A File is one partner's payouts of one day.
type File struct {
	Token string `yaml:"token"`
	Lines []Line `yaml:"lines"`
}

// A Line is one payout, in cents.
type Line struct {
	Payment string `yaml:"payment" json:"payment"`
	Cents   int64  `yaml:"cents" json:"cents"`
}

// Parse reads a settlement file.
func Parse(raw []byte) (File, error) {
	var f File
	if err := yaml.Unmarshal(raw, &f); err != nil {
		return File{}, fmt.Errorf("settlement file: %w", err)
	}
	return f, nil
}

// CheckPartner accepts a partner token that is signed with key and meant for us.
func CheckPartner(token string, key []byte) error {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		if t.Method != jwt.SigningMethodHS256 {
			return nil, fmt.Errorf("partner token: method %s", t.Method.Alg())
		}
		return key, nil
	})
	if err != nil {
		return fmt.Errorf("partner token: %w", err)
	}
	if !claims.VerifyAudience("payments-settlement", true) {
		return errors.New("partner token: not meant for us")
	}
	return nil
}

// Stream sends the lines of f to the back office at url.
func Stream(url string, f File) error {
	conn, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		return fmt.Errorf("back office: %w", err)
	}
	defer conn.Close()
	for _, line := range f.Lines {
		if err := conn.WriteJSON(line); err != nil {
			return fmt.Errorf("payment %s: %w", line.Payment, err)
		}
	}
	return nil
}

// Summary is f in one line, for the log.
func Summary(f File) string {
	var cents int64
	for _, line := range f.Lines {
		cents += line.Cents
	}
	return message.NewPrinter(language.English).Sprintf("%d payouts, %.2f in all", len(f.Lines), float64(cents)/100)
}
