package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/quotewire/quotewire/extract/language"
	"github.com/quotewire/quotewire/schema"
)

// wantedFlags say which articles of an archive are read.
type wantedFlags struct {
	Language string `default:"any" group:"work" placeholder:"TAGS" help:"Read only articles in these languages: en, or en,de. As the article states it, else as its text tells. any leaves none out: the record of an article in another language than English says so and holds nothing else."`
	Since    string `group:"work" placeholder:"DATE" help:"Read only what was published on that day or after it: 2024-05-03, or a time. Articles without a date are left out."`
	Until    string `group:"work" placeholder:"DATE" help:"Read only what was published before that day."`
}

func (f wantedFlags) Validate() error {
	for name, s := range map[string]string{"since": f.Since, "until": f.Until} {
		if _, ok := dayOf(s); s != "" && !ok {
			return fmt.Errorf("--%s: %q is no date like 2024-05-03 or 2024-05-03T07:00:00Z", name, s)
		}
	}
	return nil
}

// admit is nil where all articles are wanted.
func (f wantedFlags) admit() func(schema.Article) bool {
	if f.Language == "any" && f.Since == "" && f.Until == "" {
		return nil
	}
	since, hasSince := dayOf(f.Since)
	until, hasUntil := dayOf(f.Until)
	languages := strings.Split(strings.ToLower(f.Language), ",")
	return func(a schema.Article) bool {
		if hasSince || hasUntil {
			about, _ := a.About()
			if about.PublishedAt == nil {
				return false
			}
			at, ok := dayOf(*about.PublishedAt)
			if !ok || hasSince && at.Before(since) || hasUntil && !at.Before(until) {
				return false
			}
		}
		if f.Language == "any" {
			return true
		}
		is := languageOf(a)
		return is == "" || slices.Contains(languages, is)
	}
}

func dayOf(s string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// languageOf is the language that an article is in, as two or three letters; empty where neither it nor its text tells.
// What is stated is believed.
func languageOf(a schema.Article) string {
	about, _ := a.About()
	if about.Language != nil {
		primary, _, _ := strings.Cut(strings.ToLower(*about.Language), "-")
		if primary == "eng" {
			return "en"
		}
		return primary
	}
	return language.Of(a.Text)
}
