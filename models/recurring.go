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

// ListedOptIn is a permission that a Page has already, as the platform lists it.
type ListedOptIn struct {
	Token  string // a secret
	PSID   string
	OptIn  RecurringOptIn
	At     time.Time // when it was given; zero where the platform does not say
	NextAt time.Time // when it may be used next; zero where the platform does not say
}

// String names the permission without its token.
func (l ListedOptIn) String() string { return "recurring opt-in of " + l.PSID }

// GoString is String, so that no way of printing shows the token.
func (l ListedOptIn) GoString() string { return l.String() }

// ImportState is where the reading of a Page's own list of permissions stands.
type ImportState string

// The states of an import.
const (
	ImportRunning ImportState = "running"
	ImportDone    ImportState = "done"
	ImportFailed  ImportState = "failed" // it can be gone on with from where it stopped
)

// OptInImport is how far the list of a Page's recurring permissions was read.
type OptInImport struct {
	PageID string `gorm:"primaryKey"`
	State  ImportState
	// Position is where the platform's list goes on.
	Position string
	// Found counts what was read, Added what was not known before, and Waiting the products that people wait for by it.
	Found, Added, Waiting int
	// Problem is why it failed, as a sentence.
	Problem   string
	StartedAt time.Time `gorm:"serializer:ms"`
	StateAt   time.Time `gorm:"serializer:ms"`
}

// TableName says what is imported.
func (OptInImport) TableName() string { return "optin_imports" }
