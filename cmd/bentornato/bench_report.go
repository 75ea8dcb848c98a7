package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
	"time"
)

// benchReport is what was measured: the JSON document. Times are milliseconds; a ratio is the product's figure over the raw
// one beside it, or the larger installation's over the smaller's.
type benchReport struct {
	Version    string        `json:"version"`
	System     string        `json:"system"`
	Processors int           `json:"processors"`
	Database   string        `json:"database"`
	Tokens     int           `json:"tokens"`
	Pages      int           `json:"pages"`
	LatencyMS  float64       `json:"latency_ms"`
	Ingest     *benchIngest  `json:"ingest,omitempty"`
	Restock    *benchRestock `json:"restock,omitempty"`
	Admin      *benchAdmin   `json:"admin,omitempty"`
}

// benchIngest is how fast webhook events come in. Stored counts the events that are in the database in the end.
type benchIngest struct {
	Connections int       `json:"connections"`
	Events      int       `json:"events"`
	Stored      int       `json:"stored"`
	Durable     benchDoor `json:"durable"`
	Raw         benchDoor `json:"without_database"`
	Ratio       float64   `json:"ratio"`
}

// benchDoor is how fast a server answers webhooks.
type benchDoor struct {
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
}

// benchRestock is how a restock goes out. Sent counts the tokens that the database says are sent, Accepted the
// notifications that the stand-in took, and Repeated those of them whose token it had taken before.
type benchRestock struct {
	Sent     int           `json:"sent"`
	Accepted int           `json:"accepted"`
	Repeated int           `json:"repeated"`
	Speed    benchSpeed    `json:"speed"`
	Rates    []benchRate   `json:"rates"`
	Answer   benchAnswers  `json:"answer"`
	Memory   *benchMemory  `json:"memory,omitempty"`
	Rounds   []benchRounds `json:"rounds"`
}

// benchSpeed is how fast many Pages send together, beside a bare client. Ceiling is what their rates allow.
type benchSpeed struct {
	Pages         int     `json:"pages"`
	Rate          int     `json:"rate"`
	Ceiling       int     `json:"ceiling_per_second"`
	PerSecond     float64 `json:"per_second"`
	BarePerSecond float64 `json:"bare_per_second"`
	Ratio         float64 `json:"ratio"`
}

// benchRounds is one turn of the product and of the bare client; Connections is how many each of them sent over.
type benchRounds struct {
	Sent          int     `json:"sent"`
	PerSecond     float64 `json:"per_second"`
	BarePerSecond float64 `json:"bare_per_second"`
	Connections   int     `json:"connections"`
}

// benchRate is how one Page kept its rate: percent of it reached, and the most calls in any window of one second.
type benchRate struct {
	Rate        int     `json:"rate"`
	Sent        int     `json:"sent"`
	Percent     float64 `json:"percent"`
	MaxInSecond int     `json:"max_in_any_second"`
}

// benchAnswers is what a stock report costs with few and with many tokens waiting.
type benchAnswers struct {
	Few         benchAnswer `json:"few"`
	Many        benchAnswer `json:"many"`
	AnswerRatio float64     `json:"answer_ratio"`
	FirstRatio  float64     `json:"first_ratio"`
}

// benchAnswer is the median time to the webhook's answer, and to the first notification at the stand-in: from the call, and
// from its answer.
type benchAnswer struct {
	Waiting     int     `json:"waiting"`
	Answer      float64 `json:"answer_ms"`
	First       float64 `json:"first_ms"`
	AfterAnswer float64 `json:"first_after_answer_ms"`
}

// benchMemory is the most resident memory of the serving process while it sent, in MiB, with few and with many tokens.
type benchMemory struct {
	FewTokens  int     `json:"few_tokens"`
	Few        float64 `json:"few_resident_mib"`
	ManyTokens int     `json:"many_tokens"`
	Many       float64 `json:"many_resident_mib"`
	More       float64 `json:"more_mib"`
}

// benchAdmin is the server's time for the admin's pages.
type benchAdmin struct {
	Scales []benchScale `json:"scales"`
	Pages  []benchPage  `json:"pages"`
}

// benchScale is the size of a made-up shop.
type benchScale struct {
	Tokens   int `json:"tokens"`
	Products int `json:"products"`
	Contacts int `json:"contacts"`
}

// benchPage is one page at every scale. Ratio is the median at the largest over that at 10,000 tokens, or at the smallest
// scale where there is none.
type benchPage struct {
	Name  string      `json:"name"`
	Path  string      `json:"path"`
	Times []benchTime `json:"times"`
	Ratio float64     `json:"ratio"`
}

type benchTime struct {
	Tokens int     `json:"tokens"`
	P50    float64 `json:"p50_ms"`
	P99    float64 `json:"p99_ms"`
}

// write prints the tables.
func (r benchReport) write(w io.Writer) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "bentornato %s, %s, %d processors, %s, %d tokens, %d Pages\n", r.Version, r.System, r.Processors, r.Database, r.Tokens, r.Pages)
	if i := r.Ingest; i != nil {
		fmt.Fprintf(columns, "\ningest, %d connections\tevents/s\tp50 ms\tp99 ms\tratio\t\n", i.Connections)
		fmt.Fprintf(columns, "signed and on disk\t%.0f\t%.2f\t%.2f\t%.2f\t\n", i.Durable.PerSecond, i.Durable.P50, i.Durable.P99, i.Ratio)
		fmt.Fprintf(columns, "the same without a database\t%.0f\t%.2f\t%.2f\t\t\n", i.Raw.PerSecond, i.Raw.P50, i.Raw.P99)
		if err := columns.Flush(); err != nil {
			return err
		}
	}
	if s := r.Restock; s != nil {
		if err := s.write(w, columns); err != nil {
			return err
		}
	}
	if a := r.Admin; a != nil {
		return a.write(columns)
	}
	return nil
}

func (s *benchRestock) write(w io.Writer, columns *tabwriter.Writer) error {
	fmt.Fprintf(columns, "\nrestock\tnotifications/s\tbare client/s\tratio\tconnections\t\n")
	for i, r := range s.Rounds {
		fmt.Fprintf(columns, "turn %d, %d Pages at %d/s\t%.0f\t%.0f\t%.2f\t%d\t\n", i+1, s.Speed.Pages, s.Speed.Rate, r.PerSecond, r.BarePerSecond, ratio(r.PerSecond, r.BarePerSecond), r.Connections)
	}
	fmt.Fprintf(columns, "median (the rates allow %d/s)\t%.0f\t%.0f\t%.2f\t\t\n", s.Speed.Ceiling, s.Speed.PerSecond, s.Speed.BarePerSecond, s.Speed.Ratio)
	fmt.Fprintf(columns, "\none Page\tsent\t%% of the rate\tmost in any second\t\n")
	for _, r := range s.Rates {
		fmt.Fprintf(columns, "at %d/s\t%d\t%.1f\t%d\t\n", r.Rate, r.Sent, r.Percent, r.MaxInSecond)
	}
	fmt.Fprintf(columns, "\nstock report\tanswer ms\tfirst notification ms\tafter the answer ms\t\n")
	for _, a := range []benchAnswer{s.Answer.Few, s.Answer.Many} {
		fmt.Fprintf(columns, "%d waiting\t%.2f\t%.1f\t%.1f\t\n", a.Waiting, a.Answer, a.First, a.AfterAnswer)
	}
	fmt.Fprintf(columns, "ratio\t%.2f\t%.2f\t\t\n", s.Answer.AnswerRatio, s.Answer.FirstRatio)
	if m := s.Memory; m != nil {
		fmt.Fprintf(columns, "\npeak memory (resident)\tMiB\t\n%d tokens\t%.1f\t\n%d tokens\t%.1f\t\nmore\t%.1f\t\n", m.FewTokens, m.Few, m.ManyTokens, m.Many, m.More)
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d tokens are sent, %d notifications were taken, %d of them twice\n", s.Sent, s.Accepted, s.Repeated)
	return err
}

func (a *benchAdmin) write(columns *tabwriter.Writer) error {
	fmt.Fprintf(columns, "\nadmin: p50 (p99) ms")
	for _, s := range a.Scales {
		fmt.Fprintf(columns, "\t%d tokens", s.Tokens)
	}
	fmt.Fprintf(columns, "\tratio\t\n")
	for _, p := range a.Pages {
		fmt.Fprint(columns, p.Name)
		for _, t := range p.Times {
			fmt.Fprintf(columns, "\t%.1f (%.1f)", t.P50, t.P99)
		}
		fmt.Fprintf(columns, "\t%.2f\t\n", p.Ratio)
	}
	return columns.Flush()
}

// quantile is the value below which a share of the sorted list lies; 0 of nothing.
func quantile[T any](sorted []T, share float64) T {
	var none T
	if len(sorted) == 0 {
		return none
	}
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func median(list []float64) float64 { return quantile(slices.Sorted(slices.Values(list)), 0.5) }

// ratio is a over b, and 0 where there is no b: JSON has no infinity.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return math.Round(1000*a/b) / 1000
}

func milliseconds(d time.Duration) float64 { return math.Round(d.Seconds()*1e6) / 1e3 }
