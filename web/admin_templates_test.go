package web_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/restock"
	"bentornato/models/store"
)

// reviewer is a platform that reviews templates at once, and refuses those that say no.
type reviewer struct {
	restock.TemplateDesk
	list []models.UtilityTemplate
	err  error
}

func (r *reviewer) Templates(context.Context, string, string) ([]models.UtilityTemplate, error) {
	return r.list, r.err
}

func (r *reviewer) CreateTemplate(_ context.Context, _, _ string, t models.UtilityTemplate) (models.UtilityTemplate, error) {
	if r.err != nil {
		return t, r.err
	}
	t.PlatformID, t.Status = "77", models.TemplatePending
	listed := t
	listed.Status = models.TemplateApproved
	if strings.Contains(t.Body, "rifiutami") {
		listed.Status, listed.Reason = models.TemplateRejected, "TAG_SHOULD_BE_MARKETING"
	}
	r.list = append(r.list, listed)
	return t, nil
}

func (r *reviewer) DeleteTemplate(context.Context, string, string, string, string) error {
	r.list = nil
	return r.err
}

const templates = "/pages/" + pageID + "/templates"

// fields of a template that passes.
func orderShipped(body string) []string {
	return []string{"template_name", "ordine_spedito", "template_language", "it", "template_purpose", "post_purchase", "template_body", body,
		"examples", "1042\r\n3 maggio", "button_title", "Segui", "button_url", "https://shop.example/pacco"}
}

const shippedBody = "Il tuo ordine {{1}} è partito il {{2}} con il corriere."

func TestTemplateScreens(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		meta := &reviewer{}
		s.desk.TemplateDesk = meta
		b := s.as(models.RoleStaff)
		if d := b.shows(t, templates); d.Find(".empty a[href='"+templates+"/new']").Length() != 1 {
			t.Error("an empty list does not lead to the first template")
		}
		for field, change := range map[string][2]string{
			"template_name": {"template_name", "Ordine spedito"}, "template_language": {"template_language", "italiano"},
			"template_purpose": {"template_purpose", "news"}, "template_body": {"template_body", "Ciao {{2}}"}, "examples": {"examples", "1042"},
		} {
			form := orderShipped(shippedBody)
			for i := 0; i < len(form); i += 2 {
				if form[i] == change[0] {
					form[i+1] = change[1]
				}
			}
			d := b.fails(t, 422, templates+"/new", form...)
			wrongField(t, d, field)
			kept(t, d, "button_title", "Segui")
		}
		d := b.fails(t, 422, templates+"/new", orderShipped("Ordine {{1}} del {{2}}: approfitta degli sconti")...)
		wrongField(t, d, "template_body")
		holds(t, d.Find("#template_body-error"), "sconti")
		s.unchanged(func() {
			d := b.visit("POST", templates+"/new", values(append(orderShipped(shippedBody), "do", "preview")...)).page(t, 200)
			holds(t, d.Find("#preview"), "Il tuo ordine 1042 è partito il 3 maggio", "Segui")
		})
		d = b.send(t, templates+"/new", orderShipped(shippedBody)...)
		holds(t, d.Find("main"), "Draft", "Il tuo ordine 1042 è partito il 3 maggio")
		list, _, err := s.store.Templates(ctx, pageID, 5, "")
		s.must(err)
		if len(list) != 1 || list[0].Status != models.TemplateDraft || list[0].Buttons[0].URL != "https://shop.example/pacco" {
			t.Fatalf("%+v", list)
		}
		one := templatePathOf(list[0])
		b.fails(t, 422, one+"/submit")
		if len(meta.list) != 0 {
			t.Error("Meta was given what nobody answered for")
		}
		d = b.send(t, one+"/submit", "not_promotion", "yes")
		holds(t, d.Find("main"), "Under review")
		if d.Find("textarea").Length() != 0 {
			t.Error("what Meta reads can be changed")
		}
		holds(t, b.send(t, templates+"/refresh").Find("main table"), "ordine_spedito", "Approved")
		holds(t, s.as(models.RoleViewer).shows(t, one).Find("main"), "Approved")
		if d := s.as(models.RoleViewer).shows(t, one); d.Find("main form").Length() != 0 {
			t.Error("a viewer is offered a form")
		}
		b.fails(t, 422, one+"/delete")
		other := s.addPage(otherPage, nil)
		b.visit("GET", "/pages/"+other.ID+"/templates/"+one[strings.LastIndex(one, "/")+1:], "").page(t, 404)
		b.send(t, one+"/delete", "confirm", "yes")
		if _, err := s.store.Template(ctx, list[0].ID); models.KindOf(err) != models.KindNotFound {
			t.Error(err)
		}
		b.send(t, templates+"/new", orderShipped("Rifiutami: l'ordine {{1}} del {{2}}, rifiutami ancora.")...)
		list, _, err = s.store.Templates(ctx, pageID, 5, "")
		s.must(err)
		b.send(t, templatePathOf(list[0])+"/submit", "not_promotion", "yes")
		b.send(t, templates+"/refresh")
		d = b.shows(t, templatePathOf(list[0]))
		holds(t, d.Find("main"), "Refused", "Meta takes it for advertising", "TAG_SHOULD_BE_MARKETING")
		if d.Find("input[name=template_name][readonly]").Length() != 1 {
			t.Error("the name by which Meta knows a refused template can be changed")
		}
		meta.err = &models.Error{Kind: models.KindForbidden, Field: models.PermissionUtility, Message: "No templates for this Page."}
		b.visit("POST", templates+"/refresh", "").is(t, 303)
		holds(t, b.shows(t, templates).Find("body"), "No templates for this Page.", "This Page may not send utility messages.")
		b.send(t, "/pages/"+pageID+"/refusals")
		if h, err := s.store.PageHealth(ctx, pageID); err != nil || h.UtilityRefused != (models.Refusal{}) {
			t.Errorf("%+v, %v", h.UtilityRefused, err)
		}
	})
}

func templatePathOf(t models.UtilityTemplate) string {
	return templates + "/" + jsonOf(t.ID)
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// approved is a template that may be sent.
func (s *site) approved() models.UtilityTemplate {
	s.t.Helper()
	var u models.UtilityTemplate
	s.must(s.store.Update(context.Background(), func(tx *store.Tx) error {
		var err error
		u, err = tx.SaveTemplate(models.UtilityTemplate{PageID: pageID, PlatformID: "77", Name: "ordine_spedito", Language: "it", Purpose: models.PurposePostPurchase,
			Status: models.TemplateApproved, Body: shippedBody, Examples: []string{"1042", "3 maggio"}})
		return err
	}))
	return u
}

func TestSendUtilityScreen(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.says("1", "Ciao")
		b := s.as(models.RoleStaff)
		screen := talk(c, "/utility")
		if d := b.shows(t, screen); d.Find(".empty a[href='"+templates+"']").Length() != 1 {
			t.Error("without an approved template nothing leads to them")
		}
		u := s.approved()
		s.clock.Advance(30 * 24 * time.Hour)
		b = s.as(models.RoleStaff)
		if d := b.shows(t, talk(c, "")); d.Find("#box a[href='"+screen+"']").Length() != 1 {
			t.Error("where nothing may be written the box does not lead to utility messages")
		}
		d := b.shows(t, screen)
		if d.Find("a[href='"+screen+"?template="+jsonOf(u.ID)+"']").Length() != 1 {
			t.Error("the template cannot be chosen")
		}
		d = b.shows(t, screen+"?template="+jsonOf(u.ID))
		if d.Find("input[name^=value_]").Length() != 2 {
			t.Error("not every place can be filled in")
		}
		form := []string{"template", jsonOf(u.ID), "value_1", "2077", "value_2", "4 maggio"}
		s.unchanged(func() {
			kept(t, b.fails(t, 422, screen, form...), "value_1", "2077")
			holds(t, b.visit("POST", screen, values(append(form, "do", "preview")...)).page(t, 200).Find("#utility-preview"), "2077")
			kept(t, b.fails(t, 422, screen, "template", jsonOf(u.ID), "value_1", "2077", "not_promotion", "yes"), "value_1", "2077")
			d := b.fails(t, 422, screen, "template", jsonOf(u.ID), "value_1", "2077", "value_2", "gli sconti", "not_promotion", "yes")
			holds(t, d.Find("#values-error"), "sconti")
		})
		holds(t, b.send(t, screen, append(form, "not_promotion", "yes")...).Find("#thread"), "Il tuo ordine 2077 è partito il 4 maggio", "utility message")
		s.must(s.exec("UPDATE utility_templates SET status = 'PAUSED'"))
		s.unchanged(func() {
			holds(t, b.fails(t, 409, screen, append(form, "not_promotion", "yes")...).Find("main"), "Meta has not approved this template.")
		})
		s.as(models.RoleViewer).visit("GET", screen, "").page(t, 403)
	})
}

func TestUtilityAPI(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.says("1", "Ciao")
		u := s.approved()
		a := s.request("GET", "/api/v1/templates?page_id="+pageID, "", bearer(s.key)).is(t, 200)
		a.contains(t, `"name":"ordine_spedito"`, `"status":"approved"`, `"values":2`)
		s.request("GET", "/api/v1/templates", "", bearer(s.key)).is(t, 400)
		s.clock.Advance(30 * 24 * time.Hour)
		send := func(body string) answer {
			return s.request("POST", "/api/v1/contacts/1/utility?page_id="+pageID, body, bearer(s.key))
		}
		s.unchanged(func() {
			for body, status := range map[string]int{
				`{"template":"ordine_spedito","language":"it","values":["1"]}`:           400,
				`{"template":"ordine_spedito","language":"it","values":["1","offerta"]}`: 400,
				`{"template":"ordine_spedito","language":"it","values":"1"}`:             400,
				`{"template":"ordine_spedito","language":"en","values":["1","2"]}`:       404,
				`{"language":"it"}`: 400,
				`{"template":"ordine_spedito","language":"it","values":[],"tag":"x"}`: 400,
			} {
				send(body).is(t, status)
			}
			s.request("POST", "/api/v1/contacts/404/utility", `{"template":"ordine_spedito","language":"it"}`, bearer(s.key)).is(t, 404)
			s.request("POST", "/api/v1/contacts/1/utility", `{"template":"ordine_spedito","language":"it"}`, bearer(s.addKey(models.RoleViewer))).is(t, 403)
		})
		send(`{"template":"ordine_spedito","language":"it","values":["2077","4 maggio"]}`).is(t, 202).contains(t, `"state":"queued"`, `Il tuo ordine 2077 è partito il 4 maggio`)
		s.must(s.exec("UPDATE utility_templates SET status = 'REJECTED' WHERE id = " + jsonOf(u.ID)))
		send(`{"template":"ordine_spedito","language":"it","values":["2077","4 maggio"]}`).is(t, 409).contains(t, "not_approved")
	})
}

// TestHumanAgentOnScreens says after a refusal why nothing can be typed, and on the Page that it was refused.
func TestHumanAgentOnScreens(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.says("1", "Ciao")
		s.clock.Advance(30 * time.Hour)
		b := s.as(models.RoleStaff)
		if d := b.shows(t, talk(c, "")); d.Find("#box form.reply").Length() != 1 {
			t.Error("nothing can be typed, though nobody refused anything")
		}
		s.must(s.store.Update(context.Background(), func(tx *store.Tx) error {
			return tx.NoteGrants(pageID, models.SendHumanAgent, models.Answer{Outcome: models.OutcomeOutside, Code: 10, Subcode: 2018278})
		}))
		d := b.fails(t, 409, talk(c, "/reply"), "text", "Eccomi!")
		holds(t, d.Find("#box"), "Human Agent", "10/2018278", "Eccomi!")
		s.must(s.exec("UPDATE page_health SET checked_at = 1"))
		holds(t, b.shows(t, "/pages/"+pageID).Find("[aria-labelledby=connection]"), "10/2018278", "It is granted now")
		b.send(t, "/pages/"+pageID+"/refusals")
		if d := b.shows(t, talk(c, "")); d.Find("#box form.reply").Length() != 1 {
			t.Error("after somebody says that it is granted nothing can be typed")
		}
		s.happens(models.Event{Kind: models.EventMessage, PSID: "1", Text: "?", Standby: true})
		holds(t, b.shows(t, talk(c, "")).Find("#box .thread-owned"), "Another app has this conversation")
	})
}
