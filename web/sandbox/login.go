package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Facebook Login as an app meets it: a dialog where a merchant chooses Pages, a code that works once, a user token and
// a long-lived one, and the Pages behind it. There is one merchant, who is on the team of every Page.
const (
	merchantID   = "10150000000000001"
	merchantName = "Giulia Ferrante"
	codeLife     = 10 * time.Minute
	shortLife    = 2 * time.Hour
	longLife     = 5183944 * time.Second // as Meta's sample has it, nearly 60 days
	// maxLogins bounds codes and user tokens; the oldest go.
	maxLogins = 1_000
)

// dialogPath is /v25.0/dialog/oauth.
var dialogPath = regexp.MustCompile(`^/v\d{1,3}\.\d{1,2}/dialog/oauth$`)

// login is what came of one visit to the dialog: at first a code, then a user token.
type login struct {
	code     string
	redirect string
	used     bool
	token    string
	expires  time.Time
	pages    []string
	scopes   []string
}

// everyTask is what an administrator of a Page may do.
func everyTask() []string {
	return []string{"ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"}
}

// dialogProps is the dialog.
type dialogProps struct {
	Action string // where its form goes, query and all
	App    string
	Pages  []Page
	Scopes []string
	Wrong  string // why it cannot be shown
}

// serveDialog shows the dialog, and takes what was chosen in it.
func (p *Platform) serveDialog(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	d := dialogProps{Action: r.URL.RequestURI(), App: p.options.AppID, Scopes: p.asked(q)}
	back, err := url.Parse(q.Get("redirect_uri"))
	switch {
	case q.Get("client_id") != p.options.AppID:
		d.Wrong = "Invalid App ID: The provided app ID does not look like a valid app ID."
	case err != nil || back.Host == "" || len(p.options.RedirectURIs) > 0 && !slices.Contains(p.options.RedirectURIs, q.Get("redirect_uri")):
		d.Wrong = "URL Blocked: This redirect failed because the redirect URI is not whitelisted in the app's Client OAuth Settings."
	case q.Get("response_type") != "" && q.Get("response_type") != "code":
		d.Wrong = "This sandbox knows the response type code only."
	case len(d.Scopes) == 0:
		d.Wrong = "Invalid Scopes: name the permissions in scope, or a configuration in config_id."
	}
	// The answer to the form leads back to the app, which a form may only do where its page allows it.
	if d.Wrong == "" {
		w.Header().Set("Content-Security-Policy", strings.Replace(security, "form-action 'self'", "form-action 'self' "+back.Scheme+"://"+back.Host, 1))
	}
	if d.Wrong != "" {
		p.render(w, r, http.StatusBadRequest, dialogPage(d))
		return
	}
	if r.Method != http.MethodPost {
		p.mu.Lock()
		for _, g := range p.pageList {
			d.Pages = append(d.Pages, g.Page)
		}
		p.mu.Unlock()
		p.render(w, r, http.StatusOK, dialogPage(d))
		return
	}
	if err := r.ParseForm(); err != nil {
		p.problem(w, r, ErrInvalid)
		return
	}
	answer := back.Query()
	if state := q.Get("state"); state != "" {
		answer.Set("state", state)
	}
	if r.PostForm.Get("do") == "continue" {
		answer.Set("code", p.consent(q.Get("redirect_uri"), r.PostForm["page"], d.Scopes))
	} else {
		answer.Set("error", "access_denied")
		answer.Set("error_code", "200")
		answer.Set("error_reason", "user_denied")
		answer.Set("error_description", "Permissions error")
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// asked is which permissions the dialog asks for. A configuration of Facebook Login for Business holds them itself; here any
// configuration holds those that a messaging app needs.
func (p *Platform) asked(q url.Values) []string {
	if q.Get("config_id") != "" {
		return []string{"pages_show_list", "pages_manage_metadata", "pages_messaging", "pages_read_engagement", "pages_utility_messaging", "business_management"}
	}
	return strings.FieldsFunc(q.Get("scope"), func(r rune) bool { return r == ',' || r == ' ' })
}

// consent notes what the merchant agreed to and returns the code for it.
func (p *Platform) consent(redirect string, pages, scopes []string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := &login{code: "AQ" + p.id(48), redirect: redirect, pages: pages, scopes: scopes, expires: p.now().Add(codeLife)}
	if len(p.logins) >= maxLogins {
		p.logins = p.logins[1:]
	}
	p.logins = append(p.logins, l)
	return l.code
}

// Consent is what the dialog does when somebody agrees in it: it returns a code for the address. With no Pages named it is for
// all of them.
func (p *Platform) Consent(redirectURI string, pages, scopes []string) string {
	if len(pages) == 0 {
		p.mu.Lock()
		for _, g := range p.pageList {
			pages = append(pages, g.ID)
		}
		p.mu.Unlock()
	}
	return p.consent(redirectURI, pages, scopes)
}

// byUser finds the login that a user token belongs to.
func (p *Platform) byUser(token string) *login {
	for _, l := range p.logins {
		if token != "" && l.token == token {
			return l
		}
	}
	return nil
}

// appCall answers calls that are made in the name of the app or of a person, and not of a Page; it reports false for others. The
// lock is held.
func (p *Platform) appCall(c *graphCall) (body any, err *graphError, ok bool) {
	path := strings.Join(c.parts, "/")
	switch {
	case path == "oauth/access_token":
		body, err = p.accessToken(c)
		return body, err, true
	case path == "debug_token":
		body, err = p.debugToken(c)
		return body, err, true
	case path == p.options.AppID+"/subscriptions" && p.options.AppID != "":
		body, err = p.appSubscriptions(c)
		return body, err, true
	}
	l := p.byUser(c.accessToken())
	if l == nil {
		return nil, nil, false
	}
	body, err = p.personal(c, l, path)
	return body, err, true
}

// accessToken exchanges a code for a user token, and a user token for a long-lived one. Errors follow what Facebook answers to
// apps that get it wrong; they are not documented one by one.
func (p *Platform) accessToken(c *graphCall) (any, *graphError) {
	if err := requireMethod(c, http.MethodGet, http.MethodPost); err != nil {
		return nil, err
	}
	switch {
	case c.text("client_id") != p.options.AppID:
		return nil, &graphError{Code: 101, Message: "Error validating application. Cannot get application info due to a system error."}
	case p.options.AppSecret != "" && !hmac.Equal([]byte(c.text("client_secret")), []byte(p.options.AppSecret)):
		return nil, &graphError{status: http.StatusBadRequest, Code: 1, Message: "Error validating client secret."}
	}
	now := p.now()
	life := shortLife
	var l *login
	if c.text("grant_type") == "fb_exchange_token" {
		l, life = p.byUser(c.text("fb_exchange_token")), longLife
		if l == nil || !now.Before(l.expires) {
			return nil, tokenInvalid(0)
		}
	} else {
		code := c.text("code")
		for _, one := range p.logins {
			if code != "" && one.code == code {
				l = one
			}
		}
		switch {
		case code == "":
			return nil, &graphError{Code: 1, status: http.StatusBadRequest, Message: "Missing authorization code"}
		case l == nil:
			return nil, &graphError{Code: 100, Message: "Invalid verification code format."}
		case l.used:
			return nil, &graphError{Code: 100, Subcode: 36009, Message: "This authorization code has been used."}
		case !now.Before(l.expires):
			return nil, &graphError{Code: 100, Subcode: 36007, Message: "This authorization code has expired."}
		case l.redirect != c.text("redirect_uri"):
			return nil, &graphError{Code: 100, Subcode: 36008, Message: "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request"}
		}
		l.used = true
	}
	// A long-lived token stands beside the short one, which goes on working until it ends.
	next := *l
	next.code, next.token, next.expires = "", "EAAU"+p.id(90), now.Add(life)
	p.logins = append(p.logins, &next)
	return map[string]any{"access_token": next.token, "token_type": "bearer", "expires_in": int(life.Seconds())}, nil
}

// personal answers what a user token may ask.
func (p *Platform) personal(c *graphCall, l *login, path string) (any, *graphError) {
	if !p.now().Before(l.expires) {
		return nil, tokenInvalid(463)
	}
	if err := p.checkProof(c, l.token); err != nil {
		return nil, err
	}
	switch path {
	case "me", merchantID:
		return pick(c, map[string]any{"id": merchantID, "name": merchantName}, "id", "name"), nil
	case "me/permissions":
		if c.request.Method == http.MethodDelete {
			p.logins = slices.DeleteFunc(p.logins, func(one *login) bool { return one.token != "" })
			return map[string]bool{"success": true}, nil
		}
		data := []map[string]string{}
		for _, s := range l.scopes {
			data = append(data, map[string]string{"permission": s, "status": "granted"})
		}
		return map[string]any{"data": data}, requireMethod(c, http.MethodGet)
	case "me/accounts":
		if err := requireMethod(c, http.MethodGet); err != nil {
			return nil, err
		}
		if !slices.Contains(l.scopes, "pages_show_list") {
			return map[string]any{"data": []any{}}, nil
		}
		return p.accounts(c, l), nil
	}
	return nil, noObject(c.request.Method, c.parts[0])
}

// accounts lists the chosen Pages with their access tokens, as many as limit says from the cursor after on.
func (p *Platform) accounts(c *graphCall, l *login) any {
	var all []map[string]any
	for _, g := range p.pageList {
		if !slices.Contains(l.pages, g.ID) {
			continue
		}
		tasks := g.Tasks
		if tasks == nil {
			tasks = everyTask()
		}
		one := pick(c, map[string]any{"id": g.ID, "name": g.Name, "category": "Shop", "tasks": tasks, "access_token": g.Token}, "access_token", "category", "name", "id", "tasks")
		if !slices.Contains(l.scopes, "pages_messaging") && !slices.Contains(l.scopes, "pages_manage_metadata") {
			delete(one, "access_token")
		}
		all = append(all, one)
	}
	return paged(c, all, 25)
}

// paged cuts a list as the Graph API does: limit and after, with the cursors and the address of what follows.
func paged[T any](c *graphCall, all []T, usual int) map[string]any {
	limit, err := strconv.Atoi(c.text("limit"))
	if err != nil || limit < 1 || limit > 1000 {
		limit = usual
	}
	start, err := strconv.Atoi(c.text("after"))
	if err != nil || start < 0 || start > len(all) {
		start = 0
	}
	end := min(start+limit, len(all))
	out := map[string]any{"data": append([]T{}, all[start:end]...)}
	if end > start {
		paging := map[string]any{"cursors": map[string]string{"before": strconv.Itoa(start), "after": strconv.Itoa(end)}}
		if end < len(all) {
			next := c.request.URL.Query()
			next.Set("after", strconv.Itoa(end))
			next.Set("limit", strconv.Itoa(limit))
			u := url.URL{Scheme: "http", Host: c.request.Host, Path: c.request.URL.Path, RawQuery: next.Encode()}
			paging["next"] = u.String()
		}
		out["paging"] = paging
	}
	return out
}

// isApp tells whether a call is made with the app's own token, id|secret.
func (p *Platform) isApp(c *graphCall) *graphError {
	if !hmac.Equal([]byte(c.accessToken()), []byte(p.options.AppID+"|"+p.options.AppSecret)) {
		return &graphError{Code: 100, Message: "(#100) You must provide an app access token, or a user access token that is an owner or developer of the app"}
	}
	return nil // the token holds the secret that a proof would prove
}

// debugToken tells what is known about a token.
func (p *Platform) debugToken(c *graphCall) (any, *graphError) {
	if err := p.isApp(c); err != nil {
		return nil, err
	}
	given := c.text("input_token")
	data := map[string]any{"app_id": p.options.AppID, "application": "Sandbox app", "is_valid": false, "scopes": []string{}}
	if g := p.byToken[given]; g != nil {
		data["type"], data["profile_id"], data["is_valid"], data["expires_at"] = "PAGE", g.ID, g.tokenSubcode == 0, 0
		data["data_access_expires_at"] = p.now().Add(90 * 24 * time.Hour).Unix()
		data["scopes"] = g.scopes()
		if g.tokenSubcode != 0 {
			data["error"] = map[string]any{"code": 190, "subcode": g.tokenSubcode, "message": tokenInvalid(g.tokenSubcode).Message}
		}
	} else if l := p.byUser(given); l != nil {
		data["type"], data["user_id"], data["is_valid"], data["expires_at"], data["scopes"] = "USER", merchantID, p.now().Before(l.expires), l.expires.Unix(), l.scopes
	} else {
		data["error"] = map[string]any{"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
	}
	return map[string]any{"data": data}, nil
}

// scopes are the permissions behind a Page's token, less those that the console took away.
func (g *page) scopes() []string {
	all := []string{"pages_show_list", "pages_manage_metadata", "pages_messaging", "pages_read_engagement"}
	if !g.NoUtility {
		all = append(all, "pages_utility_messaging")
	}
	return all
}

// appSubscriptions is where the app takes webhooks. Setting it verifies the address, as saving it in the dashboard does.
func (p *Platform) appSubscriptions(c *graphCall) (any, *graphError) {
	if err := requireMethod(c, http.MethodGet, http.MethodPost, http.MethodDelete); err != nil {
		return nil, err
	}
	if err := p.isApp(c); err != nil {
		return nil, err
	}
	switch c.request.Method {
	case http.MethodDelete:
		p.appFields = nil
		return map[string]bool{"success": true}, nil
	case http.MethodPost:
		fields := c.list("fields")
		switch {
		case c.text("object") != "page":
			return nil, invalid("Param object must be page here.")
		case !webURL(c.text("callback_url")):
			return nil, invalid("Param callback_url must be an address.")
		case len(fields) == 0:
			return nil, invalid("The parameter fields is required.")
		}
		for i, f := range fields {
			if !slices.Contains(subscribable(), f) {
				return nil, invalid("Param fields[%d] is not a valid field: %q", i, f)
			}
		}
		callback, verify := c.text("callback_url"), c.text("verify_token")
		p.mu.Unlock() // the receiver may call back before it answers
		err := p.verify(c.request.Context(), callback, verify)
		p.mu.Lock()
		if err != nil {
			return nil, &graphError{Code: 2200, Message: "(#2200) Callback verification failed with the following errors: the URL did not answer the challenge"}
		}
		p.options.WebhookURL, p.options.VerifyToken, p.appFields = callback, verify, fields
		return map[string]bool{"success": true}, nil
	}
	data := []map[string]any{}
	if fields := p.appFields; p.options.WebhookURL != "" {
		if len(fields) == 0 {
			fields = subscribable() // set by hand in the dashboard, every box ticked
		}
		named := []map[string]string{}
		for _, f := range fields {
			named = append(named, map[string]string{"name": f, "version": c.version()})
		}
		data = append(data, map[string]any{"object": "page", "callback_url": p.options.WebhookURL, "active": true, "fields": named})
	}
	return map[string]any{"data": data}, nil
}

// checkProof holds appsecret_proof against the token that it goes with.
func (p *Platform) checkProof(c *graphCall, token string) *graphError {
	proof := c.text("appsecret_proof")
	switch {
	case p.options.AppSecret == "":
	case proof == "" && p.options.RequireProof:
		return &graphError{Code: 100, Type: "GraphMethodException", Message: "API calls from the server require an appsecret_proof argument"}
	case proof != "" && !hmac.Equal([]byte(proof), []byte(sign(sha256.New, p.options.AppSecret, []byte(token)))):
		return &graphError{Code: 100, Type: "GraphMethodException", Message: "Invalid appsecret_proof provided in the API argument"}
	}
	return nil
}
