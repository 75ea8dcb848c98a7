package models

import "time"

// The windows and margins of the Messenger Platform (policy page, fetched 11 September 2026).
const (
	// StandardWindow is how long after a contact's last qualifying action any content may be sent.
	StandardWindow = 24 * time.Hour
	// HumanAgentWindow is how long after it a person may still reply with tag HUMAN_AGENT.
	HumanAgentWindow = 7 * 24 * time.Hour
	// PrivateReplyWindow is how long a comment may be answered with its one private reply.
	PrivateReplyWindow = 7 * 24 * time.Hour
	// PrivateRepliesPerHour is how many private replies a Page may send in an hour (Messenger rate limits, 23 March 2026).
	PrivateRepliesPerHour = 750
	// WindowMargin is kept before a window's end, for clocks that differ and messages under way (rule 2.4).
	WindowMargin = 2 * time.Minute
)

// EventTime reads a platform timestamp: milliseconds, or seconds where the value is below 1e12, as referral and
// lead events carry (rule 2.1). Zero and negative values give the zero time.
func EventTime(v int64) time.Time {
	switch {
	case v <= 0:
		return time.Time{}
	case v < 1e12:
		return time.Unix(v, 0).UTC()
	default:
		return time.UnixMilli(v).UTC()
	}
}

// EventKind names what a webhook item is.
type EventKind string

// The kinds of webhook items. EventOther is kept and ignored.
const (
	EventMessage           EventKind = "message"
	EventEcho              EventKind = "echo"
	EventPostback          EventKind = "postback"
	EventReferral          EventKind = "referral"
	EventOptIn             EventKind = "optin"              // one_time_notif_req
	EventPluginOptIn       EventKind = "plugin_optin"       // Send to Messenger, checkbox
	EventNotificationOptIn EventKind = "notification_optin" // notification_messages (recurring)
	EventReaction          EventKind = "reaction"           // action react
	EventUnreaction        EventKind = "unreaction"         // action unreact
	EventDelivery          EventKind = "delivery"           //
	EventRead              EventKind = "read"               //
	EventEdit              EventKind = "edit"               //
	EventComment           EventKind = "comment"            // feed change: a comment was added
	EventPost              EventKind = "post"               // feed change: the Page published or edited a post
	EventPolicyEnforcement EventKind = "policy_enforcement" //
	EventHandover          EventKind = "handover"           // pass, take, request thread control, app roles
	EventLead              EventKind = "lead"               // lead ads, sent as a referral with a lead
	EventTemplateReview    EventKind = "template_review"    // Meta decided about a utility template
	EventStandby           EventKind = "standby"            // another app owns the thread
	EventOther             EventKind = "other"              //
)

// Qualifies reports whether events of this kind open the standard window (rule 2.2); Event.Qualifies asks of one event.
func Qualifies(kind EventKind, settings PageSettings) bool {
	switch kind {
	case EventMessage, EventPostback, EventReferral, EventPluginOptIn, EventReaction:
		return true
	case EventOptIn:
		return settings.OptInTapOpensWindow
	default:
		return false
	}
}

// FromAd reports whether a referral came from a click-to-Messenger ad. Since June 2021 the platform leaves the source out for
// people in Europe and Japan, so an ad's number says it too.
func (e Event) FromAd() bool { return e.Source == "ADS" || e.AdID != "" || e.Ad != nil }

// Qualifies reports whether the event opens the standard window: as its kind does, but that a click on an ad does not by
// itself. What the person then writes or taps does (rule 2.2).
func (e Event) Qualifies(settings PageSettings) bool {
	return Qualifies(e.Kind, settings) && (e.Kind != EventReferral || !e.FromAd())
}

// LaterAction returns the contact's last qualifying action after one more at the given time: it only moves
// forward, so a late, older event cannot shorten a window (rule 2.1). An event from the future counts as now,
// or one wrong clock would hold a window open for ever.
func LaterAction(last, event, now time.Time) time.Time {
	if event.After(now) {
		event = now
	}
	if event.After(last) {
		return event
	}
	return last
}
