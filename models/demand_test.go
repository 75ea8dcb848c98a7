package models_test

import (
	"testing"

	"bentornato/models"
)

func TestAdviseOrder(t *testing.T) {
	shop := models.Conversion{Sent: 1000, Clicks: 400, Orders: 100}
	for name, test := range map[string]struct {
		waiting, available int
		unknown            bool
		own, shop          models.Conversion
		want               models.OrderAdvice // without Share and From
	}{
		"its own history":          {waiting: 200, own: models.Conversion{Sent: 100, Clicks: 60, Orders: 25}, shop: shop, want: models.OrderAdvice{Basis: models.AdviceOwn, Units: 50, Low: 38, High: 66}},
		"just enough of it":        {waiting: 10, own: models.Conversion{Sent: 30, Orders: 15}, shop: shop, want: models.OrderAdvice{Basis: models.AdviceOwn, Units: 5, Low: 4, High: 7}},
		"too little: the shop's":   {waiting: 200, own: models.Conversion{Sent: 29, Orders: 29}, shop: shop, want: models.OrderAdvice{Basis: models.AdviceShop, Units: 20, Low: 18, High: 24}},
		"nobody bought":            {waiting: 200, own: models.Conversion{Sent: 100}, shop: shop, want: models.OrderAdvice{Basis: models.AdviceOwn, Units: 1, Low: 1, High: 6}},
		"everybody twice":          {waiting: 7, own: models.Conversion{Sent: 100, Orders: 200}, shop: shop, want: models.OrderAdvice{Basis: models.AdviceOwn, Units: 7, Low: 7, High: 7}},
		"some are there":           {waiting: 200, available: 30, own: models.Conversion{Sent: 100, Orders: 25}, shop: shop, want: models.OrderAdvice{Basis: models.AdviceOwn, Units: 20, Low: 8, High: 36}},
		"enough are there":         {waiting: 10, available: 30, own: models.Conversion{Sent: 100, Orders: 25}, shop: shop, want: models.OrderAdvice{Basis: models.AdviceOwn}},
		"oversold":                 {waiting: 10, available: -4, own: models.Conversion{Sent: 100, Orders: 50}, shop: shop, want: models.OrderAdvice{Basis: models.AdviceOwn, Units: 5, Low: 5, High: 6}},
		"nobody knows how many":    {waiting: 10, available: 99, unknown: true, own: models.Conversion{Sent: 100, Orders: 50}, shop: shop, want: models.OrderAdvice{Basis: models.AdviceOwn, Units: 5, Low: 5, High: 6}},
		"no orders: its clicks":    {waiting: 200, own: models.Conversion{Sent: 100, Clicks: 60}, shop: models.Conversion{Sent: 1000, Clicks: 400}, want: models.OrderAdvice{Basis: models.AdviceClicks, Units: 120, Low: 104, High: 136}},
		"no orders: the shop's":    {waiting: 200, shop: models.Conversion{Sent: 1000, Clicks: 400}, want: models.OrderAdvice{Basis: models.AdviceClicks, Units: 80, Low: 75, High: 86}},
		"too little of everything": {waiting: 200, own: models.Conversion{Sent: 29, Orders: 9}, shop: models.Conversion{Sent: 99, Orders: 9}, want: models.OrderAdvice{Basis: models.AdviceNone, Low: 1, High: 200}},
		"nobody waits":             {own: models.Conversion{Sent: 100, Orders: 25}, shop: shop, want: models.OrderAdvice{Basis: models.AdviceNone}},
	} {
		v := models.Variant{Waiting: test.waiting, Available: test.available, QuantityUnknown: test.unknown}
		got := models.AdviseOrder(v, test.own, test.shop)
		if got.Share < 0 || got.Share > 1 || got.Low > got.High || (got.Basis != models.AdviceNone && (got.Units < got.Low || got.Units > got.High)) {
			t.Errorf("%s: unsound: %+v", name, got)
		}
		got.Share, got.From = 0, models.Conversion{}
		if got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}
