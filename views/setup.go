package views

import "bentornato/models"

// SetupProps is the page that makes the first owner: POST /setup with code, email, password, password_again and language.
type SetupProps struct {
	Page
	Form SetupForm
}

// SetupForm is what somebody typed to become the first owner; passwords are never given back.
type SetupForm struct {
	Code     string
	Email    string
	Language string
	Err      error
}

// FirstStepsProps is the list of first steps on a page of its own: GET /setup; POST /setup/aside and /setup/back.
type FirstStepsProps struct {
	Page
	Steps models.FirstSteps
	// WebhookURL is the address that is given to Meta.
	WebhookURL string
}

// firstStepPath is where a step is done.
func firstStepPath(s models.FirstStep) string {
	switch s {
	case models.StepPage:
		return "/pages"
	case models.StepWebhook:
		return "/setup#webhook"
	case models.StepProduct:
		return "/products/new"
	case models.StepStock:
		return "/sources"
	default: // asking and opting in begin with a product's link
		return "/products"
	}
}
