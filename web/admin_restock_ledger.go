package web

import (
	"fmt"
	"strconv"

	"github.com/labstack/echo/v4"
)

// export answers GET /restocks/{id}/ledger.csv: every call of a restock, the latest first.
func (h restockScreens) export(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := idOf(c)
	if err != nil {
		return err
	}
	if _, err := h.read.Restock(ctx, id); err != nil {
		return err
	}
	file := newCSVFile(c, fmt.Sprintf("restock-%d.csv", id), "at", "contact_id", "psid", "name", "token_id", "try", "state", "code", "subcode", "detail", "message_id", "settled_at", "token_state")
	for cursor := ""; ; {
		rows, next, err := h.progress.Ledger(ctx, id, exportRows, cursor)
		if err != nil {
			return file.fail(err)
		}
		for _, r := range rows {
			file.row(stamp(r.Attempt.At), strconv.FormatInt(r.ContactID, 10), r.PSID, r.ContactName, strconv.FormatInt(r.TokenID, 10), strconv.Itoa(r.Attempt.Number),
				string(r.Attempt.State), unlessZero(r.Attempt.Code), unlessZero(r.Attempt.Subcode), r.Attempt.Detail, r.Attempt.MessageID, stamp(r.Attempt.SettledAt), string(r.TokenState))
		}
		if cursor = next; cursor == "" || file.flush() != nil {
			return file.flush()
		}
	}
}
