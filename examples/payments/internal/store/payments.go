// Package store keeps payments in PostgreSQL.
package store

import (
	"context"
	"database/sql"
	"fmt"
)

// A Payment is one charge, in cents.
type Payment struct {
	ID        string `json:"id"`
	Reference string `json:"reference"`
	Cents     int64  `json:"cents"`
}

// Payments are the payments of all merchants.
type Payments struct{ db *sql.DB }

// New keeps payments in db.
func New(db *sql.DB) *Payments { return &Payments{db: db} }

// sortColumns are the orders that a client may ask for.
var sortColumns = map[string]string{"": "created", "amount": "cents", "date": "created"}

// ByID returns one payment.
func (p *Payments) ByID(ctx context.Context, id string) (Payment, error) {
	row := p.db.QueryRowContext(ctx, "SELECT id, reference, cents FROM payments WHERE id = $1", id)
	var found Payment
	err := row.Scan(&found.ID, &found.Reference, &found.Cents)
	return found, err
}

// Search returns the payments whose reference contains text.
func (p *Payments) Search(ctx context.Context, text string) ([]Payment, error) {
	rows, err := p.db.QueryContext(ctx, fmt.Sprintf("SELECT id, reference, cents FROM payments WHERE reference LIKE '%%%s%%'", text))
	if err != nil {
		return nil, err
	}
	return scan(rows)
}

// List returns the payments of a merchant in one of the known orders.
func (p *Payments) List(ctx context.Context, merchant, order string) ([]Payment, error) {
	column, known := sortColumns[order]
	if !known {
		return nil, fmt.Errorf("order %q: not one of amount, date", order)
	}
	rows, err := p.db.QueryContext(ctx, "SELECT id, reference, cents FROM payments WHERE merchant = $1 ORDER BY "+column, merchant)
	if err != nil {
		return nil, err
	}
	return scan(rows)
}

func scan(rows *sql.Rows) ([]Payment, error) {
	defer rows.Close()
	var all []Payment
	for rows.Next() {
		var one Payment
		if err := rows.Scan(&one.ID, &one.Reference, &one.Cents); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
