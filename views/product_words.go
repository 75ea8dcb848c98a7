package views

import (
	"context"
	"strconv"
	"strings"

	"bentornato/models"
)

// qrPath draws each run of dark modules of a row as one bar.
func qrPath(matrix [][]bool) string {
	var b strings.Builder
	for y, row := range matrix {
		for x := 0; x < len(row); x++ {
			if !row[x] {
				continue
			}
			start := x
			for x < len(row) && row[x] {
				x++
			}
			width := strconv.Itoa(x - start)
			b.WriteString("M" + strconv.Itoa(start) + " " + strconv.Itoa(y) + "h" + width + "v1h-" + width + "z")
		}
	}
	return b.String()
}

// stockHint says what happens once the stock is reported.
func stockHint(ctx context.Context, v models.Variant) string {
	if v.InStock() || v.Waiting == 0 {
		return T(ctx, "product.report_hint")
	}
	return TN(ctx, "product.report_tells", v.Waiting, "Minimum", Number(ctx, v.MinStock))
}

// pieces is the quantity that a report gave.
func pieces(ctx context.Context, e models.SourceEvent) string {
	if e.Unknown {
		return T(ctx, "product.pieces_unknown")
	}
	return Number(ctx, e.Available)
}

func reportSource(ctx context.Context, r ReportRow) string {
	switch r.Event.SourceID {
	case models.SourceByHand:
		return T(ctx, "product.by_hand")
	case models.SourceByFile:
		return T(ctx, "product.by_file")
	}
	return r.SourceName
}
