package web_test

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"bentornato/models"
)

// TestDemand lists what most wait for first, says how much of it to order and from what that is reckoned, and leaves as a
// file.
func TestDemand(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.as(models.RoleViewer)
		if d := b.shows(t, "/demand"); d.Find("main .empty h2").Length() != 1 {
			t.Error("nothing says that nobody waits")
		}
		mug, vase := s.product(pageID, "MUG", 0), s.product(pageID, "VASE", 0)
		s.product(pageID, "PLATE", 0)
		for i := range 3 {
			s.token(mug, fmt.Sprint(2000+i))
			s.clock.Advance(time.Hour)
		}
		s.token(vase, "3000")
		b = s.as(models.RoleViewer)
		d := b.shows(t, "/demand")
		rows := d.Find("main table").First().Find("tbody tr")
		if rows.Length() != 2 {
			t.Fatalf("%d products are listed, want 2", rows.Length())
		}
		holds(t, rows.Eq(0), "Tazza MUG", "3", "3 h ago", "half since 2 h ago", "None yet", "cannot say yet", "fewer than 30")
		holds(t, rows.Eq(1), "Tazza VASE", "1")
		holds(t, d.Find("[aria-labelledby=demand-facts]"), "4")
		if bars := d.Find("[aria-labelledby=weeks] rect"); bars.Length() != 13 || bars.Last().AttrOr("height", "") != "100" {
			t.Errorf("the chart has %d weeks", bars.Length())
		}
		holds(t, d.Find("[aria-labelledby=weeks] tbody tr").Last(), "4")

		// Forty were told of the vase, and a quarter of them ordered.
		s.must(s.exec("UPDATE variants SET waiting = 20 WHERE sku = 'VASE'"))
		s.must(s.exec("INSERT INTO restocks (page_id, variant_id, state, quantity, sent, clicks, orders, created_at, state_at) VALUES ('" + pageID + "', " + fmt.Sprint(vase.ID) + ", 'done', 9, 40, 20, 10, 1, 1)"))
		s.must(s.exec("INSERT INTO page_days (page_id, day, sent, orders) VALUES ('other', " + fmt.Sprint(models.DayIn(s.clock.Now(), nil).UnixMilli()) + ", 40, 10)"))
		d = b.shows(t, "/demand")
		rows = d.Find("main table").First().Find("tbody tr")
		holds(t, rows.Eq(0), "Tazza VASE", "40 told", "20 opened the link", "10 orders", "about 5", "likely 4 to 8", "Of 40 people told of it earlier, 10 ordered (25%)")

		a := s.as(models.RoleStaff, header("Accept-Language", "it")).visit("GET", "/demand.csv", "").is(t, 200)
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff")))
		r.Comma = ';'
		lines, err := r.ReadAll()
		s.must(err)
		if len(lines) != 3 || lines[1][0] != "VASE" || lines[1][11] != "5" || lines[1][14] != "own" || lines[2][0] != "MUG" || lines[2][11] != "" || lines[2][14] != "none" {
			t.Errorf("the file is %v", lines)
		}
		b.visit("GET", "/demand?cursor=x", "").page(t, 400)

		// What stands above the list is of the Page that the list is kept to.
		other := s.addPage("102000000000000", nil)
		s.token(s.product(other.ID, "CUP", 0), "4000")
		d = b.shows(t, "/demand?page_id="+other.ID)
		if rows := d.Find("main table").First().Find("tbody tr"); rows.Length() != 1 {
			t.Errorf("%d products of the other Page are listed, want 1", rows.Length())
		}
		holds(t, d.Find("[aria-labelledby=weeks] tbody tr").Last(), "1")
		if waiting := strings.TrimSpace(d.Find("[aria-labelledby=demand-facts] dd").First().Text()); waiting != "1" {
			t.Errorf("%q wait on the other Page, want 1", waiting)
		}
	})
}

// exec changes the database past the store, as no product does.
func (s *site) exec(statement string) error {
	driver, source := "pgx", s.address
	if file, ok := strings.CutPrefix(s.address, "sqlite:"); ok {
		driver, source = "sqlite3", "file:"+file+"?_busy_timeout=5000"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(context.Background(), statement)
	return errors.Join(err, db.Close())
}
