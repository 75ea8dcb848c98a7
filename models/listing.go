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
	AvailableRunning = "running" // a restock of it is open
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
	Text         string // beginnings of words of title, option or SKU
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

// MaxPreviewLines is how many of an import's changes, and of its wrong lines, a preview lists. It counts all.
const MaxPreviewLines = 500

// ImportPreview is what an import would do, were it said yes to now.
type ImportPreview struct {
	Added, Changed, Same int
	// Tells is how many people would be told at once of what comes back.
	Tells int
	// Lines are the first MaxPreviewLines that add or change something.
	Lines []ImportLine
	// Wrong are all lines that would be left out.
	Wrong []WrongLine
}

// ImportLine is what one line of a file would do. Lines are counted from 1, the heading.
type ImportLine struct {
	Line  int
	Added bool
	VariantChange
	// ProductBefore and ProductAfter are the names that group variants.
	ProductBefore, ProductAfter string
}

// Fields names what the line changes, by the file's columns.
func (l ImportLine) Fields() []string {
	fields := l.VariantChange.Fields()
	if l.ProductBefore != l.ProductAfter {
		fields = append(fields, "product")
	}
	return fields
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
	RuleQuotes = "quotes"  // quotes that do not match
	RuleTwice  = "twice"   // a SKU that stands on an earlier line already
	RuleNewSKU = "new_sku" // a SKU that is not listed, without the title that it would be listed by
)
