package models_test

import (
	"strings"
	"testing"

	"bentornato/models"
)

func TestRoleAllows(t *testing.T) {
	order := []models.Role{models.RoleViewer, models.RoleStaff, models.RoleOwner}
	for has, r := range order {
		for needs, needed := range order {
			if got, want := r.Allows(needed), has >= needs; got != want {
				t.Errorf("%s allows what needs %s: %v, want %v", r, needed, got, want)
			}
		}
		for _, invented := range []models.Role{"", "admin", "Owner"} {
			if invented.Allows(r) {
				t.Errorf("%q, which is no role, allows what needs %s", invented, r)
			}
			if r.Allows(invented) {
				t.Errorf("%s allows what needs %q, which is no role", r, invented)
			}
		}
	}
}

func TestParseRole(t *testing.T) {
	for in, want := range map[string]models.Role{"owner": models.RoleOwner, " Staff ": models.RoleStaff, "VIEWER": models.RoleViewer} {
		if got, err := models.ParseRole(in); err != nil || got != want {
			t.Errorf("ParseRole(%q) = %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "admin", "owner staff"} {
		got, err := models.ParseRole(in)
		wantField(t, err, "role")
		if got != "" {
			t.Errorf("ParseRole(%q) is refused and gives %q", in, got)
		}
	}
}

func TestParseEmail(t *testing.T) {
	longest := strings.Repeat("a", 254-len("@example.it")) + "@example.it"
	for in, want := range map[string]string{
		"anna@example.it":              "anna@example.it",
		"  Anna.Rossi+shop@Example.IT": "anna.rossi+shop@example.it",
		"anna@localhost":               "anna@localhost",
		longest:                        longest,
	} {
		if got, err := models.ParseEmail(in); err != nil || got != want {
			t.Errorf("ParseEmail(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "anna", "@example.it", "anna@", "anna@@example.it", "anna@a@b", "anna rossi@example.it", "Anna <anna@example.it>",
		"anna@example.it\r\nBcc: x", "\"anna\"@example.it", "a" + longest,
	} {
		got, err := models.ParseEmail(in)
		wantField(t, err, "email")
		if got != "" {
			t.Errorf("ParseEmail(%q) is refused and gives %q", in, got)
		}
	}
}
