package restock_test

import (
	"strings"
	"testing"
	"time"

	"bentornato/models"
)

// user adds a login and returns its number.
func (w *world) user(email string) int64 {
	w.t.Helper()
	w.must(w.service.SaveUser(w.ctx, models.User{Email: email, Role: models.RoleStaff, PasswordHash: "x"}))
	u, err := w.store.UserByEmail(w.ctx, email)
	w.must(err)
	return u.ID
}

// TestPreviewImport says of every line what it would do, writes nothing, and is what the import then does.
func TestPreviewImport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		me := w.user("me@shop.test")
		w.importing("sku,title,price,available,product,url\nBLU,Tazza blu,9.90,0,Tazze,https://shop.test/blu\nSAME,Vaso,5,1,,\nROSSA,Tazza rossa,9.90,3,Tazze,\n")
		blu := w.bySKU("BLU")
		w.holders(3, blu)
		// As Excel writes it in Italy, in the code page of Windows; what our own export defused is taken as it was.
		file := "sep=;\r\nsku;title;price;available\r\nBLU;Tazza blu grande;12,50;4\r\nSAME;Vaso;5,00;1\r\nNUOVO;Caff\xe8;;\r\n'=1+1;Formula;;\r\nBAD;Tazza;12,345;1\r\nBLU;Doppia;;\r\n"
		u, err := w.service.KeepImport(w.ctx, me, pageID, `C:\listino.csv`, strings.NewReader(file))
		w.must(err)
		before := w.dump()
		_, p, err := w.service.PreviewImport(w.ctx, me, u.Code)
		w.must(err)
		if after := w.dump(); after != before {
			t.Error("the preview wrote something")
		}
		if p.Added != 2 || p.Changed != 1 || p.Same != 1 || len(p.Wrong) != 2 || p.Tells != 3 || len(p.Lines) != 3 {
			t.Fatalf("the preview is %+v", p)
		}
		change := p.Lines[0]
		if change.Line != 3 || change.Added || strings.Join(change.Fields(), " ") != "title price available" || change.Before.PriceMinor != 990 || change.After.PriceMinor != 1250 || change.After.URL != blu.URL {
			t.Errorf("the changed line is %+v, which changes %v", change, change.Fields())
		}
		if added := p.Lines[1]; !added.Added || added.After.Title != "Caffè" || added.Line != 5 {
			t.Errorf("the added line is %+v", added)
		}
		if p.Lines[2].After.SKU != "=1+1" {
			t.Errorf("the defused SKU is %q", p.Lines[2].After.SKU)
		}
		if p.Wrong[0].Line != 7 || p.Wrong[0].Rule != "price" || p.Wrong[1].Line != 8 || p.Wrong[1].Rule != models.RuleTwice {
			t.Errorf("wrong are %+v", p.Wrong)
		}
		done, err := w.service.ConfirmImport(w.ctx, me, u.Code)
		if err != nil || done.Added != p.Added || done.Changed != p.Changed+p.Same || len(done.Wrong) != len(p.Wrong) {
			t.Errorf("the import did %+v, error %v", done, err)
		}
		if v := w.bySKU("BLU"); v.Title != "Tazza blu grande" || v.Available != 4 || len(w.restocks()) != 1 {
			t.Errorf("it is %+v, with %d restocks", v, len(w.restocks()))
		}
		if _, err := w.service.ConfirmImport(w.ctx, me, u.Code); models.KindOf(err) != models.KindNotFound {
			t.Errorf("the file is still kept: %v", err)
		}
	})
}

// TestPreviewStock shows of a file of stock alone what would come back, and refuses one of which the Page lists nothing.
func TestPreviewStock(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		me := w.user("me@shop.test")
		w.holders(2, w.product("TAZZA", "Tazza", 0))
		u, err := w.service.KeepImport(w.ctx, me, pageID, "giacenze.csv", strings.NewReader("sku;giacenza\nTAZZA;5\nNIENTE;4\n"))
		w.must(err)
		_, p, err := w.service.PreviewImport(w.ctx, me, u.Code)
		w.must(err)
		if p.Changed != 1 || p.Tells != 2 || len(p.Wrong) != 1 || p.Wrong[0].Rule != models.RuleNewSKU || strings.Join(p.Lines[0].Fields(), " ") != "available" {
			t.Errorf("the preview is %+v", p)
		}
		u, err = w.service.KeepImport(w.ctx, me, pageID, "altre.csv", strings.NewReader("sku;giacenza\nNIENTE;4\n"))
		w.must(err)
		before := w.dump()
		if _, _, err := w.service.PreviewImport(w.ctx, me, u.Code); models.KindOf(err) != models.KindInvalid {
			t.Errorf("the preview of a file of another Page: %v", err)
		}
		if _, err := w.service.ConfirmImport(w.ctx, me, u.Code); models.KindOf(err) != models.KindInvalid {
			t.Errorf("a yes to a file of another Page: %v", err)
		}
		if w.dump() != before {
			t.Error("it wrote something")
		}
	})
}

// TestUploads are one for a user, for an hour, and nobody else's.
func TestUploads(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		me, other := w.user("me@shop.test"), w.user("other@shop.test")
		keep := func(user int64) models.Upload {
			u, err := w.service.KeepImport(w.ctx, user, pageID, "a.csv", strings.NewReader("sku,title\nA,B\n"))
			w.must(err)
			return u
		}
		gone := func(user int64, u models.Upload) bool {
			_, _, err := w.service.PreviewImport(w.ctx, user, u.Code)
			return models.KindOf(err) == models.KindNotFound
		}
		first := keep(me)
		second := keep(me)
		if !gone(me, first) || gone(me, second) || !gone(other, second) {
			t.Error("a file is kept for the wrong one, or beside another")
		}
		if _, err := w.service.KeepImport(w.ctx, me, pageID, "a.csv", strings.NewReader("nothing")); models.KindOf(err) != models.KindInvalid || gone(me, second) {
			t.Errorf("a file that cannot be read took the place of one that can: %v", err)
		}
		if _, err := w.service.KeepImport(w.ctx, me, "999", "a.csv", strings.NewReader("sku,title\n")); models.KindOf(err) != models.KindNotFound {
			t.Errorf("a file for no Page: %v", err)
		}
		w.must(w.service.DropImport(w.ctx, me, second.Code))
		if !gone(me, second) {
			t.Error("what was dropped is kept")
		}
		third := keep(me)
		w.clock.Advance(models.UploadLife + time.Second)
		if !gone(me, third) || len(w.list("A")) != 0 {
			t.Error("an old file is kept, or was imported")
		}
		w.must(w.store.Tidy(w.ctx))
		db := w.open()
		defer func() { w.must(db.Close()) }()
		w.rows(db, "SELECT user_id FROM uploads", func(row []any) { t.Errorf("an old file is still in the database: %v", row) })
	})
}

func (w *world) list(sku string) []models.Variant {
	w.t.Helper()
	list, err := w.store.VariantsBySKU(w.ctx, pageID, sku)
	w.must(err)
	return list
}
