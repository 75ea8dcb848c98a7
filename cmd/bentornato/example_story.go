package main

import (
	"fmt"
	"time"

	"bentornato/models"
)

// The chapters of the example's past, each going on where the one before it ended.

// firstYear: the lamp sells out and never came back; one who waits for it has waited too long by now.
func firstYear(h *history) {
	h.at(372 * day)
	h.counted("lampada", 0)
	h.send()
	h.at(371 * day)
	h.wants(beatrice, "lampada", "Che bella la lampada! Tornerà?")
	h.at(356 * day)
	h.wants(luca, "lampada", "Buongiorno, la Lampada Pettirame è ancora disponibile?")
	h.at(349 * day)
	h.wants(james, "lampada", "Hello, will you have the lamp again?")
	h.at(240 * day)
	h.wants(marco, "lampada", "Salve, quando torna la lampada?")
	h.at(180 * day)
	h.counted("piatti", 0)
	h.send()
	h.at(175 * day)
	h.wants(emily, "piatti", "Lovely plates! Are there any left?")
}

// mokaCameBack: a restock from its beginning to its end, with one dead token and one person who was out of reach for
// an hour.
func mokaCameBack(h *history) {
	h.at(131 * day)
	h.reported(stockOf("moka", 0))
	for i, story := range []struct {
		who  examplePerson
		text string
	}{
		{sofia, "Buonasera, la moka torna?"}, {giulia, "Avete ancora la moka da tre?"}, {marco, "Moka finita? Peccato!"},
		{emily, "Is the moka pot sold out?"}, {daniel, "Do you still have the moka?"}, {chiara, "Ciao! La moka è esaurita?"},
		{tommaso, "Vorrei la moka"}, {olivia, "Hi, when is the moka back?"},
	} {
		h.at(130*day - time.Duration(i)*27*time.Hour)
		h.wants(story.who, "moka", story.text)
	}
	waiting := h.tokens[max(0, len(h.tokens)-8):]
	h.messenger.answers[waiting[2].Value] = models.Answer{Outcome: models.OutcomeDead, Code: 100, Detail: "(#100) one_time_notif_token is invalid"}
	h.messenger.answers[waiting[4].Value] = models.Answer{Outcome: models.OutcomeUnreachable, Code: 551, Subcode: 1545041, Detail: "This person isn't available right now."}
	h.at(120 * day)
	h.reported(stockOf("moka", 24), stockOf("miele", 22))
	h.passes(20 * time.Minute)
	h.opens("moka", 4)
	h.passes(50 * time.Minute)
	h.send()
}

// autumn: two espresso cups for five people, in a wave of four; then the scarf, the apron and the necklace sell out.
func autumn(h *history) {
	h.at(62 * day)
	h.reported(stockOf("tazzine", 0), stockOf("sapone", 36))
	for i, who := range []examplePerson{luca, emily, sofia, nora, james} {
		h.at(61*day - time.Duration(i)*9*time.Hour)
		text := "Le tazzine da espresso tornano?"
		if who.Locale != "it_IT" {
			text = "Will the espresso cups be back?"
		}
		h.wants(who, "tazzine", text)
	}
	h.at(55 * day)
	h.reported(stockOf("tazzine", 2))
	h.passes(12 * time.Minute)
	h.opens("tazzine", 2)
	h.reported(stockOf("tazzine", 0))
	h.at(40 * day)
	h.reported(stockOf("sciarpa-ocra", 0), stockOf("grembiule-verde", 0), models.StockItem{SKU: "CARTOLINA-12", Stock: models.Stock{Available: 60}})
	h.at(38 * day)
	h.wants(giulia, "sciarpa-ocra", "La sciarpa ocra torna prima di Natale?")
	h.at(33 * day)
	h.wants(olivia, "grembiule-verde", "Is the green apron coming back?")
	h.at(29 * day)
	h.wants(sofia, "grembiule-verde", "Il grembiule verde è finito?")
	h.at(27 * day)
	h.counted("collana", 0)
	h.send()
	for i, who := range []examplePerson{chiara, daniel, beatrice, tommaso} {
		h.at(26*day - time.Duration(i)*13*time.Hour)
		h.wants(who, "collana", "Collana Sassolino?")
	}
	// A tap whose request nobody here made: it waits for the merchant to say what it is for.
	h.at(15 * day)
	h.grants(daniel, "topic-autumn-2026")
	h.at(14 * day)
	h.reported(stockOf("moka", 0), stockOf("vaso-luna", 0), stockOf("cesto", 2))
	h.at(12 * day)
	h.wants(marco, "vaso-luna", "Il vaso Luna quando torna?")
	h.at(11 * day)
	h.asks(emily, "moka", "Missed the moka pot, any chance?")
}

// lastWeek: two mugs sell out. Many ask for the blue one; the terracotta one comes back, and who asked for it is told. One
// customer wants to be left alone.
func lastWeek(h *history) {
	h.at(7*day - time.Hour)
	h.reported(stockOf("tazza-blu", 0), stockOf("tazza-terracotta", 0), stockOf("tazza-bianca", 7))
	for i, story := range []struct {
		who  examplePerson
		text string
	}{
		{nora, "La tazza terracotta torna?"}, {chiara, "Tazza Alba terracotta esaurita?"}, {olivia, "Is the terracotta mug coming back?"},
	} {
		h.at(6*day + 22*time.Hour + 50*time.Minute - time.Duration(i)*50*time.Minute)
		h.wants(story.who, "tazza-terracotta", story.text)
	}
	for i, story := range []struct {
		who  examplePerson
		text string
	}{
		{marco, "Buongiorno! La tazza blu torna?"}, {emily, "Is the blue mug sold out?"}, {luca, "Avvisatemi per la tazza Alba blu per favore"},
		{sofia, "Tazza blu finita?!"}, {james, "Do you restock the blue mug?"}, {beatrice, "Mi serve la tazza blu, quando arriva?"},
		{daniel, "Blue mug please!"}, {tommaso, "Tazza Alba blu?"},
	} {
		h.at(6*day + 20*time.Hour - time.Duration(i)*11*time.Hour)
		h.wants(story.who, "tazza-blu", story.text)
	}
	h.at(3*day + 6*time.Hour)
	h.reported(stockOf("tazza-terracotta", 12))
	h.passes(15 * time.Minute)
	h.opens("tazza-terracotta", 2)
	h.at(3*day - 2*time.Hour)
	h.writes(nora, "Buongiorno, fate spedizioni anche in Svizzera?")
	h.at(2*day + 5*time.Hour)
	h.writes(tommaso, "Basta")
}

// today: windows that are open, two people whom nobody has asked, a request that nobody answered yet, and a restock that the
// merchant paused.
func today(h *history) {
	h.at(23*time.Hour + 12*time.Minute)
	h.overheard(sofia, "vaso-luna", "Il vaso Luna! Me lo tenete da parte quando torna?")
	h.at(22*time.Hour + 30*time.Minute)
	h.asks(chiara, "vaso-luna", "Ciao, il vaso Luna è ancora esaurito?")
	h.at(9 * time.Hour)
	h.wants(olivia, "tazza-blu", "Hi! Could you tell me when the blue mug is back?")
	h.at(6 * time.Hour)
	h.overheard(daniel, "moka", "Grazie della risposta. E la moka?")
	h.at(5 * time.Hour)
	h.writes(beatrice, "Avete la teiera Nebbia?")
	h.at(3 * time.Hour)
	h.wants(giulia, "tazza-blu", "Anche a me serve la tazza blu :)")
	h.at(2 * time.Hour)
	h.do(func() error {
		v, err := h.service.ReportByHand(h.ctx, h.variants["collana"].ID, models.Stock{Available: 3})
		if err != nil {
			return err
		}
		open, err := h.store.OpenRestock(h.ctx, v.ID)
		if err != nil {
			return err
		}
		if open == nil {
			return fmt.Errorf("%s is back and no restock is open", v.SKU)
		}
		_, err = h.service.PauseRestock(h.ctx, open.ID)
		return err
	})
	h.at(40 * time.Minute)
	h.asks(james, "cuscino", "Is the wave cushion in stock?")
	h.at(25 * time.Minute)
	h.reported(stockOf("tazza-bianca", 6), stockOf("candela", 11), stockOf("sapone", 33))
}
