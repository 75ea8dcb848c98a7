package models

import (
	"strconv"
	"strings"
)

// ParseQuantity reads a quantity as people and programs write it: "7", "-2", "1.234", "1 234", "2,50". Decimals are rounded
// down, since half an item cannot be sold. decimals is the mark before them where the writer's is known, 0 where not: then
// "1.234" and "1,234" are refused, since one writer means twelve hundred by it and another one and a fifth.
func ParseQuantity(s string, decimals rune) (int, error) {
	bad := FieldErrorf("available", "%q is no quantity; write a whole number.", Shorten(s, 40))
	t := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "'", "", "’", "", "−", "-").Replace(strings.TrimSpace(s))
	digits, negative := strings.CutPrefix(t, "-")
	digits = strings.TrimPrefix(digits, "+")
	if strings.Trim(digits, "0123456789.,") != "" || strings.Trim(digits, ".,") == "" {
		return 0, bad
	}
	whole, frac := digits, ""
	if i := strings.LastIndexAny(digits, ".,"); i >= 0 && strings.Count(digits, digits[i:i+1]) == 1 {
		mark, alone := rune(digits[i]), !strings.ContainsAny(digits[:i], ".,")
		// Three digits behind the only separator are thousands, or decimals to the thousandth.
		either := alone && len(digits)-i-1 == 3 && i >= 1 && i <= 3 && digits[0] != '0'
		if either && decimals == 0 {
			return 0, FieldErrorf("available", "%q may be thousands or decimals; write it without a separator.", s)
		}
		if !either || mark == decimals {
			whole, frac = digits[:i], digits[i+1:]
		}
	}
	whole, ok := ungroup(whole)
	n, err := strconv.Atoi("0" + whole)
	if !ok || err != nil {
		return 0, bad
	}
	if !negative {
		return n, nil
	}
	if strings.Trim(frac, "0") != "" {
		n++
	}
	return -n, nil
}
