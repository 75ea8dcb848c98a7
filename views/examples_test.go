package views

import (
	"time"

	"github.com/a-h/templ"

	"bentornato/models"
)

const shopPage = "101000000000001"

func shop() models.Page {
	return models.Page{ID: shopPage, Name: "Bottega Alba", Rate: 40, Locale: "it", TimeZone: "Europe/Rome", State: models.PageActive}
}

func ago(d time.Duration) time.Time { return now.Add(-d) }

func mug() models.Variant {
	return models.Variant{
		ID: 11, PageID: shopPage, ProductID: 5, SKU: "TAZZA-BLU", Title: "Tazza Alba", Option: "blu", PriceMinor: 1450, Currency: "EUR",
		URL: "https://bottega.example/tazza-alba", ImageURL: "/pictures/tazza.svg", Ref: "v_9fK2", MinStock: 1, Waiting: 214,
		StockAt: ago(3 * time.Hour), SoldOutAt: ago(9 * 24 * time.Hour), CreatedAt: ago(90 * 24 * time.Hour), UpdatedAt: ago(3 * time.Hour),
	}
}

func variants() []models.Variant {
	red := mug()
	red.ID, red.SKU, red.Option, red.Waiting, red.Available, red.ImageURL = 12, "TAZZA-ROSSA", "rossa", 0, 38, "/pictures/tazza-rossa.svg"
	vase := models.Variant{ID: 13, PageID: shopPage, SKU: "VASO-01", Title: "Vaso Marta", PriceMinor: 124900, Currency: "EUR", MinStock: 3, Available: 2, Waiting: 1, ImageURL: "/pictures/vaso.svg"}
	cloth := models.Variant{ID: 14, PageID: shopPage, SKU: "CANOVACCIO-LINO-NATURALE", Title: "Canovaccio di lino con bordo ricamato a mano", Option: "naturale", PriceMinor: 1900, Currency: "EUR", MinStock: 1, QuantityUnknown: true}
	soap := models.Variant{ID: 15, PageID: shopPage, SKU: "SAPONE-ALLORO", Title: "Sapone all'alloro", MinStock: 1, Waiting: 1260}
	return []models.Variant{mug(), red, vase, cloth, soap}
}

// screensShown are the pages, in their states, that somebody looks at.
func screensShown() map[string]templ.Component {
	wrongLogin := models.Errorf(models.KindUnauthorized, "E-mail or password is not right.")
	products := ProductsProps{Page: frame("/products"), Rows: variants(), Pages: []models.Page{shop()}, Total: 5, Pager: Pager{Next: "bmV4dA"}}
	nothing := products
	nothing.Rows, nothing.Pager, nothing.Total = nil, Pager{}, 0
	searched := nothing
	searched.Query, searched.Availability = "teiera", AvailabilitySoldOut

	return map[string]templ.Component{
		"login":           Login(LoginProps{Page: Page{CurrentURL: "/login", Now: now}, Next: "/products"}),
		"login_wrong":     Login(LoginProps{Page: Page{CurrentURL: "/login", Now: now}, Email: "giulia@bottega.example", Err: wrongLogin}),
		"login_demo_it":   Login(LoginProps{Page: Page{CurrentURL: "/login", Now: now}, Email: "demo@bentornato.example", DemoEmail: "demo@bentornato.example", DemoPassword: "bentornato-demo"}),
		"products":        Products(products),
		"products_it":     Products(products),
		"products_empty":  Products(nothing),
		"products_search": Products(searched),
	}
}
