package views

import (
	"context"
	"embed"
	"fmt"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"bentornato/models"
)

//go:embed locales/*.toml
var locales embed.FS

// languages are those with a file in locales, in the order of the switch.
var languages = [...]string{"en", "it"}

// Languages lists the languages that pages and messages are written in.
func Languages() []string { return languages[:] }

// bundle reads the message files once. They are embedded and tested, so reading them cannot fail at run time.
var bundle = sync.OnceValue(func() *i18n.Bundle {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	for _, l := range languages {
		if _, err := b.LoadMessageFileFS(locales, "locales/"+l+".toml"); err != nil {
			panic("views: " + err.Error())
		}
	}
	return b
})

type contextKey int

const (
	speakerKey contextKey = iota
	assetKey
)

// speaker says things in one language.
type speaker struct {
	code      string
	localizer *i18n.Localizer
	printer   *message.Printer
}

func newSpeaker(code string) *speaker {
	return &speaker{
		code:      code,
		localizer: i18n.NewLocalizer(bundle(), code),
		printer:   message.NewPrinter(language.Make(code)),
	}
}

// WithLanguage sets the language in which pages rendered with the context are written: "en" or "it", or a locale
// that models.Language understands.
func WithLanguage(ctx context.Context, lang string) context.Context {
	return context.WithValue(ctx, speakerKey, newSpeaker(models.Language(lang)))
}

func speakerOf(ctx context.Context) *speaker {
	if s, ok := ctx.Value(speakerKey).(*speaker); ok {
		return s
	}
	return newSpeaker("en")
}

// Language is the code of the context's language, "en" where none was set.
func Language(ctx context.Context) string { return speakerOf(ctx).code }

// WithAssets sets how the address of a static file such as "css/app.css" is made; static.URL is meant. Without
// it files are asked for under /static/ by their plain names.
func WithAssets(ctx context.Context, url func(name string) string) context.Context {
	return context.WithValue(ctx, assetKey, url)
}

func asset(ctx context.Context, name string) string {
	if url, ok := ctx.Value(assetKey).(func(string) string); ok {
		return url(name)
	}
	return "/static/" + name
}

// T is the message of an id in the context's language; pairs are names and values of its placeholders. A message
// that is nowhere shows its id, so that it is seen; the tests let none through.
func T(ctx context.Context, id string, pairs ...any) string {
	return say(ctx, &i18n.LocalizeConfig{MessageID: id, TemplateData: placeholders(pairs)})
}

// TN is T for a message that counts something: it picks the plural form for n, and {{.N}} is n as the language
// writes it.
func TN(ctx context.Context, id string, n int, pairs ...any) string {
	data := placeholders(pairs)
	data["N"] = Number(ctx, n)
	return say(ctx, &i18n.LocalizeConfig{MessageID: id, TemplateData: data, PluralCount: n})
}

func placeholders(pairs []any) map[string]any {
	data := make(map[string]any, len(pairs)/2+1)
	for i := 0; i+1 < len(pairs); i += 2 {
		data[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return data
}

func say(ctx context.Context, config *i18n.LocalizeConfig) string {
	text, _ := speakerOf(ctx).localizer.Localize(config) // the error is a missing form or language; the text is the next best
	if text == "" {
		return config.MessageID
	}
	return text
}
