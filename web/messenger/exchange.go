package messenger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"

	"bentornato/models"
)

// How often a read is made, and how long it waits before the second time.
const (
	readTries = 3
	readPause = 250 * time.Millisecond
)

// graphError is the platform's refusal of a call that is no send, as the cause in a models.Error.
type graphError struct {
	code, subcode int
	detail        string
}

func (e *graphError) Error() string { return e.name() + ": " + e.detail }

// name is how the error is looked up in Meta's documentation.
func (e *graphError) name() string {
	if e.subcode == 0 {
		return fmt.Sprintf("error %d", e.code)
	}
	return fmt.Sprintf("error %d/%d", e.code, e.subcode)
}

// get makes a call that changes nothing, and makes it again where no answer came or a passing trouble did. A
// limit of the rate is not tried again: calling on makes it last.
func (c *Client) get(ctx context.Context, r request, into any) error {
	r.method = http.MethodGet
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval = readPause
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		again, err := c.exchange(ctx, r, into)
		if err != nil && !again {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(pause), backoff.WithMaxTries(readTries))
	var permanent *backoff.PermanentError
	if errors.As(err, &permanent) {
		err = permanent.Unwrap()
	}
	if err != nil && models.KindOf(err) == models.KindInternal { // the context ended during a pause
		return noAnswer(err)
	}
	return err
}

// change makes a call that changes something, once.
func (c *Client) change(ctx context.Context, r request, into any) error {
	_, err := c.exchange(ctx, r, into)
	return err
}

// exchange makes one call and decodes its answer. It reports whether the same call may do better soon.
func (c *Client) exchange(ctx context.Context, r request, into any) (again bool, err error) {
	got, err := c.call(ctx, r)
	if err != nil {
		return ctx.Err() == nil, noAnswer(errors.New(redact(err.Error(), append(r.secrets, r.accessToken)...)))
	}
	var body struct {
		Error *refusal `json:"error"`
	}
	// An answer that is no object (a bare true) cannot hold an error.
	if json.Unmarshal(got.body, &body) == nil && body.Error != nil && body.Error.Code != nil {
		return c.refused(got, *body.Error, append(r.secrets, r.accessToken)...)
	}
	if got.status >= 300 || json.Unmarshal(got.body, into) != nil {
		return got.status >= 500, &models.Error{
			Kind:    models.KindUnavailable,
			Message: fmt.Sprintf("Facebook answered with something that is no answer of the Graph API (HTTP %d); check BENTORNATO_GRAPH_URL, or try again in a few minutes.", got.status),
		}
	}
	return false, nil
}

func noAnswer(cause error) error {
	return &models.Error{
		Kind:    models.KindUnavailable,
		Message: "Facebook did not answer; check the connection and BENTORNATO_GRAPH_URL, or try again in a minute.",
		Err:     cause,
	}
}

// refused puts a refusal into words.
func (c *Client) refused(got answer, e refusal, secrets ...string) (again bool, err error) {
	a := classify(got, sent{secrets: secrets, now: c.now()})
	cause := &graphError{code: a.Code, subcode: a.Subcode, detail: redact(string(e.Message), secrets...)}
	kind, sentence := models.KindInvalid, "Facebook refused this as wrong (%s)."
	switch a.Outcome {
	case models.OutcomeTransient, models.OutcomeUnknown:
		again = true
		kind, sentence = models.KindUnavailable, "Facebook cannot do this just now (%s); try again in a few minutes."
	case models.OutcomeRateLimited:
		kind, sentence = models.KindUnavailable, "Facebook asks for fewer calls (%s); try again in an hour."
	case models.OutcomePageTrouble:
		switch a.Pause {
		case models.PauseTokenInvalid:
			kind, sentence = models.KindUnauthorized, "Facebook no longer takes this Page's access token (%s); make a new one and add the Page again with it."
		case models.PausePermission, models.PauseFeatureMissing:
			kind, sentence = models.KindForbidden, "Facebook refuses this for want of a permission (%s); give the app pages_messaging and pages_manage_metadata for this Page."
		default:
			kind, sentence = models.KindForbidden, "Facebook has restricted this Page (%s); see the Page's support inbox on Facebook."
		}
	}
	return again, &models.Error{Kind: kind, Message: fmt.Sprintf(sentence, cause.name()), Err: cause}
}
