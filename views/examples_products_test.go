package views

import (
	"time"

	"github.com/a-h/templ"

	"bentornato/models"
)

func rules() RulesProps {
	return RulesProps{Page: frame("/products/rules"), Selection: models.VariantSelection{IDs: []int64{11, 13, 15}}, Chosen: 3}
}

func rulesShown() RulesProps {
	p := rules()
	p.Selection = models.VariantSelection{All: true, Query: models.VariantQuery{Text: "tazza", Availability: models.AvailableSoldOut}}
	p.Form = RulesForm{MinStock: "2", Order: "newest", Reset: true}
	change := models.RulesChange{MinStock: new(2), VariantRules: models.VariantRules{NewestFirst: new(true)}, Reset: true}
	preview := models.RulesPreview{Chosen: 3}
	list := []models.Variant{variants()[0], variants()[2], variants()[4]}
	list[1].Waiting, list[2].Rules.AskAbove, list[2].TokensPerUnit = 12, new(500), 3
	for _, v := range list {
		after, _ := change.Apply(v) // the pictures of the examples are addresses of no site
		c := models.ChangeOf(v, after)
		preview.Changes = append(preview.Changes, c)
		preview.Tells += c.Tells
		preview.Changing++
	}
	preview.Chosen++
	p.Chosen, p.Preview = preview.Chosen, &preview
	return p
}

func rulesWrong() RulesProps {
	p := rules()
	p.Form = RulesForm{MinStock: "0", Err: models.FieldErrorf("min_stock", "The minimum stock is at least 1.")}
	return p
}

func importShown() ImportProps {
	renamed := mug()
	renamed.Title, renamed.PriceMinor, renamed.Available = "Tazza Alba grande", 1650, 60
	fresh := models.Variant{SKU: "VASO-09", Title: "Vaso Nora", PriceMinor: 4200, Currency: "EUR", Available: 3, MinStock: 1, URL: "https://bottega.example/vaso-nora"}
	return ImportProps{
		Page: frame("/products/import?upload=k3x"), Pages: []models.Page{shop()}, Upload: &models.Upload{Code: "k3x", PageID: shopPage, Name: "listino autunno.csv"},
		Preview: &models.ImportPreview{Added: 1, Changed: 610, Same: 77, Tells: 214,
			Lines: []models.ImportLine{
				{Line: 2, VariantChange: models.ChangeOf(mug(), renamed), ProductBefore: "Tazza Alba"},
				{Line: 3, Added: true, VariantChange: models.VariantChange{After: fresh}, ProductAfter: "Vasi"},
			},
			Wrong: []models.WrongLine{{Line: 12, SKU: "VASO-02", Why: "\"12 euro\" is no price; write it like 12.50.", Rule: "price"}, {Line: 1030, Why: "The SKU is missing.", Rule: "sku"}},
		},
	}
}

func weeks() []models.Day {
	var days []models.Day
	for i, n := range []int{4, 9, 3, 0, 0, 12, 30, 18, 22, 41, 60, 44, 71} {
		days = append(days, models.Day{Begin: models.DayIn(now, rome).AddDate(0, 0, 1-7*13+7*i), Asked: n * 2, Granted: n})
	}
	return days
}

func demandShown() map[string]templ.Component {
	whole := models.Conversion{Sent: 612, Clicks: 147, Orders: 61}
	row := func(v models.Variant, d models.Demand, shop models.Conversion) DemandRow {
		return DemandRow{Variant: v, Demand: d, Advice: models.AdviseOrder(v, d.Earlier, shop)}
	}
	list := func(shop models.Conversion) []DemandRow {
		soap, vase := variants()[4], variants()[2]
		vase.Waiting = 12
		return []DemandRow{
			row(soap, models.Demand{Oldest: ago(340 * day), Ending: models.MaxEnding}, shop),
			row(mug(), models.Demand{Oldest: ago(41 * day), Median: ago(9 * day), Ending: 3, Earlier: models.Conversion{Sent: 380, Clicks: 94, Orders: 52}}, shop),
			row(vase, models.Demand{Oldest: ago(3 * day), Median: ago(day), Earlier: models.Conversion{Sent: 8, Clicks: 2, Orders: 1}}, shop),
		}
	}
	p := DemandProps{Page: frame("/demand"), Pages: []models.Page{shop()}, Rows: list(whole), Waiting: 1475, Ending: 1000, EndingLimit: 1000, Weeks: weeks(), Shop: whole, Pager: Pager{Next: "bmV4dA"}}
	unreported := p
	unreported.Shop.Orders, unreported.Ending = 0, 17
	unreported.Rows = list(unreported.Shop)
	fresh := p
	fresh.Shop, fresh.Weeks, fresh.Pager = models.Conversion{}, nil, Pager{}
	fresh.Rows = []DemandRow{row(mug(), models.Demand{Oldest: ago(41 * day), Median: ago(9 * day)}, fresh.Shop)}
	return map[string]templ.Component{
		"demand":           Demand(p),
		"demand_it":        Demand(p),
		"demand_no_orders": Demand(unreported),
		"demand_fresh_it":  Demand(fresh),
		"demand_empty":     Demand(DemandProps{Page: frame("/demand")}),
	}
}

// messagesOf are the messages about a variant as they are composed.
func messagesOf(v models.Variant) []models.MessagePreview {
	message := func(language, back, price, buy, again string) models.MessagePreview {
		return models.MessagePreview{
			Language: language,
			Request:  models.Content{Request: &models.RequestCard{Title: models.RequestTitle(models.PageSettings{}, language, v), Payload: "p"}},
			Notification: models.Content{Cards: []models.Card{{Title: models.Shorten(v.Name(), models.MaxCardTitle), Subtitle: back + " · " + price, ImageURL: v.ImageURL,
				Buttons: []models.Button{{Title: buy, URL: v.URL}, {Title: again, Payload: "p"}}}}},
		}
	}
	return []models.MessagePreview{message("en", "Back in stock", "€14.50", "Buy now", "Tell me again"), message("it", "Di nuovo disponibile", "14,50 €", "Compra ora", "Avvisami ancora")}
}

// aboutMessages are a product's screen in the states of its messages.
func aboutMessages(product ProductProps) map[string]templ.Component {
	me := contacts()[0]
	ready := product
	ready.Me, ready.MayTest = &me, models.PolicyAnswer{Allowed: true, Until: now.Add(time.Hour)}
	closed := product
	closed.Me, closed.MayTest = &contacts()[2], models.PolicyAnswer{Reason: models.ReasonWindowClosed}
	typed := ready
	long := mug()
	long.Title = "Tazza Alba in ceramica smaltata a mano con manico intrecciato e piattino abbinato"
	typed.Messages, typed.Previewed, typed.Form.Title = messagesOf(long), true, long.Title
	typed.Form.RequestTitle, typed.Form.Order, typed.Form.AskAbove = map[string]string{"it": "Torna {product}?"}, "newest", "500"
	typed.Messages[1].Err = models.FieldErrorf("image_url", "The picture is no web address; it starts with https://.")
	choosing := product
	choosing.People = []models.ContactRow{{Contact: me}, {Contact: contacts()[2]}}
	return map[string]templ.Component{
		"product_test":        Product(ready),
		"product_closed_it":   Product(closed),
		"product_previewed":   Product(typed),
		"product_choosing_it": Product(choosing),
		"product_messages":    ProductMessages(typed),
	}
}

// productShown is a product's screen as most see it.
func productShown() ProductProps {
	done := restock(40, models.RestockStopped)
	done.Claimed, done.Reason = 0, models.RestockSoldOutAgain
	product := ProductProps{
		Page: frame("/products/11"), Variant: mug(), OnPage: shop(), Siblings: variants()[1:2], Waiting: tokens()[:2], Restocks: []models.Restock{done},
		Reports: []ReportRow{
			{Event: models.SourceEvent{SourceID: models.SourceByHand, Outcome: models.ReportApplied, Available: 0, At: ago(3 * time.Hour)}},
			{Event: models.SourceEvent{SourceID: "src_well", Outcome: models.ReportStale, Available: 12, At: ago(9 * day)}, SourceName: "Negozio online"},
			{Event: models.SourceEvent{SourceID: models.SourceByFile, Outcome: models.ReportApplied, Unknown: true, At: ago(40 * day)}},
		},
		MessengerURL: "https://m.me/101000000000001?ref=v_9fK2", QR: code(), Form: ProductFormOf(mug(), models.Product{Name: "Tazza Alba"}),
	}
	product.Messages, product.Weeks, product.Demand = messagesOf(mug()), weeks(), models.Demand{Oldest: ago(41 * day), Median: ago(9 * day)}
	return product
}
