package web_test

import (
	"fmt"
	"testing"

	"bentornato/models"
)

// TestProductForecast asks a product's screen what would happen if so many came back: it says so and does nothing.
func TestProductForecast(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG-BLUE", 0)
		for i := range 3 {
			s.token(v, fmt.Sprint(3000+i))
		}
		screen := fmt.Sprintf("/products/%d", v.ID)
		b := s.as(models.RoleStaff)
		if b.shows(t, screen).Find("#forecast").Length() != 0 {
			t.Error("it answers what nobody asked")
		}
		button := b.shows(t, screen).Find("#what-if")
		if button.AttrOr("formmethod", "") != "get" || button.AttrOr("formaction", "") != screen {
			t.Error("the question is not asked without a script")
		}
		s.unchanged(func() {
			d := b.shows(t, screen+"?available=5")
			holds(t, d.Find("#forecast"), "If 5 pieces came back", "3 people would be told.", "less than a second, at 40 a second")
			kept(t, d, "available", "5")
			holds(t, b.shows(t, screen+"?available=0").Find("#forecast"), "Nobody would be told.", "3 Sold out.")
			holds(t, b.shows(t, screen+"?in_stock=true").Find("#forecast"), "nobody knows how many", "3 people would be told.")
			d = b.visit("GET", screen+"?available=many", "").page(t, 422)
			wrongField(t, d, "available")
			kept(t, d, "available", "many")
		})
	})
}
