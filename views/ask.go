package views

import (
	"strconv"
	"time"

	"bentornato/models"
)

// AskProps is the list of people to ask: GET /ask with show=refused and cursor.
type AskProps struct {
	Page
	// Refused shows those who may not be asked, with the reason of each, instead of those who may.
	Refused bool
	Rows    []models.AskRow
	Pager   Pager
}

func (p AskProps) cursor(c string) string {
	show := ""
	if p.Refused {
		show = "refused"
	}
	return withQuery("/ask", "show", show, "cursor", c)
}

// soon is from when on the end of a window is pressing.
const soon = time.Hour

// seconds is a length of time for the script that lets it run down.
func seconds(d time.Duration) string { return strconv.Itoa(max(0, int(d/time.Second))) }
