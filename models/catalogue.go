package models

import "time"

// CatalogueProduct is how a shop system describes a product. Empty texts mean that it said nothing about them.
type CatalogueProduct struct {
	// ID is the system's own name of the product, as text; it may be empty where a system tells of variants alone.
	ID       string
	Title    string
	URL      string
	ImageURL string
	// Unlisted says that the product is not for sale at present: a draft, a private or an archived one. It is not added
	// to a catalogue, and one that is there stays, out of stock.
	Unlisted bool
	// Deleted says that the product is gone with all its variants, whether Variants names them or not.
	Deleted  bool
	Variants []CatalogueVariant
	// VariantIDs names every variant that the product has, where the system lists them: one that was known and is not
	// named is gone. Variants may hold fewer. Nil: it does not say.
	VariantIDs []string
}

// CatalogueVariant is what is sold of a product.
type CatalogueVariant struct {
	// ID is the system's own name of the variant, as text; where a system does not tell a product from its only
	// variant, the product's.
	ID string
	// StockID is the id under which the system reports this variant's stock, where that is another (Shopify's
	// inventory item, Ecwid's combination). Empty: the same.
	StockID string
	SKU     string
	Option  string
	// Price is an amount in decimals with a point and without separators, "12.50"; empty: not said.
	Price string
	// Currency is the price's; empty where the system leaves it to the shop's settings.
	Currency string
	// URL and ImageURL are the variant's own; empty: the product's.
	URL      string
	ImageURL string
	// Unlisted is CatalogueProduct.Unlisted for this variant alone.
	Unlisted bool
	Deleted  bool
}

// StockReference is news of the stock of something that the system names by ids of its own instead of a SKU. Ids that
// it did not tell are empty.
type StockReference struct {
	ProductID string
	VariantID string
	// StockID is the id under which the system counts, where that is another (Shopify's inventory item).
	StockID string
	// LocationID is the only place that Stock counts; empty: it is the sum over all.
	LocationID string
	// Alone says that nobody can be asked for the other places, as its system only ever tells of one at a time: the sum
	// is that of the places it told of.
	Alone bool
	// Stock is nil where the system says that something changed, and not to what: it must be asked.
	Stock *Stock
	// At is the time of this news; zero: the report's.
	At time.Time
}
