package views

import "bentornato/models"

// InboxProps is the list of conversations: GET /inbox with q, show, page_id and cursor.
type InboxProps struct {
	Page
	Query string
	Show  models.ConversationFilter
	Rows  []models.ConversationRow
	Pager Pager
	// Closing are who is still to be asked about something sold out, before their window closes.
	Closing []models.AskRow
	// Pages are all Pages; their names stand beside the conversations where there are several. PageID filters by one.
	Pages  []models.Page
	PageID string
}

// ConversationProps is one conversation: GET /inbox/{contact}, with cursor for earlier messages. Answered by POST
// /inbox/{contact}/reply with text, or with insert, the number of a saved reply to put into the box; marked by POST
// /inbox/{contact}/read, /unread and /answered.
type ConversationProps struct {
	Page
	Contact models.Contact
	OnPage  models.Page
	// Beside are the latest conversations, for a wide screen.
	Beside []models.ConversationRow
	// Messages stand newest first, as the store lists them.
	Messages []models.Message
	Pager    Pager
	Affairs  models.Affairs
	// Authors are the e-mail addresses of who typed the messages, by number.
	Authors map[int64]string
	// As and May say as what a typed reply may be sent now, and if not, why.
	As  models.SendKind
	May models.PolicyAnswer
	// Health says what is known of the features that the Page's app has.
	Health models.PageHealth
	// Saved are the saved replies, those of the contact's language first.
	Saved []models.SavedReply
	Form  ReplyForm
}

// ReplyForm is what was typed into the box, and what was wrong with it.
type ReplyForm struct {
	Text string
	Err  error
}

// SavedRepliesProps are the saved replies: GET /inbox/replies, with edit, the number of one to change. Saved by POST
// /inbox/replies and /inbox/replies/{id} with locale, reply_title and text; deleted by POST
// /inbox/replies/{id}/delete.
type SavedRepliesProps struct {
	Page
	Replies []models.SavedReply
	Form    SavedReplyForm
}

// SavedReplyForm is a saved reply as somebody typed it. ID is 0 for a new one.
type SavedReplyForm struct {
	ID       int64
	Language string
	Title    string
	Text     string
	Err      error
}
