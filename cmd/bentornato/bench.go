package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// The parts of a measurement, by the argument that asks for one alone.
const (
	benchPartIngest  = "ingest"
	benchPartRestock = "restock"
	benchPartAdmin   = "admin"
	// benchPartPlatform is no part: it is the stand-in for Messenger, which restock starts as a process of its own.
	benchPartPlatform = "platform"
)

// benchFlags is what a measurement is told.
type benchFlags struct {
	tokens   int
	pages    int
	database string
	latency  time.Duration
	json     bool
}

// Bounds of a measurement.
const (
	maxBenchTokens  = 10_000_000
	maxBenchPages   = 1000
	maxBenchLatency = 10 * time.Second
)

// bench measures the product on the machine it runs on.
func bench() command {
	var f benchFlags
	return command{
		name: "bench", args: "[ingest|restock|admin]", maxArgs: 1,
		about: "measures this machine: webhooks in, a restock out, and the admin's pages; each beside the raw limit",
		help: `Everything happens in a throw-away database with made-up data, against a stand-in for Messenger that runs as a process of
its own; nothing that exists is touched, and Ctrl-C takes everything away. Each figure is taken in turns with its raw limit,
so compare the ratios: the figures themselves change with what else the machine does.

  ingest   durable webhook events a second through the server, signed and committed, beside the same server without a database
  restock  notifications a second from 1 and from many Pages at 300/s, beside a bare client that posts the same bytes to the same
           stand-in with as many connections; the stock webhook's answer and the first notification with --tokens waiting
           beside 1,000; the most calls in any second beside the rate; peak resident memory with --tokens beside 10,000
  admin    the server's time for each list and page of the admin, with 1,000 tokens up to --tokens and a tenth as many
           products, and the ratio to 10,000

Without an argument all three are measured. With a million tokens that takes up to ten minutes and 3 GB of disk. The table
goes to stdout; with --json the document does, and the table to stderr.`,
		flags: func(s *flag.FlagSet) {
			s.IntVar(&f.tokens, "tokens", 1_000_000, "`N` tokens at most, 100 to 10,000,000")
			s.IntVar(&f.pages, "pages", 100, "`N` Pages that send at once, 1 to 1000")
			s.StringVar(&f.database, "database", "sqlite", "`WHERE` to make the database: sqlite, sqlite:FOLDER, or postgres://... for a schema of its own there")
			s.DurationVar(&f.latency, "latency", 0, "`DURATION` after which the stand-in answers")
			s.BoolVar(&f.json, "json", false, "print one JSON document")
		},
		run: func(ctx context.Context, v *invocation) error {
			part := ""
			if len(v.args) == 1 {
				part = v.args[0]
			}
			if part == benchPartPlatform {
				return runBenchPlatform(ctx, v.stdin, v.stdout, f.latency)
			}
			if err := f.check(part); err != nil {
				return err
			}
			return runBench(ctx, v, f, part)
		},
	}
}

func (f benchFlags) check(part string) error {
	switch {
	case part != "" && !slices.Contains([]string{benchPartIngest, benchPartRestock, benchPartAdmin}, part):
		return wrongUsage("%q is nothing that bench measures; it is ingest, restock or admin, or nothing for all three", part)
	case f.tokens < 100 || f.tokens > maxBenchTokens:
		return wrongUsage("--tokens: %d is not between 100 and %d", f.tokens, maxBenchTokens)
	case f.pages < 1 || f.pages > maxBenchPages:
		return wrongUsage("--pages: %d is not between 1 and %d", f.pages, maxBenchPages)
	case f.latency < 0 || f.latency > maxBenchLatency:
		return wrongUsage("--latency: %s is not between 0s and %s", f.latency, maxBenchLatency)
	case f.database != "sqlite" && !slices.ContainsFunc([]string{"sqlite:", "postgres://", "postgresql://"}, func(s string) bool { return strings.HasPrefix(f.database, s) }):
		return wrongUsage("--database: it is sqlite, sqlite:FOLDER or postgres://user:password@host/name") // not shown: it may hold a password
	default:
		return nil
	}
}

// benchRun is one measurement under way.
type benchRun struct {
	benchFlags
	report   benchReport
	progress io.Writer
}

// benchCleanup is how long taking a database away may take.
const benchCleanup = time.Minute

func runBench(ctx context.Context, v *invocation, f benchFlags, part string) error {
	b := &benchRun{benchFlags: f, progress: v.stderr}
	b.report = benchReport{Version: buildVersion(), System: runtime.GOOS + "/" + runtime.GOARCH, Processors: runtime.GOMAXPROCS(0),
		Tokens: f.tokens, Pages: f.pages, LatencyMS: milliseconds(f.latency), Database: "sqlite"}
	if !strings.HasPrefix(f.database, "sqlite") {
		b.report.Database = "postgres"
	}
	for _, p := range []struct {
		name string
		run  func(context.Context) error
	}{{benchPartIngest, b.ingest}, {benchPartRestock, b.restock}, {benchPartAdmin, b.admin}} {
		if part != "" && part != p.name {
			continue
		}
		if err := p.run(ctx); err != nil {
			if ctx.Err() != nil {
				return models.Errorf(models.KindUnavailable, "The measurement was stopped; what it made has been taken away.")
			}
			return err
		}
	}
	table := v.stdout
	if f.json {
		table = v.stderr
		e := json.NewEncoder(v.stdout)
		e.SetIndent("", "  ")
		if err := e.Encode(b.report); err != nil {
			return err
		}
	}
	return b.report.write(table)
}

// say tells whoever waits what is being done.
func (b *benchRun) say(format string, args ...any) {
	fmt.Fprintf(b.progress, format+"\n", args...)
}

// withDatabase calls do with a throw-away database, migrated and empty, and takes it away after it, however it ended.
func (b *benchRun) withDatabase(ctx context.Context, do func(ctx context.Context, address string, s *store.Store) error) (err error) {
	address, drop, err := store.ThrowAway(ctx, b.database)
	if err != nil {
		return err
	}
	defer func() {
		cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), benchCleanup)
		defer cancel()
		err = errors.Join(err, drop(cleaning))
	}()
	s, err := store.Open(ctx, store.Options{URL: address, Secret: benchSecret()})
	if err != nil {
		return err
	}
	if _, err = s.Migrate(ctx); err == nil {
		err = do(ctx, address, s)
	}
	return closing(s, err)
}

// benchSecret seals a throw-away database, which holds nothing secret.
func benchSecret() []byte { return []byte("bentornato-bench-bentornato-bench"[:store.SecretSize]) }

// addBenchPages adds Pages that send at a rate, and returns their ids.
func addBenchPages(ctx context.Context, s *store.Store, prefix string, n, rate int) ([]string, error) {
	ids := make([]string, n)
	return ids, s.Update(ctx, func(tx *store.Tx) error {
		for i := range ids {
			ids[i] = fmt.Sprintf("%s%012d", prefix, i)
			page := models.Page{ID: ids[i], Name: "Bottega " + ids[i], Rate: rate, Locale: "it", TimeZone: "Europe/Rome"}
			if err := tx.SavePage(page, "EAABENCH"); err != nil {
				return err
			}
		}
		return nil
	})
}
