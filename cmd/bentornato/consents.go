package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"

	"bentornato/models"
	"bentornato/models/restock"
	"bentornato/models/store"
	"bentornato/web/messenger"
)

// consentsExport prints everything that people allowed the Pages.
func consentsExport() command {
	var (
		pageID, format string
		tokens         bool
	)
	return command{
		name: "consents export", about: "prints everything that people allowed, for a spreadsheet or another program",
		help: `Each line is one consent: who, what, when, until when, what became of it, and the exact words that the person said yes to.
The kinds are one_time (a tap on Notify Me), recurring (a recurring opt-in) and interest (a question about a product).

--with-tokens adds the tokens that are still good, which another program needs to go on with them:
keep the file as you keep a password. The export is noted in the log of changes.`,
		settings: sealedSettings, migrates: true, acts: true,
		flags: func(f *flag.FlagSet) {
			f.StringVar(&pageID, "page", "", "`ID` of one Page; all of them where it is not given")
			f.StringVar(&format, "format", "csv", "`FORMAT` csv, with a head line, or jsonl, one JSON object a line")
			f.BoolVar(&tokens, "with-tokens", false, "add the tokens themselves, which are secrets")
		},
		run: func(ctx context.Context, v *invocation) error {
			if format != "csv" && format != "jsonl" {
				return wrongUsage("The format is csv or jsonl.")
			}
			if tokens {
				if err := v.config.RequireSecret(); err != nil {
					return err
				}
			}
			return v.withStore(ctx, func(s *store.Store) error {
				return exportConsents(ctx, s, v.stdout, pageID, format, tokens)
			})
		},
	}
}

func exportConsents(ctx context.Context, s *store.Store, stdout io.Writer, pageID, format string, tokens bool) error {
	pages, err := s.Pages(ctx)
	if err != nil {
		return err
	}
	if pageID != "" {
		one, err := s.Page(ctx, pageID)
		if err != nil {
			return err
		}
		pages = []models.Page{one}
	}
	work := restock.New(s, nil, nil, s.Now, slog.New(slog.DiscardHandler), restock.Config{})
	table, lines := csv.NewWriter(stdout), json.NewEncoder(stdout)
	if format == "csv" {
		if err := table.Write(models.ConsentColumns()); err != nil {
			return err
		}
	}
	for _, p := range pages {
		err := work.ExportConsents(ctx, p.ID, tokens, func(list []models.Consent) error {
			for _, one := range list {
				write := func() error { return lines.Encode(one) }
				if format == "csv" {
					write = func() error { return table.Write(one.Cells()) }
				}
				if err := write(); err != nil {
					return err
				}
			}
			table.Flush()
			return table.Error()
		})
		if err != nil {
			return err
		}
	}
	table.Flush()
	return table.Error()
}

// pageImportOptIns reads the recurring permissions that a Page has already.
func pageImportOptIns() command {
	var id string
	return command{
		name: "page import-optins", about: "reads the recurring permissions that a Page has already on Facebook",
		help: `Facebook lists the recurring notification tokens (notification_messages) that people gave a Page, even through another program.
They are used for the sold-out products that these people ask about. What is known already changes nothing, and one that was
stopped goes on where it was. One-time tokens are on no list.`,
		settings: append([]string{"app-id", "app-secret", "graph-url"}, sealedSettings...), migrates: true, acts: true,
		flags: func(f *flag.FlagSet) { f.StringVar(&id, "id", "", "`ID` of the Page on Facebook, a number; required") },
		run: func(ctx context.Context, v *invocation) error {
			if err := v.require("id"); err != nil {
				return err
			}
			if err := v.config.RequireSecret(); err != nil {
				return err
			}
			return v.withStore(ctx, func(s *store.Store) error {
				c := v.config
				client := messenger.New(messenger.Config{GraphURL: c.GraphURL, AppID: c.AppID, AppSecret: c.AppSecret})
				defer client.Close()
				work := restock.New(s, client, idle{}, s.Now, slog.New(slog.DiscardHandler), restock.Config{AppID: c.AppID, OptIns: client})
				if err := work.BeginOptInImport(ctx, id); err != nil {
					return err
				}
				for {
					i, err := work.ImportStep(ctx, id)
					if err != nil {
						return err
					}
					if i.State != models.ImportRunning {
						fmt.Fprintf(v.stdout, "%d found, %d of them new; %d products are waited for by them\n", i.Found, i.Added, i.Waiting)
						return nil
					}
				}
			})
		},
	}
}

// idle wakes nobody: a command has no background work, and a server beside it looks by itself.
type idle struct{}

// Wake does nothing.
func (idle) Wake() {}

// Halt does nothing.
func (idle) Halt(int64) {}
