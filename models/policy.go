package models

import "time"

// SendKind is a kind of message as Messenger's policy tells them apart.
type SendKind string

// The kinds of rule 2.4.
const (
	SendReply          SendKind = "reply"           // any content, inside the standard window
	SendHumanAgent     SendKind = "human_agent"     // a person's own words, to 7 days
	SendConfirmedEvent SendKind = "confirmed_event" // retired tag CONFIRMED_EVENT_UPDATE
	SendPostPurchase   SendKind = "post_purchase"   // retired tag POST_PURCHASE_UPDATE
	SendAccountUpdate  SendKind = "account_update"  // retired tag ACCOUNT_UPDATE
	SendPrivateReply   SendKind = "private_reply"   // the one reply to a comment
	SendRequest        SendKind = "request"         // the opt-in request
	SendNotification   SendKind = "notification"    // the message that spends a token
	SendBroadcast      SendKind = "broadcast"       // never, unless the Page is registered as news
	SendUtility        SendKind = "utility"         // a reviewed template about something the person did; never promotion
	SendRecurring      SendKind = "recurring"       // a notification by a recurring token
)

// TagsRetired is when Messenger retired three of its four message tags: from then on they answer with error 100
// (changelog, 27 March 2026).
var TagsRetired = time.Date(2026, 4, 27, 0, 0, 0, 0, time.UTC)

// RetiredTag is a message tag that Messenger ended at TagsRetired.
type RetiredTag struct {
	Kind SendKind
	Name string // as Messenger writes it
}

// RetiredTags lists the tags that Messenger ended. What is left is HUMAN_AGENT and, for news of an order or an account,
// utility messages: templates that Meta reviews.
func RetiredTags() []RetiredTag {
	return []RetiredTag{
		{SendConfirmedEvent, "CONFIRMED_EVENT_UPDATE"}, {SendPostPurchase, "POST_PURCHASE_UPDATE"}, {SendAccountUpdate, "ACCOUNT_UPDATE"},
	}
}

// PolicyReason is why something may not be sent; the screens turn it into a sentence.
type PolicyReason string

// The reasons. The empty reason means it may be sent.
const (
	ReasonNeverWrote    PolicyReason = "never_wrote"     // no qualifying action is on record
	ReasonWindowClosed  PolicyReason = "window_closed"   // the standard window is over
	ReasonHumanClosed   PolicyReason = "human_closed"    // so is the human-agent window
	ReasonNotTyped      PolicyReason = "not_typed"       // HUMAN_AGENT is for words typed by a person
	ReasonTagRetired    PolicyReason = "tag_retired"     // the tag ended on 27 April 2026
	ReasonCommentOld    PolicyReason = "comment_old"     // the comment is over 7 days old
	ReasonCommentUsed   PolicyReason = "comment_used"    // it had its one reply
	ReasonNoComment     PolicyReason = "no_comment"      // there is no comment to answer
	ReasonStopped       PolicyReason = "stopped"         // the person asked to be left alone
	ReasonErased        PolicyReason = "erased"          // the person was erased
	ReasonNoToken       PolicyReason = "no_token"        // a notification needs a token
	ReasonTokenNotHeld  PolicyReason = "token_not_held"  // it is not in a state from which it may be sent
	ReasonTokenEnding   PolicyReason = "token_ending"    // it is in its last hour, or over
	ReasonNotNews       PolicyReason = "not_news"        // broadcasts are for registered news Pages
	ReasonPagePaused    PolicyReason = "page_paused"     // the Page may not send anything now
	ReasonUnknownKind   PolicyReason = "unknown_kind"    // no rule allows it, so it is refused
	ReasonWindowEndNear PolicyReason = "window_end_near" // open, but inside the safety margin
	ReasonAsked         PolicyReason = "asked"           // an opt-in request is unanswered (rule 3.5)
	ReasonHasToken      PolicyReason = "has_token"       // a token for the variant is live (rule 3.5)
	ReasonAvailable     PolicyReason = "available"       // the variant is not sold out
	ReasonThreadOwned   PolicyReason = "thread_owned"    // another app has the conversation
	ReasonTooSoon       PolicyReason = "too_soon"        // a recurring opt-in had its message a short while ago
	ReasonTooLate       PolicyReason = "too_late"        // a second call could be a second message
	ReasonNoProduct     PolicyReason = "no_product"      // the Page has no opt-in product to ask this person with now
	ReasonNoHumanAgent  PolicyReason = "no_human_agent"  // the Page's app does not have the feature Human Agent
	ReasonNoUtility     PolicyReason = "no_utility"      // it does not have the permission pages_utility_messaging
	ReasonNoTemplate    PolicyReason = "no_template"     // a utility message needs a template
	ReasonNotApproved   PolicyReason = "not_approved"    // which Meta has approved
)

// PolicyQuestion is what the policy needs to know. Fields that a kind does not use stay zero.
type PolicyQuestion struct {
	Kind    SendKind
	Page    Page
	Contact Contact
	Now     time.Time
	// TypedByPerson is true for words that someone of the team typed for this contact.
	TypedByPerson bool
	// CommentAt and CommentAnswered describe the comment a private reply would answer.
	CommentAt       time.Time
	CommentAnswered bool
	// Token is the one a notification would spend. A recurring one also has the OptIn that it is a use of.
	Token *Token
	OptIn *OptIn
	// Health says what the Page's app was granted, for a human agent's reply and a utility message. The zero value is a Page of
	// which nothing is known, and then the platform is left to say.
	Health PageHealth
	// Template is the one a utility message would be.
	Template *UtilityTemplate
}

// PolicyAnswer says whether it may be sent. Until is when that ends (zero: no end), or, for a refusal, when it
// ended, where that is known.
type PolicyAnswer struct {
	Allowed bool
	Reason  PolicyReason
	Until   time.Time
}

// MaySend is the one policy function of rule 2.4: may this Page send this kind of message to this contact now,
// and if not, why? Nothing is sent without asking it at the moment of sending.
func MaySend(q PolicyQuestion) PolicyAnswer {
	switch {
	case !q.Contact.ErasedAt.IsZero():
		return refuse(ReasonErased, q.Contact.ErasedAt)
	case q.Page.State == PagePaused:
		return refuse(ReasonPagePaused, time.Time{})
	}
	if (q.Kind == SendReply || q.Kind == SendRequest) && q.Contact.ThreadOwner != "" && !q.TypedByPerson {
		return refuse(ReasonThreadOwned, time.Time{}) // a person may try: the call is refused and tried again until the thread is free
	}
	switch q.Kind {
	case SendReply:
		return insideWindow(q)
	case SendRequest:
		if left(q.Contact) {
			return refuse(ReasonStopped, q.Contact.StoppedAt)
		}
		return insideWindow(q)
	case SendHumanAgent:
		if !q.TypedByPerson {
			return refuse(ReasonNotTyped, time.Time{})
		}
		if answer := before(q.Now, q.Contact.HumanAgentUntil(), ReasonHumanClosed); !answer.Allowed {
			return answer
		}
		if q.Health.HumanAgent(q.Now) == GrantRefused {
			return refuse(ReasonNoHumanAgent, time.Time{})
		}
		return before(q.Now, q.Contact.HumanAgentUntil(), ReasonHumanClosed)
	case SendConfirmedEvent, SendPostPurchase, SendAccountUpdate:
		if !q.Now.Before(TagsRetired) {
			return refuse(ReasonTagRetired, TagsRetired)
		}
		return PolicyAnswer{Allowed: true, Until: TagsRetired}
	case SendPrivateReply:
		switch {
		case q.CommentAt.IsZero():
			return refuse(ReasonNoComment, time.Time{})
		case q.CommentAnswered:
			return refuse(ReasonCommentUsed, time.Time{})
		}
		return before(q.Now, q.CommentAt.Add(PrivateReplyWindow), ReasonCommentOld)
	case SendNotification:
		switch {
		case q.Token == nil:
			return refuse(ReasonNoToken, time.Time{})
		case q.Token.State != TokenClaimed:
			return refuse(ReasonTokenNotHeld, time.Time{})
		case !q.Token.UsableAt(q.Now):
			return refuse(ReasonTokenEnding, q.Token.ExpiresAt)
		}
		return PolicyAnswer{Allowed: true, Until: q.Token.ExpiresAt.Add(-TokenMargin)}
	case SendRecurring:
		return useRecurring(q)
	case SendUtility:
		return utility(q)
	case SendBroadcast:
		if !q.Page.Settings.RegisteredNews {
			return refuse(ReasonNotNews, time.Time{})
		}
		if left(q.Contact) {
			return refuse(ReasonStopped, q.Contact.StoppedAt)
		}
		return PolicyAnswer{Allowed: true}
	default:
		return refuse(ReasonUnknownKind, time.Time{})
	}
}

// useRecurring answers for one use of a recurring opt-in.
func useRecurring(q PolicyQuestion) PolicyAnswer {
	switch {
	case q.Token == nil || q.OptIn == nil:
		return refuse(ReasonNoToken, time.Time{})
	case q.Token.State != TokenClaimed:
		return refuse(ReasonTokenNotHeld, time.Time{})
	case q.OptIn.Status != OptInActive:
		return refuse(ReasonStopped, q.OptIn.StatusAt)
	case !q.Now.Before(q.OptIn.ExpiresAt.Add(-TokenMargin)):
		return refuse(ReasonTokenEnding, q.OptIn.ExpiresAt)
	case q.Token.Unsure == 0 && q.OptIn.NextUseAt.After(q.Now):
		return refuse(ReasonTooSoon, q.OptIn.NextUseAt)
	case q.Token.Unsure > 0 && !q.Now.Before(q.Token.RetryUntil):
		return refuse(ReasonTooLate, q.Token.RetryUntil)
	}
	return PolicyAnswer{Allowed: true, Until: q.OptIn.ExpiresAt.Add(-TokenMargin)}
}

// utility asks for what a utility message needs in and outside of every window. Whoever wrote stop is left alone until they come
// back, though Messenger would allow it.
func utility(q PolicyQuestion) PolicyAnswer {
	switch {
	case q.Contact.LastActionAt.IsZero():
		return refuse(ReasonNeverWrote, time.Time{}) // who only commented has no conversation to write into
	case left(q.Contact):
		return refuse(ReasonStopped, q.Contact.StoppedAt)
	case q.Health.Utility(q.Now) == GrantRefused:
		return refuse(ReasonNoUtility, time.Time{})
	case q.Template == nil:
		return refuse(ReasonNoTemplate, time.Time{})
	case q.Template.Status != TemplateApproved:
		return refuse(ReasonNotApproved, time.Time{})
	}
	return PolicyAnswer{Allowed: true}
}

// left reports whether a person asked to be left alone and has not come back since.
func left(c Contact) bool { return !c.StoppedAt.IsZero() && !c.LastActionAt.After(c.StoppedAt) }

func insideWindow(q PolicyQuestion) PolicyAnswer {
	return before(q.Now, q.Contact.WindowUntil(), ReasonWindowClosed)
}

// before allows until the margin before end.
func before(now, end time.Time, closed PolicyReason) PolicyAnswer {
	switch {
	case end.IsZero():
		return refuse(ReasonNeverWrote, end)
	case !now.Before(end):
		return refuse(closed, end)
	case !now.Before(end.Add(-WindowMargin)):
		return refuse(ReasonWindowEndNear, end)
	}
	return PolicyAnswer{Allowed: true, Until: end.Add(-WindowMargin)}
}

func refuse(why PolicyReason, until time.Time) PolicyAnswer {
	return PolicyAnswer{Reason: why, Until: until}
}
