package models

import "time"

// SourceKind names an inventory system; web/inventory has an adapter for each.
type SourceKind string

// Source is a system that reports stock, with its own secret. Its id is the unguessable last part of its URL.
type Source struct {
	ID   string `gorm:"primaryKey"`
	Kind SourceKind
	Name string
	// PageID ties the source to one Page; empty: it reports for every Page that lists the SKU.
	PageID       string
	SealedSecret []byte
	CreatedAt    time.Time `gorm:"serializer:ms;autoCreateTime:false"`
	LastEventAt  time.Time `gorm:"serializer:ms"`
	// Refused counts refused calls in a row, and LastRefusal says why the latest was.
	Refused     int
	LastRefusal string
	RefusedAt   time.Time `gorm:"serializer:ms"`
	// AddsProducts lets the source add what it describes and the Page does not list yet. It needs a Page: where a source
	// reports for all of them, nobody knows to which one a new product belongs.
	AddsProducts bool
	// Currency is that of prices which the system sends without one; empty: EUR.
	Currency string
	// RotatedAt is when the secret was replaced while the one before it stays good; zero where only one is.
	RotatedAt time.Time `gorm:"serializer:ms"`
}

// StockReport is what a source says: absolute quantities for one or more SKUs, with an id and a time. Shop systems
// also tell of stock by ids of their own, of what they sell, and of what was bought.
type StockReport struct {
	// Key is the report's id within its source; a repeated one changes nothing (rule 5.1).
	Key        string
	At         time.Time
	Items      []StockItem
	References []StockReference
	Catalogue  []CatalogueProduct
	// Whole says that Catalogue and Items are everything that the source has: what it told before and is not there
	// is gone.
	Whole  bool
	Orders []OrderReport
}

// StockItem is one SKU of a report.
type StockItem struct {
	SKU   string
	Stock Stock
	// At is the item's own time; zero: the report's.
	At time.Time
}

// StockResult counts what became of a report's items.
type StockResult struct {
	Accepted  int
	Stale     int
	Duplicate int
	Unknown   []string
	// Waiting counts news of things whose stock only the system itself can tell: it is asked, where it can be.
	Waiting int
	// Added, Changed and Removed count variants of the catalogue.
	Added, Changed, Removed int
	// Orders counts those that a notification led to.
	Orders int
}

// ReportOutcome is what became of one item of a report.
type ReportOutcome string

// The outcomes.
const (
	ReportApplied ReportOutcome = "applied"
	ReportStale   ReportOutcome = "stale"
	ReportUnknown ReportOutcome = "unknown_sku"
	ReportAsked   ReportOutcome = "asked"      // the system said that something changed; it is asked to what
	ReportNoID    ReportOutcome = "unknown_id" // an id of the system that it never tied to a SKU, and it cannot be asked
	ReportAdded   ReportOutcome = "added"      // the catalogue has a new variant
	ReportChanged ReportOutcome = "changed"    // the variant's description changed
	ReportRemoved ReportOutcome = "removed"    // the system does not sell it any more; tokens wait on
)

// SourceEvent is one item of a report, as the source's page lists it.
type SourceEvent struct {
	ID         int64 `gorm:"primaryKey"`
	SourceID   string
	ReportKey  string
	SKU        string `gorm:"column:sku"`
	VariantID  int64
	Available  int
	Unknown    bool
	Outcome    ReportOutcome
	At         time.Time `gorm:"serializer:ms"`
	ReceivedAt time.Time `gorm:"serializer:ms"`
	// Origin is how the report came to us; empty for a webhook of before this was kept.
	Origin     DeliveryOrigin
	DeliveryID int64
	// Kept counts the tokens that wait on for a variant that was removed.
	Kept int
}

// Unsigned is why a call is refused that nobody proved to be genuine. It says no more: what exactly is wrong would help to guess.
const Unsigned = "The signature is missing or wrong."

// Sources of reports that no system sends. They exist in every installation and take no webhook.
const (
	SourceByHand = "hand" // the admin and the API
	SourceByFile = "file" // CSV import
)

// MaxStock bounds an available quantity, so that no sum of it overflows anywhere.
const MaxStock = 1_000_000_000

// CheckStock refuses quantities that no shop has.
func CheckStock(available int) error {
	if available > MaxStock || available < -MaxStock {
		return FieldErrorf("available", "The quantity is between -%d and %d.", MaxStock, MaxStock)
	}
	return nil
}

// UnknownSKU is a SKU that a source reports and nobody lists, with what it last reported.
type UnknownSKU struct {
	SKU       string `gorm:"column:sku"`
	Times     int
	LastID    int64
	Available int
	Unknown   bool
}

// SourceAlias ties a SKU of a source to a variant that has another.
type SourceAlias struct {
	SourceID  string
	SKU       string `gorm:"column:sku"`
	VariantID int64
	CreatedAt time.Time `gorm:"serializer:ms;autoCreateTime:false"`
}

// TableName is where aliases are kept.
func (SourceAlias) TableName() string { return "source_aliases" }
