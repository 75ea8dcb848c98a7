package views

import (
	"time"

	"github.com/a-h/templ"

	"bentornato/models"
)

func talks() []models.ConversationRow {
	people := contacts()
	people[0].Unread, people[0].Unanswered = true, true
	return []models.ConversationRow{
		{Contact: people[0], Last: &models.Message{Incoming: true, At: ago(4 * time.Hour), Text: "Buongiorno! Fate spedizioni anche in Svizzera, e quanto costano più o meno per una tazza?"}},
		{Contact: people[1], Last: &models.Message{TypedBy: 1, Kind: models.SendReply, At: ago(3 * day), Text: "Certo, passi pure in negozio."}},
		{Contact: people[3], Last: &models.Message{Incoming: true, Reason: models.MessageTap, At: ago(9 * day), Text: "Questo"}},
		{Contact: people[2]},
	}
}

func savedReplies() []models.SavedReply {
	return []models.SavedReply{
		{ID: 1, Language: "it", Title: "Spedizione", Text: "Ciao {name}, spediamo in tutta Italia in due giorni.\nA presto!"},
		{ID: 2, Language: "it", Title: "Torna?", Text: "{product} dovrebbe tornare la settimana prossima."},
		{ID: 3, Language: "en", Title: "Shipping", Text: "Hi {name}, we ship all over Europe."},
	}
}

func ordered() models.Order {
	return models.Order{ID: 1, SourceID: "src_well", VariantID: 15, TokenID: 4, AmountMinor: 2900, Currency: "EUR", At: ago(2 * day)}
}

func affairsShown() models.Affairs {
	waits := tokens()[0]
	waits.GrantedAt = ago(5 * day)
	return models.Affairs{
		Interests: []models.Interest{
			{VariantID: 11, Source: models.InterestText, At: ago(4*time.Hour + 10*time.Minute)}, {VariantID: 13, Source: models.InterestRef, At: ago(5 * day)},
		},
		Requests: []models.Request{{VariantID: 13, State: models.RequestSent, CreatedAt: ago(5 * day), Title: "Ti avviso quando torna Vaso Marta?"}},
		Tokens:   []models.TokenRow{waits},
		Orders:   []models.Order{ordered()},
		Variants: map[int64]models.Variant{11: mug(), 13: variants()[2], 15: variants()[4]},
	}
}

// spoken is a conversation with all that may stand in one, newest first.
func spoken() []models.Message {
	card := models.Content{Cards: []models.Card{{Title: "Tazza Alba rossa", Subtitle: "Disponibile · 14,50 €", Buttons: []models.Button{{Title: "Compra ora", URL: "https://bottega.example/r/abc"}, {Title: "Avvisami se finisce", Payload: "x"}}}}}
	request := models.Content{Request: &models.RequestCard{Title: "Ti avviso quando torna Tazza Alba blu?", Payload: "x"}}
	return []models.Message{
		{ID: 12, Kind: models.SendReply, State: models.MessageQueued, TypedBy: 1, Text: "Sì, in tutta Europa.", At: ago(time.Minute)},
		{ID: 11, Incoming: true, State: models.MessageSent, Text: "Fate spedizioni in Svizzera?", At: ago(4 * time.Hour)},
		{ID: 10, Incoming: true, State: models.MessageSent, Attachments: []models.AttachmentKind{models.AttachmentImage, models.AttachmentAudio}, At: ago(4*time.Hour + time.Minute)},
		{ID: 9, Kind: models.SendHumanAgent, State: models.MessageUnknown, TypedBy: 2, Text: "Le rispondo domani.", At: ago(3 * day)},
		{ID: 8, Kind: models.SendReply, State: models.MessageDropped, Reason: string(models.ReasonWindowClosed), Content: &card, Text: "Tazza Alba rossa", At: ago(3*day + time.Hour), Attempts: 1},
		{ID: 7, Kind: models.SendReply, State: models.MessageFailed, Reason: string(models.OutcomeUnreachable), TypedBy: 9, Text: "Eccoci!", At: ago(3*day + 2*time.Hour), Attempts: 2},
		{ID: 6, Kind: models.SendNotification, State: models.MessageSent, Reason: models.MessageEcho, Text: "Tazza Alba (blu)", At: ago(4 * day)},
		{ID: 5, Kind: models.SendReply, State: models.MessageSent, Reason: models.MessageEcho, Text: "Buongiorno, risponde Piero dal telefono.", At: ago(4*day + time.Hour)},
		{ID: 4, Kind: models.SendRequest, State: models.MessageSent, Content: &request, Text: request.Request.Title, At: ago(5*day + time.Minute), Attempts: 1},
		{ID: 3, Kind: models.SendReply, State: models.MessageSent, Content: &card, Text: "Tazza Alba rossa", At: ago(5*day + 2*time.Minute), Attempts: 1},
		{ID: 2, Incoming: true, State: models.MessageSent, Reason: models.MessageTap, Text: "Questo", At: ago(5*day + 3*time.Minute)},
		{ID: 1, Incoming: true, State: models.MessageSent, Text: "Buongiorno! Avete ancora la tazza blu?\nMi serve per un regalo.", At: ago(5*day + 4*time.Minute)},
	}
}

// conversation is one in which the person last acted so long ago.
func conversation(c models.Contact, lastAction time.Duration) ConversationProps {
	c.LastActionAt = ago(lastAction)
	p := ConversationProps{Page: frame("/inbox/1"), Contact: c, OnPage: shop(), Beside: talks(), Messages: spoken(), Affairs: affairsShown(), Saved: savedReplies(),
		Authors: map[int64]string{1: "giulia@bottega.example", 2: "piero@bottega.example"}}
	p.As, p.May = models.ReplyAs(p.OnPage, p.Health, p.Contact, now)
	return p
}

func inboxShown() map[string]templ.Component {
	list := InboxProps{Page: frame("/inbox"), Rows: talks(), Pager: Pager{Next: "bmV4dA"}, Pages: []models.Page{shop()}, Closing: []models.AskRow{
		{Contact: models.Contact{ID: 8, Name: "Chiara Conti", LastActionAt: ago(22*time.Hour + 30*time.Minute)}, Variant: mug(), Answer: models.PolicyAnswer{Allowed: true, Until: now.Add(88 * time.Minute)}},
		{Contact: models.Contact{ID: 9, PSID: "7100000000009012", LastActionAt: ago(20 * time.Hour)}, Variant: variants()[4], Answer: models.PolicyAnswer{Allowed: true, Until: now.Add(40 * time.Minute)}},
	}}
	list.Unread = 3
	searched := InboxProps{Page: frame("/inbox?q=zoe"), Query: "zoe", Show: models.ConversationsOpen}
	ofTwo := InboxProps{Page: frame("/inbox?page_id=101000000000002"), Pages: twoShops(), PageID: "101000000000002"}
	read := InboxProps{Page: frame("/inbox?show=unanswered"), Show: models.ConversationsUnanswered}
	many := list
	many.Closing, many.Pager, many.Unread = nil, Pager{Cursor: "aGVyZQ"}, models.MaxUnread
	other := shop()
	other.ID, other.Name = "101000000000002", "Bottega Alba Torino"
	many.Pages = append(many.Pages, other)

	c := contacts()[0]
	open := conversation(c, 4*time.Hour)
	open.Contact.Unread, open.Contact.Unanswered = true, true
	wrong := conversation(c, 4*time.Hour)
	wrong.Form = ReplyForm{Text: "Ciao Marco, {product} torna lunedì.", Err: models.FieldErrorf("reply_place", "Fill in %s first, or take it out.", models.PlaceProduct)}
	byHand := conversation(c, 3*day)
	closed := conversation(c, 8*day)
	kept := conversation(c, 8*day)
	kept.Form.Text = "Buongiorno, eccoci!"
	paused := conversation(c, time.Hour)
	paused.OnPage = pausedShop()
	paused.As, paused.May = models.ReplyAs(paused.OnPage, paused.Health, paused.Contact, now)
	looking := conversation(c, 4*time.Hour)
	looking.Page = as(looking.Page, models.RoleViewer)
	earlier := conversation(c, 4*time.Hour)
	earlier.Pager = Pager{Cursor: "aGVyZQ", Next: "bmV4dA"}
	never := conversation(models.Contact{ID: 3, PSID: "7100000000009012"}, 0)
	never.Contact.LastActionAt, never.Messages, never.Affairs, never.Saved, never.Beside = time.Time{}, nil, models.Affairs{}, nil, nil
	never.As, never.May = models.ReplyAs(never.OnPage, never.Health, never.Contact, now)

	saved := SavedRepliesProps{Page: frame("/inbox/replies"), Replies: savedReplies(), Form: SavedReplyForm{Language: "it"}}
	change := saved
	change.Form = SavedReplyForm{ID: 2, Language: "it", Title: "Torna?", Text: " ", Err: models.FieldErrorf("text", "Write something first.")}
	return map[string]templ.Component{
		"inbox":                   Inbox(list),
		"inbox_pages":             Inbox(ofTwo),
		"inbox_it":                Inbox(list),
		"inbox_many":              Inbox(many),
		"inbox_search":            Inbox(searched),
		"inbox_answered":          Inbox(read),
		"inbox_empty_it":          Inbox(InboxProps{Page: frame("/inbox")}),
		"conversation":            Conversation(open),
		"conversation_it":         Conversation(open),
		"conversation_wrong":      Conversation(wrong),
		"conversation_wrong_it":   Conversation(wrong),
		"conversation_by_hand":    Conversation(byHand),
		"conversation_by_hand_it": Conversation(byHand),
		"conversation_closed":     Conversation(closed),
		"conversation_closed_it":  Conversation(kept),
		"conversation_paused":     Conversation(paused),
		"conversation_viewer":     Conversation(looking),
		"conversation_earlier":    Conversation(earlier),
		"conversation_never":      Conversation(never),
		"saved_replies":           SavedReplies(saved),
		"saved_replies_it":        SavedReplies(change),
		"saved_replies_empty":     SavedReplies(SavedRepliesProps{Page: as(frame("/inbox/replies"), models.RoleViewer)}),
	}
}
