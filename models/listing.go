package models

// Listing is what a person, a script or a file says about a variant.
type Listing struct {
	Variant Variant
	// Product groups variants; empty for a simple product.
	Product string
	// Stock is a stock report by hand; nil leaves the stock as it is.
	Stock *Stock
}

// Saved is a variant as it is after a listing, and whether the listing added it.
type Saved struct {
	Variant Variant
	Added   bool
}

// The availabilities to filter by.
const (
	AvailableIn      = "in_stock"
	AvailableSoldOut = "sold_out"
	AvailableWaiting = "waiting" // someone waits for it
)

// The orders of products. The default is by title.
const (
	SortTitle   = "title"
	SortWaiting = "waiting"
	SortUpdated = "updated"
)

// VariantQuery selects variants.
type VariantQuery struct {
	PageID       string
	Text         string // words of the title, or a SKU or its beginning
	Availability string
	Sort         string
	Limit        int
	Cursor       string
}

// Limits of an import.
const (
	MaxImportBytes = 32 << 20
	MaxImportLines = 200_000
)

// Imported says what an import did, line by line where something is wrong.
type Imported struct {
	Added   int
	Changed int
	Wrong   []WrongLine
}

// WrongLine is a line that was not imported, and why. Lines are counted from 1, the heading.
type WrongLine struct {
	Line int
	SKU  string
	Why  string
	// Rule is what the line breaks, for whoever says it in another language: the rule of a column, or one of the file.
	Rule string
}

// The rules of a file, beside those of its columns.
const (
	RuleQuotes = "quotes" // quotes that do not match
	RuleTwice  = "twice"  // a SKU that stands on an earlier line already
)
