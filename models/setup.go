package models

// PageSetup is what a Page shows in Messenger before and beside a conversation. Each list is by the locale of the phone, as
// Messenger writes it (it_IT), and has an entry "default" for every other.
type PageSetup struct {
	// GetStarted is the payload of the Get Started button, without which an m.me link's ref is lost on people who never wrote.
	GetStarted string
	Greetings  []LocalGreeting
	// Questions take the place of Get Started in an empty chat; none leave it there.
	Questions []LocalButtons
	// Menu stands beside the text box. It needs Get Started.
	Menu []LocalButtons
}

// LocalGreeting is the text of an empty chat in one language, at most MaxGreeting characters.
type LocalGreeting struct{ Locale, Text string }

// LocalButtons are questions or a menu in one language; each sends a payload or opens an address.
type LocalButtons struct {
	Locale  string
	Buttons []Button
}

// The platform's limits (Messenger Profile API, v25.0 samples).
const (
	MaxGreeting  = 160
	MaxQuestions = 4
	MaxMenuItems = 20
	MaxMenuTitle = 30
)
