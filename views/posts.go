package views

import (
	"context"

	"bentornato/models"
)

// PostsProps is the list of a Page's posts and ads that are tied to products: GET /pages/{id}/posts with cursor.
type PostsProps struct {
	Page
	OnPage models.Page
	Form   TieForm
	Rows   []models.TieRow
	Pager  Pager
}

// TieForm is POST /pages/{id}/posts: tie_kind, tie_ref, tie_sku. Each row's button is POST /pages/{id}/posts/remove with tie_kind,
// tie_ref and variant_id.
type TieForm struct {
	Kind models.TieKind
	Ref  string
	SKU  string
	Err  error
}

// refError is the form's error where it is about the address, whichever of the two kinds it is.
func (f TieForm) refError() string {
	if f.Kind == models.TieAd {
		return "tie_ad"
	}
	return "tie_post"
}

func (p PostsProps) address() string { return "/pages/" + p.OnPage.ID + "/posts" }

func (p PostsProps) cursor(c string) string { return withQuery(p.address(), "cursor", c) }

// AssumptionsProps is what we assume about Messenger: GET /pages/assumptions.
type AssumptionsProps struct {
	Page
	// Pages are those whose settings change some of it.
	Pages []models.Page
	Rows  []models.Assumption
}

// AssumptionText is what is unsure about Messenger ("what"), or what we take it to be ("we").
func AssumptionText(ctx context.Context, a models.Assumption, part string) string {
	return T(ctx, "assumption."+a.ID+"_"+part)
}

// TieKindWord names what is tied to a product.
func TieKindWord(ctx context.Context, k models.TieKind) string { return T(ctx, "tie_kind."+string(k)) }
