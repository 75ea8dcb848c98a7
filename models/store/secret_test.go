package store_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

func openWith(t *testing.T, address string, secret []byte) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.Options{URL: address, Secret: secret, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Without a secret, what needs none works; what seals fails with the mend and leaves nothing behind.
func TestNoSecret(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := openWith(t, address, nil)
		if _, err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if err := s.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.AddKey("script", models.RoleViewer, "")
			return err
		}); err != nil {
			t.Errorf("an API key is hashed, not sealed, and could not be added: %v", err)
		}
		page := models.Page{ID: "101", Name: "Shop", Rate: 40, Locale: "en"}
		for name, write := range map[string]func(*store.Tx) error{
			"a Page's token": func(tx *store.Tx) error { return tx.SavePage(page, "EAA") },
			"a source": func(tx *store.Tx) error {
				_, err := tx.AddSource(models.Source{Kind: "generic", Name: "Till"}, "whsec_")
				return err
			},
			"a webhook": func(tx *store.Tx) error { return tx.SaveInbound([]models.Event{{Key: "k", PageID: "101"}}) },
			"a token": func(tx *store.Tx) error {
				_, _, err := tx.GrantToken(models.Token{PageID: "101"}, "secret")
				return err
			},
		} {
			err := s.Update(ctx, write)
			if models.KindOf(err) != models.KindInvalid || !strings.Contains(models.MessageOf(err), "generate-secret") {
				t.Errorf("%s: error %v, want one that says how to make a key", name, err)
			}
		}
		pages, err := s.Pages(ctx)
		if err != nil || len(pages) != 0 {
			t.Errorf("%d Pages written, error %v; want none", len(pages), err)
		}
		sources, err := s.Sources(ctx)
		if err != nil || len(sources) != 0 {
			t.Errorf("%d sources written, error %v; want none", len(sources), err)
		}
		code := s.ClickCode(1)
		if genuine := openWith(t, address, storetest.Secret).ClickCode(1); len(code) != len(genuine) || code == genuine {
			t.Errorf("a click code of %q beside the real %q: want the same length, and not the same", code, genuine)
		}
		err = s.Update(ctx, func(tx *store.Tx) error { _, err := tx.Click(code); return err })
		if models.KindOf(err) != models.KindNotFound {
			t.Errorf("a click code made without a secret was taken: %v", err)
		}
	})
}

func TestCheckSecret(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := storetest.Open(t, address, time.Now)
		other := openWith(t, address, bytes.Repeat([]byte{7}, store.SecretSize))
		for _, fresh := range []*store.Store{s, other} {
			if err := fresh.CheckSecret(ctx); err != nil {
				t.Errorf("nothing is sealed yet, and still: %v", err)
			}
		}
		err := s.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.AddSource(models.Source{Kind: "generic", Name: "Till"}, "whsec_")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CheckSecret(ctx); err != nil {
			t.Errorf("the right secret: %v", err)
		}
		if err := other.CheckSecret(ctx); models.KindOf(err) != models.KindConflict {
			t.Errorf("another secret: error %v, want a conflict", err)
		}
		if err := openWith(t, address, nil).CheckSecret(ctx); models.KindOf(err) != models.KindInvalid {
			t.Errorf("no secret: error %v, want an invalid one", err)
		}
	})
}
