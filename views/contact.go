package views

import "bentornato/models"

// ContactsProps is the list of contacts: GET /contacts with q, show and cursor.
type ContactsProps struct {
	Page
	Query string
	Show  models.ContactFilter
	Rows  []models.ContactRow
	Pager Pager
	// Pages are all Pages; their names stand beside the contacts where there are several.
	Pages []models.Page
	// PageID filters.
	PageID string
}

// ContactProps is one contact's dossier (rule 7.4): GET /contacts/{id}; erased by POST /contacts/{id}/erase with
// confirm=yes; downloaded at /contacts/{id}/dossier.json.
type ContactProps struct {
	Page
	Dossier models.Dossier
	OnPage  models.Page
	// May are the policy's answers of now for the kinds worth showing: reply, human agent, request (rule 2.4).
	May []PolicyRow
	// EraseErr is why erasing was refused, such as a missing confirmation.
	EraseErr error
}

// waiting are the tokens that still wait.
func (p ContactProps) waiting() []models.DossierToken {
	var list []models.DossierToken
	for _, k := range p.Dossier.Tokens {
		if k.State == models.TokenWaiting {
			list = append(list, k)
		}
	}
	return list
}

// PolicyRow is the policy's answer for one kind of message.
type PolicyRow struct {
	Kind   models.SendKind
	Answer models.PolicyAnswer
}
