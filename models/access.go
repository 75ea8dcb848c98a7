package models

import (
	"context"
	"slices"
	"strings"
)

// Access is which Pages of the installation a login or an API key may see and change. It is a list of the Pages' ids, in
// order and with commas between, so that it stands in a column and can be compared; empty is all Pages, those that come
// later too.
type Access string

// AccessTo is the access to some Pages; without any it is the access to all.
func AccessTo(pageIDs ...string) Access {
	ids := slices.DeleteFunc(slices.Clone(pageIDs), func(id string) bool { return id == "" })
	slices.Sort(ids)
	return Access(strings.Join(slices.Compact(ids), ","))
}

// All reports whether nothing is out of reach.
func (a Access) All() bool { return a == "" }

// Allows reports whether a Page is within reach. What belongs to no Page, whose id is empty, is only where all are.
func (a Access) Allows(pageID string) bool {
	return a.All() || slices.Contains(a.Pages(), pageID)
}

// Pages are the ids of the Pages within reach; nil is all of them.
func (a Access) Pages() []string {
	if a.All() {
		return nil
	}
	return strings.Split(string(a), ",")
}

// nowhere reaches no Page: none has such an id.
const nowhere Access = "-"

// Only is the access to one Page where it is within reach, and to none otherwise. An empty id is no choice: everything within reach
// stays so.
func (a Access) Only(pageID string) Access {
	switch {
	case pageID == "":
		return a
	case a.Allows(pageID):
		return AccessTo(pageID)
	default:
		return nowhere
	}
}

type accessKey struct{}

// WithAccess says on which Pages what is done with the context may be done. It is said once, where a request's login or key
// becomes known, and kept by the store: whatever reads with this context finds nothing of other Pages. So no screen can
// forget it.
func WithAccess(ctx context.Context, a Access) context.Context {
	return context.WithValue(ctx, accessKey{}, a)
}

// AccessOf is on which Pages something may be done; on all where nobody said: by the program itself, and by whoever has the
// machine.
func AccessOf(ctx context.Context) Access {
	a, _ := ctx.Value(accessKey{}).(Access)
	return a
}
