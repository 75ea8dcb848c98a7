package web

import (
	"context"

	"github.com/labstack/echo/v4"

	"bentornato/models"
)

// scope says where the things of a route belong, for logins and keys that are kept to some Pages of the installation (models.Access).
// Each route of the team and of the API states one; what states none is closed to them.
//
// What such a login finds of what is no Page's: the installation's first steps, its settings, how long things are kept and what it
// runs on, since they say nothing of any Page; who is on the team, with those of their Pages that it may see itself; and the saved
// replies, which everybody shares. A source that is tied to a Page is that Page's. One that is tied to none reports for all, and
// its calls name the products of all, so it is for those who see all Pages; so are the totals of /metrics. The log of changes and
// whatever connects Pages is for owners, who always see all.
type scope int

const (
	unstated       scope = iota
	ofInstallation       // no Page's
	// narrowed is of as many Pages as whoever asks may see: lists, what is found by a name, and forms that name things. The
	// store finds nothing else with the request's context.
	narrowed
	// The Page's of the thing that the path's id names.
	ofPage
	ofVariant
	ofRestock
	ofToken
	ofContact
	ofSource
)

// ownerReader finds the things that paths name, where whoever asks may see them.
type ownerReader interface {
	Page(ctx context.Context, id string) (models.Page, error)
	Variant(ctx context.Context, id int64) (models.Variant, error)
	Restock(ctx context.Context, id int64) (models.Restock, error)
	Token(ctx context.Context, id int64) (models.Token, error)
	Contact(ctx context.Context, id int64) (models.Contact, error)
	Source(ctx context.Context, id string) (models.Source, error)
}

// checkScope lets a request through whose path names nothing of a Page that whoever asks may not see. Anything else is not found, as if
// it were not there.
func checkScope(c echo.Context, of scope, read ownerReader) error {
	ctx := c.Request().Context()
	if models.AccessOf(ctx).All() {
		return nil
	}
	var err error
	switch of {
	case ofInstallation, narrowed:
	case ofPage:
		_, err = read.Page(ctx, c.Param("id"))
	case ofSource:
		_, err = read.Source(ctx, c.Param("id"))
	case ofVariant, ofRestock, ofToken, ofContact:
		err = checkNumber(c, of, read)
	default:
		err = models.Errorf(models.KindNotFound, "There is no such page.")
	}
	return err
}

func checkNumber(c echo.Context, of scope, read ownerReader) error {
	ctx := c.Request().Context()
	id, err := idOf(c)
	if err != nil {
		return err
	}
	switch of {
	case ofVariant:
		_, err = read.Variant(ctx, id)
	case ofRestock:
		_, err = read.Restock(ctx, id)
	case ofToken:
		_, err = read.Token(ctx, id)
	case ofContact:
		_, err = read.Contact(ctx, id)
	}
	return err
}

// seesPages says on which Pages the request is carried out.
func seesPages(c echo.Context, a models.Access) {
	c.SetRequest(c.Request().WithContext(models.WithAccess(c.Request().Context(), a)))
}

// onPage narrows what is read and done with a context to one Page, for what is filtered by Page; an empty id narrows nothing.
func onPage(ctx context.Context, id string) context.Context {
	return models.WithAccess(ctx, models.AccessOf(ctx).Only(id))
}

// stillIn reports whether whoever asked is still let in as they were: signed in, with the same role and the same Pages. A
// stream asks while it lasts.
func (s *Server) stillIn(was models.User) func(ctx context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		is, err := s.Reader.User(ctx, was.ID)
		if models.KindOf(err) == models.KindNotFound {
			return false, nil
		}
		return err == nil && passwordMark(is) == passwordMark(was) && is.Role == was.Role && is.Sees() == was.Sees(), err
	}
}
