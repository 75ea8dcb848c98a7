package views

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"bentornato/models"
)

// threadEntry is one thing in a conversation. One of message, interest and token is set.
type threadEntry struct {
	at       time.Time
	message  *models.Message
	interest *models.Interest
	// token is a tap on Notify Me.
	token   *models.Token
	variant models.Variant
	// day is set on the first entry of each day.
	day bool
}

// thread puts a conversation in the order of time, oldest first: the messages, and between them the links that the person
// followed and the permissions that they gave. Where the messages are only some of all, so is the rest.
func thread(p ConversationProps) []threadEntry {
	var entries []threadEntry
	var first, last time.Time
	if n := len(p.Messages); n > 0 {
		if p.Pager.Next != "" {
			first = p.Messages[n-1].At
		}
		if p.Pager.Cursor != "" {
			last = p.Messages[0].At
		}
	}
	shown := func(at time.Time) bool {
		return !at.Before(first) && (last.IsZero() || !at.After(last))
	}
	for i := range p.Messages {
		entries = append(entries, threadEntry{at: p.Messages[i].At, message: &p.Messages[i]})
	}
	for i, in := range p.Affairs.Interests {
		// What was typed or tapped in the conversation stands in it already.
		if in.Source != models.InterestText && in.Source != models.InterestPostback && shown(in.At) {
			entries = append(entries, threadEntry{at: in.At, interest: &p.Affairs.Interests[i], variant: p.Affairs.Variants[in.VariantID]})
		}
	}
	for i, k := range p.Affairs.Tokens {
		if shown(k.GrantedAt) {
			entries = append(entries, threadEntry{at: k.GrantedAt, token: &p.Affairs.Tokens[i].Token, variant: k.Variant})
		}
	}
	slices.SortStableFunc(entries, func(a, b threadEntry) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.order(), b.order()))
	})
	for i := range entries {
		entries[i].day = i == 0 || !sameDay(entries[i-1].at, entries[i].at, p.Loc)
	}
	return entries
}

// order puts what happened at one moment in the order in which one leads to the other. Messages of one moment were numbered
// as they came.
func (e threadEntry) order() int64 {
	switch {
	case e.interest != nil:
		return -1
	case e.message != nil:
		return e.message.ID
	}
	return 1 << 62
}

func sameDay(a, b time.Time, loc *time.Location) bool {
	a, b = in(a, loc), in(b, loc)
	return a.YearDay() == b.YearDay() && a.Year() == b.Year()
}

// affair is what a contact has to do with one variant.
type affair struct {
	variant models.Variant
	at      time.Time // of the latest thing
	asked   time.Time // of the latest interest
	request *models.Request
	token   *models.TokenRow
	bought  *models.Order
}

// maxAffairs is how many products stand beside a conversation.
const maxAffairs = 12

// affairs gathers by variant what a contact waits for, asked and bought, whatever happened last first.
func affairs(a models.Affairs) []affair {
	by := map[int64]*affair{}
	about := func(id int64, at time.Time) *affair {
		one := by[id]
		if one == nil {
			one = &affair{variant: a.Variants[id]}
			by[id] = one
		}
		if at.After(one.at) {
			one.at = at
		}
		return one
	}
	for i := range a.Interests {
		if one := about(a.Interests[i].VariantID, a.Interests[i].At); a.Interests[i].At.After(one.asked) {
			one.asked = a.Interests[i].At
		}
	}
	for i := range a.Requests {
		if one := about(a.Requests[i].VariantID, a.Requests[i].CreatedAt); one.request == nil {
			one.request = &a.Requests[i]
		}
	}
	for i := range a.Tokens {
		if one := about(a.Tokens[i].VariantID, a.Tokens[i].GrantedAt); one.token == nil || (one.token.State != models.TokenWaiting && a.Tokens[i].State == models.TokenWaiting) {
			one.token = &a.Tokens[i]
		}
	}
	for i := range a.Orders {
		if one := about(a.Orders[i].VariantID, a.Orders[i].At); one.bought == nil && a.Orders[i].VoidAt.IsZero() {
			one.bought = &a.Orders[i]
		}
	}
	list := make([]affair, 0, len(by))
	for _, one := range by {
		list = append(list, *one)
	}
	slices.SortFunc(list, func(x, y affair) int { return cmp.Or(y.at.Compare(x.at), cmp.Compare(y.variant.ID, x.variant.ID)) })
	return list[:min(len(list), maxAffairs)]
}

// permissions are the tokens that still wait, with which one message each may be sent once their product is back.
func permissions(a models.Affairs) []models.TokenRow {
	var list []models.TokenRow
	for _, k := range a.Tokens {
		if k.State == models.TokenWaiting && k.VariantID != 0 {
			list = append(list, k)
		}
	}
	return list
}

// messageWords is what can be read in a message, or what came in place of words.
func messageWords(ctx context.Context, m models.Message) string {
	words := m.Text
	for _, kind := range attachmentWords(ctx, m) {
		words += " · " + kind
	}
	return strings.TrimPrefix(strings.TrimSpace(words), "· ")
}

// attachmentWords name what came with a message. A link stands in the text already.
func attachmentWords(ctx context.Context, m models.Message) []string {
	var words []string
	for _, kind := range m.Attachments {
		if kind == models.AttachmentShare && m.Text != "" {
			continue
		}
		words = append(words, T(ctx, "attachment."+string(kind)))
	}
	return words
}

// messageFrom says who sent a message of ours.
func messageFrom(ctx context.Context, m models.Message, authors map[int64]string) string {
	switch {
	case m.TypedBy != 0 && m.Kind == models.SendHumanAgent:
		return T(ctx, "conversation.by_agent", "Name", author(ctx, m, authors))
	case m.Kind == models.SendUtility && m.TypedBy != 0:
		return T(ctx, "utility.by", "Name", author(ctx, m, authors))
	case m.Kind == models.SendUtility:
		return T(ctx, "utility.automatic")
	case m.TypedBy != 0:
		return author(ctx, m, authors)
	case m.FromElsewhere():
		return T(ctx, "conversation.from_elsewhere")
	default:
		return T(ctx, "conversation.automatic")
	}
}

func author(ctx context.Context, m models.Message, authors map[int64]string) string {
	if name, _, ok := strings.Cut(authors[m.TypedBy], "@"); ok {
		return name
	}
	return T(ctx, "conversation.the_shop")
}

// messageTrouble says why a message did not arrive, or may not have; empty where it did.
func messageTrouble(ctx context.Context, m models.Message) string {
	switch m.State {
	case models.MessageDropped:
		return PolicyReasonText(ctx, models.PolicyReason(m.Reason))
	case models.MessageUnknown:
		return T(ctx, "message_trouble.no_answer")
	case models.MessageFailed:
		if why := models.PolicyReason(m.Reason); why == models.ReasonNoHumanAgent || why == models.ReasonNoUtility {
			return PolicyReasonText(ctx, why)
		}
		switch models.Outcome(m.Reason) {
		case models.OutcomeUnreachable, models.OutcomeOutside:
			return T(ctx, "message_trouble."+m.Reason)
		case models.OutcomeDead, models.OutcomeRejected:
			return T(ctx, "message_trouble.rejected")
		default:
			return T(ctx, "message_trouble.late")
		}
	default:
		return ""
	}
}

func messageIcon(m models.Message) string {
	switch m.State {
	case models.MessageSent:
		return "check"
	case models.MessageUnknown:
		return "circle-help"
	case models.MessageDropped, models.MessageFailed:
		return "circle-x"
	default:
		return "clock"
	}
}
