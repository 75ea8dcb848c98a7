package main

import (
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"bentornato/models"
)

// The example shop of the demo. The shop, its things and its people are invented, and its pictures drawn for it.
const (
	examplePageID   = "101000000000000"
	examplePageName = "Bottega Pettirame"
	exampleLocale   = "it"
	exampleTimeZone = "Europe/Rome"
)

// exampleFiles are the pictures, 800 by 420: the 1.91:1 of a Messenger card.
//
//go:embed example/*.svg
var exampleFiles embed.FS

// exampleItem is a variant that the example shop sells. Its picture is example/<slug>.svg, and its SKU the slug in
// capitals.
type exampleItem struct {
	slug, product, title, option string
	cents                        int64 // EUR
	// stock is what there was when the shop opened.
	stock         int
	minStock      int // 0 means 1
	tokensPerUnit int
}

func (i exampleItem) sku() string { return strings.ToUpper(i.slug) }

// name is the title with the option.
func (i exampleItem) name() string { return models.Variant{Title: i.title, Option: i.option}.Name() }

// price is as an Italian shop writes it.
func (i exampleItem) price() string {
	return strings.Replace(models.FormatPrice(i.cents, "EUR"), ".", ",", 1) + " €"
}

// exampleItems is all that the shop sells.
func exampleItems() []exampleItem {
	return []exampleItem{
		{slug: "tazza-blu", product: "Tazza Alba", title: "Tazza Alba", option: "blu", cents: 1800, stock: 24},
		{slug: "tazza-bianca", product: "Tazza Alba", title: "Tazza Alba", option: "bianca", cents: 1800, stock: 31},
		{slug: "tazza-terracotta", product: "Tazza Alba", title: "Tazza Alba", option: "terracotta", cents: 1800, stock: 18},
		{slug: "vaso-luna", title: "Vaso Luna in gres", cents: 4200, stock: 6},
		{slug: "candela", title: "Candela al fico", cents: 1950, stock: 12},
		{slug: "grembiule-verde", product: "Grembiule di lino", title: "Grembiule di lino", option: "verde salvia", cents: 3800, stock: 9},
		{slug: "grembiule-sabbia", product: "Grembiule di lino", title: "Grembiule di lino", option: "sabbia", cents: 3800, stock: 4},
		{slug: "tagliere", title: "Tagliere in legno d'ulivo", cents: 3400, stock: 3},
		{slug: "sapone", title: "Sapone all'alloro", cents: 750, stock: 40},
		{slug: "sciarpa-ocra", product: "Sciarpa Brina", title: "Sciarpa Brina di lana", option: "ocra", cents: 4600, stock: 7},
		{slug: "sciarpa-blu", product: "Sciarpa Brina", title: "Sciarpa Brina di lana", option: "blu", cents: 4600, stock: 5},
		{slug: "taccuino", title: "Taccuino cucito a mano", cents: 1400, stock: 25},
		{slug: "lampada", title: "Lampada Pettirame", cents: 11800, stock: 2},
		{slug: "cesto", title: "Cesto di vimini", cents: 3900, stock: 2},
		{slug: "tazzine", title: "Tazzine da espresso, 2 pezzi", cents: 3200, stock: 8, tokensPerUnit: 2},
		{slug: "teiera", title: "Teiera Nebbia", cents: 5400, stock: 1, minStock: 2},
		{slug: "cuscino", title: "Cuscino Onda", cents: 2900, stock: 6},
		{slug: "collana", title: "Collana Sassolino", cents: 3600, stock: 3},
		{slug: "borsa", title: "Borsa di tela", cents: 1600, stock: 18},
		{slug: "poster", title: "Poster Il porto", cents: 2200, stock: 14},
		{slug: "miele", title: "Miele di castagno", cents: 1100, stock: 30},
		{slug: "moka", title: "Moka da tre tazze", cents: 2800, stock: 10},
		{slug: "piatti", title: "Servizio di piatti Riva", cents: 8600, stock: 2},
		{slug: "cappello-rosso", product: "Cappello Brina", title: "Cappello Brina", option: "rosso", cents: 2400, stock: 11},
		{slug: "cappello-grigio", product: "Cappello Brina", title: "Cappello Brina", option: "grigio", cents: 2400, stock: 8},
	}
}

// examplePerson is one of the example shop's customers.
type examplePerson struct {
	PSID, FirstName, LastName, Locale string
}

// Name is the person's full name.
func (p examplePerson) Name() string { return p.FirstName + " " + p.LastName }

// The customers, by the names under which the past tells of them.
var (
	giulia   = examplePerson{"2401000000000001", "Giulia", "Ferrante", "it_IT"}
	marco    = examplePerson{"2401000000000002", "Marco", "Bellandi", "it_IT"}
	chiara   = examplePerson{"2401000000000003", "Chiara", "Omodei", "it_IT"}
	luca     = examplePerson{"2401000000000004", "Luca", "Sartorelli", "it_IT"}
	emily    = examplePerson{"2401000000000005", "Emily", "Hartwell", "en_GB"}
	james    = examplePerson{"2401000000000006", "James", "Whitlock", "en_GB"}
	sofia    = examplePerson{"2401000000000007", "Sofia", "Ravagnan", "it_IT"}
	olivia   = examplePerson{"2401000000000008", "Olivia", "Marsden", "en_US"}
	tommaso  = examplePerson{"2401000000000009", "Tommaso", "Vidali", "it_IT"}
	nora     = examplePerson{"2401000000000010", "Nora", "Castellani", "it_IT"}
	daniel   = examplePerson{"2401000000000011", "Daniel", "Price", "en_US"}
	beatrice = examplePerson{"2401000000000012", "Beatrice", "Lonati", "it_IT"}
)

// examplePeople lists the customers.
func examplePeople() []examplePerson {
	return []examplePerson{giulia, marco, chiara, luca, emily, james, sofia, olivia, tommaso, nora, daniel, beatrice}
}

// ExampleImages are the example shop's pictures, each by its slug with .svg.
func ExampleImages() fs.FS {
	images, err := fs.Sub(exampleFiles, "example")
	if err != nil {
		panic(err) // only for a name that is no path
	}
	return images
}

// exampleSite is the example shop's own web site, so that "Buy now" leads somewhere: a page for each slug and the pictures
// under /images/. Mount it without its prefix.
func exampleSite() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /images/", http.StripPrefix("/images", http.FileServerFS(ExampleImages())))
	mux.HandleFunc("GET /{slug}", func(w http.ResponseWriter, r *http.Request) {
		for _, i := range exampleItems() {
			if i.slug != r.PathValue("slug") {
				continue
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'")
			// The only error left is a reader who went away.
			_ = examplePage.Execute(w, map[string]string{"Shop": examplePageName, "Name": i.name(), "Price": i.price(), "Image": path.Join("images", i.slug+".svg")})
			return
		}
		http.NotFound(w, r)
	})
	return mux
}

var examplePage = template.Must(template.New("product").Parse(`<!doctype html>
<html lang="it"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Name}} · {{.Shop}}</title>
<style>body{margin:0 auto;max-width:44rem;padding:2rem 1rem;font:1.1rem/1.5 system-ui,sans-serif;background:#fffaf0;color:#35302b}
img{width:100%;height:auto;border-radius:.75rem}small{color:#6d655c}</style>
<p>{{.Shop}}</p><img src="{{.Image}}" alt="" width="800" height="420"><h1>{{.Name}}</h1><p>{{.Price}}</p>
<p><small>Un negozio d'esempio: qui non si compra niente. · An example shop: nothing is sold here.</small></p></html>
`))
