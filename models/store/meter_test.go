package store_test

import (
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// TestRateMeter reads the meter while a Page sends, is slowed, rests, and comes back.
func TestRateMeter(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		w, clock := paced(t, address, 40)
		read := func(what string, want models.RateMeter) {
			t.Helper()
			got, err := w.store.RateMeter(w.ctx, pageID, clock.Now())
			w.must(err)
			if got.Percent != want.Percent || got.Sent != want.Sent || !got.FullAt.Equal(want.FullAt) || !got.HoldUntil.Equal(want.HoldUntil) {
				t.Errorf("%s: %+v, want %+v", what, got, want)
			}
		}
		read("nothing was sent", models.RateMeter{Percent: 100})
		w.grant(9, w.v)
		w.restock(w.v, models.Restock{})
		w.update(func(tx *store.Tx) error {
			_, err := tx.QueueMessage(models.Message{PageID: pageID, ContactID: 1, Kind: models.SendReply, Content: &models.Content{Text: "Ciao"}})
			return err
		})
		c := w.claim(6)
		w.must(w.store.SettleMessages(w.ctx, []store.SettledMessage{{Message: models.SettleMessage(c.Messages[0].Message, sent, clock.Now()), Answer: sent}}))
		w.answered(c.Tokens[:4], sent)
		w.answered(c.Tokens[4:], models.Answer{Outcome: models.OutcomeDead, Code: 100})
		read("a message, four tokens, and one in vain", models.RateMeter{Percent: 100, Sent: 5})
		if got, err := w.store.RateMeter(w.ctx, "999", clock.Now()); err != nil || got != (models.RateMeter{Percent: 100}) {
			t.Errorf("a Page that is not there: %+v, %v", got, err)
		}

		heed := func(a models.Answer) {
			t.Helper()
			w.update(func(tx *store.Tx) error { return tx.HeedAnswers(pageID, []models.Answer{a}) })
		}
		clock.advance(59 * time.Second)
		heed(models.Answer{Outcome: models.OutcomeSent, Usage: 92})
		slow := clock.Now()
		read("usage 92", models.RateMeter{Percent: 25, FullAt: slow.Add(4 * time.Minute), Sent: 5})
		clock.advance(61 * time.Second)
		read("a minute later", models.RateMeter{Percent: 45, FullAt: slow.Add(4 * time.Minute)})
		clock.advance(3 * time.Minute)
		read("once all has come back", models.RateMeter{Percent: 100})

		heed(models.Answer{Outcome: models.OutcomeRateLimited, Code: 613, RetryAfter: 45 * time.Second})
		refused := clock.Now()
		read("613", models.RateMeter{Percent: 50, FullAt: refused.Add(150 * time.Second), HoldUntil: refused.Add(45 * time.Second)})
		clock.advance(46 * time.Second)
		read("once the rest is over", models.RateMeter{Percent: 60, FullAt: refused.Add(150 * time.Second)})
	})
}
