// Package views holds the HTML of the admin and of the public pages: one templ component and one Props struct a
// page, and the helpers that write money, numbers and times as the reader's language does.
//
// The language travels in the context (see WithLanguage); everything else a page shows is in its Props. No
// page reads a clock, a database or a request, so that each can be rendered from a literal.
package views

import (
	"net/url"
	"time"

	"bentornato/models"
)

// Page is what every screen of the admin needs beside its own matter. Props embed it.
type Page struct {
	// User is who is signed in; the zero User is nobody.
	User models.User
	// Flash says what became of the form sent just before.
	Flash Flash
	// CurrentURL is path and query of this screen, where switching the language comes back to.
	CurrentURL string
	// SandboxURL is the demo's pretend Messenger; empty outside the demo.
	SandboxURL string
	// Now is the time that relative times are reckoned from.
	Now time.Time
	// Refresh is how often a browser without a script asks for the screen again; zero for never. Whole seconds.
	Refresh time.Duration
	// Unread is how many conversations nobody of the team has looked at, up to models.MaxUnread.
	Unread int
	// Loc is the zone in which times of day are written; nil is UTC.
	Loc *time.Location
}

// MayWork reports whether the user may do the daily work: products, stock, restocks, tokens.
func (p Page) MayWork() bool { return p.User.Role.Allows(models.RoleStaff) }

// MayOwn reports whether the user may change settings, sources, users and keys, and erase people.
func (p Page) MayOwn() bool { return p.User.Role.Allows(models.RoleOwner) }

// Flash is the one line above a screen's content after a form was sent. At most one of its fields is set.
type Flash struct {
	// Notice names what was done; its sentence is in the message files.
	Notice Notice
	// Counted names what was done to so many.
	Counted Counted
	Count   int
	// Err is what went wrong, where it belongs to no field of a form on the screen.
	Err error
}

// Notice names something that was done, to be said once.
type Notice string

// The notices. Each is a message "notice.<value>".
const (
	NoticeSaved            Notice = "saved"
	NoticeProductAdded     Notice = "product_added"
	NoticeProductDeleted   Notice = "product_deleted"
	NoticeTestSent         Notice = "test_sent"
	NoticeMeChosen         Notice = "me_chosen"
	NoticeRulesChanged     Notice = "rules_changed"
	NoticeViewSaved        Notice = "view_saved"
	NoticeViewDeleted      Notice = "view_deleted"
	NoticeImportDiscarded  Notice = "import_discarded"
	NoticeStockReported    Notice = "stock_reported"
	NoticeRestockStarted   Notice = "restock_started"
	NoticeRestockPaused    Notice = "restock_paused"
	NoticeRestockResumed   Notice = "restock_resumed"
	NoticeRestockCancelled Notice = "restock_cancelled"
	NoticeRestockApproved  Notice = "restock_approved"
	NoticeTokenWithdrawn   Notice = "token_withdrawn"
	NoticeTokenAssigned    Notice = "token_assigned"
	NoticeTied             Notice = "tied"
	NoticeUntied           Notice = "untied"
	NoticeAskedNobody      Notice = "asked_nobody"
	NoticeTokensWithdrawn  Notice = "tokens_withdrawn"
	NoticeMarkedUnread     Notice = "marked_unread"
	NoticeReplySaved       Notice = "reply_saved"
	NoticeReplyDeleted     Notice = "reply_deleted"
	NoticeContactErased    Notice = "contact_erased"
	NoticeSourceAdded      Notice = "source_added"
	NoticeSecretChanged    Notice = "secret_changed"
	NoticeSecretEnded      Notice = "secret_ended"
	NoticeSourceDeleted    Notice = "source_deleted"
	NoticePollNow          Notice = "poll_now"
	NoticePollDeleted      Notice = "poll_deleted"
	NoticeSKUTied          Notice = "sku_tied"
	NoticeSKUUntied        Notice = "sku_untied"
	NoticeCallReplayed     Notice = "call_replayed"
	NoticeEventTested      Notice = "event_tested"
	NoticePagePaused       Notice = "page_paused"
	NoticePageConnected    Notice = "page_connected"
	NoticePageDisconnected Notice = "page_disconnected"
	NoticeOptInsRead       Notice = "optins_read"
	NoticePageChecked      Notice = "page_checked"
	NoticePageResumed      Notice = "page_resumed"
	NoticeUserSaved        Notice = "user_saved"
	NoticeAccessSaved      Notice = "access_saved"
	NoticeUserDeleted      Notice = "user_deleted"
	NoticeKeyAdded         Notice = "key_added"
	NoticeKeyRevoked       Notice = "key_revoked"
	NoticeRetentionSaved   Notice = "retention_saved"
	NoticePasswordChanged  Notice = "password_changed"
	NoticeSignedOutElse    Notice = "signed_out_elsewhere"
	NoticeSetUp            Notice = "set_up"
	NoticeStepsAside       Notice = "steps_aside"
	NoticeStepsBack        Notice = "steps_back"
	NoticeSignedOut        Notice = "signed_out"
	NoticeTemplateSaved    Notice = "template_saved"
	NoticeTemplateHandedIn Notice = "template_submitted"
	NoticeTemplateDeleted  Notice = "template_deleted"
	NoticeTemplatesRead    Notice = "templates_read"
	NoticeUtilitySent      Notice = "utility_sent"
	NoticeRefusalsGone     Notice = "refusals_forgotten"
	NoticeLanguageChanged  Notice = "language_changed"
)

// Counted names something that was done to a number of things, to be said once. Each is a plural "notice_count.<value>".
type Counted string

// What is counted.
const (
	CountedAsked     Counted = "asked"      // people, by hand
	CountedAskedSome Counted = "asked_some" // and there are more
)

// Pager says where in a list a screen stands. Cursors are opaque.
type Pager struct {
	// Cursor is the one this screen was asked for with; empty at the start of the list.
	Cursor string
	// Next leads further; empty at the end.
	Next string
}

// withQuery builds an address from a path and pairs of key and value, leaving empty values out.
func withQuery(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
