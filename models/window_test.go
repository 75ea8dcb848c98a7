package models_test

import (
	"testing"
	"time"

	"bentornato/models"

	"pgregory.net/rapid"
)

// noon is the moment most tests of this package happen at.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestEventTime(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   int64
		want time.Time
	}{
		{"milliseconds", 1763812800123, time.UnixMilli(1763812800123)},
		{"seconds", 1763812800, time.Unix(1763812800, 0)},
		{"the last value read as seconds", 999_999_999_999, time.Unix(999_999_999_999, 0)},
		{"the first value read as milliseconds", 1_000_000_000_000, time.UnixMilli(1_000_000_000_000)},
		{"zero", 0, time.Time{}},
		{"negative", -1, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := models.EventTime(tt.in)
			if !got.Equal(tt.want) {
				t.Errorf("EventTime(%d) = %v, want %v", tt.in, got, tt.want)
			}
			if got.Location() != time.UTC {
				t.Errorf("EventTime(%d) is in %v, want UTC", tt.in, got.Location())
			}
		})
	}
}

func TestQualifies(t *testing.T) {
	qualifying := map[models.EventKind]bool{
		models.EventMessage: true, models.EventPostback: true, models.EventReferral: true,
		models.EventPluginOptIn: true, models.EventReaction: true,
	}
	all := []models.EventKind{
		models.EventMessage, models.EventEcho, models.EventPostback, models.EventReferral, models.EventOptIn,
		models.EventPluginOptIn, models.EventNotificationOptIn, models.EventReaction, models.EventUnreaction,
		models.EventDelivery, models.EventRead, models.EventEdit, models.EventComment, models.EventPolicyEnforcement,
		models.EventHandover, models.EventLead, models.EventStandby, models.EventOther, "invented",
	}
	for _, counted := range []bool{false, true} {
		settings := models.PageSettings{OptInTapOpensWindow: counted}
		for _, kind := range all {
			want := qualifying[kind] || (kind == models.EventOptIn && counted)
			if got := models.Qualifies(kind, settings); got != want {
				t.Errorf("Qualifies(%q) with the opt-in tap counted %v = %v, want %v", kind, counted, got, want)
			}
		}
	}
}

func TestLaterAction(t *testing.T) {
	for _, tt := range []struct {
		name              string
		last, event, want time.Time
	}{
		{"the first action", time.Time{}, noon.Add(-time.Hour), noon.Add(-time.Hour)},
		{"a newer one moves it forward", noon.Add(-time.Hour), noon.Add(-time.Minute), noon.Add(-time.Minute)},
		{"a late, older one does not move it back", noon.Add(-time.Minute), noon.Add(-time.Hour), noon.Add(-time.Minute)},
		{"the same again", noon, noon, noon},
		{"one from the future counts as now", noon.Add(-time.Hour), noon.Add(time.Hour), noon},
		{"no event time", noon, time.Time{}, noon},
		{"nothing at all", time.Time{}, time.Time{}, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := models.LaterAction(tt.last, tt.event, noon); !got.Equal(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// In whatever order events arrive, the window ends where it would have ended in the right order.
func TestLaterActionOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		offsets := rapid.SliceOfN(rapid.Int64Range(-1e6, 1e5), 1, 20).Draw(t, "offsets")
		var last, latest time.Time
		for _, o := range rapid.Permutation(offsets).Draw(t, "arrival") {
			before := last
			last = models.LaterAction(last, noon.Add(time.Duration(o)*time.Millisecond), noon)
			if last.Before(before) {
				t.Fatalf("the window went back from %v to %v", before, last)
			}
		}
		for _, o := range offsets {
			if at := noon.Add(time.Duration(min(o, 0)) * time.Millisecond); at.After(latest) {
				latest = at
			}
		}
		if !last.Equal(latest) {
			t.Fatalf("last action %v, want %v", last, latest)
		}
	})
}

func TestContactWindows(t *testing.T) {
	var never models.Contact
	if !never.WindowUntil().IsZero() || !never.HumanAgentUntil().IsZero() {
		t.Errorf("a contact that never acted has windows until %v and %v", never.WindowUntil(), never.HumanAgentUntil())
	}
	c := models.Contact{LastActionAt: noon}
	if got, want := c.WindowUntil(), noon.Add(24*time.Hour); !got.Equal(want) {
		t.Errorf("standard window until %v, want %v", got, want)
	}
	if got, want := c.HumanAgentUntil(), noon.Add(7*24*time.Hour); !got.Equal(want) {
		t.Errorf("human-agent window until %v, want %v", got, want)
	}
}
