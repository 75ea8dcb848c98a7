package views

import "bentornato/models"

// TeamProps is users and API keys: GET /team; POST /team/users (email, role, password), /team/users/{id}/delete,
// /team/keys (name, role), /team/keys/{id}/revoke.
type TeamProps struct {
	Page
	Users    []models.User
	Keys     []models.Key
	UserForm UserForm
	KeyForm  KeyForm
	// NewKey is the API key just made, shown this one time; empty otherwise.
	NewKey string
}

// UserForm is what somebody typed to add a user; the password is never given back.
type UserForm struct {
	Email string
	Role  models.Role
	Err   error
}

// KeyForm is what somebody typed to make an API key.
type KeyForm struct {
	Name string
	Role models.Role
	Err  error
}

// roles in the order of the forms, the most careful choice first.
func roles() []models.Role {
	return []models.Role{models.RoleViewer, models.RoleStaff, models.RoleOwner}
}
