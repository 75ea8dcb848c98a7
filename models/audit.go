package models

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// ActorKind is what kind of somebody changes things.
type ActorKind string

// The kinds. The zero value is the program itself, whose doings stand in ledgers of their own.
const (
	ActorUser    ActorKind = "user"    // someone of the team, signed in
	ActorKey     ActorKind = "key"     // a script with an API key
	ActorCommand ActorKind = "command" // whoever has the machine, on its command line
)

// ActorKinds are all of them.
var ActorKinds = []ActorKind{ActorUser, ActorKey, ActorCommand}

// Actor is who changes something.
type Actor struct {
	Kind ActorKind
	// ID is the login's or the key's; 0 for a command.
	ID int64
	// Name is the login's address, the key's name or the command, as it is now.
	Name string
}

type actorKey struct{}

// WithActor says on whose behalf what is done with the context is done.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf is who acts; the zero Actor is the program itself.
func ActorOf(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}

// AuditThing is what kind of thing was changed.
type AuditThing string

// The things.
const (
	AuditPage         AuditThing = "page"
	AuditProduct      AuditThing = "product"
	AuditRestock      AuditThing = "restock"
	AuditToken        AuditThing = "token"
	AuditContact      AuditThing = "contact"
	AuditReply        AuditThing = "reply" // a saved one
	AuditTemplate     AuditThing = "template"
	AuditSource       AuditThing = "source"
	AuditUser         AuditThing = "user"
	AuditKey          AuditThing = "key"
	AuditInstallation AuditThing = "installation"
)

// AuditThings are all of them, in the order in which they are offered.
var AuditThings = []AuditThing{AuditProduct, AuditRestock, AuditToken, AuditContact, AuditReply, AuditTemplate, AuditPage, AuditSource, AuditUser, AuditKey, AuditInstallation}

// AuditAct is what was done to a thing.
type AuditAct string

// The acts.
const (
	AuditAdded      AuditAct = "added"
	AuditChanged    AuditAct = "changed"
	AuditDeleted    AuditAct = "deleted"
	AuditStock      AuditAct = "stock" // of a product, by hand or from a file
	AuditPaused     AuditAct = "paused"
	AuditResumed    AuditAct = "resumed"
	AuditCancelled  AuditAct = "cancelled"
	AuditApproved   AuditAct = "approved"
	AuditWithdrawn  AuditAct = "withdrawn"
	AuditAssigned   AuditAct = "assigned"
	AuditErased     AuditAct = "erased"
	AuditReplied    AuditAct = "replied"
	AuditAsked      AuditAct = "asked"     // a person, whether to be told
	AuditSubmitted  AuditAct = "submitted" // for review
	AuditSecret     AuditAct = "secret"    // a new secret or access token
	AuditPassword   AuditAct = "password"  // a new password
	AuditRevoked    AuditAct = "revoked"
	AuditSignedOut  AuditAct = "signed_out" // everywhere
	AuditFactorOn   AuditAct = "factor_on"
	AuditFactorOff  AuditAct = "factor_off"
	AuditSetUp      AuditAct = "set_up"
	AuditRetention  AuditAct = "retention"
	AuditStepsAside AuditAct = "steps_aside"
	AuditStepsBack  AuditAct = "steps_back"
	AuditImported   AuditAct = "imported" // a Page's own list of permissions
	AuditExported   AuditAct = "exported" // consents, without the tokens
	AuditSecrets    AuditAct = "exported_secrets"
)

// AuditActs are all of them.
var AuditActs = []AuditAct{AuditAdded, AuditChanged, AuditDeleted, AuditStock, AuditPaused, AuditResumed, AuditCancelled, AuditApproved,
	AuditWithdrawn, AuditAssigned, AuditErased, AuditReplied, AuditAsked, AuditSubmitted, AuditSecret, AuditPassword, AuditRevoked, AuditSignedOut, AuditFactorOn,
	AuditFactorOff, AuditSetUp, AuditRetention, AuditStepsAside, AuditStepsBack,
	AuditImported, AuditExported, AuditSecrets}

// AuditEntry is one change by a person or a key. It never holds a secret, nor a shopper's name or words: those are
// erased elsewhere, and would stay here.
type AuditEntry struct {
	ID        int64     `gorm:"primaryKey"`
	At        time.Time `gorm:"serializer:ms"`
	ActorKind ActorKind
	ActorID   int64
	ActorName string
	Thing     AuditThing
	ThingID   string
	// ThingName is what people call the thing, as it was then; empty for what has no name.
	ThingName string
	// PageID is the Page that the thing belongs to; empty for none.
	PageID  string
	Act     AuditAct
	Changes []AuditChange `gorm:"serializer:json"`
}

// AuditChange is one field before and after. Field is its name in JSON and in forms.
type AuditChange struct {
	Field string `json:"field"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

// AuditQuery asks for entries, the latest first. What is empty filters nothing.
type AuditQuery struct {
	Actor  Actor // by kind and id
	Thing  AuditThing
	Limit  int
	Cursor string
}

// maxAuditValue is how many characters of a value are kept.
const maxAuditValue = 200

// Changes lists what differs between two values of one struct type, field by field, nested ones among them. Only what a
// person may set is compared: neither bytes, which are secrets, nor times, nor numbers that name rows, nor the fields that
// are skipped (by their Go name).
func Changes(before, after any, skip ...string) []AuditChange {
	was, is := map[string]string{}, map[string]string{}
	var order []string
	flatten(reflect.ValueOf(before), "", skip, func(field, value string) { was[field] = value; order = append(order, field) })
	flatten(reflect.ValueOf(after), "", skip, func(field, value string) { is[field] = value; order = append(order, field) })
	var list []AuditChange
	seen := map[string]bool{}
	for _, field := range order {
		if !seen[field] && was[field] != is[field] {
			list = append(list, AuditChange{Field: field, Old: Shorten(was[field], maxAuditValue), New: Shorten(is[field], maxAuditValue)})
		}
		seen[field] = true
	}
	return list
}

// flatten tells of every field of a struct as text; what is empty or off is an empty text.
func flatten(v reflect.Value, name string, skip []string, tell func(field, value string)) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() && f.Name != "ID" && !strings.HasSuffix(f.Name, "ID") && !slices.Contains(skip, f.Name) {
				flatten(v.Field(i), snake(f.Name), skip, tell)
			}
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			flatten(v.MapIndex(k), name+"_"+k.String(), skip, tell)
		}
	case reflect.Pointer:
		switch {
		case v.IsNil():
		case v.Elem().Kind() == reflect.Bool && !v.Elem().Bool():
			tell(name, "no") // set, and to that
		default:
			flatten(v.Elem(), name, skip, tell)
		}
	case reflect.String:
		tell(name, v.String())
	case reflect.Bool:
		if v.Bool() {
			tell(name, "yes")
		} else {
			tell(name, "")
		}
	case reflect.Int, reflect.Int64, reflect.Int32:
		tell(name, strconv.FormatInt(v.Int(), 10))
	default: // bytes are secrets; nothing else is set by people
	}
}

// snake is a Go name as JSON and forms write it: ImageURL is image_url.
func snake(name string) string {
	var b strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		if unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(letters[i-1]) || (i+1 < len(letters) && unicode.IsLower(letters[i+1]))) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
