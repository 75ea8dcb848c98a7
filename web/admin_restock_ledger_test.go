package web_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"bentornato/models"
)

// TestRestockLedger pages through every call of a restock, and takes them home in a file.
func TestRestockLedger(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG-BLUE", 0)
		const people = 53
		for i := range people {
			s.token(v, fmt.Sprint(3000+i))
		}
		_, err := s.work.ReportByHand(t.Context(), v.ID, models.Stock{Available: 9})
		s.must(err)
		open, err := s.store.OpenRestock(t.Context(), v.ID)
		s.must(err)
		screen := fmt.Sprintf("/restocks/%d", open.ID)
		b := s.as(models.RoleViewer)
		d := b.shows(t, screen)
		holds(t, d.Find("[aria-labelledby=would]"), "53 people would be told.", "1 s, at 40 a second")
		if n := d.Find("ol.queue li").Length(); n != 8 {
			t.Errorf("%d stand first in line, want 8", n)
		}
		for told := 0; told < people; {
			n := s.notify(models.Answer{Outcome: models.OutcomeUnreachable, Code: 551, Detail: "=cmd()"})
			if n == 0 {
				t.Fatalf("only %d calls were made", told)
			}
			told += n
			s.clock.Advance(time.Second)
		}
		d = b.shows(t, screen)
		if d.Find("[aria-labelledby=would]").Length() != 0 {
			t.Error("it still says what it would do")
		}
		first := d.Find("#calls tbody tr")
		holds(t, first.First(), "Refused", "This person cannot be reached now. It is tried again.", "551")
		next := d.Find("#calls a[rel=next]").AttrOr("href", "")
		if first.Length() != 50 || !strings.HasSuffix(next, "#calls") {
			t.Fatalf("the first page has %d calls and leads to %q", first.Length(), next)
		}
		d = b.shows(t, strings.TrimSuffix(next, "#calls"))
		if n := d.Find("#calls tbody tr").Length(); n != people-50 || d.Find("#calls a[rel=next]").Length() != 0 {
			t.Errorf("the second page has %d calls, want %d", n, people-50)
		}
		// A page of the past does not move.
		if d.Find("[hx-trigger*='sse:progress']").Length() != 0 {
			t.Error("an older page of calls would be replaced by the newest")
		}
		b.visit("GET", screen+"?cursor=x", "").page(t, 400)

		a := b.visit("GET", screen+"/ledger.csv", "").is(t, 200)
		if got := a.Header.Get("Content-Disposition"); got != fmt.Sprintf(`attachment; filename=restock-%d.csv`, open.ID) {
			t.Errorf("the file is %q", got)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\xef\xbb\xbf"))).ReadAll()
		if err != nil || len(rows) != people+1 {
			t.Fatalf("the file has %d lines, want %d: %v", len(rows), people+1, err)
		}
		seen := map[string]bool{}
		for _, row := range rows[1:] {
			seen[row[2]] = true
			if row[6] != "refused" || row[7] != "551" || row[9] != "'=cmd()" {
				t.Errorf("a line reads %v", row)
			}
		}
		if len(seen) != people || strings.Contains(a.body, "secret token") {
			t.Errorf("the file has %d people, or shows a token", len(seen))
		}
		b.visit("GET", "/restocks/999/ledger.csv", "").is(t, 404)
	})
}
