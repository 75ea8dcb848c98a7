package views

import (
	"context"
	"errors"
	"strings"

	"bentornato/models"
)

// The words for what models only names. Each enum has its messages under one prefix; a test walks the constants of
// models and misses none.

// TokenStateWord is a token's state in a word or two.
func TokenStateWord(ctx context.Context, s models.TokenState) string {
	return T(ctx, "token_state."+string(s))
}

// TokenReasonText says why a token is in its state; empty for no reason.
func TokenReasonText(ctx context.Context, r models.TokenReason) string {
	return reasonText(ctx, "token_reason.", string(r))
}

// WaitingReasonText answers "why not yet?" in a sentence.
func WaitingReasonText(ctx context.Context, r models.WaitingReason) string {
	return reasonText(ctx, "waiting_reason.", string(r))
}

// RestockStateWord is a restock's state in a word or two.
func RestockStateWord(ctx context.Context, s models.RestockState) string {
	return T(ctx, "restock_state."+string(s))
}

// RestockReasonText says why a restock is in its state; empty for no reason.
func RestockReasonText(ctx context.Context, r models.RestockReason) string {
	return reasonText(ctx, "restock_reason.", string(r))
}

// PageStateWord is a Page's state in a word.
func PageStateWord(ctx context.Context, s models.PageState) string {
	return T(ctx, "page_state."+string(s))
}

// PauseReasonText says why a Page does not send; PauseMendText what to do about it, in one sentence.
func PauseReasonText(ctx context.Context, r models.PauseReason) string {
	return reasonText(ctx, "pause_reason.", string(r))
}

// PauseMendText says what to do about a paused Page.
func PauseMendText(ctx context.Context, r models.PauseReason) string {
	return reasonText(ctx, "pause_mend.", string(r))
}

// PolicyReasonText says why something may not be sent.
func PolicyReasonText(ctx context.Context, r models.PolicyReason) string {
	return reasonText(ctx, "policy_reason.", string(r))
}

// SendKindWord names a kind of message.
func SendKindWord(ctx context.Context, k models.SendKind) string {
	return T(ctx, "send_kind."+string(k))
}

// RequestStateWord is an opt-in request's state in a word or two.
func RequestStateWord(ctx context.Context, s models.RequestState) string {
	return T(ctx, "request_state."+string(s))
}

// AttemptStateWord is an attempt's state in a word or two.
func AttemptStateWord(ctx context.Context, s models.AttemptState) string {
	return T(ctx, "attempt_state."+string(s))
}

// MessageStateWord is an outgoing message's state in a word or two.
func MessageStateWord(ctx context.Context, s models.MessageState) string {
	return T(ctx, "message_state."+string(s))
}

// ReportOutcomeWord is what became of a stock report.
func ReportOutcomeWord(ctx context.Context, o models.ReportOutcome) string {
	return T(ctx, "report_outcome."+string(o))
}

// InterestSourceText says how somebody asked.
func InterestSourceText(ctx context.Context, s models.InterestSource) string {
	return T(ctx, "interest_source."+string(s))
}

// RoleWord names a role.
func RoleWord(ctx context.Context, r models.Role) string { return reasonText(ctx, "role.", string(r)) }

// SourceKindName is the name of an inventory system as its maker writes it; the same in every language, but for
// our own generic format.
func SourceKindName(ctx context.Context, k models.SourceKind) string {
	switch k {
	case "generic":
		return T(ctx, "source_kind.generic")
	case "shopify":
		return "Shopify"
	case "woocommerce":
		return "WooCommerce"
	case "prestashop":
		return "PrestaShop"
	case "fattureincloud":
		return "Fatture in Cloud"
	case "danea-easyfatt":
		return "Danea Easyfatt"
	case "adobe-commerce":
		return "Adobe Commerce"
	case "bigcommerce":
		return "BigCommerce"
	case "lightspeed-x":
		return "Lightspeed X"
	case "zoho-inventory":
		return "Zoho Inventory"
	default:
		name := strings.ReplaceAll(string(k), "-", " ")
		if name == "" {
			return ""
		}
		return strings.ToUpper(name[:1]) + name[1:]
	}
}

func reasonText(ctx context.Context, prefix, value string) string {
	if value == "" {
		return ""
	}
	return T(ctx, prefix+value)
}

// ErrorText is an error's sentence for people. Sentences of models are English; in another language a field's
// error says what the field takes, and any other what kind of failure it was, with the English sentence where only that
// says what to mend.
func ErrorText(ctx context.Context, err error) string {
	if err == nil {
		return ""
	}
	if Language(ctx) == "en" {
		return models.MessageOf(err)
	}
	if text := ruleText(ctx, errorField(err)); text != "" {
		return text
	}
	kind := models.KindOf(err)
	text := T(ctx, "error_kind."+string(kind))
	if kind == models.KindInvalid || kind == models.KindConflict {
		return text + " (" + models.MessageOf(err) + ")" // what exactly is wrong is worth more than one language
	}
	return text
}

// ruleText is the rule of a field; empty where it has none.
func ruleText(ctx context.Context, field string) string {
	id := "field_rule." + field
	if text := T(ctx, id); field != "" && text != id {
		return text
	}
	return ""
}

// wrongLine says why a line was not imported.
func wrongLine(ctx context.Context, w models.WrongLine) string {
	rule := w.Rule
	if rule == "sku" {
		rule = "line_sku" // one that is listed already is no mistake in a file
	}
	if text := ruleText(ctx, rule); text != "" && Language(ctx) != "en" {
		return text
	}
	return w.Why
}

// PollFailureText says why a shop's system could not be asked. The sentence on record is English; in another language the kind
// of failure is said.
func PollFailureText(ctx context.Context, p models.Poll) string {
	if Language(ctx) == "en" || p.Trouble == "" {
		return p.Failure
	}
	return T(ctx, "poll_trouble."+string(p.Trouble))
}

// RefusalText says why a call was refused. Details of a call that cannot be read are for whoever wrote the program that sent
// it, and stay as they are.
func RefusalText(ctx context.Context, why string) string {
	switch {
	case Language(ctx) == "en" || why == "":
		return why
	case why == models.Unsigned:
		return T(ctx, "refusal.unsigned")
	default:
		return T(ctx, "refusal.unread", "Why", why)
	}
}

// errorField is the field that an error is about; empty where it is about none.
func errorField(err error) string {
	var e *models.Error
	if errors.As(err, &e) {
		return e.Field
	}
	return ""
}

func languageName(code string) string {
	switch code {
	case "it":
		return "Italiano"
	default:
		return "English"
	}
}

// languageMark is a language's name cut to what a narrow bar has room for.
func languageMark(code string) string { return strings.ToUpper(code) }
