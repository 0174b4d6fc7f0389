package schema

import (
	"strconv"
	"strings"
	"time"
)

// rfc3339 rewrites a date in a customary form as an RFC 3339 date-time, or as a date alone where no time is known. A
// time without a zone is taken for UTC, as news-please and GDELT mean it. Forms whose day and month could be mistaken
// for each other (01/02/2026) are not read.
func rfc3339(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if len(s) > 64 {
		return "", false
	}
	if t, ok := unixTime(s); ok {
		return t.Format(time.RFC3339), true
	}
	for _, layout := range dateTimes {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if !strings.Contains(layout, "MST") {
			return write(t)
		}
		name, _ := t.Zone()
		offset, ok := zones[name]
		if !ok { // the day is sure, the hour is not
			return t.Format(time.DateOnly), inRange(t)
		}
		y, mo, d := t.Date()
		h, mi, sec := t.Clock()
		return write(time.Date(y, mo, d, h, mi, sec, 0, time.FixedZone(name, offset*3600)))
	}
	for _, layout := range dates {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(time.DateOnly), inRange(t)
		}
	}
	return "", false
}

func write(t time.Time) (string, bool) {
	s := t.Format(time.RFC3339Nano)
	return s, inRange(t) && isDate(s) // a zone a day off is read, but cannot be written
}

func inRange(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

// dateTimes are the forms with a time, dates those without. Go's fractions of a second are read with any of them.
var dateTimes = [...]string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05 Z0700", "2006-01-02 15:04:05",
	"2006-01-02 15:04:05 MST", "2006-01-02 15:04", "2006/01/02 15:04:05",
	"20060102150405", "20060102T150405Z0700", "20060102T150405", // GDELT
	time.RFC1123Z, "Mon, 2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 -0700", // e-mail and feeds
	time.RFC1123, "Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 MST", time.RFC850, time.UnixDate, time.ANSIC,
}

var dates = [...]string{
	time.DateOnly, "20060102", "2006/01/02", "January 2, 2006", "Jan 2, 2006", "2 January 2006", "2 Jan 2006",
	"Mon, 2 Jan 2006", "Monday, January 2, 2006", "Monday, 2 January 2006",
}

// zones are the names that RFC 822 gives a meaning to, in hours east of Greenwich.
var zones = map[string]int{
	"UTC": 0, "GMT": 0, "Z": 0, "UT": 0,
	"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}

// unixTime reads seconds (from 1973 to 5138, to tell them from dates) or milliseconds since 1970.
func unixTime(s string) (time.Time, bool) {
	digits := len(s)
	if i := strings.IndexAny(s, ".eE"); i >= 0 {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || !(f >= 1e8 && f < 1e11) {
			return time.Time{}, false
		}
		return time.Unix(int64(f), 0).UTC(), true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil || n < 0:
		return time.Time{}, false
	case digits >= 9 && digits <= 11:
		return time.Unix(n, 0).UTC(), true
	case digits == 12 || digits == 13:
		return time.UnixMilli(n).UTC(), true
	}
	return time.Time{}, false
}

// languageTag is the language as BCP 47 writes it. Underscores are taken for hyphens, and the English names of English
// for its tag; nothing else is guessed.
func languageTag(s string) (string, bool) {
	s = strings.ReplaceAll(strings.TrimSpace(s), "_", "-")
	switch strings.ToLower(s) {
	case "english", "eng": // GDELT, Event Registry
		return "en", true
	}
	return s, isLanguageTag(s)
}

func isLanguageTag(s string) bool {
	for i, sub := range strings.Split(s, "-") {
		if i == 0 && len(sub) != 2 && len(sub) != 3 || len(sub) < 1 || len(sub) > 8 {
			return false
		}
		for _, c := range []byte(sub) {
			letter := 'a' <= c|0x20 && c|0x20 <= 'z'
			digit := '0' <= c && c <= '9'
			if !letter && (i == 0 || !digit) {
				return false
			}
		}
	}
	return len(s) <= 64
}

// isDate reports whether s is what a record may have for published_at: a date or a date-time, each in the one form that
// rfc3339 writes.
func isDate(s string) bool {
	layout := time.RFC3339Nano
	if len(s) == len(time.DateOnly) {
		layout = time.DateOnly
	}
	t, err := time.Parse(layout, s)
	return err == nil && t.Format(layout) == s
}
