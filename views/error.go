package views

// ErrorProps is the page for something that went wrong.
type ErrorProps struct {
	Page
	// Status is the HTTP status it is sent with.
	Status int
	// Err is what happened; only its sentence for people is shown.
	Err error
	// ID finds the failure in the log; empty where nothing was logged.
	ID string
}
