package views

import (
	"context"
	"slices"
	"strings"

	"bentornato/models"
)

// TeamProps is users and API keys: GET /team; POST /team/users (email, role, password, page), /team/users/{id}/delete,
// /team/users/{id}/pages (page), /team/keys (name, role, page), /team/keys/{id}/revoke, /team/keys/{id}/pages (page).
type TeamProps struct {
	Page
	Users []models.User
	Keys  []models.Key
	// Pages are those that whoever looks may see.
	Pages    []models.Page
	UserForm UserForm
	KeyForm  KeyForm
	// NewKey is the API key just made, shown this one time; empty otherwise.
	NewKey string
}

// UserForm is what somebody typed to add a user; the password is never given back.
type UserForm struct {
	Email string
	Role  models.Role
	// Pages are the ids of those that are ticked.
	Pages []string
	Err   error
}

// KeyForm is what somebody typed to make an API key.
type KeyForm struct {
	Name string
	Role models.Role
	// Pages are the ids of those that are ticked.
	Pages []string
	Err   error
}

// byPage reports whether it is worth saying who sees which Page: there are several, or somebody does not see all.
func (p TeamProps) byPage() bool {
	return len(p.Pages) > 1 ||
		slices.ContainsFunc(p.Users, func(u models.User) bool { return !u.Sees().All() }) ||
		slices.ContainsFunc(p.Keys, func(k models.Key) bool { return !k.Sees().All() })
}

// accessWord names the Pages of an access that whoever reads may see themselves.
func accessWord(ctx context.Context, pages []models.Page, a models.Access) string {
	if a.All() {
		return T(ctx, "team.all_pages")
	}
	var names []string
	for _, p := range pages {
		if a.Allows(p.ID) {
			names = append(names, p.Name)
		}
	}
	if len(names) < len(a.Pages()) {
		names = append(names, TN(ctx, "team.other_pages", len(a.Pages())-len(names)))
	}
	return strings.Join(names, ", ")
}

// roles in the order of the forms, the most careful choice first.
func roles() []models.Role {
	return []models.Role{models.RoleViewer, models.RoleStaff, models.RoleOwner}
}
