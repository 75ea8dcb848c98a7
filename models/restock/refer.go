package restock

import (
	"context"
	"slices"
	"strings"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// refer records interest in what a link or an ad names, and answers where the window allows it. A click on an ad opens none by
// itself: what the person asked for is kept, and answered with what they write or tap next.
func (a act) refer(ctx context.Context) error {
	found, err := a.referred(ctx)
	if err != nil || len(found) == 0 {
		return err
	}
	return a.offered(ctx, found, a.refSource())
}

// referred finds what a referral is about: by its ref, else by what the merchant tied the ad to, else the ad's post, else what
// the ad's own title names.
func (a act) referred(ctx context.Context) ([]models.Variant, error) {
	found, err := a.byName(ctx, a.event.Ref)
	if err != nil {
		return nil, err
	}
	if found != nil {
		return []models.Variant{*found}, nil
	}
	if !a.event.FromAd() {
		return nil, nil
	}
	tied, err := a.tx.Tied(ctx, a.page.ID, models.TieAd, a.event.AdID)
	if err != nil || len(tied) > 0 || a.event.Ad == nil {
		return tied, err
	}
	return a.tx.Tied(ctx, a.page.ID, models.TiePost, models.PostNumber(a.event.Ad.PostID))
}

// offered answers interest in one variant, or lets the person choose among several.
func (a act) offered(ctx context.Context, variants []models.Variant, source models.InterestSource) error {
	if len(variants) == 1 {
		return a.interest(ctx, variants[0], source)
	}
	return a.reply(carousel(a.language(), variants))
}

// adLife is how long after a click on an ad somebody's first words are taken to be about what it showed.
const adLife = 24 * time.Hour

// cameByAd answers words that name no product, where they are a person's first since they clicked on an ad that does.
func (a act) cameByAd(ctx context.Context) error {
	interest, ok, err := a.tx.AdInterest(a.contact.ID, a.event.At.Add(-adLife))
	if err != nil || !ok || !interest.At.After(a.before) || interest.At.After(a.event.At) {
		return err
	}
	v, err := a.tx.Variant(ctx, interest.VariantID)
	if err != nil || !v.DeletedAt.IsZero() {
		return err
	}
	return a.answer(ctx, v)
}

// tieByText ties a post to what its own text names, by SKU or by a link to a product. An edited post is read again; what the
// merchant tied stays.
func tieByText(ctx context.Context, tx *store.Tx, page models.Page, e models.Event) error {
	post := models.PostNumber(e.PostID)
	if err := tx.ForgetFound(page.ID, post); err != nil {
		return err
	}
	candidates, _, err := tx.Candidates(ctx, page.ID, e.Text)
	if err != nil {
		return err
	}
	var ids []int64
	for _, c := range candidates {
		if c.SKU {
			ids = append(ids, c.VariantID)
		}
	}
	linked, err := tx.VariantsByURL(ctx, page.ID, links(e.Text))
	if err != nil {
		return err
	}
	ids = append(ids, linked...)
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if err := tx.SaveTie(models.Tie{PageID: page.ID, Kind: models.TiePost, Ref: post, VariantID: id, Found: true}); err != nil {
			return err
		}
	}
	return nil
}

// maxLinks bounds how many addresses of one post are looked at.
const maxLinks = 20

// links are the web addresses in a text, as written and without what only tracks.
func links(text string) []string {
	var list []string
	for _, word := range strings.Fields(text) {
		if !strings.HasPrefix(word, "https://") && !strings.HasPrefix(word, "http://") || len(list) >= maxLinks {
			continue
		}
		word = strings.TrimRight(word, ".,;:!?)\"'\u00bb")
		list = append(list, word)
		if plain, _, ok := strings.Cut(word, "?"); ok {
			list = append(list, plain)
		}
	}
	return list
}
