package views

import (
	"time"

	"bentornato/models"
)

// ContactRow is a contact with what is going on with them.
type ContactRow struct {
	Contact models.Contact
	// Waiting counts the contact's waiting tokens.
	Waiting int
}

// ContactsProps is the list of contacts: GET /contacts with q and cursor.
type ContactsProps struct {
	Page
	Query string
	Rows  []ContactRow
	Total int
	Pager Pager
	// Pages are all Pages; their names stand beside the contacts where there are several.
	Pages []models.Page
}

// ContactProps is one contact's dossier (rule 7.4): GET /contacts/{id}; erased by POST /contacts/{id}/erase with
// confirm=yes; downloaded at /contacts/{id}/dossier.json.
type ContactProps struct {
	Page
	Contact models.Contact
	OnPage  models.Page
	// Timeline is everything on record, newest first.
	Timeline []DossierEntry
	// May are the policy's answers of now for the kinds worth showing: reply, human agent, request (rule 2.4).
	May []PolicyRow
	// EraseErr is why erasing was refused, such as a missing confirmation.
	EraseErr error
}

// PolicyRow is the policy's answer for one kind of message.
type PolicyRow struct {
	Kind   models.SendKind
	Answer models.PolicyAnswer
}

// DossierEntry is one thing that happened, at one time. Exactly one of its pointers is set.
type DossierEntry struct {
	At time.Time
	// Variant is what it was about; nil where it was about none, or the variant is gone.
	Variant *models.Variant
	// Interest: the contact asked. Request: they were asked (with the exact words). Token: a token came to its
	// state. Attempt: a call for a notification. Message: a message either way.
	Interest *models.Interest
	Request  *models.Request
	Token    *models.Token
	Attempt  *models.Attempt
	Message  *models.Message
	Click    *Click
}

// Click says that the tracked link of a notification was opened.
type Click struct{ URL string }
