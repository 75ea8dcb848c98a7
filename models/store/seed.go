package store

import (
	"context"
	"errors"
	"time"

	"bentornato/models"
)

// Seeding writes many rows at once, for measurements and tests. It goes past the workflows: nothing is asked, nobody is
// woken, and the rows are believed as they are. What it leaves is what the workflows would have left all the same: tokens
// are sealed, and every count agrees with what it counts. A million tokens take well under a minute on either database.

// Seeding calls do with the indexes taken down, and builds them again after it: a row that each of a dozen indexes must
// find a place for costs ten times one that is sorted in with the others. It is for a database of one's own: nobody else
// may use it meanwhile, and one that was left in the middle is of no use.
func (s *Store) Seeding(ctx context.Context, do func(context.Context) error) error {
	var indexes []struct{ Name, SQL string }
	list := "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
	if s.dialect == dialectPostgres {
		list = `SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = current_schema() AND tablename NOT LIKE 'goose%'
			AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname AND connamespace = current_schema()::regnamespace)`
	}
	if err := s.with(ctx).Raw(list).Scan(&indexes).Error; err != nil {
		return translate(err)
	}
	for _, i := range indexes {
		if err := s.Update(ctx, func(t *Tx) error { return t.db.Exec("DROP INDEX " + i.Name).Error }); err != nil {
			return err
		}
	}
	err := do(ctx)
	for _, i := range indexes {
		err = errors.Join(err, s.Update(ctx, func(t *Tx) error { return t.db.Exec(i.SQL).Error }))
	}
	if err != nil || s.dialect != dialectPostgres {
		return err // SQLite keeps no statistics here, and no plan may depend on them
	}
	// PostgreSQL plans by statistics, and reads an index alone where it knows that all see what it says. Its autovacuum sees to
	// both by itself, but minutes later.
	return translate(s.write.WithContext(ctx).Exec("VACUUM ANALYZE").Error)
}

// SeedVariants lists variants, each the only one of a product without a name, and sets their numbers. Their stock is
// taken as it is, and their count of who waits left to SeedTokens.
func (t *Tx) SeedVariants(list []models.Variant) error {
	products := make([]models.Product, len(list))
	for i, v := range list {
		products[i] = models.Product{PageID: v.PageID, CreatedAt: t.now}
	}
	if err := seed(t, "products", products, func(p *models.Product) *int64 { return &p.ID }); err != nil {
		return err
	}
	for i := range list {
		v := &list[i]
		v.ProductID, v.Ref, v.CreatedAt, v.UpdatedAt, v.Waiting = products[i].ID, newRef(), t.now, t.now, 0
		v.MinStock = max(1, v.MinStock)
	}
	if err := seed(t, "variants", list, func(v *models.Variant) *int64 { return &v.ID }); err != nil {
		return err
	}
	byPage := tally[pageCounter]{}
	for _, v := range list {
		byPage.add(pageCounter{v.PageID, countVariants}, 1)
	}
	t.countPages(byPage)
	return t.addWords(list)
}

// SeedContacts adds contacts and sets their numbers.
func (t *Tx) SeedContacts(list []models.Contact) error {
	byPage := tally[pageCounter]{}
	for i := range list {
		list[i].CreatedAt = t.now
		byPage.add(pageCounter{list[i].PageID, countContacts}, 1)
	}
	if err := seed(t, "contacts", list, func(c *models.Contact) *int64 { return &c.ID }); err != nil {
		return err
	}
	t.countPages(byPage)
	var words []wordRow
	for _, c := range list {
		for _, w := range searchWords(c.Name, maxWordsHeard) {
			words = append(words, wordRow{ContactID: c.ID, Word: w})
		}
	}
	return t.saveContactWords(words)
}

// SeedTokens adds tokens and sets their numbers. secret gives each one's, by its place in the list; no two tokens of a
// Page may have the same. A token without a state waits, and one that is sent or failed gets the attempt that made it so,
// at its StateAt.
func (t *Tx) SeedTokens(list []models.Token, secret func(i int) string) error {
	counters, variants := tally[pageCounter]{}, tally[int64]{}
	days, err := t.newSeededDays()
	if err != nil {
		return err
	}
	var attempts []models.Attempt
	for i := range list {
		k := &list[i]
		if k.Hash, err = t.seal.fingerprint("token/"+k.PageID, secret(i)); err != nil {
			return err
		}
		if k.Sealed, err = t.seal.seal(tokenIdentity(k.Hash), []byte(secret(i))); err != nil {
			return err
		}
		if k.State == "" {
			k.State = models.TokenWaiting
		}
		if k.StateAt.IsZero() {
			k.StateAt = t.now
		}
		k.ExpiresAt = models.TokenExpiry(k.GrantedAt)
		counters.add(pageCounter{k.PageID, countToken + string(k.State)}, 1)
		if k.State == models.TokenWaiting {
			variants.add(k.VariantID, 1)
		}
		days.add(k.PageID, k.VariantID, k.GrantedAt, seededDay{Granted: 1})
	}
	if err := seed(t, "tokens", list, func(k *models.Token) *int64 { return &k.ID }); err != nil {
		return err
	}
	for i := range list {
		k := &list[i]
		a := models.Attempt{TokenID: k.ID, Number: 1, PageID: k.PageID, RestockID: k.RestockID, At: k.StateAt, SettledAt: k.StateAt}
		switch k.State {
		case models.TokenSent:
			a.State, a.MessageID = models.AttemptSent, "m_"+formatID(k.ID)
			days.add(k.PageID, 0, k.StateAt, seededDay{Sent: 1})
		case models.TokenFailed:
			a.State, a.Code = models.AttemptRefused, 100
		default:
			continue
		}
		attempts = append(attempts, a)
	}
	if len(attempts) > 0 {
		if err := t.db.CreateInBatches(&attempts, manyRows).Error; err != nil {
			return err
		}
	}
	if err := t.countDays(days); err != nil {
		return err
	}
	if err := t.countVariants(variants); err != nil {
		return err
	}
	t.countPages(counters)
	return nil
}

// SeedRestocks adds restocks and sets their numbers. Their counts are taken as they are.
func (t *Tx) SeedRestocks(list []models.Restock) error {
	return seed(t, "restocks", list, func(r *models.Restock) *int64 { return &r.ID })
}

// SeedInterests adds what people asked about.
func (t *Tx) SeedInterests(list []models.Interest) error {
	byPage := tally[pageCounter]{}
	days, err := t.newSeededDays()
	if err != nil {
		return err
	}
	for _, i := range list {
		byPage.add(pageCounter{i.PageID, countInterests}, 1)
		days.add(i.PageID, i.VariantID, i.At, seededDay{Asked: 1})
	}
	if err := t.countDays(days); err != nil {
		return err
	}
	if err := seed(t, "interests", list, func(i *models.Interest) *int64 { return &i.ID }); err != nil {
		return err
	}
	t.countPages(byPage)
	return nil
}

// SeedMessages adds messages, in the order in which they were said.
func (t *Tx) SeedMessages(list []models.Message) error {
	if err := seed(t, "messages", list, func(m *models.Message) *int64 { return &m.ID }); err != nil {
		return err
	}
	var heard []Heard
	for _, m := range list {
		if m.Incoming {
			heard = append(heard, Heard{ContactID: m.ContactID, Text: m.Text, At: m.At})
		}
	}
	return t.SaveHeard(heard)
}

// seededDay is what happened on a day, of a Page or of one of its variants.
type seededDay struct {
	Page    string `json:"p"`
	Variant int64  `json:"v"`
	Day     int64  `json:"d"`
	Asked   int    `json:"a"`
	Granted int    `json:"g"`
	Sent    int    `json:"s"`
}

// seededDays gathers what happened on the days of the Pages' calendars.
type seededDays struct {
	zones map[string]*time.Location
	pages map[seededDay]*seededDay // by the day alone
	items map[seededDay]*seededDay
}

func (t *Tx) newSeededDays() (*seededDays, error) {
	var pages []models.Page
	if err := t.db.Select("id", "time_zone").Find(&pages).Error; err != nil {
		return nil, err
	}
	d := &seededDays{zones: map[string]*time.Location{}, pages: map[seededDay]*seededDay{}, items: map[seededDay]*seededDay{}}
	for _, p := range pages {
		d.zones[p.ID] = p.Location()
	}
	return d, nil
}

// add counts what happened at a moment, for the Page and, unless it is 0, for the variant.
func (d *seededDays) add(page string, variant int64, at time.Time, n seededDay) {
	key := seededDay{Page: page, Day: millis(models.DayIn(at, d.zones[page]))}
	into := func(in map[seededDay]*seededDay, key seededDay) {
		if in[key] == nil {
			day := key
			in[key] = &day
		}
		in[key].Asked += n.Asked
		in[key].Granted += n.Granted
		in[key].Sent += n.Sent
	}
	into(d.pages, key)
	if key.Variant = variant; variant != 0 {
		into(d.items, key)
	}
}

// countDays adds to the days' counts.
func (t *Tx) countDays(d *seededDays) error {
	const columns = "p text, v bigint, d bigint, a bigint, g bigint, s bigint"
	for _, into := range []struct {
		sql  string
		days map[seededDay]*seededDay
	}{
		{`INSERT INTO page_days (page_id, day, asked, granted, sent) SELECT r.p, r.d, r.a, r.g, r.s FROM % WHERE true ON CONFLICT (page_id, day)
			DO UPDATE SET asked = page_days.asked + excluded.asked, granted = page_days.granted + excluded.granted, sent = page_days.sent + excluded.sent`, d.pages},
		{`INSERT INTO variant_days (variant_id, day, asked, granted) SELECT r.v, r.d, r.a, r.g FROM % WHERE true ON CONFLICT (variant_id, day)
			DO UPDATE SET asked = variant_days.asked + excluded.asked, granted = variant_days.granted + excluded.granted`, d.items},
	} {
		rows := make([]seededDay, 0, len(into.days))
		for _, day := range into.days {
			rows = append(rows, *day)
		}
		if err := change(t, into.sql, columns, rows); err != nil {
			return err
		}
	}
	return nil
}

// seed numbers rows behind those that are there and writes them.
func seed[T any](t *Tx, table string, list []T, number func(*T) *int64) error {
	if len(list) == 0 {
		return nil
	}
	var last int64
	if err := t.db.Raw("SELECT COALESCE(MAX(id), 0) FROM " + table).Scan(&last).Error; err != nil {
		return err
	}
	for i := range list {
		last++
		*number(&list[i]) = last
	}
	if err := t.db.CreateInBatches(&list, manyRows).Error; err != nil {
		return err
	}
	if t.dialect == dialectPostgres {
		return t.db.Exec("SELECT setval(pg_get_serial_sequence(?, 'id'), ?)", table, last).Error
	}
	return nil
}

// StoredEvents counts the webhook events on disk. It reads all of them: it is for measurements and tests.
func (r Reader) StoredEvents(ctx context.Context) (int, error) {
	var n int
	err := r.with(ctx).Raw("SELECT COUNT(*) FROM inbound_events").Scan(&n).Error
	return n, translate(err)
}
