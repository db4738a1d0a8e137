// Command payments-api serves payments, receipts and webhooks to merchants.
package main

import (
	"database/sql"
	"log"
	"net/http"
	"os"
	"time"

	"example.com/payments/internal/acquirer"
	"example.com/payments/internal/api"
	"example.com/payments/internal/config"
	"example.com/payments/internal/session"
	"example.com/payments/internal/store"
)

// commit is set by the linker.
var commit = "unknown"

func main() {
	cfg, err := config.Load(os.Getenv, os.ReadFile)
	if err != nil {
		log.Fatal(err)
	}
	db, err := sql.Open("postgres", cfg.DatabaseURL)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		Addr: cfg.Listen,
		Handler: api.New(api.Services{
			Payments: store.New(db),
			Sessions: session.NewIssuer(),
			Acquirer: acquirer.New(cfg.AcquirerURL),
			Receipts: cfg.ReceiptDir,
		}),
		ReadHeaderTimeout: 5 * time.Second,
	}
	log.Printf("payments-api %s on %s", commit, cfg.Listen)
	log.Fatal(server.ListenAndServe())
}
