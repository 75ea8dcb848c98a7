package store

import (
	"encoding/json"
	"strings"
)

// A batch is a JSON array of objects that a statement unpacks into rows: one statement changes many rows, each in its
// own way, on both databases alike. It costs a tenth of a statement a row.

// unpack is the FROM item that makes rows named r of a batch. columns are "name type" pairs as PostgreSQL has them,
// separated by commas; the names are the objects' keys.
func (r Reader) unpack(columns string) string {
	if r.dialect == dialectPostgres {
		return "jsonb_to_recordset(?::jsonb) AS r(" + columns + ")"
	}
	var b strings.Builder
	b.WriteString("(SELECT ")
	for i, column := range strings.Split(columns, ",") {
		name, _, _ := strings.Cut(strings.TrimSpace(column), " ")
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("value->>'" + name + "' AS " + name)
	}
	// The WHERE tells SQLite's parser that an ON after it belongs to an upsert.
	b.WriteString(" FROM json_each(?) WHERE true) AS r")
	return b.String()
}

// Where such a statement also asks for a token's state, it writes state || '': SQLite would walk over the index of the
// state, which many rows share, instead of looking each row up by its number.

// change runs a statement over a batch: % stands where the batch's rows are selected from. args stand before the
// batch, which is the last argument.
func change[T any](t *Tx, sql, columns string, rows []T, args ...any) error {
	if len(rows) == 0 {
		return nil
	}
	packed, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	return t.db.Exec(fill(sql, t.unpack(columns)), append(args, string(packed))...).Error
}

// delta is a number to add to a counter.
type delta[K any] struct {
	Key K   `json:"k"`
	N   int `json:"n"`
}

// countVariants adds to the variants' counts of waiting tokens.
func (t *Tx) countVariants(by tally[int64]) error {
	var rows []delta[int64]
	for id, n := range by {
		if id != 0 && n != 0 {
			rows = append(rows, delta[int64]{id, n})
		}
	}
	return change(t, "UPDATE variants SET waiting = waiting + r.n FROM % WHERE variants.id = r.k", "k bigint, n bigint", rows)
}

// pageCounter names one of a Page's counters.
type pageCounter struct{ page, name string }

// countPages adds to the Pages' counters.
func (t *Tx) countPages(by tally[pageCounter]) error {
	type row struct {
		Page string `json:"p"`
		Name string `json:"c"`
		N    int    `json:"n"`
	}
	var rows []row
	for c, n := range by {
		if n != 0 {
			rows = append(rows, row{c.page, c.name, n})
		}
	}
	return change(t, `INSERT INTO counters (page_id, name, n) SELECT r.p, r.c, r.n FROM % WHERE true
		ON CONFLICT (page_id, name) DO UPDATE SET n = counters.n + excluded.n`, "p text, c text, n bigint", rows)
}
