package restock_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// review is a platform that keeps templates. It tells what it decided only when it is asked for the list.
type review struct {
	list  []models.UtilityTemplate
	calls []string
	err   error
}

func (r *review) Templates(context.Context, string, string) ([]models.UtilityTemplate, error) {
	r.calls = append(r.calls, "list")
	return slices.Clone(r.list), r.err
}

func (r *review) CreateTemplate(_ context.Context, _, _ string, t models.UtilityTemplate) (models.UtilityTemplate, error) {
	r.calls = append(r.calls, "create "+t.Name)
	if r.err != nil {
		return t, r.err
	}
	t.PlatformID, t.Status = "hsm"+t.Name, models.TemplatePending
	r.list = append(r.list, models.UtilityTemplate{PlatformID: t.PlatformID, Name: t.Name, Language: t.Language, Status: models.TemplatePending, Body: t.Body, Examples: t.Examples})
	return t, nil
}

func (r *review) DeleteTemplate(_ context.Context, _, _, name, id string) error {
	r.calls = append(r.calls, "delete "+name+" "+id)
	r.list = slices.DeleteFunc(r.list, func(t models.UtilityTemplate) bool { return t.PlatformID == id })
	return r.err
}

func (r *review) decide(status models.TemplateStatus, reason string) {
	for i := range r.list {
		r.list[i].Status, r.list[i].Reason = status, reason
	}
}

func shipped() models.UtilityTemplate {
	return models.UtilityTemplate{PageID: pageID, Name: "order_shipped", Language: "it", Purpose: models.PurposePostPurchase,
		Body: "Il tuo ordine {{1}} è partito il {{2}}.", Examples: []string{"1042", "3 maggio"}}
}

// TestUtilityTemplate goes the whole way: written, handed in, approved, sent outside the window.
func TestUtilityTemplate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		meta := &review{}
		s := w.serviceTemplates(meta)
		u, err := s.SaveTemplate(w.ctx, shipped())
		w.must(err)
		w.says("p1", "Ciao")
		w.clock.Advance(30 * 24 * time.Hour) // far outside every window
		contact := w.contact("p1").ID
		sends := func(values ...string) (models.Message, error) { return s.SendUtility(w.ctx, contact, 0, u.ID, values) }
		refused := func(why string) {
			t.Helper()
			if m, err := sends("1042", "3 maggio"); models.KindOf(err) != models.KindConflict || !strings.Contains(err.Error(), why) {
				t.Errorf("%+v, %v; want it refused for %s", m, err, why)
			}
		}
		refused("not_approved")
		if more, err := s.CheckTemplates(w.ctx); more || err != nil || len(meta.calls) != 0 {
			t.Errorf("Meta was asked about a draft: %v, %v", meta.calls, err)
		}
		u, err = s.SubmitTemplate(w.ctx, u.ID)
		w.must(err)
		refused("not_approved")
		if _, err := s.SubmitTemplate(w.ctx, u.ID); models.KindOf(err) != models.KindConflict {
			t.Errorf("handed in twice: %v", err)
		}
		meta.decide(models.TemplateApproved, "NONE")
		for _, want := range []bool{true, false} { // the second look is not due yet
			if more, err := s.CheckTemplates(w.ctx); more != want || err != nil {
				t.Errorf("a look was due: %v, want %v; %v", more, want, err)
			}
		}
		u, err = w.store.Template(w.ctx, u.ID)
		w.must(err)
		if u.Status != models.TemplateApproved || u.Reason != "" || u.ReviewedAt.IsZero() {
			t.Errorf("after the review: %+v", u)
		}
		for _, values := range [][]string{{"1042"}, {"1042", " "}, {"1042", "-20%"}, {"1042", "lo sconto"}} {
			if _, err := sends(values...); models.KindOf(err) != models.KindInvalid {
				t.Errorf("%q were taken: %v", values, err)
			}
		}
		m, err := sends("1042", " 3 maggio ")
		w.must(err)
		if m.Text != "Il tuo ordine 1042 è partito il 3 maggio." || m.Kind != models.SendUtility {
			t.Errorf("queued %+v", m)
		}
		out := w.deliver()
		if len(out) != 1 || out[0].Kind != models.SendUtility || out[0].Recipient.PSID != "p1" || out[0].Content.Template == nil ||
			out[0].Content.Template.Name != "order_shipped" || !slices.Equal(out[0].Content.Template.Body, []string{"1042", "3 maggio"}) {
			t.Fatalf("sent %+v", out)
		}
		w.says("p1", "stop")
		refused("stopped")
		w.sound()
	})
}

// TestUtilityAtTheLastMoment asks again before the call: what Meta paused, or somebody deleted, is not sent.
func TestUtilityAtTheLastMoment(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		meta := &review{}
		s := w.serviceTemplates(meta)
		w.says("p1", "Ciao")
		for _, spoil := range []struct {
			why models.PolicyReason
			do  func(u models.UtilityTemplate)
		}{
			{models.ReasonNotApproved, func(u models.UtilityTemplate) {
				w.receive(models.Event{Kind: models.EventTemplateReview, Review: &models.TemplateReview{Name: u.Name, Language: u.Language, Status: models.TemplatePaused}})
			}},
			{models.ReasonNoTemplate, func(u models.UtilityTemplate) { w.must(s.DeleteTemplate(w.ctx, u.ID)) }},
		} {
			u, err := s.SaveTemplate(w.ctx, shipped())
			w.must(err)
			u, err = s.SubmitTemplate(w.ctx, u.ID)
			w.must(err)
			w.receive(models.Event{Kind: models.EventTemplateReview, Review: &models.TemplateReview{Name: u.Name, Language: u.Language, Status: "approved", Reason: "NONE"}})
			m, err := s.SendUtility(w.ctx, w.contact("p1").ID, 0, u.ID, []string{"1", "2"})
			w.must(err)
			spoil.do(u)
			if out := w.deliver(); len(out) != 0 {
				t.Errorf("%s: sent %+v", spoil.why, out)
			}
			list, err := w.store.Conversation(w.ctx, m.ContactID, 1)
			w.must(err)
			if list[0].State != models.MessageDropped || list[0].Reason != string(spoil.why) {
				t.Errorf("the message is %s, %s; want it dropped for %s", list[0].State, list[0].Reason, spoil.why)
			}
			if spoil.why != models.ReasonNoTemplate {
				w.must(s.DeleteTemplate(w.ctx, u.ID))
			}
		}
		if !slices.Contains(meta.calls, "delete order_shipped hsmorder_shipped") {
			t.Errorf("Meta still has it: %v", meta.calls)
		}
		w.sound()
	})
}

// TestRejectedTemplate is written anew and handed in again, and a look at Meta meanwhile does not undo it.
func TestRejectedTemplate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		meta := &review{}
		s := w.serviceTemplates(meta)
		u, err := s.SaveTemplate(w.ctx, shipped())
		w.must(err)
		u, err = s.SubmitTemplate(w.ctx, u.ID)
		w.must(err)
		if _, err := s.SaveTemplate(w.ctx, u); models.KindOf(err) != models.KindConflict {
			t.Errorf("what Meta reads was changed: %v", err)
		}
		meta.decide(models.TemplateRejected, "PARAMS_TO_WORD_RATIO_EXCEED_LIMIT")
		w.must(s.RefreshTemplates(w.ctx, pageID))
		u, err = w.store.Template(w.ctx, u.ID)
		w.must(err)
		if u.Status != models.TemplateRejected || u.Reason != "PARAMS_TO_WORD_RATIO_EXCEED_LIMIT" {
			t.Fatalf("%+v", u)
		}
		u.Name, u.Body = "another_name", "Il tuo ordine {{1}} è stato consegnato al corriere il giorno {{2}}."
		u, err = s.SaveTemplate(w.ctx, u)
		w.must(err)
		w.must(s.RefreshTemplates(w.ctx, pageID))
		u, err = w.store.Template(w.ctx, u.ID)
		w.must(err)
		if u.Status != models.TemplateDraft || u.Name != "order_shipped" || !strings.Contains(u.Body, "corriere") {
			t.Errorf("while it is written anew: %+v", u)
		}
		w.clock.Advance(time.Minute)
		if _, err := s.SubmitTemplate(w.ctx, u.ID); err != nil {
			t.Fatal(err)
		}
		want := "create order_shipped, list, list, delete order_shipped hsmorder_shipped, create order_shipped"
		if got := strings.Join(meta.calls, ", "); got != want {
			t.Errorf("calls: %s; want %s", got, want)
		}
	})
}

// TestTemplatesFromElsewhere takes over what was made on Facebook, and notices what was deleted there.
func TestTemplatesFromElsewhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		meta := &review{list: []models.UtilityTemplate{{PlatformID: "7", Name: "elsewhere", Language: "en", Status: models.TemplateApproved, Body: "Hi {{1}}", Examples: []string{"Ann"}}}}
		s := w.serviceTemplates(meta)
		w.must(s.RefreshTemplates(w.ctx, pageID))
		u, err := w.store.TemplateNamed(w.ctx, pageID, "elsewhere", "en")
		w.must(err)
		if u.Body != "Hi {{1}}" || u.Status != models.TemplateApproved || u.Purpose != "" {
			t.Errorf("%+v", u)
		}
		meta.list = nil
		w.clock.Advance(models.TemplateEvery)
		if more, err := s.CheckTemplates(w.ctx); !more || err != nil {
			t.Fatal(more, err)
		}
		if u, err = w.store.Template(w.ctx, u.ID); err != nil || u.Status != models.TemplateGone {
			t.Errorf("%+v, %v", u, err)
		}
		meta.err = &models.Error{Kind: models.KindForbidden, Field: models.PermissionUtility, Message: "No templates."}
		if err := s.RefreshTemplates(w.ctx, pageID); models.KindOf(err) != models.KindForbidden {
			t.Error(err)
		}
		h, err := w.store.PageHealth(w.ctx, pageID)
		w.must(err)
		if h.TemplatesProblem != "No templates." || h.Utility(w.clock.Now()) != models.GrantRefused {
			t.Errorf("%+v", h)
		}
		meta.err = nil
		calls := len(meta.calls)
		w.must(s.DeleteTemplate(w.ctx, u.ID))
		if len(meta.calls) != calls {
			t.Errorf("Meta was asked to delete what is not there: %v", meta.calls)
		}
	})
}

// TestGrantsByAnswers keeps what refusals say of Human Agent and of utility messages, and pauses nothing for them.
func TestGrantsByAnswers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.says("p1", "Ciao")
		contact := w.contact("p1")
		w.clock.Advance(25 * time.Hour)
		for _, refusal := range []models.Answer{
			{Outcome: models.OutcomeOutside, Code: 10, Subcode: 2018278},
			{Outcome: models.OutcomePageTrouble, Pause: models.PausePermission, Code: 10},
		} {
			w.platform.answer = func(models.Outgoing) models.Answer { return refusal }
			w.must(w.service.Reply(w.ctx, contact.ID, 1, "Certo!"))
			if out := w.deliver(); len(out) != 1 || out[0].Kind != models.SendHumanAgent {
				t.Fatalf("sent %+v", out)
			}
			page, err := w.store.Page(w.ctx, pageID)
			w.must(err)
			h, err := w.store.PageHealth(w.ctx, pageID)
			w.must(err)
			if page.State != models.PageActive || h.HumanAgent(w.clock.Now()) != models.GrantRefused || h.HumanRefused.Code != 10 || h.HumanRefused.Subcode != refusal.Subcode {
				t.Errorf("the Page is %s, %+v", page.State, h)
			}
			list, err := w.store.Conversation(w.ctx, contact.ID, 1)
			w.must(err)
			if list[0].State != models.MessageFailed || list[0].Reason != string(models.ReasonNoHumanAgent) {
				t.Errorf("the reply is %s, %s", list[0].State, list[0].Reason)
			}
			if err := w.service.Reply(w.ctx, contact.ID, 1, "E ora?"); models.KindOf(err) != models.KindConflict || !strings.Contains(err.Error(), "no_human_agent") {
				t.Errorf("the next try: %v", err)
			}
			// A look at the Page meanwhile found the same, and is forgotten with it.
			h.CheckedAt, h.Features = w.clock.Now(), map[string]string{models.FeatureHumanAgent: "declined"}
			w.must(w.store.Update(w.ctx, func(tx *store.Tx) error { return tx.SaveHealth(h) }))
			w.must(w.service.ForgetRefusals(w.ctx, pageID))
			if h, err = w.store.PageHealth(w.ctx, pageID); err != nil || h.HumanAgent(w.clock.Now()) != models.GrantUnknown {
				t.Errorf("after it was granted: %+v, %v", h, err)
			}
		}
		w.platform.answer = nil
		// A refusal does not hold for ever, and a reply that goes through ends it.
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
			return tx.NoteGrants(pageID, models.SendHumanAgent, models.Answer{Outcome: models.OutcomeOutside, Code: 10, Subcode: 2018278})
		}))
		w.clock.Advance(models.RefusalHolds)
		w.must(w.service.Reply(w.ctx, contact.ID, 1, "Certo!"))
		if out := w.deliver(); len(out) != 1 {
			t.Fatalf("sent %+v", out)
		}
		if h, err := w.store.PageHealth(w.ctx, pageID); err != nil || h.HumanRefused != (models.Refusal{}) {
			t.Errorf("%+v, %v", h.HumanRefused, err)
		}
		w.sound()
	})
}
