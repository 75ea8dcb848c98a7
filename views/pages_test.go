package views

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"bentornato/models"
)

// isWhole reports whether a component renders a page and not a part of one.
func isWhole(name string) bool {
	return name != "restock_progress" && name != "restock_actions" && name != "restock_before_it" && name != "home_running" && name != "product_messages"
}

// TestEveryPageIsSound holds what is true of every screen, whatever it shows.
func TestEveryPageIsSound(t *testing.T) {
	for name, c := range screensShown() {
		t.Run(name, func(t *testing.T) {
			html := render(t, "en", c)
			d := document(t, "en", c)
			if found := d.Find("[style], style:not(svg style), script:not([src])").Length(); found > 0 {
				t.Errorf("%d inline styles or scripts, which the content policy refuses", found)
			}
			if regexp.MustCompile(`\son[a-z]+=`).MatchString(html) {
				t.Error("an event handler stands in an attribute")
			}
			ids := map[string]bool{}
			d.Find("[id]").Each(func(_ int, s *goquery.Selection) {
				id, _ := s.Attr("id")
				if ids[id] {
					t.Errorf("id %q stands twice", id)
				}
				ids[id] = true
			})
			for _, attr := range []string{"for", "aria-describedby", "aria-labelledby", "data-copy", "data-count"} {
				d.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
					for _, id := range strings.Fields(s.AttrOr(attr, "")) {
						if !ids[id] {
							t.Errorf("%s=%q points nowhere", attr, id)
						}
					}
				})
			}
			d.Find("form[method=post] [hx-get], a[href^='/'][href$='/delete'], a[href$='/withdraw'], a[href$='/logout']").Each(func(_ int, s *goquery.Selection) {
				t.Errorf("something is changed by GET: %s", s.AttrOr("href", ""))
			})
			d.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
				id := s.AttrOr("id", "none")
				if d.Find("label[for='"+id+"']").Length() == 0 && s.Closest("label").Length() == 0 {
					t.Errorf("the field %q has no label", s.AttrOr("name", ""))
				}
			})
			d.Find("button, a").Each(func(_ int, s *goquery.Selection) {
				if strings.TrimSpace(s.Text()) == "" {
					h, _ := goquery.OuterHtml(s)
					t.Errorf("a control has no words: %s", h)
				}
			})
			d.Find(".state").Each(func(_ int, s *goquery.Selection) {
				if s.Find("svg > *").Length() == 0 || strings.TrimSpace(s.Text()) == "" {
					t.Errorf("a state is not a picture and a word: %q", s.Text())
				}
			})
			if !isWhole(name) {
				return
			}
			for selector, want := range map[string]int{"main#content": 1, "h1": 1, "a.skip[href='#content']": 1, "title": 1, "html[lang=en]": 1} {
				if got := d.Find(selector).Length(); got != want {
					t.Errorf("%s stands %d times, want %d", selector, got, want)
				}
			}
		})
	}
}

func TestNavigationMarksWhereOneIs(t *testing.T) {
	d := document(t, "it", screensShown()["product"])
	current := d.Find("nav [aria-current=page]")
	if current.Length() != 2 { // the side bar's and the bottom bar's; one of them shows
		t.Fatalf("%d entries are marked, want 2", current.Length())
	}
	current.Each(func(_ int, s *goquery.Selection) {
		if got := strings.TrimSpace(s.Text()); got != "Prodotti" {
			t.Errorf("marked %q, want Prodotti", got)
		}
	})
	if got := d.Find(".sidebar form[action='/language'] input[name=next]").AttrOr("value", ""); got != "/products/11" {
		t.Errorf("switching the language comes back to %q", got)
	}
}

// TestViewersSeeNoButtons: what a role may not do is not offered. The handlers refuse it as well.
func TestViewersSeeNoButtons(t *testing.T) {
	viewer := as(frame("/"), models.RoleViewer)
	p := progress(models.RestockRunning)
	p.MayWork = false
	for name, c := range map[string]templ.Component{
		"products": Products(ProductsProps{Page: viewer, Rows: variants()}),
		"product":  Product(ProductProps{Page: viewer, Variant: mug()}),
		"restock":  Restock(RestockProps{Page: viewer, Progress: p}),
		"tokens":   Tokens(TokensProps{Page: viewer, Rows: tokens(), Counts: map[models.TokenState]int{models.TokenWaiting: 3}}),
		"contact":  Contact(ContactProps{Page: viewer, Dossier: dossier()}),
		"sources":  Sources(SourcesProps{Page: viewer, Sources: sources()}),
		"team":     Team(TeamProps{Page: viewer, Users: []models.User{{ID: 9, Email: "a@b.example"}}, Keys: []models.Key{{ID: 1}}}),
		"home":     Home(HomeProps{Page: viewer, Pages: []models.Page{pausedShop()}, NeedsOK: []models.RestockRow{{Restock: restock(1, models.RestockNeedsOK)}}}),
	} {
		d := document(t, "en", c)
		d.Find("form[method=post]").Each(func(_ int, s *goquery.Selection) {
			if a := s.AttrOr("action", ""); a != "/language" && a != "/logout" && a != "/products/views" { // which are each user's own
				t.Errorf("%s offers a viewer %s", name, a)
			}
		})
	}
	settings := document(t, "en", screensShown()["settings_viewer"])
	if _, disabled := settings.Find("form.stack > fieldset").Attr("disabled"); !disabled || settings.Find("form.stack button[type=submit]").Length() != 0 {
		t.Error("a viewer can type into the settings")
	}
}

func TestRestockOffersWhatItsStateAllows(t *testing.T) {
	for state, want := range map[models.RestockState]string{
		models.RestockRunning:   "pause cancel",
		models.RestockHeld:      "pause cancel",
		models.RestockNeedsOK:   "approve cancel",
		models.RestockPaused:    "resume cancel",
		models.RestockDone:      "",
		models.RestockStopped:   "",
		models.RestockCancelled: "",
	} {
		var actions []string
		document(t, "en", RestockActions(progress(state))).Find("form").Each(func(_ int, s *goquery.Selection) {
			actions = append(actions, strings.TrimPrefix(s.AttrOr("action", ""), "/restocks/1/"))
		})
		if got := strings.Join(actions, " "); got != want {
			t.Errorf("%s offers %q, want %q", state, got, want)
		}
	}
}

// TestLiveProgressIsOnlyAnAddition: the first state is in the page itself, and a finished restock asks for no events.
func TestLiveProgressIsOnlyAnAddition(t *testing.T) {
	running := document(t, "en", screensShown()["restock_running"]).Find("[sse-connect='/restocks/1/events'] [sse-swap=progress]")
	if running.Length() != 1 || running.Find(".legend li").Length() != 5 {
		t.Errorf("a running restock has %d live parts with %d counts, want 1 with 5", running.Length(), running.Find(".legend li").Length())
	}
	if n := document(t, "en", screensShown()["restock_done"]).Find("[sse-connect]").Length(); n != 0 {
		t.Error("a finished restock still asks for events")
	}
}

func TestSegmentsFillTheBar(t *testing.T) {
	d := document(t, "en", RestockProgress(progress(models.RestockRunning)))
	x := 0
	d.Find(".progress-bar rect").Each(func(_ int, s *goquery.Selection) {
		at, _ := strconv.Atoi(s.AttrOr("x", ""))
		width, _ := strconv.Atoi(s.AttrOr("width", ""))
		if at != x || width < barWidth/100 {
			t.Errorf("%s is at %d and %d wide, after %d", s.AttrOr("class", ""), at, width, x)
		}
		x += width
	})
	if x > barWidth || x < barWidth-5 {
		t.Errorf("the segments fill %d of %d", x, barWidth)
	}
	empty := progress(models.RestockNeedsOK)
	empty.Restock = models.Restock{State: models.RestockNeedsOK}
	empty.Waiting = 0
	if n := document(t, "en", RestockProgress(empty)).Find(".progress-bar rect").Length(); n != 0 {
		t.Errorf("nothing at all draws %d segments", n)
	}
}

func TestListsKeepTheirFilters(t *testing.T) {
	p := ProductsProps{Page: frame("/products"), Rows: variants(), Query: "tazza & co", Availability: models.AvailableSoldOut, Sort: models.SortWaiting, PageID: shopPage, Pager: Pager{Cursor: "here", Next: "a/b="}}
	d := document(t, "en", Products(p))
	next, err := url.Parse(d.Find("a[rel=next]").AttrOr("href", ""))
	if err != nil {
		t.Fatal(err)
	}
	q := next.Query()
	for key, want := range map[string]string{"q": "tazza & co", "availability": "sold_out", "sort": "waiting", "page_id": shopPage, "cursor": "a/b="} {
		if q.Get(key) != want {
			t.Errorf("the next screen has %s=%q, want %q", key, q.Get(key), want)
		}
	}
	start := d.Find(".pager a").First().AttrOr("href", "")
	if u, err := url.Parse(start); err != nil || u.Query().Has("cursor") || u.Query().Get("q") != "tazza & co" {
		t.Errorf("the start of the list is %q", start)
	}
	if got := d.Find("input[name=availability][checked]").AttrOr("value", "none"); got != "sold_out" {
		t.Errorf("checked %q, want sold_out", got)
	}
}

func TestWhatIsTypedIsEscaped(t *testing.T) {
	v := mug()
	v.Title = `<script>alert("1")</script>`
	v.ImageURL = `https://x.example/"><img src=x>`
	html := render(t, "en", Products(ProductsProps{Page: frame("/products"), Rows: []models.Variant{v}, Query: `"><script>`}))
	if strings.Contains(html, "<script>") || strings.Contains(html, "<img src=x>") {
		t.Error("a title becomes a tag")
	}
	row := ShopRow{Variant: mug(), MessengerURL: "javascript:alert(1)"}
	if html := render(t, "en", Shop(ShopProps{OnPage: shop(), Rows: []ShopRow{row}})); strings.Contains(html, "javascript:") {
		t.Error("a script stands in a link")
	}
}

func TestErrorsStandAtTheirFields(t *testing.T) {
	d := document(t, "it", screensShown()["product_new_it"])
	field := d.Find("#min_stock")
	if field.AttrOr("aria-invalid", "") != "true" || !strings.Contains(field.AttrOr("aria-describedby", ""), "min_stock-error") {
		t.Error("the wrong field does not say so")
	}
	if got := strings.TrimSpace(d.Find("#min_stock-error").Text()); got != "La giacenza minima è 1 o più." {
		t.Errorf("the field says %q", got)
	}
	if _, open := d.Find("details.fold:has(#min_stock)").Attr("open"); !open {
		t.Error("the wrong field is folded away")
	}
	if d.Find(".notice-wrong").Length() != 0 {
		t.Error("the error is said twice")
	}
}

func TestInternalDetailsStayInside(t *testing.T) {
	if html := render(t, "en", screensShown()["error_outside"]); strings.Contains(html, "secret detail") || !strings.Contains(html, "e_7Kq2") {
		t.Error("the page shows the cause, or not the number that finds it in the log")
	}
}

func TestTimesAreRelativeWithTheExactOneBeside(t *testing.T) {
	d := document(t, "en", moment(now, rome, now.Add(-3*time.Hour)))
	s := d.Find("time")
	if s.Text() != "3 h ago" || s.AttrOr("datetime", "") != "2026-11-22T12:04:00Z" || s.AttrOr("title", "") != "22 Nov 2026, 13:04:00 CET" {
		h, _ := goquery.OuterHtml(s)
		t.Errorf("got %s", h)
	}
}

func TestTimelineIsNewestFirstAndWhole(t *testing.T) {
	entries := timeline(dossier())
	if len(entries) != 12 { // 3 messages, interest, request, two tokens granted and one spent, 2 attempts, click, order
		t.Fatalf("%d entries, want 12", len(entries))
	}
	for i := 1; i < len(entries); i++ {
		if entries[i].at.After(entries[i-1].at) {
			t.Errorf("entry %d is newer than the one above it", i)
		}
	}
	if e := entries[0]; e.order == nil || e.variant == nil || e.variant.SKU != "TAZZA-BLU" {
		t.Errorf("the newest entry is %+v, want the order", e)
	}
}

func TestQRPath(t *testing.T) {
	if got, want := qrPath([][]bool{{true, true, false}, {false, false, true}}), "M0 0h2v1h-2zM2 1h1v1h-1z"; got != want {
		t.Errorf("qrPath = %q, want %q", got, want)
	}
}

func TestAssetsComeFromTheContext(t *testing.T) {
	var b strings.Builder
	ctx := WithAssets(WithLanguage(t.Context(), "en"), func(name string) string { return "/hashed/" + name })
	if err := Login(LoginProps{}).Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `href="/hashed/css/app.css"`) {
		t.Error("the style's address is not the one that the context makes")
	}
}

func TestProductFormOf(t *testing.T) {
	v := mug()
	v.TokensPerUnit = 3
	got := ProductFormOf(v, models.Product{Name: "Tazza Alba"})
	if got.Price != "14.50" || got.Available != "0" || got.MinStock != "1" || got.TokensPerUnit != "3" || got.Product != "Tazza Alba" {
		t.Errorf("got %+v", got)
	}
	v.QuantityUnknown, v.TokensPerUnit = true, 0
	if got := ProductFormOf(v, models.Product{}); got.Available != "" || got.TokensPerUnit != "" {
		t.Errorf("what is unknown or off is empty, got %+v", got)
	}
}

func TestQuestionCountsWhatAPersonReads(t *testing.T) {
	p := PageSettingsProps{Page: frame("/"), OnPage: shop(), Example: mug(), Form: PageForm{RequestTitle: map[string]string{"it": "Torna {product} {variant}?"}}}
	d := document(t, "en", PageSettings(p))
	if got := strings.TrimSpace(d.Find("#count-it [data-preview]").Text()); got != "Torna Tazza Alba blu?" {
		t.Errorf("shows %q", got)
	}
	if got := d.Find("#count-it [data-length]").Text(); got != "21" {
		t.Errorf("counts %s, want 21", got)
	}
	if got := d.Find("#request_title_en").AttrOr("placeholder", ""); got != "Tell you when {product} {variant} is back?" {
		t.Errorf("the default question is %q", got)
	}
}
