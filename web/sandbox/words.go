package sandbox

import "strings"

// words are what the phone says, in its language.
type words struct {
	Lang, GetStarted, NotifyMe, Notified, Message, Send, Seen, Delivered, Sent, Today, Yesterday, Blocked, Unblock, Now, You, Active, Empty, GetUpdates, Stop string
}

// wordsOf picks the language of a locale such as it_IT; what is not Italian or German is English. Notify Me is Meta's fixed
// button; its German form is documented, the Italian one is ours.
func wordsOf(locale string) words {
	lang, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(locale, "-", "_")), "_")
	switch lang {
	case "it":
		return words{"it", "Inizia", "Avvisami", "Ti avviseremo", "Messaggio", "Invia", "Visto", "Consegnato", "Inviato", "Oggi", "Ieri", "Hai bloccato questa Pagina.", "Sblocca", "ora", "Tu", "Attività commerciale", "Scrivi a questa Pagina per iniziare.", "Ricevi aggiornamenti", "Interrompi"}
	case "de":
		return words{"de", "Los geht’s", "Mich benachrichtigen", "Du wirst benachrichtigt", "Nachricht", "Senden", "Gelesen", "Zugestellt", "Gesendet", "Heute", "Gestern", "Du hast diese Seite blockiert.", "Freigeben", "jetzt", "Du", "Unternehmen", "Schreib dieser Seite, um anzufangen.", "Updates erhalten", "Beenden"}
	}
	return words{"en", "Get Started", "Notify me", "You’ll be notified", "Message", "Send", "Seen", "Delivered", "Sent", "Today", "Yesterday", "You blocked this Page.", "Unblock", "now", "You", "Business", "Write to this Page to begin.", "Get updates", "Stop"}
}
