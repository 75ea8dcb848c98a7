package inventory

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"bentornato/models"
)

// Limits of asking a shop's system.
const (
	askTimeout = 20 * time.Second // one call
	// askAll is the time for everything that one question takes.
	askAll = 90 * time.Second
	// maxAnswer is the longest answer that is read, in bytes.
	maxAnswer = 16 << 20
	// maxRedirects is how often an answer may lead on, on the same host.
	maxRedirects = 3
	// defaultWait is how long a system is left alone that says "too many" and not for how long.
	defaultWait = time.Minute
)

// Asker asks shops' systems for their stock. It holds connections and nothing else.
type Asker struct {
	client *http.Client
	now    func() time.Time
}

// NewAsker makes an asker. Nothing is asked over anything but TLS, except on this machine itself, and no answer leads it
// to another host: the access token would go along.
func NewAsker(now func() time.Time) *Asker {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: askTimeout, ResponseHeaderTimeout: askTimeout, IdleConnTimeout: time.Minute, MaxIdleConns: 20, ForceAttemptHTTP2: true}
	return &Asker{now: now, client: &http.Client{Transport: transport, Timeout: askTimeout, CheckRedirect: sameHost}}
}

// Close lets go of the connections.
func (a *Asker) Close() { a.client.CloseIdleConnections() }

var errLeadsAway = errors.New("the answer leads to another address")

func sameHost(r *http.Request, via []*http.Request) error {
	if first := via[0].URL; r.URL.Host != first.Host || r.URL.Scheme != first.Scheme || len(via) > maxRedirects {
		return errLeadsAway
	}
	return nil
}

// poller asks one system one question.
type poller func(ctx context.Context, c caller, q models.PollAsk) (models.PollAnswer, error)

// AccessForm is what a kind of system needs to be asked, for the form of the source's page.
type AccessForm struct {
	// Address is that of the system's API, where it is the same for every shop; else the shop's own is typed.
	Address string
	// Account says that the system wants more than an access token: a key's public half, a store's id.
	Account bool
	// Locations says that stock is counted by place.
	Locations bool
}

// askable are the systems that can be asked, and how.
var askable = map[models.SourceKind]struct {
	ask  poller
	form AccessForm
}{
	BigCommerce:    {askBigCommerce, AccessForm{Address: "https://api.bigcommerce.com", Account: true}},
	Ecwid:          {askEcwid, AccessForm{Address: "https://app.ecwid.com/api/v3", Account: true}},
	FattureInCloud: {askFattureInCloud, AccessForm{Address: "https://api-v2.fattureincloud.it", Account: true}},
	PrestaShop:     {askPrestaShop, AccessForm{}},
	Shopify:        {askShopify, AccessForm{Locations: true}},
	Square:         {askSquare, AccessForm{Address: "https://connect.squareup.com", Locations: true}},
	WooCommerce:    {askWooCommerce, AccessForm{Account: true}},
}

// Askable returns what a kind needs to be asked, and false where its systems cannot be.
func Askable(kind models.SourceKind) (AccessForm, bool) {
	s, ok := askable[kind]
	return s.form, ok
}

// Ask asks the system of a source one question. Its errors are *models.PollError, but for one of ctx.
func (a *Asker) Ask(ctx context.Context, q models.PollAsk) (models.PollAnswer, error) {
	s, ok := askable[q.Kind]
	if !ok {
		return models.PollAnswer{}, &models.PollError{Message: "Systems of this kind cannot be asked."}
	}
	if err := models.CheckPollAddress(q.Address); err != nil {
		return models.PollAnswer{}, &models.PollError{Message: models.MessageOf(err), Trouble: models.PollAddress}
	}
	ctx, cancel := context.WithTimeout(ctx, askAll)
	defer cancel()
	return s.ask(ctx, caller{a.client, a.now}, q)
}

// caller makes the calls of one question.
type caller struct {
	client *http.Client
	now    func() time.Time
}

// call is one call to a system.
type call struct {
	method, address string
	query           url.Values
	header          http.Header
	user, password  string // HTTP Basic, where user is set
	body            any    // JSON, where not nil
}

// json makes a call and reads its answer, which must be JSON, into an object or, under "list", an array.
func (c caller) json(ctx context.Context, in call) (object, http.Header, error) {
	address := in.address
	if len(in.query) > 0 {
		address += "?" + in.query.Encode()
	}
	var body io.Reader
	if in.body != nil {
		raw, err := json.Marshal(in.body)
		if err != nil {
			return object{}, nil, err
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, in.method, address, body)
	if err != nil {
		return object{}, nil, &models.PollError{Message: "The shop's address cannot be used; write it like https://shop.example.", Trouble: models.PollAddress}
	}
	for name, values := range in.header {
		r.Header[name] = values
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "Bentornato")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if in.user != "" {
		r.SetBasicAuth(in.user, in.password)
	}
	answer, err := c.client.Do(r)
	if err != nil {
		return object{}, nil, unanswered(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return object{}, nil, unanswered(err)
	case len(raw) > maxAnswer:
		return object{}, nil, &models.PollError{Message: fmt.Sprintf("The shop's system answered with more than %d MiB.", maxAnswer>>20), Trouble: models.PollLong}
	case answer.StatusCode != http.StatusOK:
		return object{}, answer.Header, c.refused(answer)
	}
	o, err := parseAnswer(raw)
	if err != nil {
		return object{}, answer.Header, &models.PollError{Message: "The shop's system answered with something that is no JSON. Is the address that of the shop, and is its API switched on?", Trouble: models.PollNoJSON, Err: err}
	}
	return o, answer.Header, nil
}

// parseAnswer reads an object, or an array as an object's "list".
func parseAnswer(raw []byte) (object, error) {
	trimmed := bytes.TrimLeft(bytes.TrimPrefix(raw, []byte("\ufeff")), " \t\r\n")
	if len(trimmed) > 0 && trimmed[0] == '[' {
		return parseObject(append(append([]byte(`{"list":`), trimmed...), '}'))
	}
	return parseObject(trimmed)
}

// unanswered says in plain words why there was no answer. The text of the error itself holds the address, which for some
// systems holds more than that.
func unanswered(err error) error {
	var in *url.Error
	if errors.As(err, &in) {
		err = in.Err
	}
	trouble, message := models.PollUnreachable, "The shop's system cannot be reached. Check its address, and whether the shop is up."
	var timeout interface{ Timeout() bool }
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errLeadsAway):
		trouble, message = models.PollElsewhere, "The shop's system sends us on to another address. Type the address that it really has."
	case errors.As(err, &certificate):
		trouble, message = models.PollCertificate, "The certificate of the shop's address is not good; nothing was sent to it."
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		trouble, message = models.PollSlow, "The shop's system took too long to answer."
	}
	return &models.PollError{Message: message, Trouble: trouble, Err: err}
}

// refused says in plain words what a status means, and for how long the system wants to be left alone.
func (c caller) refused(answer *http.Response) error {
	e := &models.PollError{Wait: retryAfter(answer.Header, c.now()), Err: statusError(answer.StatusCode)}
	switch s := answer.StatusCode; {
	case s == http.StatusUnauthorized:
		e.Trouble, e.Message = models.PollToken, "The shop's system does not accept the access token. Make a new one there, and type it here."
	case s == http.StatusForbidden && e.Wait > 0:
		// Fatture in Cloud's hour and month are used up.
		e.Trouble, e.Message = models.PollBusy, "The shop's system asks for fewer questions; they go on later by themselves."
	case s == http.StatusForbidden:
		e.Trouble, e.Message = models.PollRights, "The access token may not read products and stock. Give it these rights, or make a new one."
	case s == http.StatusNotFound:
		e.Trouble, e.Message = models.PollNowhere, "Nothing answers at this address. Is it that of the shop, and is its API switched on?"
	case s == http.StatusTooManyRequests:
		e.Trouble, e.Message = models.PollBusy, "The shop's system asks for fewer questions; they go on later by themselves."
		if e.Wait == 0 {
			e.Wait = defaultWait
		}
	case s >= 500:
		e.Trouble, e.Message = models.PollBroken, fmt.Sprintf("The shop's system has a problem of its own (status %d); it is asked again later.", s)
	default:
		e.Trouble, e.Message = models.PollRefused, fmt.Sprintf("The shop's system refused the question (status %d).", s)
	}
	return e
}

// retryAfter reads how long to wait: seconds, also in decimals as Shopify writes them, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	s := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(s, 64); err == nil && seconds > 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(s); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// statusError is an answer's status, for the log.
type statusError int

func (s statusError) Error() string { return fmt.Sprintf("status %d", int(s)) }

// gone reports whether a system says that there is no such thing, of something that was there when it was listed.
func gone(err error) bool {
	var e *models.PollError
	return errors.As(err, &e) && errors.Is(e.Err, statusError(http.StatusNotFound))
}

// eachLookup asks for each product that was named. One of which the system says that there is no such thing is gone, if the
// system still knows the list of the others: an address that is wrong says the same of all.
func eachLookup(lookups []models.Lookup, ask func(id string) error, list func() error, answer *models.PollAnswer) (models.PollAnswer, error) {
	var missing []models.CatalogueProduct
	for _, l := range lookups {
		id := l.ProductID
		if l.VariantID != "" {
			id = l.VariantID
		}
		if id == "" {
			continue
		}
		switch err := ask(id); {
		case gone(err):
			missing = append(missing, models.CatalogueProduct{ID: id, Deleted: true, Variants: []models.CatalogueVariant{{ID: id, Deleted: true}}})
		case err != nil:
			return models.PollAnswer{}, err
		}
	}
	if len(missing) > 0 {
		if err := list(); err != nil {
			return models.PollAnswer{}, err
		}
		answer.Catalogue = append(answer.Catalogue, missing...)
	}
	return *answer, nil
}

// badPage is an answer that is JSON and not what was asked for.
func badPage(err error) error {
	return &models.PollError{Message: "The shop's system answered with something that Bentornato does not understand.", Trouble: models.PollStrange, Err: err}
}

// badPosition is a place in a round that nothing goes on from.
func badPosition() error {
	return &models.PollError{Message: "The round of questions begins again.", Trouble: models.PollAgain, Forget: true}
}

// at joins an address and a path.
func at(address string, parts ...string) string {
	address = strings.TrimRight(address, "/")
	for _, p := range parts {
		address += "/" + p
	}
	return address
}

// place reads where a round goes on: what comes, and a number.
func place(position, first string) (phase string, n int, err error) {
	if position == "" {
		return first, 0, nil
	}
	phase, number, ok := strings.Cut(position, ":")
	n, err = strconv.Atoi(number)
	if !ok || err != nil || n < 0 {
		return "", 0, badPosition()
	}
	return phase, n, nil
}
