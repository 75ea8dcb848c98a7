package models

import "time"

// forecastSpan is how far ahead a forecast walks through quiet hours: a token is over after a year.
const forecastSpan = TokenLife

// afterQuiet is t, or the end of the quiet hours that hold at t.
func afterQuiet(p Page, t time.Time) time.Time {
	if until, quiet := QuietUntil(p, t); quiet {
		return until
	}
	return t
}

// nextQuiet is when quiet hours begin next, after t; the zero time where the Page has none.
func nextQuiet(p Page, t time.Time) time.Time {
	from, errFrom := time.Parse("15:04", p.Settings.QuietFrom)
	to, errTo := time.Parse("15:04", p.Settings.QuietTo)
	if errFrom != nil || errTo != nil || from.Equal(to) {
		return time.Time{}
	}
	local := t.In(p.Location())
	for day := 0; ; day++ { // today's, or tomorrow's
		start := time.Date(local.Year(), local.Month(), local.Day()+day, from.Hour(), from.Minute(), 0, 0, local.Location())
		if start.After(t) {
			return start.UTC()
		}
	}
}

// spend is when work that begins at t and takes d is done, where quiet hours interrupt it. It is the zero time where that is
// further ahead than forecastSpan.
func spend(p Page, t time.Time, d time.Duration) time.Time {
	end := t.Add(forecastSpan)
	for at := afterQuiet(p, t); at.Before(end); {
		quiet := nextQuiet(p, at)
		if quiet.IsZero() || !quiet.Before(at.Add(d)) {
			if at = at.Add(d); at.After(end) {
				break
			}
			return at
		}
		d -= quiet.Sub(at)
		at = afterQuiet(p, quiet)
	}
	return time.Time{}
}

// awake is how much of the time between two moments is outside the quiet hours.
func awake(p Page, from, to time.Time) time.Duration {
	var d time.Duration
	for at := afterQuiet(p, from); at.Before(to); {
		quiet := nextQuiet(p, at)
		if quiet.IsZero() || !quiet.Before(to) {
			return d + to.Sub(at)
		}
		d += quiet.Sub(at)
		at = afterQuiet(p, quiet)
	}
	return d
}
