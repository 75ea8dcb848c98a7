package restock

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"bentornato/models"
	"bentornato/models/store"
)

// TemplateDesk is the platform's side of a Page's utility templates.
type TemplateDesk interface {
	Templates(ctx context.Context, page, accessToken string) ([]models.UtilityTemplate, error)
	// CreateTemplate hands a template in for review, and returns it with the platform's number and status.
	CreateTemplate(ctx context.Context, page, accessToken string, t models.UtilityTemplate) (models.UtilityTemplate, error)
	// DeleteTemplate deletes one template, or with an empty number all languages of the name.
	DeleteTemplate(ctx context.Context, page, accessToken, name, platformID string) error
}

// templateDesk is the platform, and what a call about a Page needs.
func (s *Service) templateDesk(ctx context.Context, pageID string) (TemplateDesk, string, error) {
	if s.cfg.Templates == nil {
		return nil, "", models.Errorf(models.KindUnavailable, "Messenger cannot be reached from here.")
	}
	page, err := s.store.Page(ctx, pageID)
	if err != nil {
		return nil, "", err
	}
	token, err := s.store.PageToken(page)
	if err == nil && token == "" {
		err = models.Errorf(models.KindInvalid, "The Page has no access token; connect it.")
	}
	return s.cfg.Templates, token, err
}

// SaveTemplate writes a utility template as a draft: a new one where its number is 0. Nothing goes to Meta before SubmitTemplate.
// One that is with Meta cannot be changed; one that Meta refused keeps its name and language, by which Meta knows it.
func (s *Service) SaveTemplate(ctx context.Context, t models.UtilityTemplate) (models.UtilityTemplate, error) {
	t.Name, t.Language = strings.TrimSpace(t.Name), strings.TrimSpace(t.Language)
	t.Body = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(t.Body, "\r\n", "\n"), "\x00", ""))
	act := savedAs(t.ID)
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if t.ID != 0 {
			before, err := tx.Template(ctx, t.ID)
			if err != nil {
				return err
			}
			if !before.Editable() {
				return withMeta()
			}
			t.PageID, t.CreatedAt, t.SubmittedAt, t.ReviewedAt = before.PageID, before.CreatedAt, before.SubmittedAt, before.ReviewedAt
			if before.Status != models.TemplateGone && before.PlatformID != "" {
				t.PlatformID, t.Name, t.Language = before.PlatformID, before.Name, before.Language
			}
		}
		t.Status, t.Reason = models.TemplateDraft, ""
		if err := checkTemplate(t); err != nil {
			return err
		}
		var err error
		if t, err = tx.SaveTemplate(t); err != nil {
			return err
		}
		return tx.Record(onTemplate(t, act))
	})
	return t, err
}

// checkTemplate holds a template against the platform's limits and ours before anybody at Meta reads it.
func checkTemplate(t models.UtilityTemplate) error {
	if !t.Purpose.Known() {
		return models.FieldErrorf("template_purpose", "Say what the message is for: an order, an appointment or an account.")
	}
	return t.Validate()
}

func withMeta() error {
	return models.Errorf(models.KindConflict, "Meta has this template; delete it and write a new one under another name.")
}

// onTemplate is the entry of what was done about a template, which is a part of its Page.
func onTemplate(t models.UtilityTemplate, act models.AuditAct) models.AuditEntry {
	return models.AuditEntry{Thing: models.AuditTemplate, ThingID: strconv.FormatInt(t.ID, 10), ThingName: t.Name, PageID: t.PageID, Act: act}
}

// SubmitTemplate hands a template in for Meta's review, which takes seconds as a rule. One that Meta refused before is deleted there
// first: a name and a language stand there once.
func (s *Service) SubmitTemplate(ctx context.Context, id int64) (models.UtilityTemplate, error) {
	t, err := s.store.Template(ctx, id)
	if err != nil {
		return t, err
	}
	if !t.Editable() {
		return t, withMeta()
	}
	if err := checkTemplate(t); err != nil {
		return t, err
	}
	desk, token, err := s.templateDesk(ctx, t.PageID)
	if err != nil {
		return t, err
	}
	if t.PlatformID != "" && t.Status != models.TemplateGone {
		if err := desk.DeleteTemplate(ctx, t.PageID, token, t.Name, t.PlatformID); err != nil {
			return t, s.noteTrouble(ctx, t.PageID, err)
		}
		t.PlatformID = "" // should the next call fail, it is a draft that Meta has never seen
		if err := s.store.Update(ctx, func(tx *store.Tx) error { _, err := tx.SaveTemplate(t); return err }); err != nil {
			return t, err
		}
	}
	got, err := desk.CreateTemplate(ctx, t.PageID, token, t)
	if err != nil {
		return t, s.noteTrouble(ctx, t.PageID, err)
	}
	t.PlatformID, t.Status, t.Reason, t.SubmittedAt = got.PlatformID, got.Status, "", s.now()
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if t, err = tx.SaveTemplate(t); err != nil {
			return err
		}
		return tx.Record(onTemplate(t, models.AuditSubmitted))
	})
	return t, err
}

// noteTrouble keeps that the Page's app may not have templates, where that is what a call was refused for, and returns its error.
func (s *Service) noteTrouble(ctx context.Context, pageID string, trouble error) error {
	var e *models.Error
	if !errors.As(trouble, &e) || e.Field != models.PermissionUtility {
		return trouble
	}
	refused := models.Answer{Outcome: models.OutcomePageTrouble, Pause: models.PausePermission}
	if err := s.store.Update(ctx, func(tx *store.Tx) error { return tx.NoteGrants(pageID, models.SendUtility, refused) }); err != nil {
		return err
	}
	return trouble
}

// RefreshTemplates reads a Page's utility templates from Meta: what became of each, and those made elsewhere.
func (s *Service) RefreshTemplates(ctx context.Context, pageID string) error {
	desk, token, err := s.templateDesk(ctx, pageID)
	if err != nil {
		return err
	}
	began := s.now()
	listed, trouble := desk.Templates(ctx, pageID, token)
	if trouble != nil {
		if err := s.store.Update(ctx, func(tx *store.Tx) error { return tx.SaveTemplateLook(pageID, models.MessageOf(trouble)) }); err != nil {
			return err
		}
		return s.noteTrouble(ctx, pageID, trouble)
	}
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SaveTemplates(ctx, pageID, listed, began) })
}

// CheckTemplates reads the utility templates of one Page whose turn it is, and reports whether there was one. What it could not
// read stands on the Page's screen.
func (s *Service) CheckTemplates(ctx context.Context) (bool, error) {
	page := ""
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		var err error
		page, err = tx.TakeDueTemplates()
		return err
	})
	if models.KindOf(err) == models.KindNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := s.RefreshTemplates(ctx, page); err != nil {
		s.log.Warn("the Page's utility templates could not be read", "page", page, "error", err)
	}
	return true, nil
}

// DeleteTemplate deletes a utility template, with Meta too. What was sent by it stays.
func (s *Service) DeleteTemplate(ctx context.Context, id int64) error {
	t, err := s.store.Template(ctx, id)
	if err != nil {
		return err
	}
	if t.PlatformID != "" && t.Status != models.TemplateGone {
		if err := s.deleteWithMeta(ctx, t); err != nil {
			return err
		}
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.DeleteTemplate(id); err != nil {
			return err
		}
		return tx.Record(onTemplate(t, models.AuditDeleted))
	})
}

// deleteWithMeta deletes a template there. One that somebody deleted on Facebook already is refused as wrong, and then what Meta
// lists tells whether it is gone.
func (s *Service) deleteWithMeta(ctx context.Context, t models.UtilityTemplate) error {
	desk, token, err := s.templateDesk(ctx, t.PageID)
	if err != nil {
		return err
	}
	refused := desk.DeleteTemplate(ctx, t.PageID, token, t.Name, t.PlatformID)
	if refused == nil {
		return nil
	}
	if models.KindOf(refused) != models.KindInvalid {
		return s.noteTrouble(ctx, t.PageID, refused)
	}
	listed, err := desk.Templates(ctx, t.PageID, token)
	if err != nil {
		return err
	}
	for _, l := range listed {
		if l.Name == t.Name && l.Language == t.Language {
			return refused
		}
	}
	return nil
}

// SendUtility queues a utility message to a contact: an approved template of the contact's Page with its places filled in. userID is
// who sends it from the admin, 0 for a script. It is refused with the reason where the policy refuses it, and asked of the policy
// again at the moment of sending.
func (s *Service) SendUtility(ctx context.Context, contactID, userID, templateID int64, values []string) (models.Message, error) {
	var m models.Message
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		c, page, err := conversation(ctx, tx, contactID)
		if err != nil {
			return err
		}
		t, err := tx.Template(ctx, templateID)
		if err == nil && t.PageID != page.ID {
			err = models.Errorf(models.KindNotFound, "There is no such template.")
		}
		if err != nil {
			return err
		}
		health, err := tx.PageHealth(ctx, page.ID)
		if err != nil {
			return err
		}
		policy := models.MaySend(models.PolicyQuestion{Kind: models.SendUtility, Page: page, Health: health, Contact: c, Template: &t, Now: tx.Now()})
		if !policy.Allowed {
			return models.Errorf(models.KindConflict, "Messenger allows no utility message to this person now (%s).", policy.Reason)
		}
		filled, text, err := t.Fill(values)
		if err != nil {
			return err
		}
		m, err = tx.QueueMessage(models.Message{PageID: page.ID, ContactID: c.ID, Kind: models.SendUtility, Rank: models.RankReply, TypedBy: userID,
			Content: &models.Content{Template: &filled}, Text: text, SendBefore: tx.Now().Add(models.UtilityOfUse)})
		if err != nil {
			return err
		}
		if err := tx.Record(onContact(c, models.AuditReplied)); err != nil {
			return err
		}
		return tx.SaveHeard([]store.Heard{{ContactID: c.ID, Text: text, At: tx.Now()}})
	})
	if err == nil {
		s.waker.Wake()
	}
	return m, err
}

// ForgetRefusals ends what refused calls, and the last look, said of a Page's features and permissions: somebody says that they are
// granted now, and the next message finds out.
func (s *Service) ForgetRefusals(ctx context.Context, pageID string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.ForgetRefusals(pageID); err != nil {
			return err
		}
		return tx.Record(models.AuditEntry{Thing: models.AuditPage, ThingID: pageID, PageID: pageID, Act: models.AuditChanged})
	})
}

// question is what the policy is asked of a message at the moment of sending.
func (s *Service) question(ctx context.Context, page models.Page, c store.ClaimedMessage) (models.PolicyQuestion, error) {
	q := models.PolicyQuestion{Kind: c.Kind, Page: page, Contact: c.Contact, Now: s.now(), TypedByPerson: c.TypedBy != 0, CommentAt: c.CommentAt}
	if c.Kind != models.SendHumanAgent && c.Kind != models.SendUtility {
		return q, nil
	}
	var err error
	if q.Health, err = s.store.PageHealth(ctx, page.ID); err != nil || c.Content == nil || c.Content.Template == nil {
		return q, err
	}
	t, err := s.store.TemplateNamed(ctx, page.ID, c.Content.Template.Name, c.Content.Template.Language)
	if models.KindOf(err) == models.KindNotFound {
		return q, nil // deleted meanwhile
	}
	q.Template = &t
	return q, err
}
