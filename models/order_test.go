package models_test

import (
	"slices"
	"strings"
	"testing"

	"bentornato/models"
)

func TestOrderLink(t *testing.T) {
	const code = "abcdefgh2345"
	for address, want := range map[string]string{
		"https://shop.test/mug":              "https://shop.test/mug?bentornato=" + code,
		"https://shop.test/mug?":             "https://shop.test/mug?bentornato=" + code,
		"https://shop.test/?id=3&v=a%20b#x":  "https://shop.test/?id=3&v=a%20b&bentornato=" + code + "#x",
		"https://shop.test/t%C3%A8?b=2&a=1":  "https://shop.test/t%C3%A8?b=2&a=1&bentornato=" + code,
		"https://shop.test/mug?bentornato=x": "https://shop.test/mug?bentornato=x&bentornato=" + code,
	} {
		if got := models.OrderLink(address, code); got != want {
			t.Errorf("%s leads to %s, want %s", address, got, want)
		}
		if got := models.LinkCodes([]string{models.OrderLink(address, code)}); !slices.Equal(got, []string{code}) {
			t.Errorf("%s is found to carry %v", address, got)
		}
	}
}

func TestLinkCodes(t *testing.T) {
	const one, two = "abcdefgh2345", "zzzzzzzz7777"
	for _, test := range []struct {
		traces []string
		want   []string
	}{
		{nil, nil},
		{[]string{"", " ", "https://shop.test/mug", "/products/mug?variant=3"}, nil},
		{[]string{"/products/mug?variant=3&bentornato=" + one}, []string{one}},
		{[]string{"https://bentornato.test/r/" + one, "https://bentornato.test/r/" + one + "/"}, []string{one}},
		{[]string{"https://shop.test/r/" + one + "/more", "https://shop.test/x/r/" + one}, nil},
		{[]string{"bentornato=" + one, two, "  " + one + "\n"}, []string{one, two}},
		{[]string{"?bentornato=" + strings.ToUpper(one), "?bentornato=abc", "?bentornato=" + one + "!", "?bentornato=" + strings.Repeat("a", 33)}, nil},
		{[]string{"https://shop.test/?bentornato=" + one + strings.Repeat("&a=b", 2000)}, nil},
		{append(make([]string, 200), one), nil},
		{[]string{"%zz", "http://[::1", one}, []string{one}},
	} {
		if got := models.LinkCodes(test.traces); !slices.Equal(got, test.want) {
			t.Errorf("%.80q carry %v, want %v", test.traces, got, test.want)
		}
	}
}

func TestCheckOrder(t *testing.T) {
	for _, test := range []struct {
		order models.OrderReport
		ok    bool
	}{
		{models.OrderReport{ID: "1001"}, true},
		{models.OrderReport{ID: "1001", Total: models.Money{Minor: 2450, Currency: "EUR"}}, true},
		{models.OrderReport{ID: " "}, false},
		{models.OrderReport{ID: strings.Repeat("9", 129)}, false},
		{models.OrderReport{ID: "1", Total: models.Money{Minor: -1, Currency: "EUR"}}, false},
		{models.OrderReport{ID: "1", Total: models.Money{Minor: 1<<50 + 1, Currency: "EUR"}}, false},
	} {
		if err := models.CheckOrder(test.order); (err == nil) != test.ok {
			t.Errorf("%+v: %v", test.order, err)
		}
	}
}
