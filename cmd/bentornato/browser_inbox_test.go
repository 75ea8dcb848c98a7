package main

import (
	"strconv"
	"testing"
)

// movesClock presses the button of the phones that moves the demo's time on by a day and an hour.
func (b *tab) movesClock(d trial) {
	b.t.Helper()
	b.open(d.sandbox)
	before := b.text("#clock time")
	b.click(".moves button[value='25h']")
	b.until("the clock is moved", "document.querySelector('#clock time').innerText.trim() !== "+strconv.Quote(before))
}

// talk opens the conversation with somebody.
func (b *tab) talk(d trial, p examplePerson) {
	b.t.Helper()
	b.open(d.shop + "/inbox?q=" + p.LastName)
	b.follow("#conversations a.cover")
}

// reads waits for words of the shop's to stand in the chat that is open.
func (b *tab) reads(words string) {
	b.t.Helper()
	b.until("the phone shows "+words, "document.querySelector('#messages').innerText.includes("+strconv.Quote(words)+")")
}

// TestBrowserInbox answers a person in all three times: freely while the window is open, as a person after it, and once the
// seven days are over with nothing but a text that Meta approved.
func TestBrowserInbox(t *testing.T) {
	t.Parallel()
	browser, d := newBrowser(t), newTrial(t)
	shop, phone := newTab(t, browser), newTab(t, browser)
	shop.signIn(d)
	shop.open(d.shop + "/inbox")
	unread := eval[int](shop, unreadNow)
	phone.open(d.phone(beatrice))

	// Opening a conversation reads it, and what the person writes meanwhile stands there by itself.
	shop.talk(d, beatrice)
	shop.until("the conversation is read", unreadNow+" === "+strconv.Itoa(unread-1))
	shop.wants("#thread", "Avete la teiera Nebbia?")
	shop.wants("#box", "You can write anything until")
	phone.fill("#composer input[name=text]", "La vorrei blu, se si può")
	phone.click("#composer form:first-of-type button")
	shop.until("the person's words arrive", "document.querySelector('#thread').innerText.includes('La vorrei blu')")

	// Half an answer outlives what comes in.
	shop.types("#text", "Certo, blu: torna gio")
	phone.fill("#composer input[name=text]", "O verde!")
	phone.click("#composer form:first-of-type button")
	shop.until("more words arrive", "document.querySelector('#thread').innerText.includes('O verde!')")
	if got := eval[string](shop, "document.querySelector('#text').value"); got != "Certo, blu: torna gio" {
		t.Errorf("what was being typed is now %q", got)
	}
	shop.types("#text", "vedì.")
	shop.follow(".reply .btn-primary")
	shop.wants("#thread", "Certo, blu: torna giovedì.")
	phone.reads("Certo, blu: torna giovedì.")

	// A day later only a person may answer, and the screen says so.
	phone.movesClock(d)
	shop.signIn(d) // nobody stays signed in who does nothing for so long
	shop.talk(d, beatrice)
	shop.wants("#windows", "over since")
	shop.wants("#box", "The 24 hours are over")
	shop.wants(".reply .btn-primary", "Send as a person")
	shop.types("#text", "La teiera blu è arrivata.")
	shop.follow(".reply .btn-primary")
	shop.wants("#thread > ol > li:last-child", "La teiera blu è arrivata.")
	phone.open(d.phone(beatrice))
	phone.reads("La teiera blu è arrivata.")
	shop.isRefusedAgent(d, beatrice, phone)

	// A week later nobody may, and the screen says why, and what became of the tags that people remember.
	for range 6 {
		phone.movesClock(d)
	}
	shop.signIn(d)
	shop.talk(d, beatrice)
	shop.wants("#box", "The 7 days for a personal reply are over.")
	if n := eval[int](shop, "document.querySelectorAll('#box form').length"); n != 0 {
		t.Errorf("%d forms stand where nothing may be sent", n)
	}
	shop.click("#box details summary")
	shop.wants("#box", "POST_PURCHASE_UPDATE")
	shop.look(visit{name: "conversation-closed"}, "en", true)
	shop.sendsUtility(d, beatrice, phone)
}

// unreadNow is the JavaScript that counts the conversations of the badge that nobody has looked at.
const unreadNow = "Number(document.querySelector('.sidebar .inbox-badge .badge [aria-hidden]')?.innerText ?? 0)"
