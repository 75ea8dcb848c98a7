package views

import (
	"time"

	"github.com/a-h/templ"

	"bentornato/models"
)

// would is a forecast in which something of everything is in the way.
func would() models.Forecast {
	return models.Forecast{
		Stock: models.Stock{Available: 12}, Waiting: 214, Starts: true, NeedsOK: true, Tokens: 209, Now: 36, PerWave: 36, Waves: 6, WaveInterval: 30 * time.Minute, Rate: 40,
		StartsAt: now.Add(10 * time.Minute), FirstEndsAt: now.Add(10*time.Minute + time.Second), EndsAt: now.Add(2*time.Hour + 40*time.Minute),
		LeftOut: []models.LeftOut{
			{Reason: models.WaitEnding, Count: models.Count{N: 5}},
			{Reason: models.WaitWave, Count: models.Count{N: 173}, Until: now.Add(40 * time.Minute)},
		},
		Delayed: []models.LeftOut{{Reason: models.WaitSpacing, Count: models.Count{N: 1000, AtLeast: true}, Until: now.Add(11 * time.Minute)}},
	}
}

// wouldNot is a forecast of a stock that is not enough.
func wouldNot() models.Forecast {
	return models.Forecast{Waiting: 214, Blocked: models.WaitSoldOut, Rate: 40,
		LeftOut: []models.LeftOut{{Reason: models.WaitSoldOut, Count: models.Count{N: 214}}}}
}

// blocked is a forecast that waits for somebody to mend the Page.
func blocked() models.Forecast {
	f := would()
	f.Blocked, f.NeedsOK, f.Now, f.StartsAt, f.FirstEndsAt, f.EndsAt = models.WaitPagePaused, false, 0, time.Time{}, time.Time{}, time.Time{}
	f.LeftOut, f.Delayed = []models.LeftOut{{Reason: models.WaitPagePaused, Count: models.Count{N: 209}}}, nil
	return f
}

// tieRows are an ad and two posts, one tied by its own words.
func tieRows() []models.TieRow {
	v := mug()
	return []models.TieRow{
		{Tie: models.Tie{Kind: models.TieAd, Ref: "23843000000000000", VariantID: v.ID, CreatedAt: now.Add(-time.Hour)}, Variant: v},
		{Tie: models.Tie{Kind: models.TiePost, Ref: "122000000000000", VariantID: v.ID, CreatedAt: now.Add(-26 * time.Hour)}, Variant: v},
		{Tie: models.Tie{Kind: models.TiePost, Ref: "122000000000001", VariantID: v.ID, Found: true, CreatedAt: now.Add(-50 * time.Hour)}, Variant: v},
	}
}

// outcomes are calls of every kind, and what came of each.
func outcomes() []models.AttemptRow {
	list := attemptRows()
	for i, a := range []struct {
		state         models.AttemptState
		code, subcode int
		detail        string
		token         models.TokenState
	}{
		{models.AttemptUncall, 0, 0, string(models.ReasonPagePaused), models.TokenWaiting},
		{models.AttemptUnknown, 0, 0, "", models.TokenSent},
		{models.AttemptRefused, 100, 0, "(#100) Invalid parameter", models.TokenFailed},
		{models.AttemptRefused, 100, 0, "(#100) Invalid parameter", models.TokenSent},
		{models.AttemptRefused, 613, 0, "Calls to this API have exceeded the rate limit.", models.TokenWaiting},
		{models.AttemptRefused, 190, 460, "The session has been invalidated.", models.TokenWaiting},
		{models.AttemptRefused, 2, 0, "Service temporarily unavailable", models.TokenWaiting},
		{models.AttemptRefused, 7, 0, "", models.TokenFailed},
	} {
		list = append(list, models.AttemptRow{ContactID: 1, ContactName: "Marco Bianchi", TokenState: a.token, Attempt: models.Attempt{
			TokenID: int64(20 + i), Number: 1, State: a.state, Code: a.code, Subcode: a.subcode, Detail: a.detail, At: ago(time.Duration(i+5) * time.Minute)}})
	}
	return list
}

// fullWallet is what waits in a shop that has been at it for a year.
func fullWallet() *Wallet {
	w := &Wallet{More: true, Unassigned: 2, Ending: models.Ending{{N: 12}, {N: 61}, {N: 240}}}
	for i, v := range variants() {
		if v.Waiting > 0 {
			w.Products = append(w.Products, models.WalletRow{Variant: v, EndsFirst: now.Add(time.Duration(i*40+3) * day), Ending: models.Ending{{N: i}, {N: i * 9}, {N: 1000, AtLeast: i > 3}}})
		}
	}
	begins := models.MonthsOfTokens(now, rome)
	for i, n := range []int{4, 31, 55, 120, 80, 96, 140, 61, 0, 210, 190, 340, 148} {
		w.Months.Months = append(w.Months.Months, models.TokenMonth{Begin: begins[i], N: n})
	}
	w.Months.CountedAt = ago(3 * time.Minute)
	return w
}

// reasons are tokens that wait, one for each reason there is.
func reasons() []models.TokenRow {
	var rows []models.TokenRow
	for i, why := range []models.WaitingReason{models.WaitSoldOut, models.WaitBelowMinimum, models.WaitWave, models.WaitQuiet, models.WaitHold, models.WaitApproval,
		models.WaitPaused, models.WaitPagePaused, models.WaitSpacing, models.WaitBackOff, models.WaitRate, models.WaitEnding, models.WaitNoRestock, models.WaitDeleted} {
		row := of(contacts()[i%4], grant(int64(40+i), models.TokenWaiting, ""), variants()[i%5], why, time.Time{})
		row.ExpiresAt = now.Add(time.Duration(i) * day)
		switch why {
		case models.WaitWave:
			row.Wave, row.WhyUntil = 2, now.Add(17*time.Minute)
		case models.WaitQuiet, models.WaitHold:
			row.WhyUntil = now.Add(3 * time.Hour)
		case models.WaitPagePaused:
			row.PauseReason = models.PauseTokenInvalid
		}
		rows = append(rows, row)
	}
	return rows
}

// askRows are people to ask, one of whose windows is about to close.
func askRows() []models.AskRow {
	var rows []models.AskRow
	for i, left := range []time.Duration{9*time.Minute + 4*time.Second, 5 * time.Hour, 23*time.Hour + 58*time.Minute} {
		rows = append(rows, models.AskRow{Contact: contacts()[i], Variant: variants()[i%2], InterestAt: now.Add(left - models.StandardWindow),
			Answer: models.PolicyAnswer{Allowed: true, Until: now.Add(left)},
			OptIn:  []models.OptInChoice{{Product: models.OptInRecurring, Why: models.OptInLasts}, {Product: models.OptInOneTime, Why: models.OptInWasStopped}}[i%2]})
	}
	return rows
}

// refusedRows are people who may not be asked, one for each reason of the list's.
func refusedRows() []models.AskRow {
	rows := []models.AskRow{{AskedAt: ago(3 * time.Hour)}}
	for i, why := range []models.PolicyReason{models.ReasonAsked, models.ReasonHasToken, models.ReasonStopped, models.ReasonPagePaused, models.ReasonWindowEndNear} {
		if i > 0 {
			rows = append(rows, models.AskRow{})
		}
		rows[i].Contact, rows[i].Variant, rows[i].InterestAt, rows[i].Answer.Reason = contacts()[i%4], mug(), ago(4*time.Hour), why
	}
	return rows
}

func cockpitShown() map[string]templ.Component {
	asked := ProductProps{Page: frame("/products/11?available=12"), Variant: mug(), OnPage: shop(), Stock: StockForm{Available: "12"}}
	f := would()
	asked.Forecast = &f
	none := asked
	f0 := wouldNot()
	none.Forecast, none.Stock.Available = &f0, "0"
	counts := map[models.TokenState]int{models.TokenWaiting: 1475, models.TokenSent: 612}
	purse := TokensProps{Page: frame("/tokens"), Counts: counts, Rows: tokens()[:2], Pager: Pager{Next: "bmV4dA"}, Wallet: fullWallet()}
	soonest := TokensProps{Page: frame("/tokens?ending=30"), Counts: counts, Rows: reasons(), EndingDays: 30}
	lost := TokensProps{Page: frame("/tokens?unassigned=yes"), Counts: counts, Rows: tokens()[6:], Unassigned: true, State: models.TokenWaiting, Awaited: variants()[:2],
		Assign: AssignForm{TokenID: 7, SKU: "TAZA-BLU", Err: models.FieldErrorf("assign_sku", "No product of the token's Page has the SKU %q.", "TAZA-BLU")}}
	large := purse
	large.Wallet = fullWallet()
	large.Wallet.Months, large.Wallet.Unassigned, large.Wallet.More = models.TokenMonths{}, 0, false
	large.Wallet.Ending[2] = models.Count{N: 10000, AtLeast: true}
	ask := progress(models.RestockHeld)
	ask.Forecast = &f
	people := AskProps{Page: frame("/ask"), Rows: askRows(), Pager: Pager{Next: "bmV4dA"}}
	few := people
	few.Pager, few.Flash = Pager{}, Flash{Counted: CountedAsked, Count: 1}
	ofTwo := people
	ofTwo.Pages, ofTwo.PageID = twoShops(), shopPage
	held := people
	held.Page, held.Rows, held.Refused = as(frame("/ask?show=refused"), models.RoleViewer), refusedRows(), true
	return map[string]templ.Component{
		"product_forecast":         Product(asked),
		"product_forecast_it":      Product(asked),
		"product_forecast_nothing": Product(none),
		"restock_actions":          RestockActions(progress(models.RestockPaused)),
		"restock_before_it":        RestockBefore(ask),
		"wallet":                   Tokens(purse),
		"wallet_it":                Tokens(purse),
		"wallet_large":             Tokens(large),
		"wallet_ending":            Tokens(soonest),
		"wallet_ending_it":         Tokens(soonest),
		"wallet_unassigned":        Tokens(lost),
		"wallet_unassigned_it":     Tokens(lost),
		"wallet_products":          WalletByProduct(WalletProps{Page: frame("/tokens/products"), Rows: fullWallet().Products, Pager: Pager{Next: "bmV4dA"}}),
		"wallet_products_empty":    WalletByProduct(WalletProps{Page: frame("/tokens/products")}),
		"ask":                      Ask(few),
		"ask_pages":                Ask(ofTwo),
		"ask_it":                   Ask(people),
		"ask_refused":              Ask(held),
		"ask_refused_it":           Ask(held),
		"posts":                    Posts(PostsProps{Page: frame("/pages/" + shopPage + "/posts"), OnPage: shop(), Rows: tieRows(), Pager: Pager{Next: "bmV4dA"}}),
		"posts_it":                 Posts(PostsProps{Page: frame("/pages/" + shopPage + "/posts"), OnPage: shop(), Rows: tieRows(), Form: TieForm{Kind: models.TiePost, Ref: "https://www.facebook.com/bottega/posts/pfbid02abc", SKU: "TAZZA-BLU", Err: models.FieldErrorf("tie_post", "No post number is in it.")}}),
		"posts_empty":              Posts(PostsProps{Page: as(frame("/pages/"+shopPage+"/posts"), models.RoleViewer), OnPage: shop()}),
		"assumptions":              Assumptions(AssumptionsProps{Page: frame("/pages/assumptions"), Pages: []models.Page{shop()}, Rows: models.Assumptions()}),
		"assumptions_it":           Assumptions(AssumptionsProps{Page: frame("/pages/assumptions"), Rows: models.Assumptions()}),
		"ask_empty":                Ask(AskProps{Page: frame("/ask")}),
		"ask_refused_empty":        Ask(AskProps{Page: frame("/ask?show=refused"), Refused: true}),
		"ask_go_on":                Ask(AskProps{Page: frame("/ask?cursor=aGVyZQ"), Pager: Pager{Next: "bmV4dA", Cursor: "aGVyZQ"}}),
	}
}
