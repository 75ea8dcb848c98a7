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

// PageDesk is the platform's side of a Page: setting it up, taking that back, and looking at its connection.
type PageDesk interface {
	SetUp(ctx context.Context, page, accessToken string, s models.PageSetup, done func(step string)) error
	TearDown(ctx context.Context, page, accessToken string) error
	Examine(ctx context.Context, page, accessToken string, now time.Time) models.PageHealth
	Resubscribe(ctx context.Context, page, accessToken string) error
}

// desk is the platform, unless the program was wired without.
func (s *Service) desk() (PageDesk, error) {
	if s.cfg.Desk == nil {
		return nil, models.Errorf(models.KindUnavailable, "Messenger cannot be reached from here.")
	}
	return s.cfg.Desk, nil
}

// ConnectPage saves a Page with its access token and sets it up in Messenger. by is the app-scoped id of the Facebook login that the
// token came from, empty for one typed in. Where the set-up fails the Page is saved all the same, and it may be set up again.
func (s *Service) ConnectPage(ctx context.Context, p models.Page, accessToken, by string) error {
	if err := s.SavePage(ctx, p, accessToken); err != nil {
		return err
	}
	return s.setUp(ctx, p.ID, by)
}

// SetUpPage sets a Page up in Messenger again.
func (s *Service) SetUpPage(ctx context.Context, pageID string) error {
	before, err := s.store.PageHealth(ctx, pageID)
	if err != nil {
		return err
	}
	return s.setUp(ctx, pageID, before.ConnectedBy)
}

func (s *Service) setUp(ctx context.Context, pageID, by string) error {
	desk, page, token, err := s.deskOf(ctx, pageID)
	if err != nil {
		return err
	}
	if err := desk.SetUp(ctx, page.ID, token, Setup(page), func(string) {}); err != nil {
		return err
	}
	if err := s.store.Update(ctx, func(tx *store.Tx) error { return tx.SetConnected(pageID, by) }); err != nil {
		return err
	}
	_, err = s.CheckPage(ctx, pageID)
	return err
}

// DisconnectPage takes a Page's set-up back and pauses it: nothing would be heard of it.
func (s *Service) DisconnectPage(ctx context.Context, pageID string) error {
	desk, page, token, err := s.deskOf(ctx, pageID)
	if err != nil {
		return err
	}
	if err := desk.TearDown(ctx, page.ID, token); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.SetDisconnected(pageID); err != nil {
			return err
		}
		_, err := tx.PausePage(pageID, models.PauseByMerchant, "disconnected")
		return err
	})
}

// deskOf is what a call about a Page needs.
func (s *Service) deskOf(ctx context.Context, pageID string) (PageDesk, models.Page, string, error) {
	desk, err := s.desk()
	if err != nil {
		return nil, models.Page{}, "", err
	}
	page, err := s.store.Page(ctx, pageID)
	if err != nil {
		return nil, page, "", err
	}
	token, err := s.store.PageToken(page)
	if err == nil && token == "" {
		err = models.Errorf(models.KindInvalid, "The Page has no access token; connect it.")
	}
	return desk, page, token, err
}

// Deauthorize pauses the Pages whose access token came from somebody's Facebook login, which has taken back what it allowed: the next
// call would be refused. It returns how many.
func (s *Service) Deauthorize(ctx context.Context, userID string) (int, error) {
	n := 0
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		ids, err := tx.PagesConnectedBy(ctx, userID)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := tx.PausePage(id, models.PauseTokenInvalid, "the Facebook login behind it took back its permissions"); err != nil {
				return err
			}
		}
		n = len(ids)
		return nil
	})
	return n, err
}

// StartPageLogin keeps a person's Facebook token, sealed, until they have chosen Pages; EndPageLogin forgets it.
func (s *Service) StartPageLogin(ctx context.Context, nonce string, userID int64, token string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SavePageLogin(nonce, userID, token) })
}

// EndPageLogin is the end of StartPageLogin.
func (s *Service) EndPageLogin(ctx context.Context, nonce string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.EndPageLogin(nonce) })
}

// CheckPages looks at one Page whose turn it is, and reports whether there was one. A Page whose webhooks Meta took off is
// subscribed again where it was set up from here.
func (s *Service) CheckPages(ctx context.Context) (bool, error) {
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
	_, err = s.CheckPage(ctx, due.PageID)
	return true, err
}

// CheckPage looks at a Page now.
func (s *Service) CheckPage(ctx context.Context, pageID string) (models.PageHealth, error) {
	desk, err := s.desk()
	if err != nil {
		return models.PageHealth{}, err
	}
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
