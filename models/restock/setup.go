package restock

import (
	"context"
	"slices"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// The payloads of what a Page shows beside a conversation. A menu can say more than a text box: what a tap means needs no guessing.
const (
	// getStartedPayload means nothing by itself: what a person came for is in the ref beside it.
	getStartedPayload = "GET_STARTED"
	stopPayload       = "bn:stop"
	erasePayload      = "bn:erase"
	eraseYesPayload   = "bn:erase:yes"
	eraseNoPayload    = "bn:erase:no"
	personPayload     = "bn:person"
)

// Setup is what a Page shows in Messenger: Get Started, a greeting, and a menu that always offers a person and the way out. Of the
// questions of an empty chat there are none: they would take the place of Get Started, and with it the ref of a link.
func Setup(p models.Page) models.PageSetup {
	s := models.PageSetup{GetStarted: getStartedPayload}
	for _, l := range locales(p.Locale) {
		s.Greetings = append(s.Greetings, models.LocalGreeting{Locale: l.locale, Text: phrase(l.language, "greeting")})
		s.Menu = append(s.Menu, models.LocalButtons{Locale: l.locale, Buttons: []models.Button{
			{Title: phrase(l.language, "menu_person"), Payload: personPayload},
			{Title: phrase(l.language, "menu_stop"), Payload: stopPayload},
			{Title: phrase(l.language, "menu_erase"), Payload: erasePayload},
		}})
	}
	return s
}

type localeOf struct{ locale, language string }

// locales are those of English and Italian phones, and "default" for every other: the Page's language. The platform matches a
// locale whole.
func locales(pageLocale string) []localeOf {
	return []localeOf{{"default", models.Language(pageLocale)}, {"en_US", "en"}, {"en_GB", "en"}, {"it_IT", "it"}}
}

// PageDesk is the platform's side of a Page: looking at its connection and putting its webhooks back.
type PageDesk interface {
	Examine(ctx context.Context, page, accessToken string, now time.Time) models.PageHealth
	Resubscribe(ctx context.Context, page, accessToken string) error
}

// Connected notes that somebody set a Page up from here, so that its webhooks are put back if Meta takes them off.
func (s *Service) Connected(ctx context.Context, pageID string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SetConnected(pageID, true) })
}

// Disconnected notes that somebody took a Page's set-up back, and pauses the Page: nothing could be heard of it.
func (s *Service) Disconnected(ctx context.Context, pageID string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.SetConnected(pageID, false); err != nil {
			return err
		}
		_, err := tx.PausePage(pageID, models.PauseByMerchant, "disconnected")
		return err
	})
}

// CheckPages looks at one Page whose turn it is, and reports whether there was one. A Page whose webhooks Meta took off is
// subscribed again where it was set up from here.
func (s *Service) CheckPages(ctx context.Context, desk PageDesk) (bool, error) {
	var due models.PageHealth
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		var err error
		due, err = tx.TakeDueHealth(ctx)
		return err
	})
	if models.KindOf(err) == models.KindNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = s.CheckPage(ctx, desk, due.PageID)
	return true, err
}

// CheckPage looks at a Page now.
func (s *Service) CheckPage(ctx context.Context, desk PageDesk, pageID string) (models.PageHealth, error) {
	page, err := s.store.Page(ctx, pageID)
	if err != nil {
		return models.PageHealth{}, err
	}
	before, err := s.store.PageHealth(ctx, pageID)
	if err != nil {
		return before, err
	}
	token, err := s.store.PageToken(page)
	if err != nil {
		return before, err
	}
	var h models.PageHealth
	if token == "" {
		h = models.PageHealth{PageID: pageID, CheckedAt: s.now(), Problem: "The Page has no access token; connect it."}
	} else {
		h = desk.Examine(ctx, pageID, token, s.now())
	}
	if h.Problem == "" && len(h.MissingFields) > 0 && !before.ConnectedAt.IsZero() {
		missing := slices.Clone(h.MissingFields)
		if err := desk.Resubscribe(ctx, pageID, token); err != nil {
			h.Problem = models.MessageOf(err)
		} else {
			h.MissingFields, h.ResubscribedAt = nil, s.now()
			s.log.Warn("the Page's webhooks were off and are on again", "page", pageID, "fields", missing)
		}
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error { return tx.SaveHealth(h) })
	if err != nil {
		return h, err
	}
	return s.store.PageHealth(ctx, pageID)
}
