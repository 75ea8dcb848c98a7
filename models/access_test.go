package models_test

import (
	"context"
	"slices"
	"testing"

	"bentornato/models"
)

func TestAccess(t *testing.T) {
	tests := []struct {
		name  string
		of    models.Access
		pages []string
		mugs  bool // may see the Page 2
	}{
		{"nobody said", "", nil, true},
		{"none chosen", models.AccessTo(), nil, true},
		{"an empty box", models.AccessTo(""), nil, true},
		{"one", models.AccessTo("2"), []string{"2"}, true},
		{"another", models.AccessTo("22"), []string{"22"}, false},
		{"in any order, and twice", models.AccessTo("3", "1", "3"), []string{"1", "3"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.of.Pages(); !slices.Equal(got, test.pages) {
				t.Errorf("the Pages are %q, want %q", got, test.pages)
			}
			if got := test.of.Allows("2"); got != test.mugs {
				t.Errorf("the Page 2: %v, want %v", got, test.mugs)
			}
			if all := len(test.pages) == 0; test.of.All() != all || test.of.Allows("") != all {
				t.Errorf("all: %v, and what is no Page's: %v; want %v", test.of.All(), test.of.Allows(""), all)
			}
		})
	}
	if models.AccessTo("1", "2") != models.AccessTo("2", "1") {
		t.Error("the same Pages are not the same access")
	}
}

func TestOnlyOnePage(t *testing.T) {
	for _, test := range []struct {
		of, want models.Access
		page     string
	}{
		{"", "2", "2"}, {"", "", ""}, {"1,2", "2", "2"}, {"1,2", "1,2", ""},
	} {
		if got := test.of.Only(test.page); got != test.want {
			t.Errorf("only %q of %q is %q, want %q", test.page, test.of, got, test.want)
		}
	}
	out := models.Access("1").Only("2")
	if out.All() || out.Allows("1") || out.Allows("2") || out.Allows("") {
		t.Errorf("a Page out of reach gives %q", out)
	}
}

func TestAccessOfContext(t *testing.T) {
	ctx := context.Background()
	if !models.AccessOf(ctx).All() {
		t.Error("where nobody said, not everything is allowed")
	}
	if got := models.AccessOf(models.WithAccess(ctx, "1")); got != "1" {
		t.Errorf("the context says %q", got)
	}
}

func TestOwnersSeeAllPages(t *testing.T) {
	for role, want := range map[models.Role]models.Access{models.RoleOwner: "", models.RoleStaff: "1", models.RoleViewer: "1"} {
		if got := (models.User{Role: role, Access: "1"}).Sees(); got != want {
			t.Errorf("a login of role %s sees %q, want %q", role, got, want)
		}
		if got := (models.Key{Role: role, Access: "1"}).Sees(); got != want {
			t.Errorf("a key of role %s sees %q, want %q", role, got, want)
		}
	}
}
