package store

import (
	"context"
	"strconv"
	"strings"

	"bentornato/models"
)

// Ledger lists a restock's attempts, the latest first: every call that was made for it, or was about to be.
func (r Reader) Ledger(ctx context.Context, restockID int64, limit int, cursor string) ([]models.AttemptRow, string, error) {
	const from = `SELECT a.*, k.contact_id, c.name AS contact_name, c.psid, k.state AS token_state FROM attempts a
		JOIN tokens k ON k.id = a.token_id JOIN contacts c ON c.id = k.contact_id WHERE a.restock_id = ?`
	where, args := from, []any{restockID}
	if cursor != "" {
		at, number, token, err := readLedgerCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		// The first condition says nothing new; it is what PostgreSQL looks up in the index.
		where += " AND a.at <= ? AND (a.at, a.token_id, a.number) < (?, ?, ?)"
		args = append(args, at, at, token, number)
	}
	var list []models.AttemptRow
	err := r.with(ctx).Raw(where+" ORDER BY a.at DESC, a.token_id DESC, a.number DESC LIMIT ?", append(args, limit+1)...).Scan(&list).Error
	if err != nil || len(list) <= limit {
		return list, "", translate(err)
	}
	list = list[:limit]
	last := list[limit-1]
	return list, writeTextCursor(formatID(millis(last.At))+"/"+strconv.Itoa(last.Number), last.TokenID), nil
}

func readLedgerCursor(cursor string) (at int64, number int, token int64, err error) {
	text, token, err := readTextCursor(cursor)
	if err != nil {
		return 0, 0, 0, err
	}
	ms, tries, found := strings.Cut(text, "/")
	at, errAt := strconv.ParseInt(ms, 10, 64)
	number, errNumber := strconv.Atoi(tries)
	if !found || errAt != nil || errNumber != nil {
		return 0, 0, 0, badCursor()
	}
	return at, number, token, nil
}
