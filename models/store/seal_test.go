package store_test

import (
	"bytes"
	"strings"
	"testing"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

func TestSeal(t *testing.T) {
	secret, other := storetest.Secret, bytes.Repeat([]byte{7}, store.SecretSize)
	plain := []byte("one-time token")
	sealed, err := store.SealFor(secret, "token/1", plain)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, plain[:4]) {
		t.Error("the sealed value shows the plain one")
	}
	if again, err := store.SealFor(secret, "token/1", plain); err != nil || bytes.Equal(again, sealed) {
		t.Errorf("the same value is sealed the same way twice, error %v", err)
	}
	if opened, err := store.OpenFor(secret, "token/1", sealed); err != nil || !bytes.Equal(opened, plain) {
		t.Errorf("opened %q, error %v", opened, err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"another secret": func() ([]byte, error) { return store.OpenFor(other, "token/1", sealed) },
		"another row":    func() ([]byte, error) { return store.OpenFor(secret, "token/2", sealed) },
		"cut short":      func() ([]byte, error) { return store.OpenFor(secret, "token/1", sealed[:20]) },
		"nothing":        func() ([]byte, error) { return store.OpenFor(secret, "token/1", nil) },
		"no secret":      func() ([]byte, error) { return store.OpenFor(nil, "token/1", sealed) },
		"a short secret": func() ([]byte, error) { return store.OpenFor(secret[:31], "token/1", sealed) },
	} {
		if opened, err := open(); err == nil || opened != nil || strings.Contains(err.Error(), "one-time") {
			t.Errorf("%s: opened %q, error %v", name, opened, err)
		}
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := store.OpenFor(secret, "token/1", changed); err == nil {
			t.Fatalf("a value whose byte %d was changed still opens", i)
		}
	}
}

// TestTokenAtRest finds a token again without holding it, on its own Page only.
func TestTokenAtRest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(1, w.v)
		w.page(models.Page{ID: "202"})
		for page, want := range map[string]bool{pageID: false, "202": true} {
			w.update(func(tx *store.Tx) error {
				c, err := tx.TakeContact(page, "240000000000001")
				if err != nil {
					return err
				}
				_, added, err := tx.GrantToken(models.Token{PageID: page, ContactID: c.ID, GrantedAt: tx.Now()}, "secret-TAZZA-1")
				if err == nil && added != want {
					t.Errorf("the token on Page %s is added: %v, want %v", page, added, want)
				}
				return err
			})
		}
		w.audit()
	})
}

// TestClickCode takes only codes that were made here, and counts each click for its restock.
func TestClickCode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		id := w.grant(1, w.v)[0]
		restock := w.restock(w.v, models.Restock{})
		w.answered(w.claim(1).Tokens, sent)
		code := s.ClickCode(id)
		click := func(code string) (string, models.Kind) {
			var address string
			err := s.Update(w.ctx, func(tx *store.Tx) error {
				var err error
				address, err = tx.Click(code)
				return err
			})
			return address, models.KindOf(err)
		}
		if address, kind := click(code); address != w.v.URL || kind != "" {
			t.Errorf("the click leads to %q (%s)", address, kind)
		}
		for _, wrong := range []string{"", "x", code + "a", "a" + code[1:], strings.ToUpper(code), s.ClickCode(id + 1), code[:len(code)-2], strings.Repeat("a", 400)} {
			if wrong == code {
				continue
			}
			if address, kind := click(wrong); kind != models.KindNotFound {
				t.Errorf("code %q leads to %q (%s)", wrong, address, kind)
			}
		}
		if r := w.getRestock(restock); r.Clicks != 1 {
			t.Errorf("the restock counts %d clicks, want 1", r.Clicks)
		}
		if days, err := s.Days(w.ctx, storetest.Epoch); err != nil || len(days) != 1 || days[0].Clicks != 1 || days[0].Sent != 1 {
			t.Errorf("the day counts %+v, error %v", days, err)
		}
	})
}
