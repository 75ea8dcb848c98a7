package views

import (
	"go/ast"
	goparser "go/parser"
	"go/token"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/a-h/templ/parser/v2"
	"github.com/a-h/templ/parser/v2/visitor"
	"github.com/google/go-cmp/cmp"
)

// sameEverywhere are the words that a template may hold as they are: names, and what people have to type or read the
// same in every language.
var sameEverywhere = map[string]bool{
	"Bentornato": true,
	"PSID":       true,
	"BENTORNATO_APP_ID, BENTORNATO_APP_SECRET":                        true,
	"sku,title,price,currency,url,image_url,available,product,option": true,
	"https://":            true,
	"Europe/Rome":         true, // how a time zone is written
	"EUR":                 true, // a currency's code
	"ABCD-EFGH-JKLM-NPQR": true, // what a code looks like
}

// readAttributes are the attributes whose text people see or hear.
var readAttributes = []string{"alt", "aria-description", "aria-label", "aria-placeholder", "aria-roledescription", "aria-valuetext", "label", "placeholder", "title"}

// hasWord finds two letters side by side: fewer are a unit or a mark.
var hasWord = regexp.MustCompile(`\pL{2}`)

// hardCoded lists the words of a template's source that no message file translates.
func hardCoded(source string) ([]string, error) {
	file, err := parser.ParseString(source)
	if err != nil {
		return nil, err
	}
	var found []string
	note := func(text string) {
		if text = strings.TrimSpace(html.UnescapeString(text)); hasWord.MatchString(text) {
			found = append(found, text)
		}
	}
	noteGo := func(source string) error {
		expr, err := goparser.ParseExpr(source)
		if err != nil {
			return err
		}
		for _, text := range shownLiterals(expr) {
			note(text)
		}
		return nil
	}
	v := visitor.New()
	v.Text = func(n *parser.Text) error {
		note(n.Value)
		return nil
	}
	v.ConstantAttribute = func(n *parser.ConstantAttribute) error {
		if slices.Contains(readAttributes, n.Key.String()) {
			note(n.Value)
		}
		return nil
	}
	v.ExpressionAttribute = func(n *parser.ExpressionAttribute) error {
		if slices.Contains(readAttributes, n.Key.String()) {
			return noteGo(n.Expression.Value)
		}
		return nil
	}
	v.StringExpression = func(n *parser.StringExpression) error { return noteGo(n.Expression.Value) }
	whole := v.TemplElementExpression
	v.TemplElementExpression = func(n *parser.TemplElementExpression) error {
		expr, err := goparser.ParseExpr(n.Expression.Value)
		if err != nil {
			return err
		}
		for _, text := range namedLiterals(expr) {
			note(text)
		}
		return whole(n)
	}
	return found, file.Visit(v)
}

// shownLiterals are the literals of an expression that stand there to be shown: what a call is given is its own affair.
func shownLiterals(expr ast.Expr) []string {
	switch e := expr.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return []string{text}
		}
	case *ast.BinaryExpr:
		return append(shownLiterals(e.X), shownLiterals(e.Y)...)
	case *ast.ParenExpr:
		return shownLiterals(e.X)
	}
	return nil
}

// namedLiterals are the literals that an expression gives by the name of something that people read: the label and the
// hint of a form's part, and attributes such as a placeholder.
func namedLiterals(expr ast.Expr) []string {
	var list []string
	ast.Inspect(expr, func(n ast.Node) bool {
		pair, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		var name string
		switch key := pair.Key.(type) {
		case *ast.Ident:
			name = key.Name
		case *ast.BasicLit:
			name, _ = strconv.Unquote(key.Value) // what is no text names nothing
		}
		if name == "hint" || slices.Contains(readAttributes, name) {
			list = append(list, shownLiterals(pair.Value)...)
		}
		return true
	})
	return list
}

// TestNothingIsHardCoded finds words in the templates that would be the same in every language.
func TestNothingIsHardCoded(t *testing.T) {
	files, err := filepath.Glob("*.templ")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d templates were found, %v", len(files), err)
	}
	needed := map[string]bool{}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found, err := hardCoded(string(source))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, text := range found {
			if needed[text] = true; !sameEverywhere[text] {
				t.Errorf("%s says %q in every language; give it a message", name, text)
			}
		}
	}
	for text := range sameEverywhere {
		if !needed[text] {
			t.Errorf("%q is allowed, and no template says it", text)
		}
	}
}

// The finder sees into every corner of a template.
func TestHardCodedIsFound(t *testing.T) {
	found, err := hardCoded(`package views

templ page(n int) {
	<p class="not this">One <b>two</b> 3 &middot; x</p>
	if n > 1 {
		<p>three</p>
	} else if n > 0 {
		<p>four</p>
	} else {
		<p>five</p>
	}
	for range n {
		<img alt="six" src="not-this"/>
	}
	switch n {
		case 1:
			<a href="/not/this" aria-label={ "seven" } title={ T(ctx, "not.this") }>{ T(ctx, "not.this", "Not", "this") + " eight" }</a>
		default:
			@card("not this") {
				<input
					if n > 2 {
						placeholder="nine"
					} else {
						placeholder="ten"
					}
				/>
			}
	}
	@field{name: "not_this", label: "eleven", hint: T(ctx, "not.this"), attrs: templ.Attributes{"placeholder": "twelve", "maxlength": "not this"}}.input()
}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"One", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}
	if d := cmp.Diff(want, found); d != "" {
		t.Errorf("found, and what should be:\n%s", d)
	}
}
