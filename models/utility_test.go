package models

import (
	"errors"
	"strings"
	"testing"
)

func TestValidateUtilityTemplate(t *testing.T) {
	good := UtilityTemplate{Name: "order_shipped", Language: "it", Body: "Ordine {{1}} del {{2}}", Examples: []string{"1042", "3 maggio"}}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(*UtilityTemplate){
		"name":     func(u *UtilityTemplate) { u.Name = "Order shipped" },
		"language": func(u *UtilityTemplate) { u.Language = "" },
		"body":     func(u *UtilityTemplate) { u.Body = "Ordine {{2}} del {{1}}" },
		"examples": func(u *UtilityTemplate) { u.Examples = u.Examples[:1] },
		"buttons":  func(u *UtilityTemplate) { u.Buttons = []Button{{Title: "Both", URL: "https://s.test", Payload: "p"}} },
	} {
		u := good
		spoil(&u)
		var wrong *Error
		if err := u.Validate(); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for name, u := range map[string]UtilityTemplate{
		"empty":             {Name: "a", Language: "en"},
		"too long":          {Name: "a", Language: "en", Body: strings.Repeat("x", MaxTemplateBody+1)},
		"an empty example":  {Name: "a", Language: "en", Body: "{{1}}", Examples: []string{""}},
		"a name too long":   {Name: strings.Repeat("a", MaxTemplateName+1), Language: "en", Body: "x"},
		"a gap":             {Name: "a", Language: "en", Body: "{{1}} {{3}}", Examples: []string{"a", "b"}},
		"too many to fill":  {Name: "a", Language: "en", Body: manyPlaceholders(MaxTemplateFills + 1), Examples: make([]string, MaxTemplateFills+1)},
		"too many buttons":  {Name: "a", Language: "en", Body: "x", Buttons: make([]Button, MaxButtons+1)},
		"a nameless button": {Name: "a", Language: "en", Body: "x", Buttons: []Button{{Payload: "p"}}},
	} {
		if err := u.Validate(); KindOf(err) != KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func manyPlaceholders(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("{{" + strings.TrimLeft(string(rune('0'+(i+1)/10))+string(rune('0'+(i+1)%10)), "0") + "}} ")
	}
	return b.String()
}
