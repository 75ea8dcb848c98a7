package store

import (
	"context"
	"errors"
	"time"

	"bentornato/models"
)

// Sweep limits: how many rows one sweep takes, so that it never holds the database for long.
const (
	sweepBatch = 1000
	// suspectPatience is how long a suspect waits for another answer to prove or blame the message.
	suspectPatience = 5 * time.Second
	// keepReports is how long stock reports' ids and a source's last events are kept.
	keepReports = 90 * 24 * time.Hour
)

// Sweep finds what signals missed: claims of processes that died, answers that never came, restocks with nothing
// left to do. It is cheap when there is nothing; run it about every second. grace is that of rule 6.3.
func (s *Store) Sweep(ctx context.Context, grace time.Duration) error {
	for _, sweep := range []func(*Tx) error{
		func(t *Tx) error { return t.expireLeases(grace) },
		func(t *Tx) error { _, err := t.ExpireMessageLeases(); return err },
		func(t *Tx) error { return t.convict("state_at <= ?", millis(t.now.Add(-suspectPatience))) },
		(*Tx).endUnknown,
		(*Tx).renewAndFinish,
	} {
		// Each in a transaction of its own: rows that one of them takes are not held while the next waits for others.
		if err := s.Update(ctx, sweep); err != nil {
			return err
		}
	}
	return nil
}

// endUnknown ends unanswered tokens that may not be tried once more.
func (t *Tx) endUnknown() error {
	// Two calls without an answer, and no echo: a third could be one too many, and rule 6.3 allows one.
	if err := t.failUnknown(models.TokenKeptUnknown, "unanswered >= 2 AND next_at <= ?", millis(t.now)); err != nil {
		return err
	}
	// A person who wrote stop is not written to again; the echo had its grace to say that it arrived.
	if err := t.failUnknown(models.TokenStop, `next_at <= ?
		AND EXISTS (SELECT 1 FROM contacts c WHERE c.id = tokens.contact_id AND c.stopped_at >= tokens.granted_at)`, millis(t.now)); err != nil {
		return err
	}
	if err := t.failUnknown(models.TokenYearOver, "expires_at <= ?", millis(t.now)); err != nil {
		return err
	}
	// A use of a recurring opt-in may be called for again only while the platform's cap would refuse a second message.
	if err := t.failUnknown(models.TokenKeptUnknown, "optin_id > 0 AND retry_until <= ? AND next_at <= ?", millis(t.now), millis(t.now)); err != nil {
		return err
	}
	return t.failUnknown(models.TokenTopicStop, `optin_id > 0 AND next_at <= ?
		AND EXISTS (SELECT 1 FROM recurring_optins o WHERE o.id = tokens.optin_id AND o.status <> 'active')`, millis(t.now))
}

// renewAndFinish renews recurring opt-ins, and ends the restocks with nothing left to do once none is left to renew.
func (t *Tx) renewAndFinish() error {
	if more, err := t.renewOptIns(sweepBatch); err != nil || more {
		return err // what is left is renewed by the next sweep, before a restock ends without it
	}
	if err := t.rewindRestocks(); err != nil {
		return err
	}
	_, err := t.FinishRestocks()
	return err
}

// expireLeases turns tokens whose process died between claim and result into unknown ones: the call may have been
// made. That call was not seen through, so it does not count as the one more try.
func (t *Tx) expireLeases(grace time.Duration) error {
	moved, err := t.moved(`UPDATE tokens SET state = 'unknown', reason = 'no_answer', unsure = unsure + 1, state_at = ?,
		next_at = CASE WHEN optin_id > 0 THEN CAST(? AS BIGINT) ELSE CAST(? AS BIGINT) END
		WHERE id `+t.once(`SELECT id FROM tokens WHERE state = 'claimed' AND NOT suspect AND lease_until <= ? ORDER BY lease_until LIMIT ?`+t.lock("FOR UPDATE SKIP LOCKED"))+` AND state = 'claimed'
		RETURNING `+movedColumns, millis(t.now), millis(t.now.Add(max(grace, models.RecurringGrace))), millis(t.now.Add(grace)), millis(t.now), sweepBatch)
	if err != nil || len(moved) == 0 {
		return err
	}
	ids := make([]int64, len(moved))
	for i, k := range moved {
		ids[i] = k.ID
	}
	in, list := t.among(ids)
	err = t.db.Exec("UPDATE attempts SET state = 'unknown', settled_at = ? WHERE state = 'pending' AND token_id "+in, millis(t.now), list).Error
	if err != nil {
		return err
	}
	return t.countMoves(models.TokenClaimed, moved)
}

// Tidy does what need not be done within seconds: ends tokens whose year is over, closes requests that nobody
// answered, forgets what is kept only against repetition. Run it every few minutes.
func (s *Store) Tidy(ctx context.Context) error {
	if err := s.askClock(ctx); err != nil {
		return err
	}
	for {
		ended := 0
		err := s.Update(ctx, func(t *Tx) error {
			var err error
			ended, err = t.ExpireTokens(sweepBatch)
			return err
		})
		if err != nil {
			return err
		}
		if ended < sweepBatch {
			break
		}
	}
	if err := s.Update(ctx, func(t *Tx) error { return t.expireOptIns(sweepBatch) }); err != nil {
		return err
	}
	if err := s.CountMonths(ctx); err != nil {
		return err
	}
	return s.Update(ctx, func(t *Tx) error {
		_, err := t.LapseRequests(t.now.Add(-models.RequestLife))
		return errors.Join(err, t.forgetWords(),
			t.db.Exec("DELETE FROM stock_reports WHERE received_at < ?", millis(t.now.Add(-keepReports))).Error,
			t.db.Exec("DELETE FROM source_events WHERE received_at < ?", millis(t.now.Add(-keepReports))).Error,
			t.db.Exec("DELETE FROM sessions WHERE expires_at < ?", millis(t.now)).Error,
			t.expireUploads())
	})
}
