package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bentornato/models"
	"bentornato/models/store/storetest"
	"bentornato/web/messenger"
	"bentornato/web/sandbox"
)

// inTown runs a test of the whole program in a town of its own, on every database.
func inTown(t *testing.T, rate int, o sandbox.Options, test func(w *town)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, database string) {
		test(newTown(t, database, rate, o, nil))
	})
}

// TestServe is the whole story: people ask in every way there is, are asked once each, tap, and are notified once each;
// what they click is counted, what is known of them is shown, and forgotten.
func TestServe(t *testing.T) {
	t.Parallel()
	inTown(t, 40, sandbox.Options{SecondTapRepeats: true}, func(w *town) {
		t, m := w.t, w.messenger
		w.serve()
		w.must(m.VerifyWebhook(t.Context()))
		fields := messenger.SubscribedFields()
		slices.Sort(fields)
		if got := m.Subscribed(townPage); !slices.Equal(got, fields) {
			t.Errorf("page connect subscribed to %v, want %v", got, fields)
		}
		var mug struct {
			Ref  string
			M    string `json:"m_me_url"`
			Wait int    `json:"waiting"`
		}
		w.api(http.MethodGet, "/products/TAZZA-BLU?page_id="+townPage, &mug)
		if want := "https://m.me/" + townPage + "?ref=" + mug.Ref; mug.M != want || mug.Ref == "" {
			t.Errorf("the mug's m.me link is %q, want %q", mug.M, want)
		}

		people := map[string]string{}
		for i, name := range []string{"text", "link", "known", "choice", "ad", "comment"} {
			people[name] = w.person(i, name)
		}
		w.says(people["text"], "Buongiorno, la tazza alba blu torna?")
		w.must(m.OpenLink(townPage, people["link"], mug.Ref)) // Get Started carries the ref
		w.says(people["known"], "Buongiorno!")
		w.must(m.OpenLink(townPage, people["known"], mug.Ref)) // a referral carries it
		w.must(m.ClickAd(townPage, people["ad"], mug.Ref, "9001"))
		w.says(people["ad"], "Ciao")
		w.says(people["choice"], "Avete la tazza alba?")
		_, err := m.Comment(townPage, people["comment"], "", "Quando torna la tazza alba blu?")
		w.must(err)
		for _, name := range []string{"choice", "comment"} {
			w.until(name+" has something to tap", func() bool { return m.TapButton(townPage, people[name], "", "bn:i:"+mug.Ref) == nil })
		}
		w.until("everyone is asked", func() bool { return m.Counts(townPage).Requests >= len(people) })
		w.quiet()
		for name, psid := range people {
			if n := w.asked(psid); n != 1 {
				t.Errorf("%s was asked %d times", name, n)
			}
			for range 2 { // the second tap brings the same token again
				_, err := m.TapNotifyMe(townPage, psid, requestIn(m.Conversation(townPage, psid)))
				w.must(err)
			}
		}
		w.until("every token waits", func() bool { return w.tokens(models.TokenWaiting) >= len(people) })
		w.quiet()
		if w.api(http.MethodGet, "/products/TAZZA-BLU?page_id="+townPage, &mug); mug.Wait != len(people) || w.notified() != 0 {
			t.Errorf("%d wait for the mug and %d were notified, want %d and none", mug.Wait, w.notified(), len(people))
		}

		w.stock("TAZZA-BLU", 10)
		w.until("everyone is notified", func() bool { return w.notified() >= len(people) })
		w.stock("TAZZA-BLU", 12)
		w.quiet()
		w.everyoneOnce(len(people))
		w.until("the restock is done", func() bool { return w.restock("TAZZA-BLU").State == models.RestockDone })
		if r := w.restock("TAZZA-BLU"); r.Counts.Sent != len(people) || r.Clicks != 0 {
			t.Errorf("the restock is %+v", r)
		}
		w.follow(people["text"])
		if r := w.restock("TAZZA-BLU"); r.Clicks != 1 {
			t.Errorf("%d clicks, want the one", r.Clicks)
		}
		w.dossier(people["text"])
	})
}

// requestIn is the id of a chat's opt-in request.
func requestIn(chat []sandbox.Message) string {
	for _, m := range chat {
		if m.Template == "one_time_notif_req" {
			return m.MID
		}
	}
	return ""
}

// restockJSON is what the API tells of a restock.
type restockJSON struct {
	State  models.RestockState
	Reason models.RestockReason
	Clicks int
	Counts struct{ Waiting, Claimed, Sent, Unknown, Failed int }
}

// restock is the newest restock of a SKU.
func (w *town) restock(sku string) restockJSON {
	w.t.Helper()
	var list struct{ Items []restockJSON }
	w.api(http.MethodGet, "/restocks?limit=1&sku="+sku, &list)
	if len(list.Items) == 0 {
		return restockJSON{}
	}
	return list.Items[0]
}

// follow opens the link of a person's notification.
func (w *town) follow(psid string) {
	w.t.Helper()
	for _, m := range w.messenger.Conversation(townPage, psid) {
		if m.Via != sandbox.ViaToken {
			continue
		}
		link := m.Elements[0].Buttons[0].URL
		path, ours := strings.CutPrefix(link, w.front.url)
		if !ours || m.Elements[0].Title != "Tazza Alba blu" {
			w.t.Fatalf("the notification is %+v", m.Content)
		}
		if status, to := w.call(http.MethodGet, path, "", nil); status != http.StatusFound || string(to) != "https://shop.example/tazza-blu" {
			w.t.Errorf("%s answers %d to %s", path, status, to)
		}
		return
	}
	w.t.Errorf("%s was not notified", psid)
}

// dossier asks what is known of somebody, and then that it be forgotten.
func (w *town) dossier(psid string) {
	w.t.Helper()
	var d struct {
		Contact  struct{ PSID string }
		Requests []struct{ Words, State string }
		Tokens   []struct{ State string }
		Messages []struct{ Text string }
	}
	path := "/contacts/" + psid
	if status := w.api(http.MethodGet, path+"/dossier?page_id="+townPage, &d); status != http.StatusOK {
		w.t.Fatalf("the dossier is answered with %d", status)
	}
	if d.Contact.PSID != psid || len(d.Requests) != 1 || !strings.Contains(d.Requests[0].Words, "Tazza Alba blu") || d.Requests[0].State != "answered" ||
		len(d.Tokens) != 1 || d.Tokens[0].State != "sent" || len(d.Messages) < 2 {
		w.t.Errorf("the dossier is %+v", d)
	}
	if status := w.api(http.MethodDelete, path+"?page_id="+townPage, nil); status/100 != 2 {
		w.t.Errorf("erasing is answered with %d", status)
	}
	if status := w.api(http.MethodGet, path+"/dossier?page_id="+townPage, nil); status != http.StatusNotFound {
		w.t.Errorf("the dossier of somebody erased is answered with %d", status)
	}
}

// When an item sells out, those who asked about it and can still be written to are asked, once.
func TestServeSellOut(t *testing.T) {
	t.Parallel()
	inTown(t, 40, sandbox.Options{}, func(w *town) {
		w.serve()
		const n = 12
		for i := range n {
			w.says(w.person(i, "P"), "Il vaso luna costa quanto?")
		}
		silent := w.person(n, "Silent")
		w.until("everyone has the card", func() bool { return w.messenger.Counts(townPage).Accepted >= n })
		w.quiet()
		if k := w.messenger.Counts(townPage).Requests; k != 0 {
			w.t.Errorf("%d were asked about what is in stock", k)
		}
		w.stock("VASO-LUNA", 0)
		w.until("they are asked", func() bool { return w.messenger.Counts(townPage).Requests >= n })
		w.stock("VASO-LUNA", 0)
		w.quiet()
		for i := range n {
			psid := fmt.Sprintf("24%013d", i)
			if k := w.asked(psid); k != 1 {
				w.t.Errorf("%s was asked %d times", psid, k)
			}
			_, err := w.messenger.TapNotifyMe(townPage, psid, "")
			w.must(err)
		}
		if w.asked(silent) != 0 {
			w.t.Error("somebody who never wrote was asked")
		}
		w.until("every token waits", func() bool { return w.tokens(models.TokenWaiting) == n })
		w.stock("VASO-LUNA", 2)
		w.until("they are notified", func() bool { return w.notified() >= n })
		w.quiet()
		w.everyoneOnce(n)
	})
}

// An item that sells out again in mid-restock stops it, and the rest wait for the next.
func TestServeSoldOutHalfWay(t *testing.T) {
	t.Parallel()
	inTown(t, 20, sandbox.Options{}, func(w *town) {
		const n = 120
		w.grant(n, "TAZZA-BLU")
		stop := w.serve()
		w.stock("TAZZA-BLU", 100)
		w.until("some are notified", func() bool { return w.notified() >= 5 })
		w.stock("TAZZA-BLU", 0)
		after := w.notified()
		w.quiet()
		if k := w.notified(); k >= n || k > after+3 { // those whose calls had begun
			w.t.Errorf("%d of %d were notified when it sold out, and %d in the end", after, n, k)
		}
		if r := w.restock("TAZZA-BLU"); r.State != models.RestockStopped || r.Reason != models.RestockSoldOutAgain || r.Counts.Sent != w.notified() {
			w.t.Errorf("the restock is %+v, and %d were notified", r, w.notified())
		}
		w.command("", "page", "add", "--id", townPage, "--rate", "300")
		w.stock("TAZZA-BLU", 500)
		w.until("the rest are notified", func() bool { return w.notified() >= n })
		w.quiet()
		stop()
		w.everyoneOnce(n)
	})
}

// Webhooks that come twice, late, out of order and many at once change nothing.
func TestServeUnrulyWebhooks(t *testing.T) {
	t.Parallel()
	inTown(t, 300, sandbox.Options{SecondTapRepeats: true}, func(w *town) {
		w.messenger.SetWebhookMode(sandbox.WebhookMode{Duplicate: true, Reorder: true, Batch: 7, ItemsPerEntry: 3, SecondsOnReferrals: true,
			OptinBeforeEcho: true, UnknownEvents: 0.3})
		stop := w.serve()
		const n = 30
		var people []string
		for i := range n {
			people = append(people, w.person(i, "P"))
			w.says(people[i], "Ciao, la tazza alba blu torna?")
			w.says(people[i], "tazza-blu")
		}
		w.until("everyone is asked", func() bool { return w.messenger.Counts(townPage).Requests >= n })
		for _, psid := range people {
			for range 2 {
				_, err := w.messenger.TapNotifyMe(townPage, psid, requestIn(w.messenger.Conversation(townPage, psid)))
				w.must(err)
			}
		}
		w.until("every token waits", func() bool { return w.tokens(models.TokenWaiting) >= n })
		w.quiet()
		w.stock("TAZZA-BLU", 100)
		w.until("everyone is notified", func() bool { return w.notified() >= n })
		w.quiet()
		stop()
		for _, psid := range people {
			if k := w.asked(psid); k != 1 {
				w.t.Errorf("%s was asked %d times", psid, k)
			}
		}
		w.everyoneOnce(n)
	})
}

// Calls that fail in every way that leaves a doubt: each token ends sent, exactly once, with echoes and without.
func TestServeCallsInDoubt(t *testing.T) {
	t.Parallel()
	for _, echoes := range []bool{true, false} {
		t.Run(fmt.Sprintf("echoes=%v", echoes), func(t *testing.T) {
			t.Parallel()
			inTown(t, 300, sandbox.Options{}, func(w *town) {
				w.hasten()
				if !echoes {
					w.messenger.SetWebhookMode(sandbox.WebhookMode{DropFields: []string{"message_echoes"}})
				}
				const n, each = 60, 6
				kinds := []sandbox.FaultKind{sandbox.HangUpAfterAccept, sandbox.HangUpBeforeAccept, sandbox.HTML502AfterAccept, sandbox.HTML502,
					sandbox.TruncatedAfterAccept, sandbox.TimeoutAfterAccept, sandbox.TimeoutBeforeAccept, sandbox.NoRecipientID}
				for _, kind := range kinds {
					_, err := w.messenger.SetFault(sandbox.Fault{Method: http.MethodPost, Recipient: "one_time_notif_token", Kind: kind, Times: each})
					w.must(err)
				}
				w.grant(n, "TAZZA-BLU")
				stop := w.serve()
				w.stock("TAZZA-BLU", 100)
				w.until("every token is sent", func() bool { return w.tokens(models.TokenSent) == n })
				w.quiet()
				stop()
				if left := len(w.messenger.Faults()); left != 0 {
					w.t.Errorf("%d faults were not met", left)
				}
				w.everyoneOnce(n)
			})
		})
	}
}

// Being told to stop in mid-restock loses nothing: what is under way is finished, and the next start does the rest.
func TestServeStopsInMidRestock(t *testing.T) {
	t.Parallel()
	inTown(t, 20, sandbox.Options{}, func(w *town) {
		const n = 120
		w.grant(n, "TAZZA-BLU")
		for i, at := range []int{5, 15} {
			stop := w.serve()
			if i == 0 {
				w.stock("TAZZA-BLU", 500)
			}
			w.until("some are notified", func() bool { return w.notified() >= at })
			stop()
			sent, waiting := w.tokens(models.TokenSent), w.tokens(models.TokenWaiting)
			if sent != w.notified() || sent+waiting != n || sent == n {
				w.t.Errorf("stopped with %d sent and %d waiting of %d, and Messenger took %d", sent, waiting, n, w.notified())
			}
		}
		w.command("", "page", "add", "--id", townPage, "--rate", "300")
		stop := w.serve()
		w.until("everyone is notified", func() bool { return w.tokens(models.TokenSent) == n })
		stop()
		w.everyoneOnce(n)
	})
}

// A Page whose access token is refused pauses with every token kept, and goes on once it has another.
func TestServeInvalidAccessToken(t *testing.T) {
	t.Parallel()
	inTown(t, 100, sandbox.Options{}, func(w *town) {
		const n = 20
		w.grant(n, "TAZZA-BLU")
		w.serve()
		w.must(w.messenger.SetTokenInvalid(townPage, 460))
		w.stock("TAZZA-BLU", 100)
		page := func() (state, reason string) {
			var s struct {
				Pages []struct{ State, Reason string }
			}
			w.api(http.MethodGet, "/stats", &s)
			return s.Pages[0].State, s.Pages[0].Reason
		}
		w.until("the Page is paused", func() bool {
			state, reason := page()
			return state == "paused" && reason == string(models.PauseTokenInvalid)
		})
		w.until("nothing is under way", func() bool { return w.tokens(models.TokenWaiting) == n })
		w.must(w.messenger.AddPage(sandbox.Page{ID: townPage, Name: "Bottega", Token: townToken + "2"}))
		w.command(townToken+"2\n", "page", "add", "--id", townPage, "--token-stdin")
		w.until("everyone is notified", func() bool { return w.tokens(models.TokenSent) == n })
		w.quiet()
		w.everyoneOnce(n)
		if state, _ := page(); state != "active" {
			w.t.Errorf("the Page is %s", state)
		}
	})
}
