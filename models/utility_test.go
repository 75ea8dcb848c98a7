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
		"template_name":     func(u *UtilityTemplate) { u.Name = "Order shipped" },
		"template_language": func(u *UtilityTemplate) { u.Language = "" },
		"template_body":     func(u *UtilityTemplate) { u.Body = "Ordine {{2}} del {{1}}" },
		"examples":          func(u *UtilityTemplate) { u.Examples = u.Examples[:1] },
		"buttons":           func(u *UtilityTemplate) { u.Buttons = []Button{{Title: "Both", URL: "https://s.test", Payload: "p"}} },
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

func TestFillTemplate(t *testing.T) {
	u := UtilityTemplate{Name: "order_shipped", Language: "it", Body: "Ordine {{1}} partito: {{2}}, {{1}}", Buttons: []Button{{Title: "Aiuto", Payload: "help"}, {Title: "Segui", URL: "https://s.test"}}}
	if text := u.Render([]string{"7"}); text != "Ordine 7 partito: {{2}}, 7" {
		t.Error(text)
	}
	u.Body = "Ordine {{1}} partito il {{2}}."
	filled, text, err := u.Fill([]string{" {{2}} ", "3 maggio"})
	if err != nil || text != "Ordine {{2}} partito il 3 maggio." || len(filled.Payloads) != 1 || filled.Payloads[0] != "help" || filled.Body[0] != "{{2}}" {
		t.Errorf("%+v, %q, %v", filled, text, err)
	}
	for _, values := range [][]string{nil, {"1"}, {"1", ""}, {"1", "2", "3"}, {"1", strings.Repeat("x", MaxTemplateBody+1)}, {"1", "in offerta"}} {
		if _, _, err := u.Fill(values); KindOf(err) != KindInvalid {
			t.Errorf("%q: %v", values, err)
		}
	}
}

func TestPromotion(t *testing.T) {
	for text, want := range map[string]string{
		"en|Your order 1042 is on its way.":              "",
		"en|Our Winter SALE starts today":                "SALE",
		"en|Your sales receipt is attached":              "",
		"en|Take 20% off":                                "20% off",
		"en|The blue mug is back in stock!":              "back in stock",
		"en_US|A discount, for you":                      "discount",
		"en|Don’t miss it":                               "Don’t miss",
		"it|Il prezzo sale di un euro":                   "",
		"it|Sono iniziati i saldi":                       "saldi",
		"it|Con lo sconto del 10%":                       "sconto",
		"it|La tazza è di nuovo disponibile":             "di nuovo disponibile",
		"it|Il pacco è offertorio":                       "",
		"it|Rimborso del 50% eseguito":                   "",
		"de|Nur heute: -20 % auf alles":                  "-20 %",
		"de|Ihre Bestellung ist unterwegs":               "",
		"fr|Votre code promo":                            "promo",
		"it|Appuntamento confermato. Promo: porta amici": "Promo",
	} {
		language, words, _ := strings.Cut(text, "|")
		if got := Promotion(language, words); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestLacks(t *testing.T) {
	page := Answer{Outcome: OutcomePageTrouble, Pause: PausePermission}
	for _, c := range []struct {
		kind   SendKind
		answer Answer
		want   PolicyReason
	}{
		{SendHumanAgent, Answer{Outcome: OutcomeOutside}, ReasonNoHumanAgent},
		{SendHumanAgent, page, ReasonNoHumanAgent},
		{SendUtility, page, ReasonNoUtility},
		{SendUtility, Answer{Outcome: OutcomeOutside}, ReasonNoUtility},
		{SendReply, Answer{Outcome: OutcomeOutside}, ""},
		{SendReply, page, ""},
		{SendHumanAgent, Answer{Outcome: OutcomePageTrouble, Pause: PauseTokenInvalid}, ""},
		{SendUtility, Answer{Outcome: OutcomePageTrouble, Pause: PauseRestricted}, ""},
		{SendUtility, Answer{Outcome: OutcomeDead}, ""},
		{SendHumanAgent, Answer{Outcome: OutcomeSent}, ""},
	} {
		if got := Lacks(c.kind, c.answer); got != c.want {
			t.Errorf("%s answered %+v: %q, want %q", c.kind, c.answer, got, c.want)
		}
	}
}
