package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// rulesEditor changes the rules of many products, and says first what that would do.
type rulesEditor interface {
	CountSelection(ctx context.Context, sel models.VariantSelection) (int, error)
	PreviewRules(ctx context.Context, sel models.VariantSelection, change models.RulesChange) (models.RulesPreview, error)
	ChangeRules(ctx context.Context, sel models.VariantSelection, change models.RulesChange) (int, error)
}

// rulesScreen changes the rules of many products at once.
type rulesScreen struct {
	office
	work rulesEditor
}

// selectionOf is which products a form is for: those that are ticked, or all that the list's filter finds.
func selectionOf(c echo.Context) (models.VariantSelection, error) {
	s := models.VariantSelection{All: ticked(c, "all"), Query: filterOf(c)}
	form, err := c.FormParams()
	if err != nil || s.All {
		return s, err
	}
	for _, text := range form["id"] {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return s, models.FieldErrorf("ids", "%q is no product.", models.Shorten(text, 40))
		}
		s.IDs = append(s.IDs, id)
	}
	return s, nil
}

// show answers GET /products/rules.
func (h rulesScreen) show(c echo.Context) error {
	return h.render(c, http.StatusOK, views.RulesForm{}, nil)
}

func (h rulesScreen) render(c echo.Context, status int, form views.RulesForm, preview *models.RulesPreview) error {
	frame, _, err := h.frame(c)
	if err != nil {
		return err
	}
	p := views.RulesProps{Page: frame, Form: form, Preview: preview}
	if p.Selection, err = selectionOf(c); err != nil {
		return err
	}
	if p.Chosen, err = h.work.CountSelection(c.Request().Context(), p.Selection); err != nil {
		return err
	}
	if c.Request().Method == http.MethodPost {
		p.CurrentURL = "/products"
	}
	return render(c, status, views.Rules(p))
}

// change answers POST /products/rules: with what it would do or, with confirm, by doing it.
func (h rulesScreen) change(c echo.Context) error {
	ctx := c.Request().Context()
	form := views.RulesForm{MinStock: typed(c, "min_stock"), TokensPerUnit: typed(c, "tokens_per_unit"), HoldDownSeconds: typed(c, "hold_down_seconds"),
		AskAbove: typed(c, "ask_above"), WaveMinutes: typed(c, "wave_minutes"), Order: typed(c, "order"), Reset: ticked(c, "reset")}
	sel, err := selectionOf(c)
	if err != nil {
		return err
	}
	change, err := changeOf(form)
	if err == nil && ticked(c, "confirm") {
		if _, err = h.work.ChangeRules(ctx, sel, change); err == nil {
			return h.done(c, views.NoticeRulesChanged, views.ProductsPath(sel.Query))
		}
	}
	var preview models.RulesPreview
	if err == nil {
		preview, err = h.work.PreviewRules(ctx, sel, change)
	}
	if status, ok := mendable(err); ok {
		form.Err = err
		return h.render(c, status, form, nil)
	}
	if err != nil {
		return err
	}
	return h.render(c, http.StatusOK, form, &preview)
}

// changeOf reads the form; what is empty is left as it is.
func changeOf(f views.RulesForm) (models.RulesChange, error) {
	change := models.RulesChange{Reset: f.Reset}
	for _, field := range []struct {
		name, text string
		target     **int
	}{
		{"min_stock", f.MinStock, &change.MinStock}, {"tokens_per_unit", f.TokensPerUnit, &change.TokensPerUnit},
		{"hold_down_seconds", f.HoldDownSeconds, &change.HoldDownSeconds}, {"ask_above", f.AskAbove, &change.AskAbove},
		{"wave_minutes", f.WaveMinutes, &change.WaveMinutes},
	} {
		var err error
		if *field.target, err = ownNumber(field.name, field.text); err != nil {
			return change, err
		}
	}
	var err error
	change.NewestFirst, err = ownOrder(f.Order)
	return change, err
}

// ownNumber reads a rule that may be left empty.
func ownNumber(field, text string) (*int, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // empty is an answer: the rule is not the variant's own
	}
	n, err := wholeNumber(field, text, 0)
	return &n, err
}

// ownOrder reads whom a restock tells first; empty is no rule of the variant's own.
func ownOrder(text string) (*bool, error) {
	switch text {
	case "":
		return nil, nil //nolint:nilnil // as above
	case "first", "newest":
		newest := text == "newest"
		return &newest, nil
	default:
		return nil, models.FieldErrorf("order", "The order is first or newest.")
	}
}
