package models_test

import (
	"testing"
	"time"

	"bentornato/models"
)

func TestMayAsk(t *testing.T) {
	left := noon.Add(time.Hour) // of the window
	for _, tt := range []struct {
		name   string
		change func(*models.AskQuestion)
		why    models.PolicyReason
		until  time.Time
	}{
		{"may be asked", nil, "", left.Add(-models.WindowMargin)},
		{"in stock again", func(q *models.AskQuestion) { q.Variant.Available = 1 }, models.ReasonAvailable, time.Time{}},
		{"not listed any more", func(q *models.AskQuestion) { q.Variant.DeletedAt = noon }, models.ReasonAvailable, time.Time{}},
		{"below the minimum is not sold out", func(q *models.AskQuestion) { q.Variant.Available, q.Variant.MinStock = 1, 5 }, models.ReasonAvailable, time.Time{}},
		{"a live token", func(q *models.AskQuestion) { q.HasToken = true }, models.ReasonHasToken, time.Time{}},
		{"asked a moment ago", func(q *models.AskQuestion) { q.AskedAt = noon.Add(-time.Minute) }, models.ReasonAsked, noon.Add(models.RequestLife - time.Minute)},
		{"asked just under 7 days ago", func(q *models.AskQuestion) { q.AskedAt = noon.Add(-models.RequestLife + 1) }, models.ReasonAsked, noon.Add(1)},
		{"asked 7 days ago", func(q *models.AskQuestion) { q.AskedAt = noon.Add(-models.RequestLife) }, "", left.Add(-models.WindowMargin)},
		{"wrote stop after asking", func(q *models.AskQuestion) { q.Contact.StoppedAt = q.InterestAt }, models.ReasonStopped, noon.Add(-time.Hour)},
		{"wrote stop, and asked again", func(q *models.AskQuestion) {
			q.Contact.LastActionAt, q.Contact.StoppedAt = q.InterestAt, q.InterestAt.Add(-1)
		}, "", noon.Add(23*time.Hour - models.WindowMargin)},
		{"the window is closed", func(q *models.AskQuestion) { q.Contact.LastActionAt = noon.Add(-models.StandardWindow) }, models.ReasonWindowClosed, noon},
		{"the window is about to close", func(q *models.AskQuestion) { q.Contact.LastActionAt = noon.Add(time.Minute - models.StandardWindow) }, models.ReasonWindowEndNear, noon.Add(time.Minute)},
		{"never wrote", func(q *models.AskQuestion) { q.Contact.LastActionAt = time.Time{} }, models.ReasonNeverWrote, time.Time{}},
		{"the Page is paused", func(q *models.AskQuestion) { q.Page.State = models.PagePaused }, models.ReasonPagePaused, time.Time{}},
		{"erased", func(q *models.AskQuestion) { q.Contact.ErasedAt = noon }, models.ReasonErased, noon},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := models.AskQuestion{Page: models.Page{State: models.PageActive}, Contact: models.Contact{LastActionAt: left.Add(-models.StandardWindow)},
				Variant: models.Variant{MinStock: 1}, InterestAt: noon.Add(-time.Hour), Now: noon}
			if tt.change != nil {
				tt.change(&q)
			}
			got := models.MayAsk(q)
			if got.Reason != tt.why || got.Allowed != (tt.why == "") || !got.Until.Equal(tt.until) {
				t.Errorf("%+v, want reason %q until %s", got, tt.why, tt.until)
			}
		})
	}
}
