package models_test

import (
	"testing"
	"time"

	"bentornato/models"

	"github.com/google/go-cmp/cmp"
)

func TestMaySend(t *testing.T) {
	const margin, day, tick = models.WindowMargin, 24 * time.Hour, time.Nanosecond
	yes := func(until time.Time) models.PolicyAnswer { return models.PolicyAnswer{Allowed: true, Until: until} }
	no := func(why models.PolicyReason, until time.Time) models.PolicyAnswer {
		return models.PolicyAnswer{Reason: why, Until: until}
	}
	never := time.Time{}
	retired := time.Date(2026, 4, 27, 0, 0, 0, 0, time.UTC)
	wrote := models.Contact{LastActionAt: noon}
	windowEnd, humanEnd, commentEnd := noon.Add(day), noon.Add(7*day), noon.Add(7*day)
	expires := noon.Add(365 * day)
	token := func(s models.TokenState) *models.Token {
		return &models.Token{State: s, GrantedAt: noon, ExpiresAt: expires}
	}
	news := models.Page{Settings: models.PageSettings{RegisteredNews: true}}
	template := func(s models.TemplateStatus) *models.UtilityTemplate { return &models.UtilityTemplate{Status: s} }
	refusedAt := func(at time.Time) models.PageHealth {
		r := models.Refusal{At: at, Code: 10}
		return models.PageHealth{HumanRefused: r, UtilityRefused: r}
	}
	granted := models.PageHealth{Scopes: []string{"pages_messaging", models.PermissionUtility}, Features: map[string]string{models.FeatureHumanAgent: "APPROVED"}}
	bare := models.PageHealth{Scopes: []string{"pages_messaging"}}
	rejected := models.PageHealth{Features: map[string]string{models.FeatureHumanAgent: "REJECTED"}}
	type q = models.PolicyQuestion

	for _, tt := range []struct {
		name string
		q    models.PolicyQuestion
		want models.PolicyAnswer
	}{
		{"reply at once", q{Kind: models.SendReply, Contact: wrote, Now: noon}, yes(windowEnd.Add(-margin))},
		{"reply in the last instant before the margin", q{Kind: models.SendReply, Contact: wrote, Now: windowEnd.Add(-margin - tick)}, yes(windowEnd.Add(-margin))},
		{"reply where the margin begins", q{Kind: models.SendReply, Contact: wrote, Now: windowEnd.Add(-margin)}, no(models.ReasonWindowEndNear, windowEnd)},
		{"reply in the window's last instant", q{Kind: models.SendReply, Contact: wrote, Now: windowEnd.Add(-tick)}, no(models.ReasonWindowEndNear, windowEnd)},
		{"reply exactly at the end", q{Kind: models.SendReply, Contact: wrote, Now: windowEnd}, no(models.ReasonWindowClosed, windowEnd)},
		{"reply a month later", q{Kind: models.SendReply, Contact: wrote, Now: noon.Add(30 * day)}, no(models.ReasonWindowClosed, windowEnd)},
		{"reply to someone who never wrote", q{Kind: models.SendReply, Now: noon}, no(models.ReasonNeverWrote, never)},
		{"reply typed by a person is no HUMAN_AGENT", q{Kind: models.SendReply, Contact: wrote, Now: windowEnd, TypedByPerson: true}, no(models.ReasonWindowClosed, windowEnd)},
		{"reply to someone who wrote stop", q{Kind: models.SendReply, Contact: models.Contact{LastActionAt: noon, StoppedAt: noon}, Now: noon}, yes(windowEnd.Add(-margin))},

		{"request in the window", q{Kind: models.SendRequest, Contact: wrote, Now: noon.Add(time.Hour)}, yes(windowEnd.Add(-margin))},
		{"request in the margin", q{Kind: models.SendRequest, Contact: wrote, Now: windowEnd.Add(-margin)}, no(models.ReasonWindowEndNear, windowEnd)},
		{"request after the window", q{Kind: models.SendRequest, Contact: wrote, Now: windowEnd}, no(models.ReasonWindowClosed, windowEnd)},
		{"request to someone who never wrote", q{Kind: models.SendRequest, Now: noon}, no(models.ReasonNeverWrote, never)},
		{"request after stop", q{Kind: models.SendRequest, Contact: models.Contact{LastActionAt: noon, StoppedAt: noon}, Now: noon}, no(models.ReasonStopped, noon)},
		{"request after stop and a new action", q{Kind: models.SendRequest, Contact: models.Contact{LastActionAt: noon, StoppedAt: noon.Add(-tick)}, Now: noon}, yes(windowEnd.Add(-margin))},

		{"human agent after the standard window", q{Kind: models.SendHumanAgent, Contact: wrote, Now: windowEnd, TypedByPerson: true}, yes(humanEnd.Add(-margin))},
		{"human agent before the margin", q{Kind: models.SendHumanAgent, Contact: wrote, Now: humanEnd.Add(-margin - tick), TypedByPerson: true}, yes(humanEnd.Add(-margin))},
		{"human agent in the margin", q{Kind: models.SendHumanAgent, Contact: wrote, Now: humanEnd.Add(-margin), TypedByPerson: true}, no(models.ReasonWindowEndNear, humanEnd)},
		{"human agent after 7 days", q{Kind: models.SendHumanAgent, Contact: wrote, Now: humanEnd, TypedByPerson: true}, no(models.ReasonHumanClosed, humanEnd)},
		{"human agent by the program", q{Kind: models.SendHumanAgent, Contact: wrote, Now: noon}, no(models.ReasonNotTyped, never)},
		{"human agent to someone who never wrote", q{Kind: models.SendHumanAgent, Now: noon, TypedByPerson: true}, no(models.ReasonNeverWrote, never)},

		{"confirmed event on the last day", q{Kind: models.SendConfirmedEvent, Now: retired.Add(-tick)}, yes(retired)},
		{"confirmed event once retired", q{Kind: models.SendConfirmedEvent, Now: retired}, no(models.ReasonTagRetired, retired)},
		{"post purchase on the last day", q{Kind: models.SendPostPurchase, Now: retired.Add(-tick)}, yes(retired)},
		{"post purchase once retired", q{Kind: models.SendPostPurchase, Now: retired}, no(models.ReasonTagRetired, retired)},
		{"account update on the last day", q{Kind: models.SendAccountUpdate, Now: retired.Add(-tick)}, yes(retired)},
		{"account update today, in an open window", q{Kind: models.SendAccountUpdate, Contact: wrote, Now: noon}, no(models.ReasonTagRetired, retired)},

		{"private reply", q{Kind: models.SendPrivateReply, CommentAt: noon, Now: noon}, yes(commentEnd.Add(-margin))},
		{"private reply before the margin", q{Kind: models.SendPrivateReply, CommentAt: noon, Now: commentEnd.Add(-margin - tick)}, yes(commentEnd.Add(-margin))},
		{"private reply in the margin", q{Kind: models.SendPrivateReply, CommentAt: noon, Now: commentEnd.Add(-margin)}, no(models.ReasonWindowEndNear, commentEnd)},
		{"private reply after 7 days", q{Kind: models.SendPrivateReply, CommentAt: noon, Now: commentEnd}, no(models.ReasonCommentOld, commentEnd)},
		{"second private reply", q{Kind: models.SendPrivateReply, CommentAt: noon, CommentAnswered: true, Now: noon}, no(models.ReasonCommentUsed, never)},
		{"private reply to no comment", q{Kind: models.SendPrivateReply, Contact: wrote, Now: noon}, no(models.ReasonNoComment, never)},

		{"notification outside every window", q{Kind: models.SendNotification, Token: token(models.TokenClaimed), Now: noon.Add(200 * day)}, yes(expires.Add(-time.Hour))},
		{"notification before the last hour", q{Kind: models.SendNotification, Token: token(models.TokenClaimed), Now: expires.Add(-time.Hour - tick)}, yes(expires.Add(-time.Hour))},
		{"notification in the last hour", q{Kind: models.SendNotification, Token: token(models.TokenClaimed), Now: expires.Add(-time.Hour)}, no(models.ReasonTokenEnding, expires)},
		{"notification after the year", q{Kind: models.SendNotification, Token: token(models.TokenClaimed), Now: expires}, no(models.ReasonTokenEnding, expires)},
		{"notification without a token", q{Kind: models.SendNotification, Contact: wrote, Now: noon}, no(models.ReasonNoToken, never)},
		{"notification with a token nobody claimed", q{Kind: models.SendNotification, Token: token(models.TokenWaiting), Now: noon}, no(models.ReasonTokenNotHeld, never)},
		{"notification with an unknown token", q{Kind: models.SendNotification, Token: token(models.TokenUnknown), Now: noon}, no(models.ReasonTokenNotHeld, never)},
		{"notification with a spent token", q{Kind: models.SendNotification, Token: token(models.TokenSent), Now: noon}, no(models.ReasonTokenNotHeld, never)},
		{"notification with a withdrawn token", q{Kind: models.SendNotification, Token: token(models.TokenWithdrawn), Now: noon}, no(models.ReasonTokenNotHeld, never)},

		{"broadcast", q{Kind: models.SendBroadcast, Contact: wrote, Now: noon}, no(models.ReasonNotNews, never)},
		{"broadcast by a news Page", q{Kind: models.SendBroadcast, Page: news, Now: noon}, yes(never)},
		{"broadcast by a news Page to who wrote stop", q{Kind: models.SendBroadcast, Page: news, Contact: models.Contact{LastActionAt: noon, StoppedAt: noon}, Now: noon}, no(models.ReasonStopped, noon)},
		{"broadcast inside an open window", q{Kind: models.SendBroadcast, Contact: wrote, Now: noon.Add(time.Hour), TypedByPerson: true}, no(models.ReasonNotNews, never)},

		{"utility in the window", q{Kind: models.SendUtility, Contact: wrote, Template: template(models.TemplateApproved), Now: noon}, yes(never)},
		{"utility exactly at the window's end", q{Kind: models.SendUtility, Contact: wrote, Template: template(models.TemplateApproved), Now: windowEnd}, yes(never)},
		{"utility a year later", q{Kind: models.SendUtility, Contact: wrote, Template: template(models.TemplateApproved), Now: noon.Add(365 * day)}, yes(never)},
		{"utility with the permission", q{Kind: models.SendUtility, Contact: wrote, Template: template(models.TemplateApproved), Health: granted, Now: noon}, yes(never)},
		{"utility without the permission", q{Kind: models.SendUtility, Contact: wrote, Template: template(models.TemplateApproved), Health: bare, Now: noon}, no(models.ReasonNoUtility, never)},
		{"utility after a refusal", q{Kind: models.SendUtility, Contact: wrote, Template: template(models.TemplateApproved), Health: refusedAt(noon), Now: noon.Add(models.RefusalHolds - tick)}, no(models.ReasonNoUtility, never)},
		{"utility once a refusal is old", q{Kind: models.SendUtility, Contact: wrote, Template: template(models.TemplateApproved), Health: refusedAt(noon), Now: noon.Add(models.RefusalHolds)}, yes(never)},
		{"utility without a template", q{Kind: models.SendUtility, Contact: wrote, Now: noon}, no(models.ReasonNoTemplate, never)},
		{"utility with a draft", q{Kind: models.SendUtility, Contact: wrote, Template: template(models.TemplateDraft), Now: noon}, no(models.ReasonNotApproved, never)},
		{"utility with a template under review", q{Kind: models.SendUtility, Contact: wrote, Template: template(models.TemplatePending), Now: noon}, no(models.ReasonNotApproved, never)},
		{"utility with a rejected template", q{Kind: models.SendUtility, Contact: wrote, Template: template(models.TemplateRejected), Now: noon}, no(models.ReasonNotApproved, never)},
		{"utility with a paused template", q{Kind: models.SendUtility, Contact: wrote, Template: template(models.TemplatePaused), Now: noon}, no(models.ReasonNotApproved, never)},
		{"utility with a status nobody knows", q{Kind: models.SendUtility, Contact: wrote, Template: template("IN_APPEAL"), Now: noon}, no(models.ReasonNotApproved, never)},
		{"utility to someone who never wrote", q{Kind: models.SendUtility, Template: template(models.TemplateApproved), Now: noon}, no(models.ReasonNeverWrote, never)},
		{"utility after stop", q{Kind: models.SendUtility, Contact: models.Contact{LastActionAt: noon, StoppedAt: noon}, Template: template(models.TemplateApproved), Now: noon}, no(models.ReasonStopped, noon)},
		{"utility after stop and a new action", q{Kind: models.SendUtility, Contact: models.Contact{LastActionAt: noon, StoppedAt: noon.Add(-tick)}, Template: template(models.TemplateApproved), Now: noon}, yes(never)},

		{"human agent with the feature", q{Kind: models.SendHumanAgent, Contact: wrote, Now: windowEnd, TypedByPerson: true, Health: granted}, yes(humanEnd.Add(-margin))},
		{"human agent where Meta refused the feature", q{Kind: models.SendHumanAgent, Contact: wrote, Now: windowEnd, TypedByPerson: true, Health: rejected}, no(models.ReasonNoHumanAgent, never)},
		{"human agent after a refusal", q{Kind: models.SendHumanAgent, Contact: wrote, Now: noon.Add(models.RefusalHolds + time.Hour - tick), TypedByPerson: true, Health: refusedAt(noon.Add(time.Hour))}, no(models.ReasonNoHumanAgent, never)},
		{"human agent once a refusal is old", q{Kind: models.SendHumanAgent, Contact: wrote, Now: noon.Add(models.RefusalHolds + time.Hour), TypedByPerson: true, Health: refusedAt(noon.Add(time.Hour))}, yes(humanEnd.Add(-margin))},
		{"human agent refused, and 7 days over: the time is said", q{Kind: models.SendHumanAgent, Contact: wrote, Now: humanEnd, TypedByPerson: true, Health: rejected}, no(models.ReasonHumanClosed, humanEnd)},
		{"confirmed event a year after", q{Kind: models.SendConfirmedEvent, Contact: wrote, Now: retired.AddDate(1, 0, 0), TypedByPerson: true}, no(models.ReasonTagRetired, retired)},
		{"account update once retired", q{Kind: models.SendAccountUpdate, Now: retired}, no(models.ReasonTagRetired, retired)},
		{"account update where it is the 27th in Rome and the 26th in UTC", q{Kind: models.SendAccountUpdate, Now: time.Date(2026, 4, 27, 1, 0, 0, 0, time.FixedZone("CEST", 2*3600))}, yes(retired)},

		{"a kind no rule knows", q{Kind: "sponsored", Contact: wrote, Now: noon}, no(models.ReasonUnknownKind, never)},
		{"no kind", q{Contact: wrote, Now: noon}, no(models.ReasonUnknownKind, never)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, models.MaySend(tt.q)); diff != "" {
				t.Errorf("wrong answer (-want +got):\n%s", diff)
			}
		})
	}
}

// What stops everything stops every kind, whatever else would allow it.
func TestMaySendNothing(t *testing.T) {
	for _, kind := range []models.SendKind{
		models.SendReply, models.SendHumanAgent, models.SendConfirmedEvent, models.SendPostPurchase,
		models.SendAccountUpdate, models.SendPrivateReply, models.SendRequest, models.SendNotification,
		models.SendBroadcast, models.SendUtility,
	} {
		allowed := models.PolicyQuestion{
			Kind:          kind,
			Page:          models.Page{State: models.PageActive, Settings: models.PageSettings{RegisteredNews: true}},
			Contact:       models.Contact{LastActionAt: models.TagsRetired.Add(-time.Hour)},
			Now:           models.TagsRetired.Add(-time.Minute),
			TypedByPerson: true,
			CommentAt:     models.TagsRetired.Add(-time.Hour),
			Template:      &models.UtilityTemplate{Status: models.TemplateApproved},
			Token:         &models.Token{State: models.TokenClaimed, ExpiresAt: models.TagsRetired.Add(1000 * time.Hour)},
		}
		if a := models.MaySend(allowed); !a.Allowed || a.Reason != "" {
			t.Errorf("%s: refused with %q where nothing is in its way", kind, a.Reason)
		}
		paused := allowed
		paused.Page.State = models.PagePaused
		if a := models.MaySend(paused); a.Allowed || a.Reason != models.ReasonPagePaused {
			t.Errorf("%s on a paused Page: %+v", kind, a)
		}
		erased := paused
		erased.Contact.ErasedAt = noon
		if a := models.MaySend(erased); a.Allowed || a.Reason != models.ReasonErased || !a.Until.Equal(noon) {
			t.Errorf("%s to an erased person: %+v", kind, a)
		}
	}
}
