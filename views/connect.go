package views

import "bentornato/models"

// ConnectProps is how a Page is connected: GET and POST /pages/connect.
type ConnectProps struct {
	Page
	// LoginURL is where Facebook asks the owner; empty where the Meta app is not configured.
	LoginURL string
	// Denied is set when the owner came back from Facebook without agreeing.
	Denied bool
	Form   ConnectForm
}

// ConnectForm is what somebody typed to connect a Page by hand. Field names: id, name, token, locale, timezone. The token is never
// shown again.
type ConnectForm struct {
	ID       string
	Name     string
	Locale   string
	TimeZone string
	Err      error
}

// connectFields are the fields that show their own error.
func connectFields() []string { return []string{"id", "name", "token", "locale", "timezone"} }

// ChoosePagesProps lists the Pages that Facebook shares: GET and POST /pages/choose. Field names: login, page (many), locale, timezone.
type ChoosePagesProps struct {
	Page
	// Login finds the sign-in again.
	Login      string
	Candidates []ConnectCandidate
	Form       ConnectForm
}

// ConnectCandidate is a Page that may be connected.
type ConnectCandidate struct {
	ID, Name string
	// Known is set for a Page that is here already: connecting it renews its token and keeps its settings.
	Known bool
	// Missing are the tasks that the person lacks on the Page; with any it cannot be connected.
	Missing []string
	Chosen  bool
}

// ConnectedProps says what became of each chosen Page.
type ConnectedProps struct {
	Page
	Results []ConnectResult
}

// ConnectResult is one Page's outcome.
type ConnectResult struct {
	OnPage models.Page
	Err    error
}
