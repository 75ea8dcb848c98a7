package sandbox

import (
	"log/slog"
	"net/http"
	"time"
)

// What the platform keeps at most. What is over is refused with ErrFull, save for logs and chats, which lose their oldest.
const (
	MaxPages      = 100
	MaxPeople     = 100_000
	MaxMessages   = 500 // in one chat
	MaxTokens     = 200_000
	MaxComments   = 10_000
	MaxCalls      = 2_000   // in the log of API calls
	MaxDeliveries = 2_000   // in the log of webhooks
	MaxWaiting    = 200_000 // webhooks waiting to be delivered
	MaxFaults     = 100
	MaxStreams    = 100 // browsers watching at once
	maxBody       = 1 << 20
	maxLoggedBody = 4 << 10
)

// Link is an m.me link that the shop's site would show.
type Link struct {
	Title string
	Ref   string // letters, digits, - _ =, at most 2083 characters
}

// Options is what a Platform starts from. The zero value works: no signature checks of the caller, the real clock.
type Options struct {
	AppID     string // the app's id, in echoes; digits, as Meta's are
	AppSecret string // signs webhooks and checks appsecret_proof
	// RequireProof refuses calls without appsecret_proof, as an app with "Require App Secret" does.
	RequireProof bool
	VerifyToken  string // what VerifyWebhook sends
	WebhookURL   string // where the product listens; empty delivers nothing
	// RedirectURIs are where a sign-in may lead back to; with none it may lead anywhere.
	RedirectURIs []string

	// Now is the platform's clock; nil means time.Now. It may be moved while the platform runs.
	Now func() time.Time
	// MoveClock is what the phone desk's clock buttons call; nil hides them.
	MoveClock func(d time.Duration)

	// SendsPerSecond is a Page's limit, beyond which 613 is answered: 0 means 300, below 0 means none.
	SendsPerSecond int
	// NotifyTapOpensNoWindow: a tap on Notify Me opens the standard window, unless this is set. Meta's wording allows both.
	NotifyTapOpensNoWindow bool
	// SecondTapRepeats delivers the same token once more when a card is tapped again. Else a second tap does nothing.
	SecondTapRepeats bool
	// AutoRead: people have the chat open all the time, so a message is read when it is delivered.
	AutoRead bool
	// AutoSubscribe subscribes every added Page to all fields, as if the product had called subscribed_apps.
	AutoSubscribe bool

	// Workers deliver webhooks at the same time; 0 means 8.
	Workers int
	// RetryDelay says how long to wait after so many failures in a row (1, 2, ...). Nil means three tries at once, then
	// 1 s doubling to a minute. Waiting is in real time, not by Now.
	RetryDelay func(failures int) time.Duration
	// Client delivers webhooks; nil means one that gives up after 5 seconds.
	Client *http.Client
	// HangFor is how long an answer is withheld by a time-out fault if the caller does not give up before; 0 means a minute.
	HangFor time.Duration

	// Seed makes ids and chance repeatable; 0 takes a new one each time, so that ids never meet those of an earlier run.
	Seed uint64

	Links    []Link // the shop's site, on the phone desk
	AdminURL string // where the shop's own screens are, for a link
	Logger   *slog.Logger
}
