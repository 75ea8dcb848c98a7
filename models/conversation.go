package models

import "time"

// AttachmentKind is what somebody sent that is no text. The thing itself stays with Messenger: only what it was is kept.
type AttachmentKind string

// The kinds of attachments (webhook reference of messages). What Messenger adds later is AttachmentOther.
const (
	AttachmentImage    AttachmentKind = "image"
	AttachmentSticker  AttachmentKind = "sticker"
	AttachmentVideo    AttachmentKind = "video"
	AttachmentAudio    AttachmentKind = "audio"
	AttachmentFile     AttachmentKind = "file"
	AttachmentLocation AttachmentKind = "location"
	AttachmentShare    AttachmentKind = "share" // a link, a post, a card
	AttachmentOther    AttachmentKind = "unknown"
)

// MaxAttachments is how many attachments of one message are kept.
const MaxAttachments = 30

// The reasons of messages that nobody typed into this admin.
const (
	// MessageEcho is of a message that its echo told us of: somebody wrote it in the Page's own inbox, or another app did.
	MessageEcho = "echo"
	// MessageTap is of words that a person did not type but tapped: a button's or a quick reply's title.
	MessageTap = "tap"
)

// InstantReply is how soon after a person's words a message that we did not send counts as automatic: Messenger's own
// away messages come at once, and nobody types that fast.
const InstantReply = 15 * time.Second

// ConversationFilter selects conversations.
type ConversationFilter string

// The filters. None is every conversation.
const (
	ConversationsUnread     ConversationFilter = "unread"     // nobody of the team has looked at the latest words
	ConversationsOpen       ConversationFilter = "open"       // the standard window is open
	ConversationsUnanswered ConversationFilter = "unanswered" // neither the program nor anybody of the team has answered
)

// ConversationQuery selects conversations; whoever wrote or tapped last stands first.
type ConversationQuery struct {
	PageID string
	Show   ConversationFilter
	// Text is the beginnings of words, all of which stand in the person's name or were written of late, or a PSID.
	Text   string
	Limit  int
	Cursor string
}

// ConversationRow is a conversation in a list.
type ConversationRow struct {
	Contact
	// Last is the latest message that a person wrote or tapped, on either side; nil where there is none.
	Last *Message
}

// AskSoon is how long before a standard window's end whoever is still to be asked stands first in the inbox.
const AskSoon = 6 * time.Hour

// MaxUnread is the highest number of unread conversations that is counted; a badge says "99+" for it.
const MaxUnread = 100

// ReplyAs says as which kind of message somebody's own typed words may be sent to a contact now (section 8): a plain
// reply inside the standard window, HUMAN_AGENT after it. Where neither is allowed, it returns the refusal of the one
// that ended last, and HUMAN_AGENT.
func ReplyAs(page Page, health PageHealth, contact Contact, now time.Time) (SendKind, PolicyAnswer) {
	q := PolicyQuestion{Kind: SendReply, Page: page, Health: health, Contact: contact, Now: now, TypedByPerson: true}
	if answer := MaySend(q); answer.Allowed {
		return SendReply, answer
	}
	q.Kind = SendHumanAgent
	return SendHumanAgent, MaySend(q)
}
