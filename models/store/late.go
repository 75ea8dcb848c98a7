package store

import (
	"cmp"
	"slices"

	"bentornato/models"
)

// late gathers what a transaction adds to rows that everybody adds to: the Pages' counters and days, and what echoes settle
// of restocks. They are written last, each once and in one order, so that no two transactions wait for each other in a
// circle, and none holds up the others for longer than its commit takes.
type late struct {
	counters tally[pageCounter]
	days     map[dayKey]*dayRow
	restocks map[int64]*restockDelta
}

// dayKey is a day of a Page or, where variant is not 0, of a variant.
type dayKey struct {
	page    string
	variant int64
	day     int64
}

func newLate() *late {
	return &late{counters: tally[pageCounter]{}, days: map[dayKey]*dayRow{}, restocks: map[int64]*restockDelta{}}
}

func (l *late) day(k dayKey) *dayRow {
	if l.days[k] == nil {
		l.days[k] = &dayRow{Day: k.day}
	}
	return l.days[k]
}

// restock adds to a restock's counts.
func (l *late) restock(n restockDelta) {
	d := l.restocks[n.ID]
	if d == nil {
		d = &restockDelta{ID: n.ID}
		l.restocks[n.ID] = d
	}
	d.Claimed += n.Claimed
	d.Sent += n.Sent
	d.Unknown += n.Unknown
	d.Failed += n.Failed
}

// merge takes over what a savepoint gathered.
func (l *late) merge(from *late) {
	for _, n := range from.restocks {
		l.restock(*n)
	}
	for c, n := range from.counters {
		l.counters.add(c, n)
	}
	for k, n := range from.days {
		d := l.day(k)
		d.Sent += n.Sent
		d.Clicks += n.Clicks
		d.Orders += n.Orders
		d.Asked += n.Asked
		d.Granted += n.Granted
	}
}

// lateDay is a day's row on its way into a statement.
type lateDay struct {
	Page    string `json:"p"`
	Variant int64  `json:"v"`
	Day     int64  `json:"d"`
	Sent    int    `json:"s"`
	Clicks  int    `json:"c"`
	Orders  int    `json:"o"`
	Asked   int    `json:"a"`
	Granted int    `json:"g"`
}

// writeLate writes what was gathered.
func (t *Tx) writeLate() error {
	// Restocks come before the Pages' rows, as they do where results are settled.
	if err := t.countRestocks(t.late.restocks); err != nil {
		return err
	}
	var pages, variants []lateDay
	for k, n := range t.late.days {
		row := lateDay{k.page, k.variant, k.day, n.Sent, n.Clicks, n.Orders, n.Asked, n.Granted}
		if k.variant != 0 {
			variants = append(variants, row)
		} else {
			pages = append(pages, row)
		}
	}
	inOrder := func(a, b lateDay) int {
		return cmp.Or(cmp.Compare(a.Page, b.Page), cmp.Compare(a.Variant, b.Variant), cmp.Compare(a.Day, b.Day))
	}
	slices.SortFunc(pages, inOrder)
	slices.SortFunc(variants, inOrder)
	const columns = "p text, v bigint, d bigint, s bigint, c bigint, o bigint, a bigint, g bigint"
	err := change(t, `INSERT INTO variant_days (variant_id, day, asked, granted) SELECT r.v, r.d, r.a, r.g FROM % WHERE true ON CONFLICT (variant_id, day)
		DO UPDATE SET asked = variant_days.asked + excluded.asked, granted = variant_days.granted + excluded.granted`, columns, variants)
	if err != nil {
		return err
	}
	err = change(t, `INSERT INTO page_days (page_id, day, sent, clicks, orders, asked, granted) SELECT r.p, r.d, r.s, r.c, r.o, r.a, r.g FROM % WHERE true
		ON CONFLICT (page_id, day) DO UPDATE SET sent = page_days.sent + excluded.sent, clicks = page_days.clicks + excluded.clicks,
		orders = page_days.orders + excluded.orders, asked = page_days.asked + excluded.asked, granted = page_days.granted + excluded.granted`, columns, pages)
	if err != nil {
		return err
	}
	type row struct {
		Page string `json:"p"`
		Name string `json:"c"`
		N    int    `json:"n"`
	}
	var rows []row
	for c, n := range t.late.counters {
		if n != 0 {
			rows = append(rows, row{c.page, c.name, n})
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.Page, b.Page), cmp.Compare(a.Name, b.Name)) })
	return change(t, `INSERT INTO counters (page_id, name, n) SELECT r.p, r.c, r.n FROM % WHERE true
		ON CONFLICT (page_id, name) DO UPDATE SET n = counters.n + excluded.n`, "p text, c text, n bigint", rows)
}

// countPages adds to the Pages' counters when the transaction ends.
func (t *Tx) countPages(by tally[pageCounter]) {
	for c, n := range by {
		t.late.counters.add(c, n)
	}
}

// countSent adds notifications to the Pages' counts of the day, of each one's own calendar.
func (t *Tx) countSent(byPage tally[string]) error {
	if len(byPage) == 0 {
		return nil
	}
	ids := make([]string, 0, len(byPage))
	for id := range byPage {
		ids = append(ids, id)
	}
	in, list := t.amongTexts(ids)
	days := map[string]int64{} // by time zone: a name is looked up once
	return t.scan(func(row scanner) error {
		var p models.Page
		if err := row.Scan(&p.ID, &p.TimeZone); err != nil {
			return err
		}
		if _, known := days[p.TimeZone]; !known {
			days[p.TimeZone] = millis(models.DayIn(t.now, p.Location()))
		}
		t.late.day(dayKey{page: p.ID, day: days[p.TimeZone]}).Sent += byPage[p.ID]
		return nil
	}, "SELECT id, time_zone FROM pages WHERE id "+in, list)
}
