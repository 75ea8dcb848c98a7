package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"bentornato/models"
	"bentornato/models/restock"
	"bentornato/models/store"
)

// productImport reads products from a CSV file.
func productImport() command {
	var pageID string
	return command{
		name: "product import", args: "FILE.csv", maxArgs: 1,
		about: "reads products, or stock alone, from CSV, and says which line is wrong and why",
		help: `The first line names the columns: sku and title, and any of price, currency, url, image_url, available, product and
option. Rows with the same product are variants of it. For stock alone sku and available will do; the title is needed only
for a SKU that the Page does not list yet. A column that is missing leaves what is there as it is.

Italian names (codice, descrizione, prezzo, quantità, giacenza, immagine) and those that Shopify, WooCommerce, PrestaShop,
Easyfatt and others export are understood too. Comma, semicolon or tab; UTF-8 with or without a mark, UTF-16 or the code
page of Windows; 12.50 or 12,50 and 1.234,50. Decimals of a quantity are rounded down, and yes or no may stand in its place.
A file named - is standard input.

A wrong line never stops the others, so the exit code is 0 whenever the file could be read; what was added and
changed, and each wrong line, is printed. It is 1, and nothing was changed, where the file or its first line cannot be
read, the Page does not exist, or the file has no titles and the Page lists none of its SKUs.`,
		settings: append([]string{"base-url", "addr"}, sealedSettings...), migrates: true, acts: true,
		flags: func(f *flag.FlagSet) {
			f.StringVar(&pageID, "page", "", "`ID` of the Page that lists the products; required")
		},
		run: func(ctx context.Context, v *invocation) error {
			if err := v.require("page"); err != nil {
				return err
			}
			if len(v.args) == 0 {
				return wrongUsage("name the file to read, or - for standard input")
			}
			file, err := openInput(v.args[0], v.stdin)
			if err != nil {
				return err
			}
			defer func() { _ = file.Close() }() // it was only read
			return v.withStore(ctx, func(s *store.Store) error { return v.importProducts(ctx, s, pageID, file) })
		},
	}
}

func openInput(name string, stdin io.Reader) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(stdin), nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, models.Errorf(models.KindNotFound, "%s cannot be opened: %s.", name, pathless(err))
	}
	return file, nil
}

// importProducts imports and prints what came of it. A restock that begins with it is sent by the process that serves,
// which finds it on disk.
func (v *invocation) importProducts(ctx context.Context, s *store.Store, pageID string, file io.Reader) error {
	service := restock.New(s, nil, noWaker{}, nowUTC, v.log, restock.Config{BaseURL: v.config.PublicURL(v.config.Addr), UnknownGrace: v.config.UnknownGrace})
	done, err := service.ImportProducts(ctx, pageID, file)
	// An error after the first lines leaves those imported, so they are counted all the same.
	if err == nil || done.Added+done.Changed+len(done.Wrong) > 0 {
		fmt.Fprintf(v.stdout, "%d added, %d changed, %d wrong\n", done.Added, done.Changed, len(done.Wrong))
		for _, w := range done.Wrong {
			fmt.Fprintf(v.stdout, "line %d%s: %s\n", w.Line, inBrackets(w.SKU), w.Why)
		}
	}
	return err
}

func inBrackets(sku string) string {
	if sku == "" {
		return ""
	}
	return " (" + sku + ")"
}

// noWaker is for a process in which nothing is sent.
type noWaker struct{}

func (noWaker) Wake()      {}
func (noWaker) Halt(int64) {}
