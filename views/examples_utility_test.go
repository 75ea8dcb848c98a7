package views

import (
	"time"

	"github.com/a-h/templ"

	"bentornato/models"
)

// utilityTemplates are templates in every state of their review.
func utilityTemplates() []models.UtilityTemplate {
	shipped := models.UtilityTemplate{ID: 5, PageID: shopPage, PlatformID: "1689556908129832", Name: "ordine_spedito", Language: "it", Purpose: models.PurposePostPurchase,
		Status: models.TemplateApproved, Body: "Buone notizie: il tuo ordine {{1}} è partito con {{2}}. Arriva in due o tre giorni.", Examples: []string{"1042", "BRT"},
		Buttons: []models.Button{{Title: "Segui il pacco", URL: "https://bottega.example/pacco"}}, SubmittedAt: ago(20 * day), ReviewedAt: ago(20 * day)}
	course := shipped
	course.ID, course.Name, course.Purpose, course.Status, course.Body, course.Examples, course.Buttons = 4, "corso_confermato", models.PurposeConfirmedEvent, models.TemplatePending,
		"Il tuo posto al corso di ceramica del {{1}} è confermato.", []string{"3 maggio"}, nil
	course.SubmittedAt, course.ReviewedAt = ago(time.Minute), time.Time{}
	promo := shipped
	promo.ID, promo.Name, promo.Status, promo.Reason, promo.Body, promo.Examples, promo.Buttons = 3, "novita", models.TemplateRejected, "TAG_SHOULD_BE_MARKETING",
		"Ciao {{1}}, passa a vedere le novità della settimana.", []string{"Anna"}, nil
	draft := shipped
	draft.ID, draft.PlatformID, draft.Name, draft.Language, draft.Purpose, draft.Status, draft.Body, draft.Examples, draft.Buttons = 2, "", "address_changed", "en", models.PurposeAccountUpdate,
		models.TemplateDraft, "The delivery address of your account was changed to {{1}}. If that was not you, please tell us.", []string{"12 Via Roma, Ferrara"}, nil
	draft.SubmittedAt, draft.ReviewedAt = time.Time{}, time.Time{}
	elsewhere := shipped
	elsewhere.ID, elsewhere.Name, elsewhere.Language, elsewhere.Purpose, elsewhere.Status = 1, "order_delayed_2025", "en_US", "", "IN_APPEAL"
	return []models.UtilityTemplate{shipped, course, promo, draft, elsewhere}
}

// utilityShown are the screens of utility messages, and what the features of a Page's app change.
func utilityShown() map[string]templ.Component {
	list := TemplatesProps{Page: frame("/pages/" + shopPage + "/templates"), OnPage: shop(), Rows: utilityTemplates(), Pager: Pager{Next: "bmV4dA"},
		Health: models.PageHealth{TemplatesAt: ago(time.Minute), TemplatesProblem: "Facebook did not answer; check the connection and BENTORNATO_GRAPH_URL, or try again in a minute."}}
	empty := TemplatesProps{Page: frame("/pages/" + shopPage + "/templates"), OnPage: shop()}
	lacking := empty
	lacking.Health = models.PageHealth{TemplatesAt: ago(time.Hour), UtilityRefused: models.Refusal{At: ago(time.Hour), Code: 10}}
	one := func(i int) TemplateProps {
		t := utilityTemplates()[i]
		return TemplateProps{Page: frame(templatePath(t)), OnPage: shop(), Template: t, Form: TemplateFormOf(t)}
	}
	fresh := TemplateProps{Page: frame("/pages/" + shopPage + "/templates/new"), OnPage: shop(), Form: TemplateForm{Language: "it", Purpose: models.PurposePostPurchase}}
	wrong := fresh
	wrong.Form = TemplateForm{Name: "saldi", Language: "it", Purpose: models.PurposeAccountUpdate, Body: "Ciao {{1}}, da oggi ci sono i saldi!", Examples: "Anna",
		Err: models.FieldErrorf("promotion", "%q reads like promotion.", "saldi")}
	unsaid := one(3)
	unsaid.Err = models.FieldErrorf("not_promotion", "Tick the box: only what advertises nothing may be sent this way.")

	c := contacts()[0]
	send := SendUtilityProps{Page: frame("/inbox/1/utility"), Contact: c, OnPage: shop(), Templates: utilityTemplates()[:1], May: models.PolicyAnswer{Allowed: true}}
	fill := send
	fill.Chosen = send.Templates[0]
	half := fill
	half.Values, half.Err = []string{"2077", ""}, models.FieldErrorf("values", "Fill in {{2}}.")
	none := send
	none.Templates = nil
	refused := send
	refused.May = models.PolicyAnswer{Reason: models.ReasonNoUtility}

	noAgent := conversation(c, 3*day)
	noAgent.Health = models.PageHealth{HumanRefused: models.Refusal{At: ago(time.Hour), Code: 10, Subcode: 2018278}}
	noAgent.As, noAgent.May = models.ReplyAs(noAgent.OnPage, noAgent.Health, noAgent.Contact, now)
	owned := conversation(c, 4*time.Hour)
	owned.Contact.ThreadOwner = models.ThreadInbox
	sent := conversation(c, 8*day)
	sent.Messages = append([]models.Message{
		{ID: 21, Kind: models.SendHumanAgent, State: models.MessageFailed, Reason: string(models.ReasonNoHumanAgent), Text: "È partito ieri!", TypedBy: 1, At: ago(2 * time.Hour)},
		{ID: 20, Kind: models.SendUtility, State: models.MessageSent, Text: "Buone notizie: il tuo ordine 1042 è partito con BRT.", TypedBy: 1, At: ago(3 * time.Hour)},
		{ID: 19, Kind: models.SendUtility, State: models.MessageSent, Text: "Il tuo ordine 1042 è pronto.", At: ago(26 * time.Hour)},
	}, sent.Messages...)
	settings := PageSettingsProps{Page: frame("/pages/" + shopPage), OnPage: shop(), Form: PageFormOf(shop()), Example: mug(), Health: models.PageHealth{
		PageID: shopPage, CheckedAt: ago(2 * day), ConnectedAt: ago(40 * day), LastEventAt: ago(6 * time.Minute), Scopes: []string{models.PermissionUtility},
		Features: map[string]string{models.FeatureOTN: "APPROVED"}, HumanRefused: models.Refusal{At: ago(time.Hour), Code: 10, Subcode: 2018278}}}
	return map[string]templ.Component{
		"templates":                 Templates(list),
		"templates_it":              Templates(list),
		"templates_empty":           Templates(empty),
		"templates_lacking_it":      Templates(lacking),
		"template_new":              Template(fresh),
		"template_wrong":            Template(wrong),
		"template_wrong_it":         Template(wrong),
		"template_approved":         Template(one(0)),
		"template_pending_it":       Template(one(1)),
		"template_rejected":         Template(one(2)),
		"template_rejected_it":      Template(one(2)),
		"template_draft":            Template(unsaid),
		"template_elsewhere":        Template(one(4)),
		"utility":                   SendUtility(send),
		"utility_fill":              SendUtility(fill),
		"utility_fill_it":           SendUtility(half),
		"utility_none":              SendUtility(none),
		"utility_refused_it":        SendUtility(refused),
		"conversation_no_agent":     Conversation(noAgent),
		"conversation_no_agent_it":  Conversation(noAgent),
		"conversation_owned":        Conversation(owned),
		"conversation_owned_it":     Conversation(owned),
		"conversation_utility":      Conversation(sent),
		"settings_human_refused":    PageSettings(settings),
		"settings_human_refused_it": PageSettings(settings),
	}
}
