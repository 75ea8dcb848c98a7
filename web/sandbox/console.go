package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// shownLogs is how many lines of each log the console shows, newest first.
const shownLogs = 200

// consoleProps is the console: logs and switches.
type consoleProps struct {
	Desk       deskProps
	Pages      []consolePage
	Faults     []Fault
	Calls      []Call
	Deliveries []Delivery
	Mode       WebhookMode
	Waiting    int
	WebhookURL string
	Says       string
}

type consolePage struct {
	ID, Name     string
	TokenInvalid bool
	Restricted   bool
	OTNOff       bool
	HumanOff     bool
	UtilityOff   bool
	ProfilesOff  bool
	News         bool
	Recurring    bool
	Limited      bool
	Subscribed   []string
	Alerted      bool
	Dropped      bool
	Counts       Counts
}

func (p *Platform) showConsole(w http.ResponseWriter, r *http.Request) {
	says := map[string]string{"verified": "The webhook answered the challenge.", "unverified": "The webhook did not answer the challenge.",
		"asked": "The app answered the callback as it must.", "refused": "The app did not answer the callback as it must; the log says why."}[r.URL.Query().Get("says")]
	p.mu.Lock()
	c := consoleProps{
		Desk:       deskProps{Clock: p.now().Format("Mon 2 Jan 2006, 15:04"), AdminURL: p.options.AdminURL},
		Mode:       p.mode,
		Waiting:    p.post.waiting,
		WebhookURL: p.options.WebhookURL,
		Says:       says,
	}
	for _, g := range p.pageList {
		c.Pages = append(c.Pages, consolePage{
			ID: g.ID, Name: g.Name, TokenInvalid: g.tokenSubcode != 0, Restricted: g.restricted, Limited: g.usage.Calls >= 100,
			OTNOff: g.NoOTN, HumanOff: g.NoHumanAgent, UtilityOff: g.NoUtility, ProfilesOff: g.NoProfiles, News: g.News, Recurring: g.Recurring,
			Subscribed: g.fields(), Alerted: g.alerted, Dropped: g.dropped, Counts: g.counts,
		})
	}
	for _, f := range p.faults {
		one := f.Fault
		one.Times = f.left
		c.Faults = append(c.Faults, one)
	}
	c.Calls = newest(p.calls.all())
	for _, d := range newest(p.sent.all()) {
		c.Deliveries = append(c.Deliveries, d.Delivery)
	}
	p.mu.Unlock()
	p.render(w, r, http.StatusOK, consolePageView(c))
}

// newest turns a log round and cuts it.
func newest[T any](all []T) []T {
	slices.Reverse(all)
	return all[:min(len(all), shownLogs)]
}

// cannedFault is a choice of the console.
type cannedFault struct {
	Name  string
	Label string
	Fault Fault
}

// cannedFaults are for sends.
func cannedFaults() []cannedFault {
	sends := func(k FaultKind, code, subcode int, text string) Fault {
		return Fault{Method: http.MethodPost, Path: "/messages", Kind: k, Error: FaultError{Code: code, Subcode: subcode, Message: text}}
	}
	return []cannedFault{
		{"timeout-after", "Time out after accepting", sends(TimeoutAfterAccept, 0, 0, "")},
		{"timeout-before", "Time out before accepting", sends(TimeoutBeforeAccept, 0, 0, "")},
		{"hangup-after", "Hang up after accepting", sends(HangUpAfterAccept, 0, 0, "")},
		{"hangup-before", "Hang up before accepting", sends(HangUpBeforeAccept, 0, 0, "")},
		{"190", "190: access token invalid", sends(ErrorBody, 190, 460, "Error validating access token: The session has been invalidated because the user changed their password.")},
		{"613", "613: rate limit", sends(ErrorBody, 613, 0, "(#613) Calls to this api have exceeded the rate limit.")},
		{"551", "551: person not available", sends(ErrorBody, 551, 1545041, "(#551) This person isn't available right now.")},
		{"551-localised", "551 in another language (code 200)", sends(LocalisedText, 0, 0, "")},
		{"100", "100: invalid parameter", sends(ErrorBody, 100, 0, "(#100) Invalid parameter")},
		{"368", "368: blocked for policy", sends(ErrorBody, 368, 0, "(#368) The action attempted has been deemed abusive or is otherwise disallowed")},
		{"1200", "1200: temporary send failure", sends(ErrorBody, 1200, 0, "(#1200) Temporary send message failure. Please try again later.")},
		{"transient", "2: service unavailable", sends(Transient, 0, 0, "")},
		{"ok-error", "HTTP 200 with an error inside", sends(OKWithErrorBody, 2, 0, "(#2) Service temporarily unavailable")},
		{"html", "HTML 502, not accepted", sends(HTML502, 0, 0, "")},
		{"html-after", "HTML 502 after accepting", sends(HTML502AfterAccept, 0, 0, "")},
		{"truncated", "Half of the answer, after accepting", sends(TruncatedAfterAccept, 0, 0, "")},
	}
}

func (p *Platform) addFault(w http.ResponseWriter, r *http.Request) {
	times, err := strconv.Atoi(r.PostFormValue("times"))
	if err != nil || times < 1 || times > 10_000 {
		p.problem(w, r, fmt.Errorf("%w: the number of sends is from 1 to 10,000", ErrInvalid))
		return
	}
	for _, c := range cannedFaults() {
		if c.Name != r.PostFormValue("fault") {
			continue
		}
		f := c.Fault
		f.Times, f.Recipient = times, r.PostFormValue("recipient")
		if f.Recipient != "" && !slices.Contains(recipientKinds(), f.Recipient) {
			break
		}
		if _, err := p.SetFault(f); err != nil {
			p.problem(w, r, err)
			return
		}
		http.Redirect(w, r, "/console", http.StatusSeeOther)
		return
	}
	p.problem(w, r, fmt.Errorf("%w: there is no such fault", ErrInvalid))
}

func (p *Platform) clearFaults(w http.ResponseWriter, r *http.Request) {
	p.ClearFaults()
	http.Redirect(w, r, "/console", http.StatusSeeOther)
}

// switchPage turns one switch of a Page.
func (p *Platform) switchPage(w http.ResponseWriter, r *http.Request) {
	id, on := r.PostFormValue("page"), r.PostFormValue("to") == "on"
	var err error
	switch r.PostFormValue("switch") {
	case "token":
		subcode := 0
		if on {
			subcode = 460
		}
		err = p.SetTokenInvalid(id, subcode)
	case "restricted":
		err = p.SetRestricted(id, on)
	case "otn":
		err = p.SetOTN(id, !on)
	case "human":
		err = p.onPage(id, func(g *page) { g.NoHumanAgent = on })
	case "profiles":
		err = p.onPage(id, func(g *page) { g.NoProfiles = on })
	case "news":
		err = p.onPage(id, func(g *page) { g.News = on })
	case "utility":
		err = p.onPage(id, func(g *page) { g.NoUtility = on })
	case "recurring":
		err = p.onPage(id, func(g *page) { g.Recurring = on })
	case "limited":
		u := Usage{}
		if on {
			u = Usage{Calls: 100, CPU: 25, Total: 25, Regain: 5}
		}
		err = p.SetUsage(id, u)
	case "unsubscribe":
		err = p.Unsubscribe(id)
	default:
		err = fmt.Errorf("%w: there is no such switch", ErrInvalid)
	}
	if err != nil {
		p.problem(w, r, err)
		return
	}
	http.Redirect(w, r, "/console", http.StatusSeeOther)
}

// switchWebhooks sets the whole mode from its form.
func (p *Platform) switchWebhooks(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		p.problem(w, r, fmt.Errorf("%w: the form could not be read", ErrInvalid))
		return
	}
	on := func(name string) bool { return r.PostForm.Get(name) == "on" }
	m := WebhookMode{
		Duplicate: on("duplicate"), Reorder: on("reorder"), SecondsOnReferrals: on("seconds"), OptinBeforeEcho: on("optin"),
	}
	if on("batch") {
		m.Batch, m.ItemsPerEntry = 10, 2
	}
	if on("unknown") {
		m.UnknownEvents = 0.3
	}
	if on("echoes") {
		m.DropFields = []string{"message_echoes"}
	}
	p.SetWebhookMode(m)
	http.Redirect(w, r, "/console", http.StatusSeeOther)
}

// callBack posts one of the privacy callbacks to where the product takes them, beside its webhook.
func (p *Platform) callBack(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	base := strings.TrimSuffix(p.options.WebhookURL, "/webhooks/messenger")
	p.mu.Unlock()
	says := "asked"
	var err error
	if r.PostFormValue("do") == "deauthorize" {
		err = p.Deauthorize(r.Context(), base+"/deauthorize", "")
	} else {
		_, err = p.RequestDeletion(r.Context(), base+"/data-deletion", r.PostFormValue("user"))
	}
	if err != nil {
		p.log.Info("a privacy callback was not answered as it must be", "error", err)
		says = "refused"
	}
	http.Redirect(w, r, "/console?says="+says, http.StatusSeeOther)
}

func (p *Platform) verifyFromConsole(w http.ResponseWriter, r *http.Request) {
	says := "verified"
	if err := p.VerifyWebhook(r.Context()); err != nil {
		p.log.Info("the webhook was not verified", "error", err)
		says = "unverified"
	}
	http.Redirect(w, r, "/console?says="+says, http.StatusSeeOther)
}

func (p *Platform) clearConsole(w http.ResponseWriter, r *http.Request) {
	p.ClearLogs()
	http.Redirect(w, r, "/console", http.StatusSeeOther)
}

// outcome is a call's answer in a few words.
func (c Call) outcome() string {
	var out []string
	if c.Status == 0 {
		out = append(out, "no answer")
	} else {
		out = append(out, strconv.Itoa(c.Status))
	}
	switch {
	case c.Subcode != 0:
		out = append(out, fmt.Sprintf("%d/%d", c.Code, c.Subcode))
	case c.Code != 0:
		out = append(out, strconv.Itoa(c.Code))
	}
	return strings.Join(out, " · ")
}

func (c Call) failed() bool { return c.Status != http.StatusOK || c.Code != 0 }

// describe is a fault in a line.
func (f Fault) describe() string {
	for _, c := range cannedFaults() {
		same := c.Fault
		same.Times, same.Recipient = f.Times, f.Recipient
		if same == f {
			return c.Label
		}
	}
	return string(f.Kind)
}
