package models

import (
	"math"
	"math/big"
	"strings"
)

// Money is an amount in the currency's smallest unit. Without a currency there is no amount.
type Money struct {
	Minor    int64
	Currency string
}

// ParseDecimal reads an amount as programs write it, with a point and no separators ("12.50", "30.330000"), into the
// currency's smallest unit; what is beyond its decimals is rounded, half away from zero. For what people write see
// ParsePrice.
func ParseDecimal(s, currency string) (Money, error) {
	bad := FieldErrorf("price", "%q is no amount; write it like 12.50.", Shorten(s, 40))
	s = strings.TrimSpace(s)
	digits := strings.TrimPrefix(s, "-")
	if len(s) > 40 || strings.Trim(digits, "0123456789.") != "" || strings.Count(digits, ".") > 1 || strings.Trim(digits, ".") == "" {
		return Money{}, bad
	}
	currency, err := ParseCurrency(currency)
	if err != nil {
		return Money{}, err
	}
	amount, ok := new(big.Rat).SetString(s)
	if !ok {
		return Money{}, bad
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(CurrencyExponent(currency))), nil)
	rounded, ok := new(big.Int).SetString(amount.Mul(amount, new(big.Rat).SetInt(scale)).FloatString(0), 10)
	if !ok || rounded.CmpAbs(big.NewInt(math.MaxInt64/1000)) > 0 {
		return Money{}, bad
	}
	return Money{Minor: rounded.Int64(), Currency: currency}, nil
}

// currencySigns are the signs that stand for one currency in a price; a dollar is that of the United States.
var currencySigns = map[string]string{"€": "EUR", "£": "GBP", "$": "USD"}

// SplitPrice parts an amount from the currency that stands beside it, a sign or three letters, on either side: "12,50 €",
// "EUR 12.50". The currency is empty where there is none.
func SplitPrice(s string) (amount, currency string) {
	s = strings.TrimSpace(s)
	for sign, code := range currencySigns {
		if before, ok := strings.CutSuffix(s, sign); ok {
			return strings.TrimSpace(before), code
		}
		if after, ok := strings.CutPrefix(s, sign); ok {
			return strings.TrimSpace(after), code
		}
	}
	if len(s) > 3 {
		for _, parts := range [][2]string{{s[3:], s[:3]}, {s[:len(s)-3], s[len(s)-3:]}} {
			code := strings.ToUpper(parts[1])
			if strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && strings.ContainsAny(parts[0], "0123456789") {
				return strings.TrimSpace(parts[0]), code
			}
		}
	}
	return s, ""
}
