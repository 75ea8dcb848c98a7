package restock_test

import (
	"errors"
	"testing"

	"bentornato/models"
)

// TestChangeRules changes what was shown, and only that; who waits for what comes back by it is told.
func TestChangeRules(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.importing("sku,title,available\nBLU,Tazza blu,2\nROSSA,Tazza rossa,0\nVASO,Vaso,5\nGONE,Tazza persa,1\n")
		w.must(w.service.DeleteProduct(w.ctx, w.bySKU("GONE").ID))
		cups := models.VariantSelection{All: true, Query: models.VariantQuery{Text: "tazza"}}
		raise := models.RulesChange{MinStock: new(3), VariantRules: models.VariantRules{NewestFirst: new(true), AskAbove: new(50)}}
		if p, err := w.service.PreviewRules(w.ctx, cups, raise); err != nil || p.Chosen != 2 || p.Changing != 2 || p.Tells != 0 || w.bySKU("BLU").MinStock != 1 {
			t.Fatalf("the preview is %+v, error %v", p, err)
		}
		if n, err := w.service.ChangeRules(w.ctx, cups, raise); err != nil || n != 2 {
			t.Fatalf("%d were changed, error %v", n, err)
		}
		blu := w.bySKU("BLU")
		if blu.MinStock != 3 || blu.Rules.NewestFirst == nil || !*blu.Rules.NewestFirst || *blu.Rules.AskAbove != 50 || blu.Title != "Tazza blu" || w.bySKU("VASO").MinStock != 1 {
			t.Errorf("it is %+v", blu)
		}
		if n, err := w.service.ChangeRules(w.ctx, cups, raise); err != nil || n != 0 {
			t.Errorf("the same again changed %d, error %v", n, err)
		}

		w.stock(blu, 0)
		w.holders(2, blu)
		w.stock(blu, 2)
		lower := models.RulesChange{MinStock: new(1), Reset: true}
		some := models.VariantSelection{IDs: []int64{blu.ID, blu.ID, w.bySKU("VASO").ID, 999}}
		p, err := w.service.PreviewRules(w.ctx, some, lower)
		if err != nil || p.Chosen != 2 || p.Changing != 1 || p.Tells != 2 {
			t.Errorf("the preview is %+v, error %v", p, err)
		}
		if n, err := w.service.ChangeRules(w.ctx, some, lower); err != nil || n != 1 || len(w.restocks()) != 1 {
			t.Errorf("%d were changed and %d restocks started, error %v", n, len(w.restocks()), err)
		}
		if r := w.restocks()[0]; r.NewestFirst || r.State != models.RestockRunning {
			t.Errorf("the restock is %+v, against the Page's settings", r)
		}

		for name, test := range map[string]struct {
			sel    models.VariantSelection
			change models.RulesChange
			field  string
		}{
			"nothing chosen":  {models.VariantSelection{}, raise, "ids"},
			"nothing found":   {models.VariantSelection{All: true, Query: models.VariantQuery{Text: "teiera"}}, raise, "ids"},
			"nothing changed": {cups, models.RulesChange{}, "rules"},
			"no such rule":    {cups, models.RulesChange{MinStock: new(0)}, "min_stock"},
			"too many":        {models.VariantSelection{IDs: make([]int64, models.MaxSelection+1)}, raise, "ids"},
		} {
			for _, try := range []func() error{
				func() error { _, err := w.service.PreviewRules(w.ctx, test.sel, test.change); return err },
				func() error { _, err := w.service.ChangeRules(w.ctx, test.sel, test.change); return err },
			} {
				if err := try(); fieldOf(err) != test.field {
					t.Errorf("%s: %v, want an error about %s", name, err, test.field)
				}
			}
		}
	})
}

// TestRulesOfAVariantHold starts a restock by the variant's own rules where its Page has others.
func TestRulesOfAVariantHold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(models.PageSettings{HoldDownSeconds: 600, RequestTitle: map[string]string{"it": "Pagina {product}?"}})
		w.importing("sku,title,available\nBLU,Tazza blu,0\n")
		v := w.bySKU("BLU")
		w.holders(2, v)
		_, err := w.service.ChangeRules(w.ctx, models.VariantSelection{IDs: []int64{v.ID}}, models.RulesChange{VariantRules: models.VariantRules{HoldDownSeconds: new(0), AskAbove: new(1)}})
		w.must(err)
		_, err = w.service.ReportByHand(w.ctx, v.ID, models.Stock{Available: 5})
		w.must(err)
		if r := w.restocks()[0]; r.State != models.RestockNeedsOK {
			t.Errorf("the restock is %s, want it to ask at once", r.State)
		}
		l := models.Listing{Variant: w.bySKU("BLU")}
		l.Variant.RequestTitle = map[string]string{"it": "Torna {product}, lo sai?"}
		_, err = w.service.ChangeProduct(w.ctx, v.ID, l)
		w.must(err)
		page, err := w.store.Page(w.ctx, pageID)
		w.must(err)
		if got := w.service.PreviewMessages(page, w.bySKU("BLU"), "it"); got.Request.Request.Title != "Torna Tazza blu, lo sai?" || got.Notification.Cards[0].Title != "Tazza blu" || got.Err != nil {
			t.Errorf("the messages are %+v", got)
		}
	})
}

func fieldOf(err error) string {
	var e *models.Error
	if errors.As(err, &e) {
		return e.Field
	}
	return ""
}
