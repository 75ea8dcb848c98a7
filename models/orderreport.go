package models

import "time"

// OrderReport is what a source says about one order.
type OrderReport struct {
	// ID is the shop system's own name of the order: the same order reported again counts once.
	ID string
	// At is when it was placed; zero: now.
	At time.Time
	// Total is what the buyer pays in all. An empty currency means that the report says nothing of it.
	Total Money
	// Traces are the texts that may carry the code of a tracked link: the address that the visit began with, the one it
	// came from, and what the shop noted on the order and its lines.
	Traces []string
	Lines  []OrderLine
	// Void says that the order was cancelled, refunded whole, or never paid.
	Void bool
}

// OrderLine is one thing that was bought. Ids that the system did not tell are empty.
type OrderLine struct {
	ProductID string
	VariantID string
	SKU       string
	Quantity  int
}
