package messenger

import (
	"encoding/json"
	"strconv"
	"strings"

	"bentornato/models"
)

// item is one element of entry[].messaging or entry[].standby. Exactly one of its parts from Message on is set,
// but that a lead comes beside the referral it belongs to.
type item struct {
	Sender    party   `json:"sender"`
	Recipient party   `json:"recipient"`
	Timestamp integer `json:"timestamp"`

	Message           *message     `json:"message"`
	Postback          *postback    `json:"postback"`
	Edit              *edit        `json:"message_edit"`
	Reaction          *reaction    `json:"reaction"`
	OptIn             *optIn       `json:"optin"`
	Referral          *referral    `json:"referral"`
	Delivery          *receipt     `json:"delivery"`
	Read              *receipt     `json:"read"`
	PolicyEnforcement *enforcement `json:"policy_enforcement"`
	// PolicyHyphen is the same under the name that older documents print.
	PolicyHyphen *enforcement `json:"policy-enforcement"`

	// PriorMessage comes with the first words of who was a guest of the checkbox plugin: it names them.
	PriorMessage *struct {
		Identifier text `json:"identifier"`
	} `json:"prior_message"`

	Lead          json.RawMessage `json:"lead"`
	PassThread    json.RawMessage `json:"pass_thread_control"`
	TakeThread    json.RawMessage `json:"take_thread_control"`
	RequestThread json.RawMessage `json:"request_thread_control"`
	AppRoles      json.RawMessage `json:"app_roles"`
}

// party is a side of an item. Guests of the checkbox plugin have a user_ref in place of an id.
type party struct {
	ID      id   `json:"id"`
	UserRef text `json:"user_ref"`
}

type message struct {
	MID         id        `json:"mid"`
	Text        text      `json:"text"`
	IsEcho      flag      `json:"is_echo"`
	IsDeleted   flag      `json:"is_deleted"`
	AppID       id        `json:"app_id"`
	Metadata    text      `json:"metadata"`
	QuickReply  *payload  `json:"quick_reply"`
	Attachments list      `json:"attachments"`
	Referral    *referral `json:"referral"`
}

type payload struct {
	Payload text `json:"payload"`
}

type postback struct {
	MID      id        `json:"mid"`
	Title    text      `json:"title"`
	Payload  text      `json:"payload"`
	Referral *referral `json:"referral"`
}

type edit struct {
	MID     id      `json:"mid"`
	Text    text    `json:"text"`
	NumEdit integer `json:"num_edit"`
}

type reaction struct {
	MID      id   `json:"mid"`
	Reaction text `json:"reaction"`
	Emoji    text `json:"emoji"`
	Action   text `json:"action"`
}

type optIn struct {
	Type    text `json:"type"`
	Payload text `json:"payload"`
	Token   text `json:"one_time_notif_token"`
	Ref     text `json:"ref"`
	UserRef text `json:"user_ref"`
	Source  text `json:"source"`

	Recurring text    `json:"notification_messages_token"`
	Status    text    `json:"notification_messages_status"`
	TimeZone  text    `json:"notification_messages_timezone"`
	Topic     text    `json:"notification_messages_topic"`
	Title     text    `json:"title"`
	Expiry    integer `json:"token_expiry_timestamp"`
	Refreshed text    `json:"user_token_status"`
	Frequency text    `json:"notification_messages_frequency"`
}

type referral struct {
	Ref    text `json:"ref"`
	AdID   text `json:"ad_id"`
	Source text `json:"source"`
	Type   text `json:"type"`
	Ad     *ad  `json:"ads_context_data"`
}

type ad struct {
	Title     text `json:"ad_title"`
	PhotoURL  text `json:"photo_url"`
	VideoURL  text `json:"video_url"`
	PostID    id   `json:"post_id"`
	ProductID id   `json:"product_id"`
}

type handover struct {
	NewOwner id `json:"new_owner_app_id"`
	OldOwner id `json:"previous_owner_app_id"`
}

type receipt struct {
	MIDs      []id    `json:"mids"`
	Watermark integer `json:"watermark"`
}

type enforcement struct {
	Action text `json:"action"`
	Reason text `json:"reason"`
}

func parseItem(e entry, raw json.RawMessage) models.Event {
	var it item
	if json.Unmarshal(raw, &it) != nil || !isObject(raw) {
		return other(e, raw)
	}
	event := models.Event{At: firstTime(it.Timestamp.time(), e.Time.time())}
	if it.PolicyEnforcement == nil {
		it.PolicyEnforcement = it.PolicyHyphen
	}
	echo := it.echo(e)
	person, page := it.Sender, it.Recipient
	if echo {
		person, page = page, person
	}
	event.PageID = firstOf(e.ID, page.ID)
	event.PSID, event.UserRef = string(person.ID), string(person.UserRef)
	if it.PriorMessage != nil && event.PSID != "" && event.UserRef == "" {
		event.UserRef = string(it.PriorMessage.Identifier)
	}

	switch {
	case it.Message != nil && bool(it.Message.IsDeleted):
		it.other(&event, raw) // unsending opens no window, and has the mid of what it unsends
	case it.Message != nil:
		it.message(&event, raw, echo)
	case it.Postback != nil:
		it.postback(&event)
	case it.Edit != nil:
		it.edit(&event, raw)
	case it.Reaction != nil:
		it.reaction(&event, raw)
	case it.OptIn != nil:
		it.optIn(&event, raw)
	case it.Referral != nil || present(it.Lead):
		it.referral(&event, raw)
	case it.Delivery != nil:
		event.Kind = models.EventDelivery
		it.receipt(&event, *it.Delivery)
	case it.Read != nil:
		event.Kind = models.EventRead
		it.receipt(&event, *it.Read)
	case it.PolicyEnforcement != nil:
		event.Kind, event.Raw = models.EventPolicyEnforcement, raw
		event.Action, event.Text = string(it.PolicyEnforcement.Action), string(it.PolicyEnforcement.Reason)
		event.Key = contentKey(event, raw)
	default:
		it.other(&event, raw)
	}
	return event
}

// echo reports whether the item is the copy of a message that the Page sent: it says so, or its sender is the Page.
func (it item) echo(e entry) bool {
	if it.Message == nil {
		return false
	}
	return bool(it.Message.IsEcho) || e.ID != "" && it.Sender.ID == e.ID && it.Recipient.ID != e.ID
}

func (it item) message(event *models.Event, raw json.RawMessage, echo bool) {
	m := it.Message
	event.Kind = models.EventMessage
	if echo {
		event.Kind = models.EventEcho
		event.AppID, event.Metadata = string(m.AppID), string(m.Metadata)
	}
	event.MID, event.Text, event.Attachments, event.Attached = string(m.MID), string(m.Text), len(m.Attachments), attached(m.Attachments)
	if m.QuickReply != nil {
		event.Payload = string(m.QuickReply.Payload)
	}
	refer(event, m.Referral, it.Referral)
	if event.MID == "" {
		event.Key = contentKey(*event, raw)
		return
	}
	event.Key = key(*event, event.MID)
}

func (it item) postback(event *models.Event) {
	p := it.Postback
	event.Kind = models.EventPostback
	event.MID, event.Text, event.Payload = string(p.MID), string(p.Title), string(p.Payload)
	refer(event, p.Referral, it.Referral)
	if event.MID == "" { // before Graph v11
		event.Key = key(*event, person(event), it.stamp(), event.Payload)
		return
	}
	event.Key = key(*event, event.MID)
}

func (it item) edit(event *models.Event, raw json.RawMessage) {
	event.Kind, event.MID, event.Text = models.EventEdit, string(it.Edit.MID), string(it.Edit.Text)
	if event.MID == "" {
		event.Key = contentKey(*event, raw)
		return
	}
	event.Key = key(*event, strconv.FormatInt(int64(it.Edit.NumEdit), 10), event.MID)
}

func (it item) reaction(event *models.Event, raw json.RawMessage) {
	r := it.Reaction
	switch r.Action {
	case "react":
		event.Kind = models.EventReaction
	case "unreact":
		event.Kind = models.EventUnreaction
	default: // it might open a window, and nobody said that it does
		it.other(event, raw)
		return
	}
	event.MID, event.Reaction = string(r.MID), firstOf(r.Reaction, r.Emoji)
	event.Key = key(*event, event.MID, person(event), it.stamp())
}

// optIn tells the three things apart that share the name. A one-time token without its type is still a permission
// that a person gave, so it is kept as one.
func (it item) optIn(event *models.Event, raw json.RawMessage) {
	o := it.OptIn
	event.Payload, event.Ref, event.Source = string(o.Payload), string(o.Ref), string(o.Source)
	event.UserRef = firstOf(text(event.UserRef), o.UserRef)
	switch {
	case o.Token != "" && (o.Type == "one_time_notif_req" || o.Type == ""):
		event.Kind, event.Token = models.EventOptIn, string(o.Token)
		event.Key = key(*event, digest(event.PageID, event.Token))
	case o.Type == "notification_messages":
		event.Kind, event.Token, event.Recurring = models.EventNotificationOptIn, string(o.Recurring), o.recurring()
		event.Key = contentKey(*event, raw) // one token starts, stops and resumes
	case o.Type == "":
		event.Kind = models.EventPluginOptIn
		event.Key = key(*event, person(event), it.stamp(), event.Ref)
	default:
		it.other(event, raw)
	}
}

// recurring reads what is told of a recurring token. The documents write its status with a space, and others may not.
func (o optIn) recurring() *models.RecurringOptIn {
	r := &models.RecurringOptIn{Title: string(o.Title), Topic: string(o.Topic), ExpiresAt: o.Expiry.time(), TimeZone: string(o.TimeZone),
		Frequency: string(o.Frequency), Refreshed: o.Refreshed == "REFRESHED"}
	switch status := strings.ToUpper(string(o.Status)); {
	case strings.HasPrefix(status, "STOP"):
		r.Status = models.RecurringStopped
	case strings.HasPrefix(status, "RESUME"):
		r.Status = models.RecurringResumed
	}
	return r
}

func (it item) referral(event *models.Event, raw json.RawMessage) {
	refer(event, it.Referral)
	if present(it.Lead) || it.Referral != nil && strings.HasPrefix(string(it.Referral.Type), "LEAD_") {
		event.Kind, event.Raw = models.EventLead, raw
		event.Key = contentKey(*event, raw)
		return
	}
	event.Kind = models.EventReferral
	event.Key = key(*event, person(event), it.stamp(), event.AdID, event.Ref)
}

// receipt reads deliveries and reads. A delivery has no timestamp of its own: its watermark is when it was.
func (it item) receipt(event *models.Event, r receipt) {
	event.Watermark = r.Watermark.time()
	event.At = firstTime(it.Timestamp.time(), event.Watermark, event.At)
	parts := []string{person(event), strconv.FormatInt(int64(r.Watermark), 10)}
	for _, mid := range r.MIDs {
		event.MIDs = append(event.MIDs, string(mid))
	}
	if len(event.MIDs) > 0 {
		parts = append(parts, digest(event.MIDs...))
	}
	event.Key = key(*event, parts...)
}

// other takes what is left: who owns the thread, and kinds that are only kept.
func (it item) other(event *models.Event, raw json.RawMessage) {
	event.Kind, event.Raw = models.EventOther, raw
	for _, part := range []struct {
		name string
		raw  json.RawMessage
	}{
		{"pass_thread_control", it.PassThread},
		{"take_thread_control", it.TakeThread},
		{"request_thread_control", it.RequestThread},
		{"app_roles", it.AppRoles},
	} {
		if present(part.raw) {
			event.Kind, event.Action = models.EventHandover, part.name
			var h handover
			if json.Unmarshal(part.raw, &h) == nil {
				event.NewOwner, event.OldOwner = string(h.NewOwner), string(h.OldOwner)
			}
			break
		}
	}
	event.Key = contentKey(*event, raw)
}

// stamp is the item's own timestamp, for keys. The entry's is not in them: it says when the webhook was sent, and
// may differ when it is sent again.
func (it item) stamp() string { return strconv.FormatInt(int64(it.Timestamp), 10) }

// refer takes the first referral that is there.
func refer(event *models.Event, referrals ...*referral) {
	for _, r := range referrals {
		if r != nil {
			event.Ref, event.AdID, event.Source = string(r.Ref), string(r.AdID), string(r.Source)
			if r.Ad != nil {
				event.Ad = &models.AdContext{Title: string(r.Ad.Title), PhotoURL: string(r.Ad.PhotoURL), VideoURL: string(r.Ad.VideoURL),
					PostID: string(r.Ad.PostID), ProductID: string(r.Ad.ProductID)}
			}
			return
		}
	}
}
