package views

import (
	"strconv"

	"bentornato/models"
)

// availabilities and sorts are the choices of the list, in the order of the screen. The empty one is the default.
func availabilities() []string {
	return []string{"", models.AvailableIn, models.AvailableSoldOut, models.AvailableWaiting, models.AvailableRunning}
}

func sorts() []string { return []string{"", models.SortWaiting, models.SortUpdated} }

// ProductsProps is the list of products: GET /products with q, availability, sort, page_id and cursor.
type ProductsProps struct {
	Page
	Query string
	// Availability and Sort are those of models.VariantQuery; empty: everything, and by title.
	Availability string
	Sort         string
	// PageID filters by Page; Pages are all of them, and the filter shows where there are several.
	PageID string
	Pages  []models.Page
	Rows   []models.Variant
	Pager  Pager
	// Views are the user's saved views; ViewForm what somebody typed to keep another (POST /products/views: view_name, and
	// the list's filter).
	Views    []models.SavedView
	ViewForm SavedViewForm
}

// SavedViewForm is what somebody typed to keep a filter.
type SavedViewForm struct {
	Name string
	Err  error
}

// RulesProps changes the rules of many products: GET and POST /products/rules with id (several) or all=yes and the list's
// filter, and the form's fields. POST shows the preview; with confirm=yes it is done.
type RulesProps struct {
	Page
	// Selection is which products it is for; Chosen how many they are, 0 if none are chosen.
	Selection models.VariantSelection
	Chosen    int
	Form      RulesForm
	// Preview is what the form would do now; nil before it was sent, or where it is wrong.
	Preview *models.RulesPreview
}

// RulesForm is what somebody typed to change rules. Field names: min_stock, tokens_per_unit, hold_down_seconds, ask_above,
// wave_minutes, order ("first" or "newest") and the checkbox reset. Empty leaves what is there.
type RulesForm struct {
	MinStock        string
	TokensPerUnit   string
	HoldDownSeconds string
	AskAbove        string
	WaveMinutes     string
	Order           string
	Reset           bool
	Err             error
}

// ProductsPath is the address of the list with a filter.
func ProductsPath(q models.VariantQuery) string {
	return ProductsProps{Query: q.Text, Availability: q.Availability, Sort: q.Sort, PageID: q.PageID}.at("/products", "")
}

// ProductProps is one variant's screen: GET /products/{id}.
type ProductProps struct {
	Page
	Variant models.Variant
	// OnPage is the Page that lists the variant.
	OnPage models.Page
	// Siblings are the other variants of the same product.
	Siblings []models.Variant
	// Waiting are the first tokens that wait, in the order they will be spent; Variant.Waiting counts all.
	Waiting []models.TokenRow
	// Restocks are the latest, newest first. Open is the one that is going on, nil if none is.
	Restocks []models.Restock
	Open     *models.Restock
	// Reports are the latest stock reports, newest first.
	Reports []ReportRow
	// MessengerURL is the variant's m.me link and QR the matrix of its code, true for a dark module, without a
	// quiet zone. Both are empty where there is no Page to write to.
	MessengerURL string
	QR           [][]bool
	// Forecast is what would happen if so many came back, where somebody asked with available; nil otherwise.
	Forecast *models.Forecast
	// Stock is POST /products/{id}/stock, Form POST /products/{id}.
	Stock StockForm
	Form  ProductForm
	// Messages are what a person reads about the variant, by language: as it is or, where Previewed, as the form has it (POST
	// /products/{id}/preview; to htmx, ProductMessages alone).
	Messages  []models.MessagePreview
	Previewed bool
	// Demand is who waits and since when, Weeks how many asked in the last weeks, the first first.
	Demand models.Demand
	Weeks  []models.Day
	// Me is the contact that the user is on this Page, nil until they said so; MayTest whether it may be written to now.
	// People, those who wrote last, are to choose oneself from (POST /products/{id}/me with contact_id) where ChooseMe or Me is
	// nil. POST /products/{id}/test sends kind (models.SendReply or SendRequest).
	Me       *models.Contact
	MayTest  models.PolicyAnswer
	People   []models.ContactRow
	ChooseMe bool
}

// ReportRow is a stock report with the name of who sent it; empty for SourceByHand and SourceByFile.
type ReportRow struct {
	Event      models.SourceEvent
	SourceName string
}

// StockForm is what somebody typed to report stock: available (a number), or in_stock=yes without one.
type StockForm struct {
	Available string
	Err       error
}

// ProductForm is what somebody typed about a variant. Field names are those of the CSV columns: page_id, sku,
// title, product, option, price, currency, url, image_url, available, min_stock, tokens_per_unit.
type ProductForm struct {
	PageID        string
	SKU           string
	Title         string
	Product       string
	Option        string
	Price         string
	Currency      string
	URL           string
	ImageURL      string
	Available     string
	MinStock      string
	TokensPerUnit string
	// The rules that differ from the Page's: hold_down_seconds, ask_above, wave_minutes and order ("first" or "newest"), and
	// request_title_en and request_title_it by language. Empty is the Page's.
	HoldDownSeconds string
	AskAbove        string
	WaveMinutes     string
	Order           string
	RequestTitle    map[string]string
	Err             error
}

// ProductFormOf fills the form with what is on record.
func ProductFormOf(v models.Variant, p models.Product) ProductForm {
	f := ProductForm{
		PageID: v.PageID, SKU: v.SKU, Title: v.Title, Product: p.Name, Option: v.Option,
		Price: models.FormatPrice(v.PriceMinor, v.Currency), Currency: v.Currency,
		URL: v.URL, ImageURL: v.ImageURL, MinStock: strconv.Itoa(v.MinStock),
		HoldDownSeconds: ownRule(v.Rules.HoldDownSeconds), AskAbove: ownRule(v.Rules.AskAbove), WaveMinutes: ownRule(v.Rules.WaveMinutes),
		Order: orderRule(v.Rules.NewestFirst), RequestTitle: v.RequestTitle,
	}
	if !v.QuantityUnknown {
		f.Available = strconv.Itoa(v.Available)
	}
	if v.TokensPerUnit > 0 {
		f.TokensPerUnit = strconv.Itoa(v.TokensPerUnit)
	}
	return f
}

// NewProductProps is the form for a new product: GET and POST /products/new.
type NewProductProps struct {
	Page
	Pages []models.Page
	Form  ProductForm
}

// ImportProps is the CSV import: GET and POST /products/import (multipart: page_id, file), then GET with upload, which shows
// what the file would do, and POST /products/import/confirm or /discard with it.
type ImportProps struct {
	Page
	Pages  []models.Page
	PageID string
	// Upload is the file that is kept, and Preview what it would do now; both nil before there is one.
	Upload  *models.Upload
	Preview *models.ImportPreview
	// Result is what the file just sent came to; nil before.
	Result *models.Imported
	Err    error
}
