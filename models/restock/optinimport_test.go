package restock_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/restock"
)

// listing is the platform's own list of permissions, in parts of two.
type listing struct {
	all    []models.ListedOptIn
	broken int // the part that fails; 0 for none
	asked  []string
}

func (l *listing) ListOptIns(_ context.Context, _, _, position string) ([]models.ListedOptIn, string, error) {
	l.asked = append(l.asked, position)
	n := 0
	if position != "" {
		_, _ = fmt.Sscan(position, &n)
	}
	if l.broken != 0 && n == l.broken {
		return nil, "", models.Errorf(models.KindUnavailable, "Facebook does not answer.")
	}
	end := min(n+2, len(l.all))
	next := ""
	if end < len(l.all) {
		next = fmt.Sprint(end)
	}
	return l.all[n:end], next, nil
}

// TestImportOptIns reads a Page's own list in parts, goes on where it stopped, and changes nothing the second time.
func TestImportOptIns(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		list := &listing{broken: 4}
		service := restock.New(w.store, w.platform, w.waker, w.clock.Now, slog.New(slog.NewTextHandler(w.logs, nil)),
			restock.Config{BaseURL: "https://bentornato.test", UnknownGrace: time.Minute, OptIns: list})
		v := w.product("TAZZA", "Tazza Alba", 0)
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p0", Ref: v.Ref})
		_, err := service.EraseContact(w.ctx, pageID, "p0")
		w.must(err)
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p1", Ref: v.Ref})
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p2", Ref: v.Ref})
		w.says("p2", "basta")
		at := w.clock.Now().Add(-24 * time.Hour)
		for i := range 6 {
			list.all = append(list.all, models.ListedOptIn{Token: fmt.Sprintf("listed-%d", i+1), PSID: fmt.Sprintf("p%d", i+1), At: at,
				NextAt: w.clock.Now().Add(time.Hour), OptIn: models.RecurringOptIn{Title: "Updates and promotions", ExpiresAt: at.AddDate(1, 0, 0)}})
		}
		list.all[5].OptIn.ExpiresAt = w.clock.Now().Add(-time.Minute)
		run := func() models.OptInImport {
			t.Helper()
			w.must(service.BeginOptInImport(w.ctx, pageID))
			for more := true; more; {
				var err error
				more, err = service.ImportOptIns(w.ctx)
				w.must(err)
			}
			i, err := w.store.OptInImport(w.ctx, pageID)
			w.must(err)
			return i
		}
		if i := run(); i.State != models.ImportFailed || i.Found != 4 || i.Added != 4 || i.Position != "4" || i.Problem != "Facebook does not answer." {
			t.Errorf("stopped at %+v", i)
		}
		list.broken, list.asked = 0, nil
		if i := run(); i.State != models.ImportDone || i.Found != 6 || i.Added != 6 || i.Waiting != 1 || list.asked[0] != "4" {
			t.Errorf("ended at %+v, asked for %q", i, list.asked)
		}
		if i := run(); i.State != models.ImportDone || i.Found != 6 || i.Added != 0 {
			t.Errorf("the second reading ended at %+v", i)
		}
		counts, err := w.store.CountOptIns(w.ctx, pageID)
		w.must(err)
		if counts[models.OptInActive] != 4 || counts[models.OptInStopped] != 1 || counts[models.OptInExpired] != 1 {
			t.Errorf("counted %v; want the one who wrote stop stopped, and the old one over", counts)
		}
		w.deliver() // the opt-in requests of before
		w.stock(v, 5)
		w.oneTold("before the platform allows it", "listed-1", 0)
		w.clock.Advance(time.Hour + time.Minute)
		w.oneTold("what p1 asked about", "listed-1", 1)
		if strings.Contains(w.dump(), "listed-") || strings.Contains(w.logs.String(), "listed-") {
			t.Error("a token stands in the database or the log as it is")
		}
		w.sound()
	})
}

// TestExportConsents writes who allowed what and by which words, the tokens only where they are asked for, and nobody erased.
func TestExportConsents(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza Alba", 0)
		w.holder("p1", v)
		w.holder("p2", v)
		_, err := w.service.EraseContact(w.ctx, pageID, "p2")
		w.must(err)
		w.page(models.PageSettings{OptInProduct: models.OptInBoth})
		w.getsUpdates("p3", w.isAsked("p3", v), "rn-3")
		export := func(secrets bool) (list []models.Consent) {
			t.Helper()
			w.must(w.service.ExportConsents(w.ctx, pageID, secrets, func(some []models.Consent) error { list = append(list, some...); return nil }))
			return list
		}
		var got []string
		for _, c := range export(false) {
			if c.Token != "" || len(c.Sealed) > 0 {
				t.Errorf("%s %d has its token", c.Kind, c.ID)
			}
			got = append(got, fmt.Sprintf("%s %s %s %s %q %s", c.Kind, c.PSID, c.SKU, c.State, c.Question, c.AskedWith))
		}
		want := []string{`one_time p1 TAZZA waiting "Ti avviso quando torna Tazza Alba?" one_time_notif_req`,
			`recurring p3 TAZZA active "Ti avviso ogni volta che torna Tazza Alba?" notification_messages`, `interest p1 TAZZA  "" `, `interest p3 TAZZA  "" `}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("exported\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		tokens := map[string]string{}
		for _, c := range export(true) {
			tokens[c.PSID+" "+string(c.Kind)] = c.Token
		}
		if tokens["p1 one_time"] != "token-of-p1-TAZZA.1" || tokens["p3 recurring"] != "rn-3" {
			t.Errorf("the tokens are %v", tokens)
		}
		w.sound()
	})
}
