package views

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"bentornato/models"
)

// messages reads a message file: id to its text, or to its plural forms joined.
func messages(t *testing.T, lang string) map[string][]string {
	t.Helper()
	var tree map[string]any
	if _, err := toml.DecodeFile("locales/"+lang+".toml", &tree); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	var walk func(prefix string, node map[string]any)
	walk = func(prefix string, node map[string]any) {
		for key, value := range node {
			id := strings.TrimPrefix(prefix+"."+key, ".")
			switch v := value.(type) {
			case string:
				found[id] = []string{v}
			case map[string]any:
				one, isPlural := v["other"].(string)
				if !isPlural {
					walk(id, v)
					continue
				}
				first, ok := v["one"].(string)
				if !ok {
					t.Errorf("%s.toml: %s has no form for one", lang, id)
				}
				found[id] = []string{first, one}
			default:
				t.Errorf("%s.toml: %s is a %T", lang, id, value)
			}
		}
	}
	walk("", tree)
	return found
}

var placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

// names are the placeholders of a message, but for the number: "one person" needs none.
func names(texts []string) []string {
	set := map[string]bool{}
	for _, text := range texts {
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			if m[1] != "N" {
				set[m[1]] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

func TestLanguagesSayTheSame(t *testing.T) {
	english := messages(t, "en")
	if len(english) < 300 {
		t.Fatalf("only %d messages were read", len(english))
	}
	for _, lang := range languages[1:] {
		other := messages(t, lang)
		if d := cmp.Diff(slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(other))); d != "" {
			t.Errorf("%s.toml has other ids than en.toml:\n%s", lang, d)
		}
		for id, texts := range other {
			if len(texts) != len(english[id]) {
				t.Errorf("%s: %s is plural in one language only", lang, id)
			}
			if d := cmp.Diff(names(english[id]), names(texts)); d != "" {
				t.Errorf("%s: %s has other placeholders than in English:\n%s", lang, id, d)
			}
			for _, text := range texts {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s: %s is empty", lang, id)
				}
			}
		}
	}
}

var (
	saidWhole  = regexp.MustCompile(`\bTN?\(ctx, "([a-z0-9_.]+[a-z0-9_])"`)
	saidPrefix = regexp.MustCompile(`"([a-z0-9_]+\.)"\s*(?:\+|,)`)
	saidByTime = regexp.MustCompile(`"time\."\+when\+"\.(\w+)"`)
)

// said scans the package's sources for the messages they use: whole ids, and prefixes that a value completes.
func said(t *testing.T) (ids, prefixes map[string]bool) {
	t.Helper()
	ids, prefixes = map[string]bool{}, map[string]bool{}
	files, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		isSource := strings.HasSuffix(f, ".templ") || strings.HasSuffix(f, ".go")
		if !isSource || strings.HasSuffix(f, "_test.go") || strings.HasSuffix(f, "_templ.go") {
			continue
		}
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range saidWhole.FindAllStringSubmatch(string(src), -1) {
			ids[m[1]] = true
		}
		for _, m := range saidPrefix.FindAllStringSubmatch(string(src), -1) {
			prefixes[m[1]] = true
		}
		for _, m := range saidByTime.FindAllStringSubmatch(string(src), -1) {
			ids["time.ago."+m[1]], ids["time.ahead."+m[1]] = true, true
		}
	}
	return ids, prefixes
}

// TestMessagesAreUsedAndPresent walks the templates: no id without a message, no message that nobody says.
func TestMessagesAreUsedAndPresent(t *testing.T) {
	english := messages(t, "en")
	ids, prefixes := said(t)
	if len(ids) < 200 || len(prefixes) < 15 {
		t.Fatalf("the scan found %d ids and %d prefixes; it is blind", len(ids), len(prefixes))
	}
	for id := range ids {
		if _, ok := english[id]; !ok {
			t.Errorf("%s is said and has no message", id)
		}
	}
	for id := range english {
		prefix := id[:strings.LastIndex(id, ".")+1]
		if !ids[id] && !prefixes[prefix] {
			t.Errorf("%s is in the message files and nobody says it", id)
		}
	}
}

// constants lists the values of every string constant of the given types, by type, in the Go files of a folder.
func constants(t *testing.T, dir string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), f, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Type == nil {
				return true
			}
			name, ok := spec.Type.(*ast.Ident)
			if !ok {
				return true
			}
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if s, err := strconv.Unquote(lit.Value); err == nil {
						found[name.Name] = append(found[name.Name], s)
					}
				}
			}
			return true
		})
	}
	return found
}

// TestEveryEnumHasItsWords walks the constants of models and of this package, so that a new reason without its
// sentence fails here. A prefix holds exactly its enum's values: a word nobody can reach fails too.
func TestEveryEnumHasItsWords(t *testing.T) {
	english := messages(t, "en")
	ofModels, ofViews := constants(t, "../models"), constants(t, ".")
	for _, c := range []struct {
		prefix string
		values []string
	}{
		{"token_state.", ofModels["TokenState"]},
		{"token_reason.", ofModels["TokenReason"]},
		{"waiting_reason.", ofModels["WaitingReason"]},
		{"restock_state.", ofModels["RestockState"]},
		{"restock_reason.", ofModels["RestockReason"]},
		{"page_state.", ofModels["PageState"]},
		{"pause_reason.", ofModels["PauseReason"]},
		{"pause_mend.", ofModels["PauseReason"]},
		{"policy_reason.", ofModels["PolicyReason"]},
		{"send_kind.", ofModels["SendKind"]},
		{"health_trouble.", ofModels["HealthTrouble"]},
		{"health_mend.", ofModels["HealthTrouble"]},
		{"request_state.", ofModels["RequestState"]},
		{"opt_in_product.", ofModels["OptInProduct"]},
		{"opt_in_reason.", ofModels["OptInReason"]},
		{"opt_in_status.", ofModels["OptInStatus"]},
		{"opt_in_source.", ofModels["OptInSource"]},
		{"attempt_state.", ofModels["AttemptState"]},
		{"message_state.", ofModels["MessageState"]},
		{"report_outcome.", ofModels["ReportOutcome"]},
		{"delivery_outcome.", ofModels["DeliveryOutcome"]},
		{"delivery_what.", ofModels["DeliveryOutcome"]},
		{"delivery_origin.", ofModels["DeliveryOrigin"]},
		{"source_trouble.", ofModels["SourceTrouble"]},
		{"interest_source.", ofModels["InterestSource"]},
		{"audit_thing.", ofModels["AuditThing"]},
		{"audit_act.", ofModels["AuditAct"]},
		{"kept.", ofModels["Kept"]},
		{"kept_why.", ofModels["Kept"]},
		{"first_step.", ofModels["FirstStep"]},
		{"first_step_hint.", ofModels["FirstStep"]},
		{"role.", ofModels["Role"]},
		{"role_may.", ofModels["Role"]},
		{"error_kind.", ofModels["Kind"]},
		{"notice.", ofViews["Notice"]},
		{"notice_count.", ofViews["Counted"]},
		{"availability.", []string{"any", "in_stock", "running", "sold_out", "waiting"}},
		{"product_sort.", []string{"title", "waiting", "updated"}},
	} {
		if len(c.values) < 2 {
			t.Errorf("%s: found %d values; the walk is blind", c.prefix, len(c.values))
		}
		var have []string
		for id := range english {
			if strings.HasPrefix(id, c.prefix) {
				have = append(have, strings.TrimPrefix(id, c.prefix))
			}
		}
		slices.Sort(have)
		slices.Sort(c.values)
		if d := cmp.Diff(c.values, have); d != "" {
			t.Errorf("messages of %s differ from the constants:\n%s", c.prefix, d)
		}
	}
}

// TestIconsExist finds a picture that a template asks for and icon does not have: it would be drawn empty.
func TestIconsExist(t *testing.T) {
	src, err := os.ReadFile("icon.templ")
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[string]bool{}
	for _, m := range regexp.MustCompile(`case "([a-z0-9-]+)":`).FindAllStringSubmatch(string(src), -1) {
		drawn[m[1]] = false
	}
	files, _ := filepath.Glob("*")
	for _, f := range files {
		if f == "icon.templ" || strings.HasSuffix(f, "_templ.go") || strings.HasSuffix(f, "_test.go") || (!strings.HasSuffix(f, ".templ") && !strings.HasSuffix(f, ".go")) {
			continue
		}
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`@icon\("([^"]+)"\)`).FindAllStringSubmatch(string(src), -1) {
			if _, ok := drawn[m[1]]; !ok {
				t.Errorf("%s asks for icon %q, which is not drawn", f, m[1])
			}
		}
		for name := range drawn {
			if strings.Contains(string(src), strconv.Quote(name)) {
				drawn[name] = true
			}
		}
	}
	for name, used := range drawn {
		if !used {
			t.Errorf("icon %q is drawn and nobody uses it", name)
		}
	}
}

func TestPlurals(t *testing.T) {
	for _, c := range []struct {
		lang, want string
		n          int
	}{
		{"en", "1 product", 1}, {"en", "0 products", 0}, {"en", "1,234 products", 1234},
		{"it", "1 prodotto", 1}, {"it", "2 prodotti", 2}, {"it", "1.234 prodotti", 1234},
		{"it", "1.000.000 prodotti", 1_000_000}, // Italian has a form of its own for millions; ours falls back
	} {
		if got := TN(WithLanguage(context.Background(), c.lang), "products.count", c.n); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.lang, c.n, got, c.want)
		}
	}
}

func TestLanguageOfAContext(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct{ set, want string }{{"it", "it"}, {"it_IT", "it"}, {"en-GB", "en"}, {"de", "en"}, {"", "en"}} {
		if got := Language(WithLanguage(ctx, c.set)); got != c.want {
			t.Errorf("WithLanguage(%q) speaks %q, want %q", c.set, got, c.want)
		}
	}
	if got := Language(ctx); got != "en" {
		t.Errorf("without a language: %q, want en", got)
	}
	if got := T(ctx, "no.such"); got != "no.such" {
		t.Errorf("a message that is nowhere shows %q, want its id", got)
	}
}

func TestErrorText(t *testing.T) {
	en, it := WithLanguage(context.Background(), "en"), WithLanguage(context.Background(), "it")
	rate := models.FieldErrorf("rate", "The rate is 1 to %d messages a second.", models.MaxRate)
	inner := errors.New("dial tcp: secret")
	for _, c := range []struct {
		name string
		ctx  context.Context
		err  error
		want string
	}{
		{"nothing", en, nil, ""},
		{"a field", en, rate, "The rate is 1 to 300 messages a second."},
		{"a field in Italian", it, rate, "Il ritmo va da 1 a 300 messaggi al secondo."},
		{"a kind in Italian", it, models.Errorf(models.KindNotFound, "There is no such product."), "Questo elemento non esiste, o non esiste più."},
		{"a cause stays inside", en, inner, "Something went wrong on our side. Nothing was changed; please try again."},
		{"a cause stays inside in Italian", it, inner, "Qualcosa non ha funzionato da parte nostra. Nulla è stato cambiato; riprova."},
	} {
		if got := ErrorText(c.ctx, c.err); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
