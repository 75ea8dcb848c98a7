package main

// sendsUtility tells somebody about their order when nothing else may be written: a text is written, handed in, approved, chosen
// in the conversation, filled in, and read on the phone, which is open.
func (b *tab) sendsUtility(d trial, to examplePerson, phone *tab) {
	b.t.Helper()
	b.open(d.shop + "/pages/" + examplePageID)
	b.follow("nav.choices a[href$='/templates']")
	b.wants(".empty", "No templates yet")
	b.follow(".empty a[href$='/templates/new']")
	b.types("#template_body", "Ciao {{1}}, il tuo ordine {{2}} è partito oggi.")
	b.types("#examples", "Anna\n1042")
	b.until("the preview follows what is typed, before the form is complete", "document.querySelector('#preview').innerText.includes('Ciao Anna, il tuo ordine 1042')")
	b.fill("#template_name", "ordine_spedito")
	b.fill("#template_language", "it")
	b.follow("form[action$='/templates/new'] .btn-primary")
	b.wants("main", "Draft")
	b.click("form[action$='/submit'] .checkbox")
	b.follow("form[action$='/submit'] .btn-primary")
	b.follow("a.crumb")
	b.follow("form[action$='/templates/refresh'] .btn")
	b.wants("main table", "Approved")
	b.look(visit{name: "templates-approved"}, "en", false)
	b.follow("main table a.cover")
	b.look(visit{name: "template"}, "en", false)

	b.talk(d, to)
	b.follow("#box a[href$='/utility']")
	b.look(visit{name: "utility-choose"}, "en", false)
	b.follow("[aria-labelledby=choose] a[href*='template=']")
	b.fill("#value_1", to.FirstName)
	b.fill("#value_2", "2077")
	b.until("the preview follows what is typed, before the box is ticked", "document.querySelector('#utility-preview').innerText.includes('ordine 2077 è partito')")
	b.look(visit{name: "utility"}, "en", true)
	b.click("form[action$='/utility'] .checkbox")
	b.follow("form[action$='/utility'] .btn-primary")
	words := "Ciao " + to.FirstName + ", il tuo ordine 2077 è partito oggi."
	b.wants("#thread", words)
	phone.open(d.phone(to))
	phone.reads(words)
}

// turns presses a switch of the example's Page on the sandbox's console.
func (b *tab) turns(d trial, name string) {
	b.t.Helper()
	b.open(d.sandbox + "/console")
	b.follow("//form[input[@name='page'][@value='" + examplePageID + "']][input[@name='switch'][@value='" + name + "']]/button")
}

// isRefusedAgent answers as a person on a Page whose app lacks the feature for it: the screens say so, and what mends it.
func (b *tab) isRefusedAgent(d trial, to examplePerson, phone *tab) {
	b.t.Helper()
	phone.turns(d, "human")
	b.talk(d, to)
	b.types("#text", "Rispondo io.")
	b.follow(".reply .btn-primary")
	b.until("the refusal arrives", "document.querySelector('#thread > ol > li:last-child').innerText.includes('Human Agent')")
	b.talk(d, to)
	b.wants("#box", "Human Agent")
	if n := eval[int](b, "document.querySelectorAll('#box form').length"); n != 0 {
		b.t.Errorf("%d forms stand where nothing may be sent", n)
	}
	b.look(visit{name: "conversation-no-agent"}, "en", false)
	phone.turns(d, "human")
	b.follow("#box a[href$='#connection']")
	b.wants("[aria-labelledby=connection]", "refused")
	b.follow("form[action$='/refusals'] .btn")
	b.talk(d, to)
	b.wants(".reply .btn-primary", "Send as a person")
}
