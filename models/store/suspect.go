package store

import (
	"fmt"

	"bentornato/models"
)

// judge decides about suspects (rule 6.4). A message that went out proves the others' tokens dead; a run of
// identical refusals blames the message, pauses the restock and gives every suspect its permission back.
func (t *Tx) judge(list []models.Settlement) error {
	byRestock := map[int64][]models.Settlement{}
	var sent, suspected []int64
	for _, s := range list {
		switch {
		case s.Suspect:
			suspected = append(suspected, s.RestockID)
		case s.State == models.TokenSent:
			sent = append(sent, s.RestockID)
		default:
			continue
		}
		byRestock[s.RestockID] = append(byRestock[s.RestockID], s)
	}
	// A message that went out matters only where something was refused before it.
	var restocks []models.Restock
	inSent, sentList := t.among(distinct(sent))
	inSuspected, suspectedList := t.among(distinct(suspected))
	if err := t.db.Raw("SELECT * FROM restocks WHERE (id "+inSent+" AND refusals > 0) OR id "+inSuspected+" ORDER BY id"+t.lock("FOR UPDATE"),
		sentList, suspectedList).Scan(&restocks).Error; err != nil {
		return err
	}
	for _, r := range restocks {
		id, settled := r.ID, byRestock[r.ID]
		proven, before := false, r.Refusals
		for _, s := range settled {
			if s.State == models.TokenSent {
				proven, r.Refusals, r.RefusalCode = true, 0, ""
				continue
			}
			code := fmt.Sprintf("%d/%d", s.Answer.Code, s.Answer.Subcode)
			if code != r.RefusalCode {
				r.Refusals, r.RefusalCode = 0, code
			}
			r.Refusals++
		}
		blamed := r.State == models.RestockPaused && r.Reason == models.RestockRefusals
		enough := r.Refusals >= models.MaxRefusals
		blamed = blamed || enough // even where the restock is over: the message was no better for that
		if enough && r.State == models.RestockRunning {
			if _, err := t.MoveRestock(id, models.RestockRunning, models.RestockPaused, models.RestockRefusals); err != nil {
				return err
			}
		} else if before != r.Refusals {
			if err := t.db.Exec("UPDATE restocks SET refusals = ?, refusal_code = ? WHERE id = ?", r.Refusals, r.RefusalCode, id).Error; err != nil {
				return err
			}
		}
		var err error
		switch {
		case blamed:
			err = t.acquit("restock_id = ?", id)
		case proven:
			err = t.convict("restock_id = ?", id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// acquit gives suspects their permission back.
func (t *Tx) acquit(where string, args ...any) error {
	return t.release(`UPDATE tokens SET state = 'waiting', reason = 'released', suspect = FALSE, suspected = suspected + 1, next_at = ?, state_at = ?
		WHERE suspect AND state = 'claimed' AND `+where, append([]any{millis(t.now), millis(t.now)}, args...)...)
}

// convict takes suspects for what the platform says they are.
func (t *Tx) convict(where string, args ...any) error {
	return t.release(`UPDATE tokens SET state = 'failed', suspect = FALSE, state_at = ? WHERE suspect AND state = 'claimed' AND `+where,
		append([]any{millis(t.now)}, args...)...)
}
