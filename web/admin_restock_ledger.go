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
	out, err := newSheet(c, fmt.Sprintf("restock-%d.csv", id))
	if err != nil {
		return err
	}
	if err := out.row("at", "contact_id", "psid", "name", "token_id", "try", "state", "code", "subcode", "detail", "message_id", "settled_at", "token_state"); err != nil {
		return err
	}
	for cursor := ""; ; {
		rows, next, err := h.progress.Ledger(ctx, id, exportPage, cursor)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := out.row(stamp(r.Attempt.At), strconv.FormatInt(r.ContactID, 10), r.PSID, r.ContactName, strconv.FormatInt(r.TokenID, 10),
				strconv.Itoa(r.Attempt.Number), string(r.Attempt.State), unlessZero(r.Attempt.Code), unlessZero(r.Attempt.Subcode), r.Attempt.Detail,
				r.Attempt.MessageID, stamp(r.Attempt.SettledAt), string(r.TokenState)); err != nil {
				return err
			}
		}
		if cursor = next; cursor == "" {
			return out.end()
		}
		if err := out.flush(); err != nil {
			return err
		}
	}
}
