package models

import "time"

// RecurringStatus is what a recurring opt-in event says happened.
type RecurringStatus string

// The statuses. An opt-in carries none; the other two come when the person stops and resumes.
const (
	RecurringGranted RecurringStatus = ""
	RecurringStopped RecurringStatus = "stopped"
	RecurringResumed RecurringStatus = "resumed"
)

// RecurringOptIn is what the platform tells of a recurring notification token (optin of type notification_messages;
// "Marketing Messages (Recurring Notifications)", fetched 11 September 2026). Since 10 February 2026 such tokens work
// in Australia, the European Union, Japan, South Korea and the United Kingdom only, for Pages that had them before.
type RecurringOptIn struct {
	Status    RecurringStatus `json:"status,omitempty"`
	Title     string          `json:"title,omitempty"`
	Topic     string          `json:"topic,omitempty"` // of an m.me/rn link
	ExpiresAt time.Time       `json:"expires_at,omitzero"`
	TimeZone  string          `json:"time_zone,omitempty"`
	// Frequency is DAILY, WEEKLY or MONTHLY on old tokens, and empty since Graph v16.
	Frequency string `json:"frequency,omitempty"`
	// Refreshed is set where the token replaces an earlier one of the same person and title.
	Refreshed bool `json:"refreshed,omitempty"`
}
