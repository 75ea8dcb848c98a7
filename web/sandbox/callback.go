package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// The two callbacks about people who used an app with their own account: Meta posts a signed_request to an address set in
// the dashboard. Its user_id is app-scoped, and is no PSID: whoever only chats with a Page never logged into its app.

// signedRequest is a payload as Meta signs it: the signature is over the encoded payload.
func (p *Platform) signedRequest(userID string) (string, error) {
	payload, err := json.Marshal(map[string]any{"algorithm": "HMAC-SHA256", "user_id": userID, "issued_at": p.now().Unix(), "expires": p.now().Unix() + 3600})
	if err != nil {
		return "", err
	}
	encoded := base64.RawURLEncoding.EncodeToString(payload)
	mac := hmac.New(sha256.New, []byte(p.options.AppSecret))
	mac.Write([]byte(encoded))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) + "." + encoded, nil
}

// Deletion is an app's answer to a request to delete somebody's data.
type Deletion struct {
	URL  string `json:"url"`
	Code string `json:"confirmation_code"`
}

// RequestDeletion posts to the app's data-deletion address, in the name of a person with this app-scoped id; an empty one is
// the merchant's. The app must answer with the address of a status page and a code.
func (p *Platform) RequestDeletion(ctx context.Context, address, userID string) (Deletion, error) {
	var d Deletion
	body, err := p.postSigned(ctx, address, userID)
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(body, &d); err != nil || d.URL == "" || d.Code == "" || strings.Trim(d.Code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return d, fmt.Errorf("sandbox: the answer is not a url and an alphanumeric confirmation_code: %.200q", body)
	}
	return d, nil
}

// Deauthorize posts to the app's deauthorize address, as when the person removes the app, and ends that person's tokens. What
// the app answers does not matter to Meta.
func (p *Platform) Deauthorize(ctx context.Context, address, userID string) error {
	p.mu.Lock()
	p.logins = nil
	p.mu.Unlock()
	_, err := p.postSigned(ctx, address, userID)
	return err
}

func (p *Platform) postSigned(ctx context.Context, address, userID string) ([]byte, error) {
	if userID == "" {
		userID = merchantID
	}
	signed, err := p.signedRequest(userID)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, deliveryDeadline)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(url.Values{"signed_request": {signed}}.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := p.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("sandbox: the app answered %d", answer.StatusCode)
	}
	return body, err
}
