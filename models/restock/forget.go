package restock

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// A person who only chats with a Page never signed in with its app, so the platform's data-deletion callback cannot name
// them. They ask here, in the chat, where it is certain who asks.

// forgetAfter is how long a person who asked to be forgotten is still known: long enough to tell them that it is being done.
const forgetAfter = time.Minute

// eraseQuestion makes sure: a tap cannot be undone.
func eraseQuestion(language string) models.Content {
	return models.Content{Text: phrase(language, "erase"), Buttons: []models.Button{
		{Title: phrase(language, "erase_yes"), Payload: eraseYesPayload}, {Title: phrase(language, "erase_no"), Payload: eraseNoPayload},
	}}
}

// forget withdraws everything at once, says that the rest is being deleted, with the address where that can be followed, and
// leaves the deleting to EraseAsked.
func (a act) forget() error {
	if a.contact.EraseCode != "" {
		return nil // tapped twice
	}
	if _, err := a.tx.WithdrawTokens(a.contact.ID, models.TokenStop); err != nil {
		return err
	}
	code := strings.ToLower(rand.Text())
	if err := a.tx.SaveErasure(models.Erasure{Code: code, At: a.tx.Now(), Contacts: 1}); err != nil {
		return err
	}
	if err := a.tx.AskErasure(a.contact.ID, code, a.tx.Now().Add(forgetAfter)); err != nil {
		return err
	}
	return a.reply(models.Content{Text: phrase(a.language(), "erased") + "\n" + a.cfg.BaseURL + "/data-deletion/" + code})
}

// EraseAsked forgets people who asked for it in the chat, and reports whether there may be more.
func (s *Service) EraseAsked(ctx context.Context) (bool, error) {
	const few = 20
	due, err := s.store.DueErasures(ctx, s.now(), few)
	if err != nil {
		return false, err
	}
	for _, c := range due {
		if err := s.store.Update(ctx, func(tx *store.Tx) error {
			if err := tx.EraseContact(c); err != nil {
				return err
			}
			return tx.FinishErasure(c.EraseCode)
		}); err != nil {
			return false, err
		}
	}
	return len(due) == few, nil
}
