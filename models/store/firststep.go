package store

import (
	"context"

	"bentornato/models"
)

// What the table installation holds.
const (
	factWebhook   = "webhook_verified"
	factAside     = "first_steps_aside"
	factRetention = "retention"
	factSwept     = "retention_swept"
)

// maxSetupCodes is how many codes are good at once: each process that starts without a login brings its own.
const maxSetupCodes = 8

// remember writes a setting, or that something happened now.
func (t *Tx) remember(name, value string) error {
	return t.db.Exec("INSERT INTO installation (name, value, at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
		name, value, millis(t.now)).Error
}

func (t *Tx) forget(name string) error {
	return t.db.Exec("DELETE FROM installation WHERE name = ?", name).Error
}

// fact is a row of the table installation; the zero value is none.
type fact struct {
	Name  string
	Value string
	At    int64
}

func (r Reader) fact(ctx context.Context, name string) (fact, error) {
	var f fact
	err := r.with(ctx).Raw("SELECT * FROM installation WHERE name = ?", name).Scan(&f).Error
	return f, translate(err)
}

// HasUsers reports whether anybody could sign in.
func (r Reader) HasUsers(ctx context.Context) (bool, error) {
	var has bool
	err := r.with(ctx).Raw("SELECT EXISTS (SELECT 1 FROM users)").Scan(&has).Error
	return has, translate(err)
}

// AddSetupCode makes a code good for making the first owner, on every process of the installation. Only its hash is kept,
// of the latest few.
func (t *Tx) AddSetupCode(code string) error {
	// The time comes first: gorm takes bytes right behind a bracket for a list of values.
	if err := t.db.Exec("INSERT INTO setup_codes (at, hash) VALUES (?, ?)", millis(t.now), keyHash(models.FoldSetupCode(code))).Error; err != nil {
		return err
	}
	return t.db.Exec("DELETE FROM setup_codes WHERE hash NOT IN (SELECT hash FROM setup_codes ORDER BY at DESC LIMIT ?)", maxSetupCodes).Error
}

// AddFirstOwner makes the first login for whoever shows a code; every code is used up with it. A wrong code is
// models.KindInvalid, a login that is there already models.KindConflict.
func (t *Tx) AddFirstOwner(u models.User, code string) (models.User, error) {
	// Taking all codes holds up whoever comes with another one at the same moment; they find none left.
	var hashes []struct{ Hash []byte }
	if err := t.db.Raw("DELETE FROM setup_codes RETURNING hash").Scan(&hashes).Error; err != nil {
		return u, err
	}
	var there bool
	if err := t.db.Raw("SELECT EXISTS (SELECT 1 FROM users)").Scan(&there).Error; err != nil {
		return u, err
	}
	if there {
		return u, models.Errorf(models.KindConflict, "The first owner is there already; sign in, or ask them for a login.")
	}
	right := false
	for _, h := range hashes {
		right = right || string(h.Hash) == string(keyHash(models.FoldSetupCode(code)))
	}
	if !right {
		return u, models.FieldErrorf("code", "This is not the code that the server printed; it looks like ABCD-EFGH-JKLM-NPQR.")
	}
	u.Role, u.CreatedAt = models.RoleOwner, t.now
	if err := t.db.Create(&u).Error; err != nil {
		return u, err
	}
	t.actor = models.Actor{Kind: models.ActorUser, ID: u.ID, Name: u.Email}
	return u, t.Record(models.AuditEntry{Thing: models.AuditInstallation, Act: models.AuditSetUp})
}

// WebhookVerified writes that Meta asked whether our address is ours, and was answered.
func (t *Tx) WebhookVerified() error { return t.remember(factWebhook, "") }

// SetStepsAside puts the list of first steps aside, or back.
func (t *Tx) SetStepsAside(aside bool) error {
	if !aside {
		if err := t.forget(factAside); err != nil {
			return err
		}
		return t.Record(models.AuditEntry{Thing: models.AuditInstallation, Act: models.AuditStepsBack})
	}
	if err := t.remember(factAside, ""); err != nil {
		return err
	}
	return t.Record(models.AuditEntry{Thing: models.AuditInstallation, Act: models.AuditStepsAside})
}

// FirstSteps finds out which of the first steps are done. What people did stays done when they are forgotten: it is
// counted, not looked for.
func (r Reader) FirstSteps(ctx context.Context) (models.FirstSteps, error) {
	var row struct {
		Page, Webhook, Product, Stock, Interest, OptIn bool
		Aside                                          int64
	}
	err := r.with(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM pages) AS page,
		EXISTS (SELECT 1 FROM installation WHERE name = ?) OR EXISTS (SELECT 1 FROM inbound_events)
			OR EXISTS (SELECT 1 FROM counters WHERE name IN ('contacts', 'interests') AND n > 0) AS webhook,
		EXISTS (SELECT 1 FROM variants WHERE deleted_at = 0) AS product,
		EXISTS (SELECT 1 FROM sources) OR EXISTS (SELECT 1 FROM source_events) AS stock,
		EXISTS (SELECT 1 FROM counters WHERE name = 'interests' AND n > 0) AS interest,
		EXISTS (SELECT 1 FROM counters WHERE name LIKE 'token:%' AND n > 0) AS opt_in,
		COALESCE((SELECT at FROM installation WHERE name = ?), 0) AS aside`, factWebhook, factAside).Scan(&row).Error
	if err != nil {
		return models.FirstSteps{}, translate(err)
	}
	return models.FirstSteps{AsideAt: fromMillis(row.Aside), Done: map[models.FirstStep]bool{
		models.StepPage: row.Page, models.StepWebhook: row.Webhook, models.StepProduct: row.Product,
		models.StepStock: row.Stock, models.StepInterest: row.Interest, models.StepOptIn: row.OptIn,
	}}, nil
}
