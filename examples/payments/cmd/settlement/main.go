// Command settlement checks a partner's settlement file and streams its lines to the back office.
package main

import (
	"log"
	"os"

	"example.com/payments/internal/settlement"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: settlement FILE BACK-OFFICE-URL")
	}
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	file, err := settlement.Parse(raw)
	if err != nil {
		log.Fatal(err)
	}
	key := []byte(os.Getenv("PARTNER_KEY"))
	if err := settlement.CheckPartner(file.Token, key); err != nil {
		log.Fatal(err)
	}
	if err := settlement.Stream(os.Args[2], file); err != nil {
		log.Fatal(err)
	}
	log.Print(settlement.Summary(file))
}
