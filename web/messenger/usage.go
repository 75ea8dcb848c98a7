package messenger

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers by which the platform says how much of a limit is used, in percent.
const (
	appUsageHeader      = "X-App-Usage"
	businessUsageHeader = "X-Business-Use-Case-Usage"
)

// consumption is one object of the usage headers; regain is in minutes.
type consumption struct {
	CallCount    float64 `json:"call_count"`
	TotalCPUTime float64 `json:"total_cputime"`
	TotalTime    float64 `json:"total_time"`
	Regain       float64 `json:"estimated_time_to_regain_access"`
}

// consumptions reads both headers; what cannot be read is left out, since they only advise.
func consumptions(h http.Header) []consumption {
	var list []consumption
	var app consumption
	if v := h.Get(appUsageHeader); v != "" && json.Unmarshal([]byte(v), &app) == nil {
		list = append(list, app)
	}
	var business map[string][]consumption
	if v := h.Get(businessUsageHeader); v != "" && json.Unmarshal([]byte(v), &business) == nil {
		for _, objects := range business {
			list = append(list, objects...)
		}
	}
	return list
}

// maxRetryAfter is the longest wait that is believed: the platform's limits look back 24 hours.
const maxRetryAfter = 24 * time.Hour

// advice reads what an answer's headers say of the limits: usage is the highest percentage of the usage headers, and wait how long
// the platform asks to wait, the longest of the business use cases' estimates and of Retry-After, which is in seconds or a date.
func advice(h http.Header, now time.Time) (usage int, wait time.Duration) {
	highest := 0.0
	for _, c := range consumptions(h) {
		highest = max(highest, c.CallCount, c.TotalCPUTime, c.TotalTime)
		wait = max(wait, upTo(c.Regain, time.Minute))
	}
	if v := strings.TrimSpace(h.Get("Retry-After")); v != "" {
		if seconds, err := strconv.ParseUint(v, 10, 31); err == nil {
			wait = max(wait, upTo(float64(seconds), time.Second))
		} else if at, err := http.ParseTime(v); err == nil {
			wait = max(wait, upTo(at.Sub(now).Seconds(), time.Second))
		}
	}
	return int(math.Ceil(min(highest, math.MaxInt32))), wait
}

// upTo is n units, within 0 and maxRetryAfter.
func upTo(n float64, unit time.Duration) time.Duration {
	n = max(0, min(n, float64(maxRetryAfter/unit)))
	return time.Duration(n * float64(unit))
}
