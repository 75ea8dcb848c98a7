package store

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
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
	_, err := changed(t, sql, columns, rows, args...)
	return err
}

// changed is change, and returns how many rows it changed.
func changed[T any](t *Tx, sql, columns string, rows []T, args ...any) (int, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	packed, err := json.Marshal(rows)
	if err != nil {
		return 0, err
	}
	done := t.db.Exec(fill(sql, t.unpack(columns)), append(args, string(packed))...)
	return int(done.RowsAffected), done.Error
}

// A list of numbers or names is one argument too, so that a statement's text stays the same however long the list is, and
// the database knows it again.

// among is the condition that a column is one of some numbers, and its argument.
func (r Reader) among(ids []int64) (string, any) {
	b := make([]byte, 1, 2+8*len(ids))
	b[0] = '['
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	if r.dialect == dialectPostgres {
		b[0] = '{'
		return "= ANY(?::bigint[])", string(append(b, '}'))
	}
	return "IN (SELECT value FROM json_each(?))", string(append(b, ']'))
}

// amongTexts is among for names.
func (r Reader) amongTexts(names []string) (string, any) {
	packed, err := json.Marshal(names)
	if err != nil {
		panic(err) // strings always encode
	}
	if r.dialect == dialectPostgres {
		return "= ANY(ARRAY(SELECT jsonb_array_elements_text(?::jsonb)))", string(packed)
	}
	return "IN (SELECT value FROM json_each(?))", string(packed)
}

// hold holds rows of a table until the transaction ends, in the order of their numbers: where everybody takes them so, nobody
// waits in a circle. A statement over a batch takes its rows as the plan of the moment has it.
func (t *Tx) hold(table string, ids []int64) error {
	if t.dialect != dialectPostgres || len(ids) == 0 {
		return nil // SQLite has one writer
	}
	in, list := t.among(distinct(ids))
	return t.db.Exec("SELECT id FROM "+table+" WHERE id "+in+" ORDER BY id FOR UPDATE", list).Error
}

// once is the condition that a column is one of what a subquery selects, where that is selected once. PostgreSQL, as long as it
// believes that there is little to find, would run the subquery again for every row; and one that holds what it finds, and
// passes over what is held, would find others each time, beyond its limit.
func (r Reader) once(subquery string) string {
	if r.dialect == dialectPostgres {
		return "= ANY(ARRAY(" + subquery + "))"
	}
	return "IN (" + subquery + ")"
}

// scanner is a row being read.
type scanner interface{ Scan(into ...any) error }

// scan runs a query and reads its rows by hand: the hot path reads many, and finding a struct's fields anew for each
// costs more than the rest of it.
func (r Reader) scan(row func(scanner) error, sql string, args ...any) (err error) {
	rows, err := r.db.Raw(sql, args...).Rows()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// delta is a number to add to a counter.
type delta[K any] struct {
	Key K   `json:"k"`
	N   int `json:"n"`
}

// countVariants adds to the variants' counts of waiting tokens. Those to which nothing is added are held too.
func (t *Tx) countVariants(by tally[int64]) error {
	var (
		rows []delta[int64]
		ids  []int64
	)
	for id, n := range by {
		if id == 0 {
			continue
		}
		ids = append(ids, id)
		if n != 0 {
			rows = append(rows, delta[int64]{id, n})
		}
	}
	if err := t.hold("variants", ids); err != nil {
		return err
	}
	return change(t, "UPDATE variants SET waiting = waiting + r.n FROM % WHERE variants.id = r.k", "k bigint, n bigint", rows)
}

func distinct(ids []int64) []int64 {
	slices.Sort(ids)
	return slices.Compact(ids)
}
