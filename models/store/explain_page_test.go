package store_test

import (
	"context"
	"errors"

	"bentornato/models"
	"bentornato/models/store"
)

// connected asks everything that is asked about a Page's posts, its connection and its utility templates.
func connected(w *world) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		post := models.Tie{PageID: pageID, Kind: models.TiePost, Ref: pageID + "_1", VariantID: w.v.ID}
		found := post
		found.Ref = pageID + "_2"
		saved, err := tx.SaveTemplate(models.UtilityTemplate{PageID: pageID, Name: "ordine_spedito", Language: "it", Body: "Ciao", Status: models.TemplatePending, PlatformID: "7"})
		_, named := tx.TemplateNamed(w.ctx, pageID, saved.Name, saved.Language)
		_, due := tx.TakeDueTemplates()
		_, look := tx.TakeDueHealth(w.ctx)
		return errors.Join(err, named, due, look, tx.SaveTie(post), tx.SaveTie(found), tx.ForgetFound(pageID, found.Ref),
			tx.ReviewTemplate(pageID, models.TemplateReview{ID: "7", Name: saved.Name, Language: saved.Language, Status: models.TemplateApproved}),
			tx.HeardOf([]string{pageID}), tx.SaveHealth(models.PageHealth{PageID: pageID, CheckedAt: tx.Now()}))
	})
	for cursor, n := "", 0; n < 2; n++ {
		_, next, err := w.store.Ties(w.ctx, pageID, 1, cursor)
		w.must(err)
		cursor = next
	}
	for _, ask := range []func(ctx context.Context) error{
		func(ctx context.Context) error {
			_, err := w.store.Tied(ctx, pageID, models.TiePost, pageID+"_1")
			return err
		},
		func(ctx context.Context) error {
			_, err := w.store.VariantsByURL(ctx, pageID, []string{"https://shop.example/tazza"})
			return err
		},
		func(ctx context.Context) error { _, err := w.store.PageHealth(ctx, pageID); return err },
		func(ctx context.Context) error { _, _, err := w.store.Templates(ctx, pageID, 5, ""); return err },
		func(ctx context.Context) error { _, err := w.store.ApprovedTemplates(ctx, pageID); return err },
	} {
		w.must(ask(w.ctx))
	}
}
