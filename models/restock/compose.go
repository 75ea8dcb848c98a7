package restock

import (
	"fmt"
	"strconv"
	"strings"

	"bentornato/models"
)

// Payloads and metadata are opaque to everybody but us, and short: no SKU, no personal data (rule 3.6).
const (
	askPrefix     = "bn:i:" // a button that means interest, followed by a variant's ref
	attemptPrefix = "bn:a:" // the metadata of a notification: token, dot, attempt
	messagePrefix = "bn:m:" // the metadata of any other message
)

func parseAsk(payload string) (ref string, ok bool) { return strings.CutPrefix(payload, askPrefix) }

func attemptMetadata(tokenID int64, number int) string {
	return fmt.Sprintf("%s%d.%d", attemptPrefix, tokenID, number)
}

func parseAttempt(metadata string) (tokenID int64, number int, ok bool) {
	rest, ok := strings.CutPrefix(metadata, attemptPrefix)
	if !ok {
		return 0, 0, false
	}
	left, right, _ := strings.Cut(rest, ".")
	tokenID, err1 := strconv.ParseInt(left, 10, 64)
	number, err2 := strconv.Atoi(right)
	return tokenID, number, err1 == nil && err2 == nil
}

func messageMetadata(id int64) string { return messagePrefix + strconv.FormatInt(id, 10) }

func parseMessage(metadata string) (int64, bool) {
	rest, ok := strings.CutPrefix(metadata, messagePrefix)
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(rest, 10, 64)
	return id, err == nil
}

// phrases are what a customer reads, by language. Button titles have at most 20 characters, which is Messenger's
// limit: "Missed it? Tell me again" has 24, and is shortened to its second half.
var phrases = map[string]map[string]string{
	"en": {
		"back":      "Back in stock",
		"available": "In stock",
		"sold_out":  "Sold out",
		"buy":       "Buy now",
		"again":     "Tell me again",
		"offer":     "Tell me if sold out",
		"choose":    "This one",
		"stopped":   "All right: we will not write to you about products any more. If you change your mind, just ask about one.",
		"first":     "%s is sold out right now. Shall we tell you when it is back?",
		"first_in":  "%s is in stock.",
		"tell":      "Tell me",
		"noted":     "%s is sold out right now. We will tell you here when it is back.",
		"details":   "Tell me more",
		"automatic": "These are the shop's automatic answers. If you need a person, just write: somebody reads along.",

		"greeting":    "Hello {{user_first_name}}! Ask about anything we sell. If it is sold out, we can tell you here when it is back. Answers may be automatic.",
		"menu_person": "Write to a person",
		"menu_stop":   "Stop messages",
		"menu_erase":  "Delete my data",
		"person":      "You have reached the shop's automatic answers. Write your question here, and a person will read it.",
		"erase":       "Shall we delete everything we keep about you: what you asked for, what we sent, and your name? It cannot be undone.",
		"erase_yes":   "Delete everything",
		"erase_no":    "Keep it",
		"erased":      "We are deleting what we keep about you. What stands in this chat is Facebook's: you can delete the chat in Messenger.",
	},
	"it": {
		"back":      "Di nuovo disponibile",
		"available": "Disponibile",
		"sold_out":  "Esaurito",
		"buy":       "Compra ora",
		"again":     "Avvisami ancora",
		"offer":     "Avvisami se finisce",
		"choose":    "Questo",
		"stopped":   "Va bene: non ti scriveremo più per i prodotti. Se cambi idea, basta chiederci di un prodotto.",
		"first":     "%s al momento è esaurito. Vuoi che ti avvisiamo quando torna?",
		"first_in":  "%s è disponibile.",
		"tell":      "Avvisami",
		"noted":     "%s al momento è esaurito. Ti avvisiamo qui quando torna.",
		"details":   "Dimmi di più",
		"automatic": "Queste sono le risposte automatiche del negozio. Se ti serve una persona, scrivi: qualcuno legge.",

		"greeting":    "Ciao {{user_first_name}}! Chiedici di quello che vendiamo. Se è esaurito ti avvisiamo qui quando torna. Le risposte possono essere automatiche.",
		"menu_person": "Scrivi a una persona",
		"menu_stop":   "Basta messaggi",
		"menu_erase":  "Cancella i miei dati",
		"person":      "Qui rispondono i messaggi automatici del negozio. Scrivi la tua domanda: la leggerà una persona.",
		"erase":       "Vuoi che cancelliamo tutto quello che teniamo su di te: richieste, messaggi inviati e nome? Non si può annullare.",
		"erase_yes":   "Cancella tutto",
		"erase_no":    "Lascia stare",
		"erased":      "Stiamo cancellando quello che teniamo su di te. La chat è di Facebook: puoi eliminarla da Messenger.",
	},
}

func phrase(language, id string) string { return phrases[language][id] }

// notification is the one message that spends a token (rule 7.1).
func notification(language string, v models.Variant, link string) models.Content {
	card := card(language, v, phrase(language, "back"))
	card.URL = link
	if link != "" {
		card.Buttons = append(card.Buttons, models.Button{Title: phrase(language, "buy"), URL: link})
	}
	card.Buttons = append(card.Buttons, models.Button{Title: phrase(language, "again"), Payload: askPrefix + v.Ref})
	return models.Content{Cards: []models.Card{card}}
}

// recurringNotification is one message of a recurring opt-in. The person is told each time, so there is nothing to ask for again;
// how to end it stands in its place.
func recurringNotification(language string, v models.Variant, link string) models.Content {
	c := notification(language, v, link)
	buttons := c.Cards[0].Buttons
	buttons[len(buttons)-1] = models.Button{Title: phrase(language, "menu_stop"), Payload: stopPayload}
	return c
}

// productCard answers interest in a variant that is there (rule 3.2).
func productCard(language string, v models.Variant, offer bool) models.Content {
	card := card(language, v, phrase(language, "available"))
	card.URL = v.URL
	if v.URL != "" {
		card.Buttons = append(card.Buttons, models.Button{Title: phrase(language, "buy"), URL: v.URL})
	}
	if offer {
		card.Buttons = append(card.Buttons, models.Button{Title: phrase(language, "offer"), Payload: askPrefix + v.Ref})
	}
	return models.Content{Cards: []models.Card{card}}
}

// carousel lets the person choose among the products that a text may mean.
func carousel(language string, variants []models.Variant) models.Content {
	var c models.Content
	for _, v := range variants[:min(len(variants), models.MaxCards)] {
		state := phrase(language, "available")
		if v.SoldOut() {
			state = phrase(language, "sold_out")
		}
		card := card(language, v, state)
		card.Buttons = []models.Button{{Title: phrase(language, "choose"), Payload: askPrefix + v.Ref}}
		c.Cards = append(c.Cards, card)
	}
	return c
}

// firstStep is the private reply to a comment: tapping its button opens the window.
func firstStep(language string, v models.Variant) models.Content {
	text, button := "first", "tell"
	if !v.SoldOut() {
		text, button = "first_in", "details"
	}
	name := models.Shorten(v.Name(), 200)
	return models.Content{Text: fmt.Sprintf(phrase(language, text), name),
		Buttons: []models.Button{{Title: phrase(language, button), Payload: askPrefix + v.Ref}}}
}

func stopped(language string) models.Content {
	return models.Content{Text: phrase(language, "stopped")}
}

// card is what every card of a variant shows: picture, name, what is so about it, price.
func card(language string, v models.Variant, state string) models.Card {
	subtitle := state
	if p := price(language, v); p != "" {
		subtitle += " · " + p
	}
	return models.Card{Title: models.Shorten(v.Name(), models.MaxCardTitle), Subtitle: models.Shorten(subtitle, models.MaxCardSubtitle), ImageURL: v.ImageURL}
}

var symbols = map[string]string{"EUR": "€", "GBP": "£", "USD": "$"}

// price writes an amount as the language does: 24,50 € and €24.50.
func price(language string, v models.Variant) string {
	amount := models.FormatPrice(v.PriceMinor, v.Currency)
	if amount == "" {
		return ""
	}
	symbol, known := symbols[v.Currency]
	if !known {
		symbol = v.Currency
	}
	if language == "it" {
		return strings.Replace(amount, ".", ",", 1) + "\u00a0" + symbol
	}
	if !known {
		symbol += "\u00a0"
	}
	return symbol + amount
}

// plain is what a person reads in a message, for the conversation's record.
func plain(c models.Content) string {
	switch {
	case c.Text != "":
		return c.Text
	case c.Request != nil:
		return c.Request.Title
	case len(c.Cards) > 0:
		titles := make([]string, len(c.Cards))
		for i, card := range c.Cards {
			titles[i] = card.Title
		}
		return strings.Join(titles, " · ")
	}
	return ""
}
