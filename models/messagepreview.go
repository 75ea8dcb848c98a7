package models

// MessagePreview is what a person would be sent about a variant, in one language: the opt-in request and the notification.
type MessagePreview struct {
	Language     string
	Request      Content
	Notification Content
	// Err says which limit of the platform the notification breaks; nil for none. Nothing is claimed for such a one.
	Err error
}
