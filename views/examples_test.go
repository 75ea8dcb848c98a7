package views

import (
	"maps"
	"slices"
	"time"

	"github.com/a-h/templ"

	"bentornato/models"
)

const shopPage = "101000000000001"

func shop() models.Page {
	return models.Page{ID: shopPage, Name: "Bottega Alba", Rate: 40, Locale: "it", TimeZone: "Europe/Rome", State: models.PageActive}
}

// twoShops are the Pages of an installation that has several.
func twoShops() []models.Page {
	return []models.Page{shop(), {ID: "101000000000002", Name: "Bottega Alba Milano", State: models.PageActive}}
}

func pausedShop() models.Page {
	p := shop()
	p.State, p.PauseReason, p.PausedAt = models.PagePaused, models.PauseTokenInvalid, ago(40*time.Minute)
	p.PauseDetail = "190/460: Error validating access token: the session has been invalidated."
	return p
}

func ago(d time.Duration) time.Time { return now.Add(-d) }

func mug() models.Variant {
	return models.Variant{
		ID: 11, PageID: shopPage, ProductID: 5, SKU: "TAZZA-BLU", Title: "Tazza Alba", Option: "blu", PriceMinor: 1450, Currency: "EUR",
		URL: "https://bottega.example/tazza-alba", ImageURL: "/pictures/tazza.svg", Ref: "v_9fK2", MinStock: 1, Waiting: 214,
		StockAt: ago(3 * time.Hour), SoldOutAt: ago(9 * day), CreatedAt: ago(90 * day), UpdatedAt: ago(3 * time.Hour),
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

func contacts() []models.Contact {
	return []models.Contact{
		{ID: 1, PageID: shopPage, PSID: "7100000000001234", Name: "Marco Bianchi", Locale: "it_IT", LastActionAt: ago(4*time.Hour + 20*time.Minute), CreatedAt: ago(120 * day)},
		{ID: 2, PageID: shopPage, PSID: "7100000000005678", Name: "Anna-Sophie von Waldburg-Zeil und Trauchburg", LastActionAt: ago(3 * day), CreatedAt: ago(60 * day)},
		{ID: 3, PageID: shopPage, PSID: "7100000000009012", LastActionAt: ago(20 * day), CreatedAt: ago(30 * day)},
		{ID: 4, PageID: shopPage, PSID: "7100000000003456", Name: "Luca Rossi", LastActionAt: ago(9 * day), StoppedAt: ago(9 * day), CreatedAt: ago(40 * day)},
		{ID: 5, PageID: shopPage, ErasedAt: ago(day), CreatedAt: ago(200 * day)},
	}
}

func grant(id int64, state models.TokenState, reason models.TokenReason) models.Token {
	granted := ago(time.Duration(id) * 31 * time.Hour)
	return models.Token{
		ID: id, PageID: shopPage, ContactID: 1, VariantID: 11, State: state, Reason: reason,
		GrantedAt: granted, ExpiresAt: models.TokenExpiry(granted), StateAt: granted,
	}
}

// of is a token in a list, with whom it belongs to.
func of(c models.Contact, k models.Token, v models.Variant, why models.WaitingReason, until time.Time) models.TokenRow {
	k.ContactID, k.VariantID = c.ID, v.ID
	return models.TokenRow{Token: k, Variant: v, ContactName: c.Name, PSID: c.PSID, Why: why, WhyUntil: until}
}

func tokens() []models.TokenRow {
	people, v, never := contacts(), mug(), time.Time{}
	return []models.TokenRow{
		of(people[0], grant(1, models.TokenWaiting, ""), v, models.WaitSoldOut, never),
		of(people[1], grant(2, models.TokenWaiting, models.TokenReleased), v, models.WaitBackOff, now.Add(4*time.Minute)),
		of(people[2], grant(3, models.TokenUnknown, models.TokenNoAnswer), v, "", never),
		of(people[0], grant(4, models.TokenSent, models.TokenEcho), variants()[4], "", never),
		of(people[1], grant(5, models.TokenFailed, models.TokenUnreachable), v, "", never),
		of(people[3], grant(6, models.TokenWithdrawn, models.TokenStop), v, "", never),
		of(people[0], grant(7, models.TokenWaiting, models.TokenUnassigned), models.Variant{}, models.WaitUnassigned, never),
	}
}

func restock(id int64, state models.RestockState) models.Restock {
	return models.Restock{
		ID: id, PageID: shopPage, VariantID: 11, State: state, Quantity: 60, Sent: 380, Claimed: 12, Unknown: 2, Failed: 6, Clicks: 94,
		CreatedAt: ago(time.Duration(id) * 9 * time.Minute), FirstSentAt: ago(time.Duration(id)*9*time.Minute - time.Second), StateAt: ago(time.Minute),
	}
}

func progress(state models.RestockState) Progress {
	return Progress{
		Restock: restock(1, state), Variant: mug(), OnPage: shop(), Waiting: 214, Rate: 38.5, EndsAt: now.Add(6 * time.Second),
		MayWork: true, Now: now, Loc: rome,
	}
}

func attemptRows() []models.AttemptRow {
	return []models.AttemptRow{
		{Attempt: models.Attempt{TokenID: 9, Number: 1, State: models.AttemptPending, At: ago(time.Second)}, ContactID: 1, ContactName: "Marco Bianchi"},
		{Attempt: models.Attempt{TokenID: 8, Number: 2, State: models.AttemptSent, At: ago(20 * time.Second)}, ContactID: 2, ContactName: "Anna-Sophie von Waldburg-Zeil und Trauchburg"},
		{Attempt: models.Attempt{TokenID: 7, Number: 1, State: models.AttemptRefused, Code: 551, Subcode: 1545041, Detail: "This person isn't available at the moment.", At: ago(50 * time.Second)}, ContactID: 3},
		{Attempt: models.Attempt{TokenID: 6, Number: 1, State: models.AttemptUnknown, At: ago(2 * time.Minute)}, ContactID: 4, ContactName: "Luca Rossi"},
	}
}

// code is a matrix that looks like a QR code and says nothing.
func code() [][]bool {
	const size = 25
	m := make([][]bool, size)
	for y := range m {
		m[y] = make([]bool, size)
		for x := range m[y] {
			m[y][x] = (x*7+y*11+x*y)%5 < 2
		}
	}
	for _, at := range [][2]int{{0, 0}, {size - 7, 0}, {0, size - 7}} {
		for y := range 7 {
			for x := range 7 {
				edge := x == 0 || y == 0 || x == 6 || y == 6
				heart := x > 1 && x < 5 && y > 1 && y < 5
				m[at[1]+y][at[0]+x] = edge || heart
			}
		}
	}
	return m
}

func sources() []models.Source {
	return []models.Source{
		{ID: "src_well", Kind: "shopify", Name: "Negozio online", LastEventAt: ago(12 * time.Minute), CreatedAt: ago(60 * day)},
		{ID: "src_refused", Kind: "generic", Name: "Cassa", LastEventAt: ago(2 * day), Refused: 14, RefusedAt: ago(5 * time.Minute), LastRefusal: models.Unsigned},
		{ID: "src_new", Kind: "danea-easyfatt", Name: "Gestionale", CreatedAt: ago(time.Hour)},
		{ID: "src_quiet", Kind: "woocommerce", Name: "Vecchio sito", LastEventAt: ago(11 * day)},
	}
}

func dossier() models.Dossier {
	c := contacts()[0]
	sent := of(c, grant(4, models.TokenSent, models.TokenEcho), mug(), "", time.Time{})
	sent.GrantedAt, sent.StateAt = ago(5*day), ago(3*time.Hour)
	waits := of(c, grant(1, models.TokenWaiting, ""), variants()[4], models.WaitSoldOut, time.Time{})
	bought := ordered()
	bought.VariantID, bought.At = 11, ago(time.Hour)
	return models.Dossier{
		Contact: c,
		Messages: []models.Message{
			{At: ago(5*day + 2*time.Minute), Incoming: true, Text: "Buongiorno! Avete ancora la tazza blu?\nMi serve per un regalo."},
			{At: ago(6 * day), State: models.MessageDropped, TypedBy: 1, Text: "Certo, passi pure in negozio."},
			{At: ago(7 * day), State: models.MessageSent, Text: "Tazza Alba (rossa), 14,50 €"},
		},
		Interests: []models.Interest{{At: ago(5*day + 2*time.Minute), VariantID: 11, Source: models.InterestText}},
		Requests:  []models.Request{{CreatedAt: ago(5*day + time.Minute), VariantID: 11, State: models.RequestAnswered, Title: "Ti avviso quando torna Tazza Alba blu?"}},
		Tokens: []models.DossierToken{{
			TokenRow: sent,
			Attempts: []models.Attempt{
				{TokenID: 4, Number: 1, State: models.AttemptRefused, Code: 551, Detail: "This person isn't available at the moment.", At: ago(4 * time.Hour)},
				{TokenID: 4, Number: 2, State: models.AttemptSent, At: ago(3*time.Hour + time.Second)},
			},
			Clicks: []time.Time{ago(2 * time.Hour)},
		}, {TokenRow: waits}},
		Orders:   []models.Order{bought},
		Variants: map[int64]models.Variant{11: mug(), 15: variants()[4]},
	}
}

// screensShown are the pages, in their states, that somebody looks at.
func screensShown() map[string]templ.Component {
	shown := map[string]templ.Component{}
	for _, some := range []map[string]templ.Component{entranceShown(), productsShown(), demandShown(), aboutMessages(productShown()), restocksShown(), peopleShown(), settingsShown(), setupShown(), publicShown(), cockpitShown(), platformShown(), utilityShown()} {
		for name, c := range some {
			shown[name] = c
		}
	}
	return shown
}

func entranceShown() map[string]templ.Component {
	outside := Page{CurrentURL: "/login", Now: now}
	home := HomeProps{
		Page: frame("/"), Pages: []models.Page{shop()}, Sources: sources()[:1], Products: 84, Steps: steps(6),
		Stats: HomeStats{Contacts: 1834, Waiting: 1475, Month: models.Day{Sent: 612, Clicks: 147, Orders: 61}, Before: models.Day{Sent: 480, Clicks: 130, Orders: 44}, SentByDay: []int{0, 0, 14, 3, 0, 0, 0, 120, 44, 8, 0, 0, 2, 0, 0, 0, 0, 61, 12, 4, 0, 0, 0, 0, 18, 0, 0, 0, 210, 116}},
	}
	busy := home
	busy.Pages = []models.Page{pausedShop()}
	busy.NeedsOK = []models.RestockRow{{Restock: restock(3, models.RestockNeedsOK), Variant: variants()[4]}}
	busy.Running = []models.RestockRow{{Restock: restock(1, models.RestockRunning), Variant: mug()}, {Restock: restock(2, models.RestockHeld), Variant: variants()[2]}}
	busy.Sources, busy.Unassigned = sources(), 2
	busy.Polls = map[string]models.Poll{"src_well": {SourceID: "src_well", Failures: 4, Trouble: models.PollToken, Failure: "The shop's system does not accept the access token. Make a new one there, and type it here."}}
	busy.Closing = []models.AskRow{{Contact: contacts()[0], Variant: mug(), Answer: models.PolicyAnswer{Allowed: true, Until: now.Add(40 * time.Minute)}}, {Contact: contacts()[1], Variant: mug(), Answer: models.PolicyAnswer{Allowed: true, Until: now.Add(2 * time.Hour)}}}
	busy.Ending, busy.EndingLimit = 23, 1000
	busy.SandboxURL = "http://127.0.0.1:8081/"
	crowded := home
	crowded.Closing, crowded.ClosingMore, crowded.Ending, crowded.EndingLimit = busy.Closing, true, 1000, 1000
	fresh := HomeProps{Page: frame("/"), Pages: []models.Page{shop()}}
	signedIn := frame("/products/999")
	return map[string]templ.Component{
		"login":           Login(LoginProps{Page: outside, Next: "/products"}),
		"login_wrong":     Login(LoginProps{Page: outside, Email: "giulia@bottega.example", Err: models.Errorf(models.KindUnauthorized, "E-mail or password is not right.")}),
		"login_demo_it":   Login(LoginProps{Page: outside, Email: "demo@bentornato.example", DemoEmail: "demo@bentornato.example", DemoPassword: "bentornato-demo"}),
		"home":            Home(home),
		"home_busy":       Home(busy),
		"home_crowded":    Home(crowded),
		"home_running":    RunningRestocks(busy.Running),
		"home_busy_it":    Home(busy),
		"home_fresh":      Home(fresh),
		"error_inside":    ErrorPage(ErrorProps{Page: signedIn, Status: 404, Err: models.Errorf(models.KindNotFound, "There is no such product; it may have been deleted.")}),
		"error_outside":   ErrorPage(ErrorProps{Page: outside, Status: 500, Err: models.Errorf(models.KindInternal, "secret detail"), ID: "e_7Kq2"}),
		"error_inside_it": ErrorPage(ErrorProps{Page: signedIn, Status: 403, Err: models.Errorf(models.KindForbidden, "Your role does not allow this.")}),
	}
}

func productsShown() map[string]templ.Component {
	products := ProductsProps{Page: frame("/products"), Rows: variants(), Pages: []models.Page{shop()}, Pager: Pager{Next: "bmV4dA"}}
	nothing := products
	nothing.Rows, nothing.Pager = nil, Pager{}
	searched := nothing
	searched.Query, searched.Availability = "teiera", models.AvailableSoldOut
	second := products
	other := shop()
	other.ID, other.Name = "101000000000002", "Bottega Alba Torino"
	second.Pages, second.PageID, second.Sort, second.Pager = []models.Page{shop(), other}, other.ID, models.SortWaiting, Pager{Cursor: "aGVyZQ"}
	second.Flash = Flash{Notice: NoticeProductDeleted}

	product := productShown()
	running := product
	open := restock(1, models.RestockRunning)
	running.Variant.Available, running.Open = 60, &open
	running.Flash = Flash{Notice: NoticeRestockStarted}
	running.Stock = StockForm{Available: "-3", Err: models.FieldErrorf("available", "Stock is 0 or more.")}
	running.Form.Err, running.Form.Price = models.FieldErrorf("price", "%q is no price; write it like 12.50.", "dodici"), "dodici"
	lonely := ProductProps{Page: as(frame("/products/14"), models.RoleViewer), Variant: variants()[3], OnPage: shop()}

	imported := ImportProps{Page: frame("/products/import"), Pages: []models.Page{shop()}, Result: &models.Imported{Added: 41, Changed: 1, Wrong: []models.WrongLine{
		{Line: 12, SKU: "VASO-02", Why: "\"12 euro\" is no price; write it like 12.50.", Rule: "price"}, {Line: 1030, Why: "The SKU is missing.", Rule: "sku"},
	}}}
	kept := products
	kept.Availability, kept.Views = models.AvailableWaiting, []models.SavedView{{ID: 1, Name: "Da riordinare", Query: "availability=waiting"}, {ID: 2, Name: "Ceramica", Query: "q=ceramica"}}
	keeping := products
	keeping.Query, keeping.ViewForm = "tazza", SavedViewForm{Err: models.FieldErrorf("view_name", "Give the view a name.")}
	looking := products
	looking.Page = as(frame("/products"), models.RoleViewer)
	return map[string]templ.Component{
		"products_views":    Products(kept),
		"products_keep_it":  Products(keeping),
		"products_viewer":   Products(looking),
		"rules":             Rules(rules()),
		"rules_preview":     Rules(rulesShown()),
		"rules_preview_it":  Rules(rulesShown()),
		"rules_none":        Rules(RulesProps{Page: frame("/products/rules")}),
		"rules_wrong_it":    Rules(rulesWrong()),
		"import_preview":    ImportProducts(importShown()),
		"import_preview_it": ImportProducts(importShown()),
		"import_same":       ImportProducts(ImportProps{Page: frame("/products/import"), Pages: []models.Page{shop()}, Upload: &models.Upload{Code: "k3x", Name: "listino.csv"}, Preview: &models.ImportPreview{Same: 84}}),
		"import_gone":       ImportProducts(ImportProps{Page: frame("/products/import"), Pages: []models.Page{shop()}, Err: models.Errorf(models.KindNotFound, "This file is not kept any more; send it again.")}),
		"products":          Products(products),
		"products_it":       Products(products),
		"products_second":   Products(second),
		"products_empty":    Products(nothing),
		"products_search":   Products(searched),
		"product":           Product(product),
		"product_it":        Product(product),
		"product_running":   Product(running),
		"product_lonely":    Product(lonely),
		"product_new":       NewProduct(NewProductProps{Page: frame("/products/new"), Pages: []models.Page{shop(), other}, Form: ProductForm{SKU: "TAZZA-BLU", Err: models.Errorf(models.KindConflict, "This Page already has the SKU TAZZA-BLU.")}}),
		"product_new_it":    NewProduct(NewProductProps{Page: frame("/products/new"), Pages: []models.Page{shop()}, Form: ProductForm{MinStock: "0", Err: models.FieldErrorf("min_stock", "The minimum stock is at least 1.")}}),
		"product_new_first": NewProduct(NewProductProps{Page: frame("/products/new")}),
		"import":            ImportProducts(ImportProps{Page: frame("/products/import"), Pages: []models.Page{shop(), other}, Err: models.FieldErrorf("file", "Choose a CSV file.")}),
		"import_stock_it":   ImportProducts(ImportProps{Page: frame("/products/import"), Pages: []models.Page{shop()}, Err: models.FieldErrorf("file_unlisted", "This Page lists none of the file's SKUs.")}),
		"import_result":     ImportProducts(imported),
		"import_result_it":  ImportProducts(imported),
	}
}

func restocksShown() map[string]templ.Component {
	var rows []models.RestockRow
	for i, s := range models.RestockStates {
		rows = append(rows, models.RestockRow{Restock: restock(int64(i+1), s), Variant: variants()[i%5]})
	}
	running := RestockProps{Page: frame("/restocks/1"), Progress: progress(models.RestockRunning), Attempts: attemptRows()}
	wave := running
	wave.Progress.Restock.Budget, wave.Progress.Restock.Wave, wave.Progress.Restock.NextWaveAt = 400, 2, now.Add(17*time.Minute)
	wave.Progress.QuietUntil, wave.Progress.Rate, wave.Progress.EndsAt = now.Add(9*time.Hour), 0, time.Time{}
	stuck := running
	stuck.Progress = progress(models.RestockPaused)
	stuck.Progress.Restock.Reason, stuck.Progress.OnPage = models.RestockRefusals, pausedShop()
	ask := RestockProps{Page: frame("/restocks/1"), Progress: progress(models.RestockNeedsOK)}
	before := would()
	ask.Progress.Forecast, ask.Progress.First = &before, tokens()[:2]
	ask.Progress.Restock.Sent, ask.Progress.Restock.Claimed, ask.Progress.Restock.Unknown, ask.Progress.Restock.Failed, ask.Progress.Restock.FirstSentAt = 0, 0, 0, 0, time.Time{}
	held := ask
	mend := blocked()
	held.Progress.Forecast, held.Progress.OnPage = &mend, pausedShop()
	held.Progress.Restock.State, held.Progress.Restock.StartAt = models.RestockHeld, now.Add(90*time.Second)
	done := running
	done.Page = as(frame("/restocks/1"), models.RoleViewer)
	done.Progress = progress(models.RestockDone)
	done.Progress.Restock.Claimed, done.Progress.Restock.Unknown, done.Progress.Waiting = 0, 0, 0
	done.Progress.Restock.Orders, done.Revenue = 7, []models.Money{{Minor: 10150, Currency: "EUR"}}
	done.Attempts, done.Pager = outcomes(), Pager{Next: "bmV4dA", Cursor: "aGVyZQ"}
	return map[string]templ.Component{
		"restocks_pages":   Restocks(RestocksProps{Page: frame("/restocks"), State: models.RestockDone, Rows: rows, Pages: twoShops(), PageID: shopPage}),
		"restocks":         Restocks(RestocksProps{Page: frame("/restocks"), Rows: rows, Pager: Pager{Next: "bmV4dA"}}),
		"restocks_empty":   Restocks(RestocksProps{Page: frame("/restocks")}),
		"restocks_none":    Restocks(RestocksProps{Page: frame("/restocks?state=held"), State: models.RestockHeld}),
		"restock_running":  Restock(running),
		"restock_wave_it":  Restock(wave),
		"restock_paused":   Restock(stuck),
		"restock_needs_ok": Restock(ask),
		"restock_held":     Restock(held),
		"restock_done":     Restock(done),
		"restock_progress": RestockProgress(progress(models.RestockRunning)),
	}
}

func peopleShown() map[string]templ.Component {
	counts := map[models.TokenState]int{models.TokenWaiting: 1475, models.TokenUnknown: 2, models.TokenSent: 612, models.TokenFailed: 9, models.TokenWithdrawn: 31}
	var rows []models.ContactRow
	for i, c := range contacts() {
		rows = append(rows, models.ContactRow{Contact: c, Waiting: i % 3})
	}
	list := ContactsProps{Page: frame("/contacts"), Rows: rows, Pager: Pager{Next: "bmV4dA"}, Pages: []models.Page{shop()}}
	ofTwo := list
	ofTwo.Pages, ofTwo.PageID = twoShops(), shopPage
	contact := ContactProps{Page: frame("/contacts/1"), Dossier: dossier(), OnPage: shop()}
	for _, kind := range []models.SendKind{models.SendReply, models.SendHumanAgent, models.SendRequest, models.SendUtility} {
		contact.May = append(contact.May, PolicyRow{Kind: kind, Answer: models.MaySend(models.PolicyQuestion{Kind: kind, Page: shop(), Contact: contacts()[0], Now: now, TypedByPerson: true,
			Template: &models.UtilityTemplate{Status: models.TemplateApproved}})})
	}
	unsure := contact
	unsure.EraseErr = models.FieldErrorf("confirm", "Tick the box to confirm.")
	shown := map[string]templ.Component{
		"tokens_pages":   Tokens(TokensProps{Page: frame("/tokens"), Counts: counts, Rows: tokens(), State: models.TokenWaiting, Pages: twoShops(), PageID: shopPage, Pager: Pager{Next: "bmV4dA"}}),
		"tokens":         Tokens(TokensProps{Page: frame("/tokens"), Counts: counts, Rows: tokens(), Pager: Pager{Next: "bmV4dA"}}),
		"tokens_it":      Tokens(TokensProps{Page: frame("/tokens"), Counts: counts, Rows: tokens(), State: models.TokenWaiting}),
		"tokens_none":    Tokens(TokensProps{Page: frame("/tokens"), Counts: counts, SKU: "NIENTE", State: models.TokenExpired}),
		"tokens_empty":   Tokens(TokensProps{Page: frame("/tokens")}),
		"contacts":       Contacts(list),
		"contacts_pages": Contacts(ofTwo),
		"contacts_it":    Contacts(list),
		"contacts_none":  Contacts(ContactsProps{Page: frame("/contacts?q=zoe"), Query: "zoe"}),
		"contacts_empty": Contacts(ContactsProps{Page: frame("/contacts")}),
		"contact":        Contact(contact),
		"contact_it":     Contact(unsure),
		"contact_erased": Contact(ContactProps{Page: frame("/contacts/5"), Dossier: models.Dossier{Contact: contacts()[4]}, OnPage: shop()}),
	}
	maps.Copy(shown, inboxShown())
	maps.Copy(shown, optInShown())
	return shown
}

func settingsShown() map[string]templ.Component {
	kinds := []models.SourceKind{"generic", "shopify", "woocommerce", "danea-easyfatt"}
	added := SourcesProps{Page: frame("/sources"), Sources: sources(), Pages: []models.Page{shop()}, Kinds: kinds, Created: &CreatedSource{
		Source: sources()[2], URL: "https://bentornato.example/webhooks/inventory/src_new", Secret: "whsec_ZXhhbXBsZSBleGFtcGxlIGV4YW1wbGU",
	}}
	foreign := added
	foreign.Created = &CreatedSource{Source: sources()[0], URL: "https://bentornato.example/webhooks/inventory/src_well", Secret: "made for nothing"}
	settled := shop()
	settled.Settings = models.PageSettings{QuietFrom: "22:00", QuietTo: "08:00", AskAbove: 500, NewestFirst: true, PublicList: true, RequestTitle: map[string]string{"it": "Vuoi che ti scriva quando torna {product} {variant}?"}}
	form := PageFormOf(settled)
	wrong := PageFormOf(pausedShop())
	wrong.Rate, wrong.Err = "900", models.FieldErrorf("rate", "The rate is 1 to 300 messages a second.")
	team := TeamProps{
		Page: frame("/team"),
		Users: []models.User{
			{ID: 1, Email: "giulia@bottega.example", Role: models.RoleOwner, SeenAt: ago(time.Minute)},
			{ID: 2, Email: "piero@bottega.example", Role: models.RoleStaff, SeenAt: ago(2 * day)},
			{ID: 3, Email: "commercialista@studio.example", Role: models.RoleViewer},
		},
		Keys: []models.Key{
			{ID: 1, Name: "Foglio di calcolo", Role: models.RoleViewer, SeenAt: ago(3 * time.Hour)},
			{ID: 2, Name: "Vecchia cassa", Role: models.RoleStaff, SeenAt: ago(80 * day), RevokedAt: ago(10 * day)},
		},
	}
	keyed := team
	keyed.NewKey, keyed.Flash = "bk_example_0123456789abcdef", Flash{Notice: NoticeKeyAdded}
	keyed.UserForm = UserForm{Email: "nuova@bottega.example", Role: models.RoleStaff, Err: models.FieldErrorf("password", "The password has at least 10 characters.")}
	looking := team
	looking.Page, looking.Keys = as(frame("/team"), models.RoleStaff), nil
	kept := team
	kept.Pages = twoShops()
	kept.Users, kept.Keys = slices.Clone(team.Users), slices.Clone(team.Keys)
	kept.Users[1].Access, kept.Keys[0].Access = models.AccessTo("101000000000002"), models.AccessTo(shop().ID, "101000000000002")
	keptLooking := kept
	keptLooking.Page, keptLooking.Pages = as(frame("/team"), models.RoleStaff), kept.Pages[1:]
	events := []models.SourceEvent{
		{ID: 3, SKU: "TAZZA-BLU", VariantID: 11, Available: 60, Outcome: models.ReportApplied, At: ago(9 * time.Minute)},
		{ID: 2, SKU: "TAZZA-VERDE", Available: 3, Outcome: models.ReportUnknown, At: ago(10 * time.Minute)},
		{ID: 1, SKU: "TAZZA-BLU", VariantID: 11, Unknown: true, Outcome: models.ReportStale, At: ago(2 * day)},
	}
	page := shop()
	return map[string]templ.Component{
		"sources":              Sources(SourcesProps{Page: frame("/sources"), Sources: sources(), Pages: []models.Page{shop()}, Kinds: kinds}),
		"sources_added":        Sources(added),
		"sources_added_key_it": Sources(foreign),
		"sources_empty":        Sources(SourcesProps{Page: as(frame("/sources"), models.RoleViewer)}),
		"source":               Source(sourceShown(&page)),
		"source_new_it":        Source(SourceProps{Page: frame("/sources/src_new"), Source: sources()[2], URL: "https://bentornato.example/webhooks/inventory/src_new", Confirmed: true, Testable: true}),
		"source_asked":         Source(sourceAsked(&page)),
		"source_wrong_it":      Source(sourceWrong(&page)),
		"source_viewer":        Source(sourceLooking(&page)),
		"source_call":          SourceCall(CallProps{Page: frame("/sources/src_refused/events/4"), Source: sources()[1], Call: calls()[0], Events: events, Preview: events[:1]}),
		"source_call_it":       SourceCall(CallProps{Page: frame("/sources/src_refused/events/3"), Source: sources()[1], Call: calls()[1]}),
		"pages":                Pages(PagesProps{Page: frame("/pages"), Rows: []PageRow{{OnPage: shop(), Products: 84, Waiting: 1475}, {OnPage: pausedShop(), Products: 12}}}),
		"pages_empty":          Pages(PagesProps{Page: frame("/pages")}),
		"settings": PageSettings(PageSettingsProps{Page: frame("/pages/" + shopPage), OnPage: settled, Form: form, Example: variants()[3], PublicURL: "https://bentornato.example/shop/" + shopPage,
			Meter: models.RateMeter{Percent: 50, FullAt: now.Add(3 * time.Minute), HoldUntil: now.Add(40 * time.Second)}}),
		"settings_it":     PageSettings(PageSettingsProps{Page: frame("/pages/" + shopPage), OnPage: pausedShop(), Form: wrong, Example: mug()}),
		"settings_viewer": PageSettings(PageSettingsProps{Page: as(frame("/pages/"+shopPage), models.RoleViewer), OnPage: shop(), Form: PageFormOf(shop()), Example: mug(), Meter: models.RateMeter{Percent: 100}}),
		"team":            Team(keyed),
		"team_it":         Team(team),
		"team_staff":      Team(looking),
		"team_pages":      Team(kept),
		"team_pages_kept": Team(keptLooking),
	}
}

func publicShown() map[string]templ.Component {
	var rows []ShopRow
	for _, v := range variants() {
		rows = append(rows, ShopRow{Variant: v, MessengerURL: "https://m.me/" + shopPage + "?ref=" + v.Ref})
	}
	return map[string]templ.Component{
		"shop_it":          Shop(ShopProps{OnPage: shop(), Rows: rows, Pager: Pager{Next: "bmV4dA"}}),
		"shop_empty":       Shop(ShopProps{OnPage: shop()}),
		"shop_none":        Shop(ShopProps{OnPage: shop(), Query: "teiera"}),
		"deletion_pending": DeletionStatus(DeletionProps{Erasure: models.Erasure{Code: "d_3kT9qX", At: ago(time.Minute), Contacts: 1}, Now: now}),
		"deletion_done_it": DeletionStatus(DeletionProps{Erasure: models.Erasure{Code: "d_3kT9qX", At: ago(5 * day), Contacts: 1, DoneAt: ago(5 * day)}, Now: now, Loc: rome}),
		"deletion_none":    DeletionStatus(DeletionProps{Erasure: models.Erasure{Code: "d_3kT9qX", At: ago(day), DoneAt: ago(day)}, Now: now}),
		"deletion_how_it":  DataDeletion(),
	}
}

// calls are a source's last calls, one of each kind.
func calls() []models.Delivery {
	return []models.Delivery{
		{ID: 6, SourceID: "src_refused", Origin: models.ByWebhook, Outcome: models.DeliveryApplied, Topic: "products/update", ReceivedAt: ago(time.Minute), Items: 4, Accepted: 1, Stale: 1, Unknown: 1, Added: 1, Size: 2100, Sealed: []byte{1}},
		{ID: 5, SourceID: "src_refused", Origin: models.ByWebhook, Outcome: models.DeliveryRefused, Why: "The signature is missing or wrong.", ReceivedAt: ago(20 * time.Minute)},
		{ID: 4, SourceID: "src_refused", Origin: models.ByPoll, Outcome: models.DeliveryApplied, ReceivedAt: ago(30 * time.Minute), Accepted: 2},
		{ID: 3, SourceID: "src_refused", Origin: models.ByWebhook, Outcome: models.DeliveryRepeated, Topic: "products/update", ReceivedAt: ago(time.Hour)},
		{ID: 2, SourceID: "src_refused", Origin: models.ByTest, Outcome: models.DeliveryApplied, ReceivedAt: ago(2 * time.Hour), Unknown: 1},
		{ID: 1, SourceID: "src_refused", Origin: models.ByReplay, Outcome: models.DeliveryNothing, ReceivedAt: ago(3 * day)},
	}
}

// sourceShown is a source with all it can have: trouble, two secrets, SKUs that nobody lists.
func sourceShown(page *models.Page) SourceProps {
	s := sources()[1]
	s.RotatedAt = ago(time.Hour)
	return SourceProps{Page: frame("/sources/src_refused"), Source: s, OnPage: page, URL: "https://bentornato.example/webhooks/inventory/src_refused", Testable: true, Confirmed: true,
		Troubles: []models.SourceTrouble{models.SourceRefused}, Calls: calls(), Pager: Pager{Next: "bmV4dA"},
		Unknown: []models.UnknownSKU{{SKU: "SUP-0099", Times: 3, Available: 12}, {SKU: "48513488879793", Times: 1, Unknown: true}},
		Aliases: []AliasRow{{SKU: "VECCHIO-7", Variant: mug()}}, Choices: variants()}
}

// sourceAsked is a source whose system is asked, with a new secret to be copied.
func sourceAsked(page *models.Page) SourceProps {
	s := sources()[0]
	s.Kind = "shopify"
	p := SourceProps{Page: frame("/sources/src_well"), Source: s, OnPage: page, URL: "https://bentornato.example/webhooks/inventory/src_well", Testable: true, Confirmed: true,
		Secret: "whsec_ZXhhbXBsZSBleGFtcGxlIGV4YW1wbGU", Askable: true, Places: true, Known: []string{"75596366001", "75596366002"},
		Poll: models.Poll{SourceID: "src_well", Address: "https://bottega.myshopify.com", Minutes: 10, Locations: []string{"75596366001"}, DoneAt: ago(4 * time.Minute), DoneChecked: 214, DoneFound: 2}}
	p.AskForm = PollFormOf(p.Poll, "")
	return p
}

// sourceWrong is one whose forms were filled in wrongly, and whose system cannot be asked.
func sourceWrong(page *models.Page) SourceProps {
	s := sources()[0]
	s.Kind = "bigcommerce"
	return SourceProps{Page: frame("/sources/src_well"), Source: s, OnPage: page, URL: "https://bentornato.example/webhooks/inventory/src_well", Testable: true, Askable: true, NeedsKey: true,
		Troubles: []models.SourceTrouble{models.SourceUnasked, models.SourceQuiet},
		Poll:     models.Poll{SourceID: "src_well", Address: "https://api.bigcommerce.com", Account: "abc", Minutes: 10, Failures: 4, Trouble: models.PollToken, Failure: "The shop's system does not accept the access token. Make a new one there, and type it here.", NextAt: ago(-8 * time.Minute)},
		AskForm:  PollForm{Address: "http://shop.example", Account: "abc", Minutes: "10", Err: models.FieldErrorf("address", "The address begins with https://, or your access token would travel for all to read.")},
		Form:     SourceSettings{Name: "", Currency: "EURO", Err: models.FieldErrorf("currency", "Write three letters such as EUR.")}}
}

// sourceLooking is the screen for somebody who may only look.
func sourceLooking(page *models.Page) SourceProps {
	p := sourceShown(page)
	p.Page = as(p.Page, models.RoleViewer)
	return p
}
