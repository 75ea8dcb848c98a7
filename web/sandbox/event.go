package sandbox

import (
	"strconv"
	"time"

	"encoding/json"
)

// Events as Meta writes them into entry[].messaging[]; the order of fields follows its samples.
type (
	event struct {
		Sender    *party         `json:"sender,omitempty"`
		Recipient *party         `json:"recipient,omitempty"`
		Timestamp int64          `json:"timestamp,omitempty"`
		Message   *eventMessage  `json:"message,omitempty"`
		Postback  *postback      `json:"postback,omitempty"`
		Referral  *referral      `json:"referral,omitempty"`
		Optin     *optin         `json:"optin,omitempty"`
		Delivery  *receipt       `json:"delivery,omitempty"`
		Read      *receipt       `json:"read,omitempty"`
		Reaction  *eventReaction `json:"reaction,omitempty"`
		Policy    *policy        `json:"policy_enforcement,omitempty"`
		Pass      *handover      `json:"pass_thread_control,omitempty"`
		Take      *handover      `json:"take_thread_control,omitempty"`
		Request   *handover      `json:"request_thread_control,omitempty"`
		Unknown   map[string]any `json:"messaging_something_new,omitempty"`
	}
	party struct {
		ID      string `json:"id,omitempty"`
		UserRef string `json:"user_ref,omitempty"`
	}
	eventMessage struct {
		Echo        bool              `json:"is_echo,omitempty"`
		AppID       any               `json:"app_id,omitempty"`
		Metadata    string            `json:"metadata,omitempty"`
		QuickReply  *quickReply       `json:"quick_reply,omitempty"`
		MID         string            `json:"mid"`
		Text        string            `json:"text,omitempty"`
		Attachments []eventAttachment `json:"attachments,omitempty"`
		Referral    *referral         `json:"referral,omitempty"`
	}
	quickReply struct {
		Payload string `json:"payload"`
	}
	eventAttachment struct {
		Title   string `json:"title,omitempty"`
		Type    string `json:"type"`
		Payload any    `json:"payload"`
	}
	postback struct {
		MID      string    `json:"mid"`
		Title    string    `json:"title"`
		Payload  string    `json:"payload,omitempty"`
		Referral *referral `json:"referral,omitempty"`
	}
	referral struct {
		Ref    string     `json:"ref,omitempty"`
		AdID   string     `json:"ad_id,omitempty"`
		Source string     `json:"source"`
		Type   string     `json:"type"`
		Ad     *adContext `json:"ads_context_data,omitempty"`
	}
	adContext struct {
		Title    string `json:"ad_title"`
		PhotoURL string `json:"photo_url,omitempty"`
		PostID   string `json:"post_id,omitempty"`
	}
	// optin is one of three things: a one-time permission, a recurring one, or a plugin on a web site, which has no type.
	optin struct {
		Type        string `json:"type,omitempty"`
		Payload     string `json:"payload,omitempty"`
		Token       string `json:"one_time_notif_token,omitempty"`
		Recurring   string `json:"notification_messages_token,omitempty"`
		Timezone    string `json:"notification_messages_timezone,omitempty"`
		Status      string `json:"notification_messages_status,omitempty"`
		Expiry      int64  `json:"token_expiry_timestamp,omitempty"`
		TokenStatus string `json:"user_token_status,omitempty"`
		Title       string `json:"title,omitempty"`
		Ref         string `json:"ref,omitempty"`
		UserRef     string `json:"user_ref,omitempty"`
	}
	handover struct {
		Previous  any    `json:"previous_owner_app_id,omitempty"`
		New       any    `json:"new_owner_app_id,omitempty"`
		Requester any    `json:"requested_owner_app_id,omitempty"`
		Metadata  string `json:"metadata,omitempty"`
	}
	receipt struct {
		MIDs      []string `json:"mids,omitempty"`
		Watermark int64    `json:"watermark"`
	}
	eventReaction struct {
		Reaction string `json:"reaction,omitempty"`
		Emoji    string `json:"emoji,omitempty"`
		Action   string `json:"action"`
		MID      string `json:"mid"`
	}
	policy struct {
		Action string `json:"action"`
		Reason string `json:"reason,omitempty"`
	}
	// change is an item of entry[].changes[], whose times are in seconds.
	change struct {
		Value any    `json:"value"`
		Field string `json:"field"`
	}
	feedComment struct {
		From      feedAuthor `json:"from"`
		Post      feedPost   `json:"post"`
		Message   string     `json:"message"`
		PostID    string     `json:"post_id"`
		CommentID string     `json:"comment_id"`
		Created   int64      `json:"created_time"`
		Item      string     `json:"item"`
		ParentID  string     `json:"parent_id"`
		Verb      string     `json:"verb"`
	}
	feedAuthor struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	feedPost struct {
		Status    string `json:"status_type"`
		Published bool   `json:"is_published"`
		Updated   string `json:"updated_time"`
		Permalink string `json:"permalink_url"`
		Promotion string `json:"promotion_status"`
		ID        string `json:"id"`
	}
)

// heldEvent waits until the person has tapped the card.
type heldEvent struct {
	field string
	event event
}

// fromPerson is an event that the person caused.
func (t *thread) fromPerson(at time.Time) event {
	return event{Sender: &party{ID: t.PSID}, Recipient: &party{ID: t.Page}, Timestamp: at.UnixMilli()}
}

// emitEcho copies a Page's message to the app. App is whose message it was.
func (p *Platform) emitEcho(t *thread, m *Message, app string) {
	e := event{
		Sender: &party{ID: t.Page}, Recipient: &party{ID: t.PSID}, Timestamp: m.At.UnixMilli(),
		Message: &eventMessage{Echo: true, AppID: appNumber(app), Metadata: m.Metadata, MID: m.MID, Attachments: m.attachments()},
	}
	if m.Template == "" {
		e.Message.Text = m.Text
	}
	if m.Template == templateRequest && p.mode.OptinBeforeEcho && app == p.options.AppID {
		t.held = append(t.held, heldEvent{"message_echoes", e})
		return
	}
	p.emit(t, "message_echoes", e)
}

// releaseHeld sends the echoes that waited for a tap.
func (p *Platform) releaseHeld(t *thread) {
	held := t.held
	t.held = nil
	for _, h := range held {
		p.emit(t, h.field, h.event)
	}
}

// emitDelivered: like Meta's sample, without a timestamp of its own.
func (p *Platform) emitDelivered(t *thread, m *Message) {
	p.emit(t, "message_deliveries", event{
		Sender: &party{ID: t.PSID}, Recipient: &party{ID: t.Page}, Delivery: &receipt{MIDs: []string{m.MID}, Watermark: m.At.UnixMilli()},
	})
}

// appNumber is the app's id as a number, as it stands in echoes, where it is one.
func appNumber(app string) any {
	if _, err := strconv.ParseUint(app, 10, 64); err == nil {
		return json.Number(app)
	}
	if app == "" {
		return nil
	}
	return app
}

// attachments is the message's attachment as webhooks show it.
func (m *Message) attachments() []eventAttachment {
	switch {
	case m.Image != "" && m.Template == "":
		return []eventAttachment{{Type: attachmentImage, Payload: map[string]string{"url": m.Image}}}
	case m.File.Kind != "" && m.Template == "":
		return []eventAttachment{{Type: m.File.Kind, Payload: map[string]string{"url": m.File.URL}}}
	case m.Template == templateMedia:
		return []eventAttachment{{Type: attachmentTemplate, Payload: map[string]any{"template_type": m.Template,
			"elements": []map[string]any{{"media_type": m.File.Kind, "url": m.File.URL, "buttons": m.Buttons}}}}}
	case m.Template == templateReceipt:
		return []eventAttachment{{Type: attachmentTemplate, Title: m.Title, Payload: map[string]any{"template_type": m.Template}}}
	case m.Template == templateGeneric:
		return []eventAttachment{{Type: attachmentTemplate, Title: m.Elements[0].Title, Payload: map[string]any{"template_type": m.Template, "elements": m.Elements}}}
	case m.Template == templateButton:
		return []eventAttachment{{Type: attachmentTemplate, Title: m.Text, Payload: map[string]any{"template_type": m.Template, "text": m.Text, "buttons": m.Buttons}}}
	case m.Template == templateUtility:
		return []eventAttachment{{Type: attachmentTemplate, Title: m.Text, Payload: map[string]any{"template_type": templateButton, "text": m.Text, "buttons": m.Buttons}}}
	case m.Template == templateRequest, m.Template == templateRecurring:
		return []eventAttachment{{Type: attachmentTemplate, Title: m.Title, Payload: map[string]any{"template_type": m.Template, "title": m.Title, "payload": m.Payload}}}
	}
	return nil
}
