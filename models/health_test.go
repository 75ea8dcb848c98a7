package models

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPageHealthTroubles(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	well := PageHealth{CheckedAt: now, ConnectedAt: now, LastEventAt: now, TokenExpiresAt: now.Add(healthEnding), Features: map[string]string{FeatureOTN: "APPROVED"}}
	for _, c := range []struct {
		name  string
		spoil func(*PageHealth)
		want  []HealthTrouble
	}{
		{"well", func(*PageHealth) {}, nil},
		{"never looked at", func(h *PageHealth) { *h = PageHealth{Problem: "x"} }, nil},
		{"refused", func(h *PageHealth) { h.Problem = "Facebook no longer takes this token." }, []HealthTrouble{HealthUnreachable}},
		{"permissions and fields", func(h *PageHealth) {
			h.MissingFields, h.MissingPermissions = []string{"feed"}, []string{"pages_messaging"}
		}, []HealthTrouble{HealthPermissions, HealthFields}},
		{"a token that ends in 14 days less a moment", func(h *PageHealth) { h.TokenExpiresAt = now.Add(healthEnding - 1) }, []HealthTrouble{HealthTokenEnding}},
		{"a token that has ended", func(h *PageHealth) { h.TokenExpiresAt = now.Add(-time.Hour) }, []HealthTrouble{HealthTokenEnding}},
		{"names that end soon", func(h *PageHealth) { h.DataAccessUntil = now.Add(time.Hour) }, []HealthTrouble{HealthAccessEnding}},
		{"a feature that waits", func(h *PageHealth) { h.Features[FeatureOTN] = "PENDING" }, []HealthTrouble{HealthFeature}},
		{"a feature of which nothing is said", func(h *PageHealth) { delete(h.Features, FeatureOTN) }, nil},
		{"silent for a week", func(h *PageHealth) { h.LastEventAt = now.Add(-healthSilence) }, []HealthTrouble{HealthSilent}},
		{"nobody set it up", func(h *PageHealth) { h.ConnectedAt, h.LastEventAt = time.Time{}, time.Time{} }, []HealthTrouble{HealthNeverConnects}},
		{"set up elsewhere, and heard of", func(h *PageHealth) { h.ConnectedAt = time.Time{} }, nil},
		{"put back", func(h *PageHealth) { h.ResubscribedAt = now.Add(-time.Hour) }, []HealthTrouble{HealthResubscribed}},
	} {
		h := well
		h.Features = map[string]string{FeatureOTN: "APPROVED"}
		c.spoil(&h)
		if diff := cmp.Diff(c.want, h.Troubles(now)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestPageHealthDue(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		h    PageHealth
		want bool
	}{
		{"never looked at", PageHealth{}, true},
		{"looked at a moment ago", PageHealth{CheckedAt: now.Add(-time.Second), LastEventAt: now}, false},
		{"after six hours", PageHealth{CheckedAt: now.Add(-HealthInterval), LastEventAt: now}, true},
		{"less a moment", PageHealth{CheckedAt: now.Add(-HealthInterval + 1), LastEventAt: now}, false},
		{"silent for an hour", PageHealth{CheckedAt: now.Add(-HealthRetry), LastEventAt: now.Add(-HealthQuiet)}, true},
		{"silent for an hour, and looked at", PageHealth{CheckedAt: now.Add(-HealthRetry + 1), LastEventAt: now.Add(-HealthQuiet)}, false},
		{"in trouble", PageHealth{CheckedAt: now.Add(-HealthRetry), LastEventAt: now, Problem: "x"}, true},
		{"never heard of", PageHealth{CheckedAt: now.Add(-HealthRetry)}, false},
	} {
		if got := c.h.Due(now); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

// The later of what a call and what a look said counts.
func TestGrants(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	approved, refused := map[string]string{FeatureHumanAgent: "APPROVED"}, Refusal{At: now.Add(-time.Hour), Code: 10}
	for name, c := range map[string]struct {
		health PageHealth
		want   Grant
	}{
		"never looked":                 {PageHealth{}, GrantUnknown},
		"not in the list":              {PageHealth{CheckedAt: now, Features: map[string]string{FeatureOTN: "APPROVED"}}, GrantUnknown},
		"granted":                      {PageHealth{CheckedAt: now, Features: approved}, GrantGiven},
		"under review":                 {PageHealth{CheckedAt: now, Features: map[string]string{FeatureHumanAgent: "PENDING"}}, GrantRefused},
		"refused by a call":            {PageHealth{HumanRefused: refused}, GrantRefused},
		"refused, then granted":        {PageHealth{HumanRefused: refused, CheckedAt: now, Features: approved}, GrantGiven},
		"granted, then refused":        {PageHealth{HumanRefused: refused, CheckedAt: now.Add(-2 * time.Hour), Features: approved}, GrantRefused},
		"refused a day ago":            {PageHealth{HumanRefused: Refusal{At: now.Add(-RefusalHolds)}}, GrantUnknown},
		"refused a day ago, and since": {PageHealth{HumanRefused: Refusal{At: now.Add(-RefusalHolds)}, Features: approved}, GrantGiven},
	} {
		if got := c.health.HumanAgent(now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
