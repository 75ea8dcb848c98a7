package views

import (
	"strconv"
	"time"

	"bentornato/models"
)

// AskProps is the list of people to ask: GET /ask with show=refused, page_id and cursor.
type AskProps struct {
	Page
	// Refused shows those who may not be asked, with the reason of each, instead of those who may.
	Refused bool
	// PageID filters; Pages are those to choose from.
	PageID string
	Pages  []models.Page
	Rows   []models.AskRow
	Pager  Pager
}

func (p AskProps) cursor(c string) string {
	return p.at(p.Refused, c)
}

func (p AskProps) at(refused bool, cursor string) string {
	return withQuery("/ask", "show", refusedWord(refused), "page_id", p.PageID, "cursor", cursor)
}

func refusedWord(refused bool) string {
	if refused {
		return "refused"
	}
	return ""
}

// AskPath is the list of people to ask of one Page, or of all.
func AskPath(pageID string) string { return withQuery("/ask", "page_id", pageID) }

// soon is from when on the end of a window is pressing.
const soon = time.Hour

// seconds is a length of time for the script that lets it run down.
func seconds(d time.Duration) string { return strconv.Itoa(max(0, int(d/time.Second))) }
