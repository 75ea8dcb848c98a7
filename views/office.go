package views

import (
	"context"
	"strconv"
	"strings"

	"bentornato/models"
)

// SettingsProps is the way to everything that is set: GET /settings.
type SettingsProps struct {
	Page
}

// settingsEntry is one place where something is set. least is the role that may look.
type settingsEntry struct {
	name, path, icon string
	least            models.Role
}

// settingsEntries are the places, what belongs to the shop first.
func settingsEntries() []settingsEntry {
	return []settingsEntry{
		{"account", "/settings/account", "user-round", models.RoleViewer},
		{"pages", "/pages", "flag", models.RoleViewer},
		{"sources", "/sources", "plug", models.RoleViewer},
		{"team", "/team", "users", models.RoleViewer},
		{"audit", "/settings/audit", "scroll-text", models.RoleOwner},
		{"retention", "/settings/retention", "hourglass", models.RoleViewer},
		{"about", "/settings/about", "info", models.RoleViewer},
	}
}

// RetentionProps is how long things are kept: GET and POST /settings/retention (keep_events and so on, confirm).
type RetentionProps struct {
	Page
	Form RetentionForm
	// Last is the last run; the zero Sweep where there was none.
	Last models.Sweep
	// Goes is what a form that shortens something would remove, up to GoesLimit of each; it asks for a yes. Empty where
	// nothing would go.
	Goes      map[models.Kept]int
	GoesLimit int
}

// RetentionForm is what somebody typed: days, by kind.
type RetentionForm struct {
	Days map[models.Kept]string
	Err  error
}

// RetentionFormOf fills the form with what is set.
func RetentionFormOf(r models.Retention) RetentionForm {
	f := RetentionForm{Days: map[models.Kept]string{}}
	for _, k := range models.KeptKinds {
		f.Days[k] = strconv.Itoa(r[k])
	}
	return f
}

func retentionFields() []string {
	fields := []string{"confirm"}
	for _, k := range models.KeptKinds {
		fields = append(fields, "keep_"+string(k))
	}
	return fields
}

// AboutProps is what the installation runs on: GET /settings/about.
type AboutProps struct {
	Page
	Version string
	About   models.About
	Stats   models.Stats
}

// allTokens counts the tokens that there ever were.
func allTokens(s models.Stats) int {
	n := 0
	for _, of := range s.Tokens {
		n += of
	}
	return n
}

// databaseName is a database as its makers write it.
func databaseName(name string) string {
	if name == "postgres" {
		return "PostgreSQL"
	}
	return "SQLite"
}

// Bytes writes a size: with no decimals from ten units on.
func Bytes(ctx context.Context, n int64) string {
	size, unit := float64(n), "B"
	for _, larger := range []string{"kB", "MB", "GB", "TB"} {
		if size < 1000 {
			break
		}
		size, unit = size/1000, larger
	}
	digits := 0
	if unit != "B" && size < 10 {
		digits = 1
	}
	text := strconv.FormatFloat(size, 'f', digits, 64)
	if Language(ctx) == "it" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text + " " + unit
}

// AccountProps is what somebody sets for themselves: GET /settings/account; POST /settings/account/password (current,
// password, password_again) and /settings/account/sign-out.
type AccountProps struct {
	Page
	Err error
}

// AuditProps is who changed what: GET /settings/audit.
type AuditProps struct {
	Page
	Rows []models.AuditEntry
	// Actors are those that the list can be narrowed to; Actor is one of them, or the zero Actor for all.
	Actors []models.Actor
	Actor  models.Actor
	Thing  models.AuditThing
	// Pages are all Pages, to name those of the rows.
	Pages []models.Page
	Pager Pager
}

func (p AuditProps) address(path, cursor string) string {
	return withQuery(path, "actor", ActorValue(p.Actor), "thing", string(p.Thing), "cursor", cursor)
}

func (p AuditProps) cursor(c string) string { return p.address("/settings/audit", c) }

// ActorValue is an actor in an address, as user-3; empty for nobody.
func ActorValue(a models.Actor) string {
	if a.Kind == "" {
		return ""
	}
	return string(a.Kind) + "-" + strconv.FormatInt(a.ID, 10)
}

// ParseActor reads what ActorValue wrote; anything else is nobody.
func ParseActor(s string) models.Actor {
	kind, text, _ := strings.Cut(s, "-")
	id, err := strconv.ParseInt(text, 10, 64)
	for _, k := range models.ActorKinds {
		if err == nil && string(k) == kind {
			return models.Actor{Kind: k, ID: id}
		}
	}
	return models.Actor{}
}

// auditPath is where the thing of an entry is looked at; empty where it cannot be, or is gone.
func auditPath(e models.AuditEntry) string {
	if e.ThingID == "" || e.Act == models.AuditDeleted {
		return ""
	}
	switch e.Thing {
	case models.AuditProduct:
		return "/products/" + e.ThingID
	case models.AuditRestock:
		return "/restocks/" + e.ThingID
	case models.AuditContact:
		return "/contacts/" + e.ThingID
	case models.AuditPage:
		return "/pages/" + e.ThingID
	default:
		return ""
	}
}

// AuditThingWord names a kind of thing.
func AuditThingWord(ctx context.Context, t models.AuditThing) string {
	return T(ctx, "audit_thing."+string(t))
}

// AuditActWord says what was done.
func AuditActWord(ctx context.Context, a models.AuditAct) string {
	return T(ctx, "audit_act."+string(a))
}

// auditName is what an entry's thing is called, by its number where it has no name.
func auditName(e models.AuditEntry) string {
	if e.ThingName == "" && e.ThingID != "" {
		return "#" + e.ThingID
	}
	return e.ThingName
}

// AuditField names what was changed on a thing.
func AuditField(ctx context.Context, c models.AuditChange) string {
	return T(ctx, "audit_field."+c.Field)
}

// AuditValue is a value before or after, as people write it.
func AuditValue(ctx context.Context, field, value string) string {
	switch {
	case field == "access" && value == "":
		return T(ctx, "team.all_pages")
	case field == "access":
		return strings.ReplaceAll(value, ",", ", ")
	case value == "":
		return T(ctx, "audit.nothing")
	case value == "yes" || value == "no" || value == "in_stock":
		return T(ctx, "audit_value."+value)
	case field == "opt_in_product":
		return OptInProductWord(ctx, models.OptInProduct(value))
	case field == "role":
		return RoleWord(ctx, models.Role(value))
	case strings.HasPrefix(field, "keep_"):
		if n, err := strconv.Atoi(value); err == nil {
			return keptFor(ctx, n)
		}
	}
	return value
}

// keptFor is a time in days; 0 is for good.
func keptFor(ctx context.Context, days int) string {
	if days == 0 {
		return T(ctx, "retention.for_good")
	}
	return TN(ctx, "retention.days", days)
}

// actorName is who acted; a command has its own words.
func actorName(ctx context.Context, a models.Actor) string {
	switch a.Kind {
	case models.ActorCommand:
		return T(ctx, "audit.command", "Name", a.Name)
	case models.ActorKey:
		return T(ctx, "audit.key", "Name", a.Name)
	default:
		return a.Name
	}
}

func actorOf(e models.AuditEntry) models.Actor {
	return models.Actor{Kind: e.ActorKind, ID: e.ActorID, Name: e.ActorName}
}
