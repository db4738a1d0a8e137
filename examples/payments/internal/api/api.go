// Package api is the HTTP face of the service.
package api

import (
	"encoding/json"
	"log"
	"net/http"

	"example.com/payments/internal/acquirer"
	"example.com/payments/internal/card"
	"example.com/payments/internal/session"
	"example.com/payments/internal/store"
)

// Services are what the handlers work with.
type Services struct {
	Payments *store.Payments
	Sessions *session.Issuer
	Acquirer *acquirer.Client
	Receipts string // folder of receipts
}

// New returns the handler for all routes.
func New(s Services) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sessions", s.login)
	mux.HandleFunc("GET /payments", s.searchPayments)
	mux.HandleFunc("GET /payments/{id}", s.payment)
	mux.HandleFunc("POST /payments", s.charge)
	mux.HandleFunc("GET /receipts", s.receipt)
	mux.HandleFunc("GET /logos/{name}", s.logo)
	mux.HandleFunc("POST /receipts/pdf", s.receiptPDF)
	mux.HandleFunc("GET /payments/{id}/qr", s.paymentQR)
	mux.HandleFunc("POST /webhooks/test", s.testWebhook)
	mux.HandleFunc("POST /webhooks/replay", s.replayWebhook)
	return mux
}

func (s Services) login(w http.ResponseWriter, r *http.Request) {
	merchant := r.FormValue("merchant")
	reply(w, map[string]string{
		"token":   s.Sessions.Sign(merchant),
		"refresh": session.NewRefreshToken(),
	}, nil)
}

func (s Services) searchPayments(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if reference := query.Get("reference"); reference != "" {
		found, err := s.Payments.Search(r.Context(), reference)
		reply(w, found, err)
		return
	}
	found, err := s.Payments.List(r.Context(), query.Get("merchant"), query.Get("sort"))
	reply(w, found, err)
}

func (s Services) payment(w http.ResponseWriter, r *http.Request) {
	found, err := s.Payments.ByID(r.Context(), r.PathValue("id"))
	reply(w, found, err)
}

func (s Services) charge(w http.ResponseWriter, r *http.Request) {
	number := r.FormValue("card")
	err := s.Acquirer.Charge(r.Context(), number, r.FormValue("amount"))
	reply(w, map[string]string{"card": card.Fingerprint(number)}, err)
}

func reply(w http.ResponseWriter, body any, err error) {
	if err != nil {
		log.Print(err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err)
	}
}
