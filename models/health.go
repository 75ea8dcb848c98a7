package models

import (
	"slices"
	"strings"
	"time"
)

// FeatureOTN and FeatureHumanAgent are what a Page has to ask Meta for.
const (
	FeatureOTN        = "one_time_notification"
	FeatureHumanAgent = "human_agent"
)

// PageHealth is what the last look at a Page's connection to Messenger found. The zero value is a Page that was never
// looked at.
type PageHealth struct {
	PageID    string    `gorm:"primaryKey"`
	CheckedAt time.Time `gorm:"serializer:ms"`
	// Problem is why the look came to nothing, as a sentence; what else stands here is then of the look before.
	Problem string
	// TokenExpiresAt and DataAccessUntil are zero where the platform tells no such end.
	TokenExpiresAt  time.Time `gorm:"serializer:ms"`
	DataAccessUntil time.Time `gorm:"serializer:ms"`
	// MissingPermissions and MissingFields are what the app lacks of what it needs.
	MissingPermissions []string `gorm:"serializer:json"`
	MissingFields      []string `gorm:"serializer:json"`
	// Scopes are the permissions that the Page's token has; empty where that cannot be read.
	Scopes []string `gorm:"serializer:json"`
	// Features is Meta's word on each feature that the Page asked for. What is not in it is unknown.
	Features map[string]string `gorm:"serializer:json"`
	// ResubscribedAt is when the webhooks were last put back after Meta had taken them off.
	ResubscribedAt time.Time `gorm:"serializer:ms"`
	// ConnectedAt is when somebody last set the Page up from here; zero for one set up elsewhere. Webhooks are put back only
	// where they were put before.
	ConnectedAt time.Time `gorm:"serializer:ms"`
	// ConnectedBy is the app-scoped id of whose Facebook login the Page's access token came from; empty for a token typed in. It is no
	// PSID, and the only thing by which the platform names that person when they take the app's permissions back.
	ConnectedBy string
	// LastEventAt is when Messenger last told something of the Page.
	LastEventAt time.Time `gorm:"serializer:ms"`
	// HumanRefused and UtilityRefused are the platform's last refusals of a human agent's reply and of a utility message, or of its
	// templates, for want of the feature or the permission; zero where there was none since the last that went through.
	HumanRefused   Refusal `gorm:"embedded;embeddedPrefix:human_refused_"`
	UtilityRefused Refusal `gorm:"embedded;embeddedPrefix:utility_refused_"`
	// TemplatesAt is when the Page's utility templates were last read, and TemplatesProblem why that came to nothing.
	TemplatesAt      time.Time `gorm:"serializer:ms"`
	TemplatesProblem string
}

// Refusal is the platform's word that something is not granted, with its code and subcode.
type Refusal struct {
	At      time.Time `gorm:"serializer:ms"`
	Code    int
	Subcode int
}

// RefusalHolds is how long a refusal counts. After it one message may find out whether it still stands: a refused one reaches
// nobody and costs nothing, and the platform tells nobody when it grants something.
const RefusalHolds = 24 * time.Hour

// PermissionUtility is what an app needs for utility messages and their templates. The documentation leaves out its first s, and
// the sign-in takes only this.
const PermissionUtility = "pages_utility_messaging"

// Grant is what is known of a feature or a permission.
type Grant string

// What may be known.
const (
	GrantUnknown Grant = "unknown"
	GrantGiven   Grant = "granted"
	GrantRefused Grant = "refused"
)

// HumanAgent is what is known of the feature Human Agent, without which no HUMAN_AGENT reply is taken.
func (h PageHealth) HumanAgent(now time.Time) Grant {
	return h.grant(h.HumanRefused, h.Granted(FeatureHumanAgent), h.Refused(FeatureHumanAgent), now)
}

// Utility is what is known of PermissionUtility.
func (h PageHealth) Utility(now time.Time) Grant {
	has := slices.Contains(h.Scopes, PermissionUtility)
	return h.grant(h.UtilityRefused, has, len(h.Scopes) > 0 && !has, now)
}

// grant weighs the last refusal of a call against what the last look read: the later one counts.
func (h PageHealth) grant(last Refusal, granted, refused bool, now time.Time) Grant {
	calls := !last.At.IsZero() && now.Sub(last.At) < RefusalHolds
	switch {
	case granted && (!calls || h.CheckedAt.After(last.At)):
		return GrantGiven
	case calls || refused:
		return GrantRefused
	}
	return GrantUnknown
}

// TableName is the table of PageHealth.
func (PageHealth) TableName() string { return "page_health" }

// HealthTrouble names what is wrong with a Page's connection; the screens turn it into a sentence with its mend.
type HealthTrouble string

// The troubles, the worst first.
const (
	HealthUnreachable   HealthTrouble = "unreachable"   // the platform did not answer, or refused the token
	HealthPermissions   HealthTrouble = "permissions"   // the app lacks permissions
	HealthFields        HealthTrouble = "fields"        // webhooks are missing
	HealthTokenEnding   HealthTrouble = "token_ending"  // the access token ends soon
	HealthAccessEnding  HealthTrouble = "access_ending" // reading people's names ends soon
	HealthFeature       HealthTrouble = "feature"       // One-Time Notification was asked for and not granted
	HealthSilent        HealthTrouble = "silent"        // nothing was heard for long, though it was before
	HealthNeverConnects HealthTrouble = "not_set_up"    // nobody set the Page up, and nothing was ever heard
	HealthResubscribed  HealthTrouble = "resubscribed"  // webhooks were off, and put back
)

// How long before an end it is told, and how long a Page may be silent.
const (
	healthEnding  = 14 * 24 * time.Hour
	healthSilence = 7 * 24 * time.Hour
	// HealthInterval is how often a Page is looked at. After HealthQuiet without any event it is looked at sooner: Meta takes an
	// app off a Page after an hour of failures, and says so to nobody.
	HealthInterval = 6 * time.Hour
	HealthQuiet    = time.Hour
	// HealthRetry is how soon a Page is looked at again that is silent or in trouble.
	HealthRetry = 15 * time.Minute
)

// Troubles says what is wrong, the worst first.
func (h PageHealth) Troubles(now time.Time) []HealthTrouble {
	if h.CheckedAt.IsZero() {
		return nil
	}
	var list []HealthTrouble
	ending := func(end time.Time) bool { return !end.IsZero() && end.Sub(now) < healthEnding }
	for _, t := range []struct {
		name HealthTrouble
		is   bool
	}{
		{HealthUnreachable, h.Problem != ""},
		{HealthPermissions, len(h.MissingPermissions) > 0},
		{HealthFields, len(h.MissingFields) > 0},
		{HealthTokenEnding, ending(h.TokenExpiresAt)},
		{HealthAccessEnding, ending(h.DataAccessUntil)},
		{HealthFeature, h.Refused(FeatureOTN)},
		{HealthSilent, !h.LastEventAt.IsZero() && now.Sub(h.LastEventAt) >= healthSilence},
		{HealthNeverConnects, h.ConnectedAt.IsZero() && h.LastEventAt.IsZero()},
		{HealthResubscribed, !h.ResubscribedAt.IsZero() && now.Sub(h.ResubscribedAt) < healthSilence},
	} {
		if t.is {
			list = append(list, t.name)
		}
	}
	return list
}

// Due reports whether a Page should be looked at now.
func (h PageHealth) Due(now time.Time) bool {
	wait := HealthInterval
	quiet := !h.LastEventAt.IsZero() && now.Sub(h.LastEventAt) >= HealthQuiet
	if quiet || h.Problem != "" || len(h.MissingFields) > 0 {
		wait = HealthRetry
	}
	return now.Sub(h.CheckedAt) >= wait
}

// Granted reports whether Meta says that a feature is granted, Refused whether it says something else of it. Both are false where
// it says nothing, which proves nothing: Meta does not document under which names features stand there.
func (h PageHealth) Granted(feature string) bool {
	return slices.Contains([]string{"approved", "granted", "active", "live"}, strings.ToLower(h.Features[feature]))
}

// Refused is the other half of Granted.
func (h PageHealth) Refused(feature string) bool {
	return h.Features[feature] != "" && !h.Granted(feature)
}
