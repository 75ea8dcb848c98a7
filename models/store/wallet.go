package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"bentornato/models"
)

const (
	// walletLive is up to how many waiting tokens the months are counted while somebody waits: 20,000 entries of an index take
	// some milliseconds. More are counted in the background.
	walletLive = 20_000
	// monthsEvery is how old a background count grows before it is done again.
	monthsEvery = 4 * time.Minute
	// endingReach is how far the tokens of all products that end soon are counted, endingReachEach those of one.
	endingReach     = 10_000
	endingReachEach = 1_000
)

// TokenMonths counts the tokens that wait by the month in which they end; a nil loc is UTC. Where they are too many to count at
// once it returns what was counted in the background last, and nothing where that has not happened yet, nor to whoever may not see
// all Pages: the background counts these together.
func (r Reader) TokenMonths(ctx context.Context, now time.Time, loc *time.Location) (models.TokenMonths, error) {
	var waiting int
	err := r.with(ctx).Raw("SELECT COALESCE(SUM(n), 0) FROM counters WHERE name = ?", countToken+string(models.TokenWaiting)).Scan(&waiting).Error
	if err != nil {
		return models.TokenMonths{}, translate(err)
	}
	if waiting <= walletLive {
		return r.countMonths(ctx, now, loc)
	}
	if !models.AccessOf(ctx).All() {
		return models.TokenMonths{}, nil
	}
	var rows []struct{ StartsAt, N, CountedAt int64 }
	if err := r.with(ctx).Raw("SELECT starts_at, n, counted_at FROM token_months ORDER BY starts_at LIMIT 20").Scan(&rows).Error; err != nil {
		return models.TokenMonths{}, translate(err)
	}
	var m models.TokenMonths
	for _, row := range rows {
		m.Months = append(m.Months, models.TokenMonth{Begin: fromMillis(row.StartsAt), N: int(row.N)})
		m.CountedAt = fromMillis(row.CountedAt)
	}
	return m, nil
}

// countMonths reads the index of what ends when, month by month.
func (r Reader) countMonths(ctx context.Context, now time.Time, loc *time.Location) (models.TokenMonths, error) {
	begins := models.MonthsOfTokens(now, loc)
	m := models.TokenMonths{Months: make([]models.TokenMonth, len(begins)-1)}
	reach, args := andApart(ctx)
	for i := range m.Months {
		m.Months[i].Begin = begins[i]
		from := millis(begins[i])
		if i == 0 {
			from = 0 // what is over and not yet swept up ends this month
		}
		err := r.with(ctx).Raw("SELECT COUNT(*) FROM tokens"+r.by("tokens_ending")+" WHERE state = 'waiting' AND expires_at >= ? AND expires_at < ?"+reach,
			append([]any{from, millis(begins[i+1])}, args...)...).Scan(&m.Months[i].N).Error
		if err != nil {
			return m, translate(err)
		}
	}
	return m, nil
}

// CountMonths counts in the background what TokenMonths shows where there are many tokens, on the calendar of the first Page.
// Of several processes one does it.
func (s *Store) CountMonths(ctx context.Context) error {
	now := s.now()
	var state struct{ Waiting, CountedAt int64 }
	err := s.with(ctx).Raw(`SELECT (SELECT COALESCE(SUM(n), 0) FROM counters WHERE name = ?) AS waiting, (SELECT COALESCE(MAX(counted_at), 0) FROM token_months) AS counted_at`,
		countToken+string(models.TokenWaiting)).Scan(&state).Error
	if err != nil || state.Waiting <= walletLive || (state.CountedAt > 0 && now.Sub(fromMillis(state.CountedAt)) < monthsEvery) {
		return translate(err)
	}
	pages, err := s.Pages(ctx)
	if err != nil {
		return err
	}
	loc := time.UTC
	if len(pages) > 0 {
		loc = pages[0].Location()
	}
	m, err := s.countMonths(ctx, now, loc)
	if err != nil {
		return err
	}
	type row struct {
		StartsAt, N, CountedAt int64
	}
	rows := make([]row, len(m.Months))
	for i, month := range m.Months {
		rows[i] = row{millis(month.Begin), int64(month.N), millis(now)}
	}
	return s.Update(ctx, func(t *Tx) error {
		if err := t.db.Exec("DELETE FROM token_months").Error; err != nil {
			return err
		}
		return t.db.Table("token_months").Create(&rows).Error
	})
}

// EndingSoon counts the tokens that wait and end within each of models.EndingDays, no further than to endingReach.
func (r Reader) EndingSoon(ctx context.Context, now time.Time) (models.Ending, error) {
	var e models.Ending
	for i, days := range models.EndingDays() {
		n, err := r.Ending(ctx, endOf(now, days), endingReach)
		if err != nil {
			return e, err
		}
		e[i] = models.Count{N: n, AtLeast: n == endingReach}
	}
	return e, nil
}

func endOf(now time.Time, days int) time.Time { return now.Add(time.Duration(days) * 24 * time.Hour) }

// Wallet lists what people wait for, most waited for first, with how many of the tokens end soon, counted no further than to
// endingReachEach a product.
func (r Reader) Wallet(ctx context.Context, limit int, cursor string, now time.Time) ([]models.WalletRow, string, error) {
	db := apart(ctx, r.with(ctx).Where("waiting > 0"))
	if cursor != "" {
		n, id, err := readCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		db = db.Where("(waiting, id) < (?, ?)", n, id)
	}
	var variants []models.Variant
	if err := db.Order("waiting DESC, id DESC").Limit(limit + 1).Find(&variants).Error; err != nil {
		return nil, "", translate(err)
	}
	next := ""
	if len(variants) > limit {
		variants = variants[:limit]
		next = writeCursor(int64(variants[limit-1].Waiting), variants[limit-1].ID)
	}
	rows := make([]models.WalletRow, len(variants))
	for i, v := range variants {
		row, err := r.walletRow(ctx, v, now)
		if err != nil {
			return nil, "", err
		}
		rows[i] = row
	}
	return rows, next, nil
}

func (r Reader) walletRow(ctx context.Context, v models.Variant, now time.Time) (models.WalletRow, error) {
	row := models.WalletRow{Variant: v}
	var n struct {
		First, Again, Second, SecondAgain, Third, ThirdAgain int
		Granted                                              int64
	}
	// What was granted first ends first, so the index of what waits in the order of granting serves here too.
	fresh := "(SELECT COUNT(*) FROM (SELECT 1 FROM tokens" + r.by("tokens_waiting") + " WHERE variant_id = ? AND state = 'waiting' AND next_at = 0 AND granted_at < ? LIMIT ?) AS few)"
	again := "(SELECT COUNT(*) FROM (SELECT granted_at FROM tokens" + r.by("tokens_released") + " WHERE variant_id = ? AND state = 'waiting' AND next_at > 0 LIMIT ?) AS few WHERE granted_at < ?)"
	sql, args := "SELECT ", []any{}
	for i, names := range [][2]string{{"first", "again"}, {"second", "second_again"}, {"third", "third_again"}} {
		granted := millis(endOf(now, models.EndingDays()[i]).Add(-models.TokenLife))
		sql += fresh + " AS " + names[0] + ", " + again + " AS " + names[1] + ", "
		args = append(args, v.ID, granted, endingReachEach, v.ID, endingReachEach, granted)
	}
	sql += `COALESCE((SELECT MIN(g) FROM (
		SELECT * FROM (SELECT granted_at AS g FROM tokens` + r.by("tokens_waiting") + ` WHERE variant_id = ? AND state = 'waiting' AND next_at = 0 ORDER BY granted_at, id LIMIT 1) AS one
		UNION ALL SELECT * FROM (SELECT granted_at AS g FROM tokens` + r.by("tokens_released") + ` WHERE variant_id = ? AND state = 'waiting' AND next_at > 0 LIMIT ?) AS other) AS both_halves), 0) AS granted`
	err := r.with(ctx).Raw(sql, append(args, v.ID, v.ID, endingReachEach)...).Scan(&n).Error
	for i, halves := range [][2]int{{n.First, n.Again}, {n.Second, n.SecondAgain}, {n.Third, n.ThirdAgain}} {
		row.Ending[i] = models.Count{N: halves[0] + halves[1], AtLeast: halves[0] == endingReachEach || halves[1] == endingReachEach}
	}
	if n.Granted > 0 {
		row.EndsFirst = models.TokenExpiry(fromMillis(n.Granted))
	}
	return row, translate(err)
}

// endingTokens lists tokens that wait, those that end first in front, for Tokens.
func (r Reader) endingTokens(ctx context.Context, q models.TokenQuery, now time.Time) ([]models.TokenRow, string, error) {
	var (
		after int64
		id    int64
		err   error
	)
	if q.Cursor != "" {
		if after, id, err = readCursor(q.Cursor); err != nil {
			return nil, "", err
		}
	}
	from := func(index string) *gorm.DB {
		db := apart(ctx, r.with(ctx).Table("tokens"+r.by(index))).Omit("hash", "sealed").Where("state = 'waiting'").Limit(q.Limit + 1)
		if q.PageID != "" {
			db = db.Where("page_id || '' = ?", q.PageID) // there are few Pages
		}
		return db
	}
	var list []models.Token
	if q.VariantIDs == nil {
		err = from("tokens_ending").Where("(expires_at, id) > (?, ?) AND expires_at < ?", after, id, millis(q.ExpiresBefore)).Order("expires_at, id").Find(&list).Error
	}
	// A variant's own tokens have an index in the order of granting, which is that of ending; those that wait again are few.
	life := models.TokenLife.Milliseconds()
	for _, v := range q.VariantIDs {
		for half, index := range map[string]string{"next_at = 0": "tokens_waiting", "next_at > 0": "tokens_released"} {
			var some []models.Token
			if err == nil {
				err = from(index).Where("variant_id = ? AND "+half+" AND (granted_at, id) > (?, ?) AND granted_at < ?", v, after-life, id, millis(q.ExpiresBefore)-life).
					Order("granted_at, id").Find(&some).Error
			}
			list = append(list, some...)
		}
	}
	if err != nil {
		return nil, "", translate(err)
	}
	slices.SortFunc(list, func(a, b models.Token) int {
		return cmp.Or(a.ExpiresAt.Compare(b.ExpiresAt), cmp.Compare(a.ID, b.ID))
	})
	next := ""
	if len(list) > q.Limit {
		list = list[:q.Limit]
		last := list[q.Limit-1]
		next = writeCursor(millis(last.ExpiresAt), last.ID)
	}
	rows, err := r.explain(ctx, list, now)
	return rows, next, err
}
