package views

import (
	"reflect"
	"strings"
	"testing"

	"bentornato/models"
)

// fill sets everything that a person may set.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.String {
			v.Set(reflect.ValueOf(map[string]string{"en": "x", "it": "x"}).Convert(v.Type()))
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	default:
	}
}

// TestEveryFieldThatChangesHasItsWord fails on a new setting of a Page or a product that the log could not name.
func TestEveryFieldThatChangesHasItsWord(t *testing.T) {
	var page models.Page
	var variant models.Variant
	fill(reflect.ValueOf(&page).Elem())
	fill(reflect.ValueOf(&variant).Elem())
	var fields []string
	for _, c := range models.Changes(models.Page{}, page, "State", "PauseReason", "PauseDetail", "RecurringDetail") {
		fields = append(fields, c.Field)
	}
	for _, c := range models.Changes(models.Variant{}, variant, "Ref", "Available", "QuantityUnknown", "Waiting", "PriceMinor", "Currency", "Edited", "Episode") {
		fields = append(fields, c.Field)
	}
	for _, k := range models.KeptKinds {
		fields = append(fields, "keep_"+string(k))
	}
	if len(fields) < 20 {
		t.Fatalf("only %d fields were found", len(fields))
	}
	ctx := WithLanguage(t.Context(), "en")
	for _, f := range fields {
		if word := AuditField(ctx, models.AuditChange{Field: f}); strings.HasPrefix(word, "audit_field.") {
			t.Errorf("the log has no word for %s: add audit_field.%s to both languages", f, f)
		}
	}
}

func TestActorsTravelInAddresses(t *testing.T) {
	for _, a := range []models.Actor{{}, {Kind: models.ActorUser, ID: 3}, {Kind: models.ActorKey, ID: 12}, {Kind: models.ActorCommand}} {
		if got := ParseActor(ActorValue(a)); got != a {
			t.Errorf("%+v comes back as %+v", a, got)
		}
	}
	for _, s := range []string{"user", "user-", "user-x", "nobody-3", "3"} {
		if got := ParseActor(s); got != (models.Actor{}) {
			t.Errorf("%q is %+v", s, got)
		}
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64][2]string{0: {"0 B", "0 B"}, 999: {"999 B", "999 B"}, 1500: {"1.5 kB", "1,5 kB"}, 48_234_496: {"48 MB", "48 MB"}, 7_300_000_000: {"7.3 GB", "7,3 GB"}} {
		for i, lang := range []string{"en", "it"} {
			if got := Bytes(WithLanguage(t.Context(), lang), n); got != want[i] {
				t.Errorf("%d in %s is %q, want %q", n, lang, got, want[i])
			}
		}
	}
}
