package place_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/extract/place"
	"github.com/quotewire/quotewire/extract/text"
)

// marked takes the brackets out of a text and returns the spans of what they held, those of one name together, and the
// names by first mention.
func marked(s string) (body string, places [][]text.Span, names []string) {
	at := map[string]int{}
	for {
		before, rest, ok := strings.Cut(s, "[")
		body += before
		if !ok {
			return body, places, names
		}
		name, after, _ := strings.Cut(rest, "]")
		i, ok := at[name]
		if !ok {
			i = len(places)
			at[name] = i
			places, names = append(places, nil), append(names, name)
		}
		places[i] = append(places[i], text.Span{Start: len(body), End: len(body) + len(name)})
		body += name
		s = after
	}
}

func show(l place.Link) string {
	switch {
	case l.Located:
		return strings.Join(strings.Fields(fmt.Sprintf("%s %s %.0f,%.0f", l.Feature, l.Country, l.Lat, l.Lon)), " ")
	case l.Known:
		return l.Country + "?"
	}
	return "-"
}

func TestLink(t *testing.T) {
	g := place.Open()
	for _, test := range []struct{ text, want string }{
		{"The fair in [Paris] drew thousands.", "Paris: city FR 49,2"},
		{"The fair in [Paris], [Texas], drew thousands.", "Paris: city US 34,-96; Texas: state US 31,-100"},
		{"The fair in [Paris, Texas], drew thousands.", "Paris, Texas: city US 34,-96"},
		{"[SPRINGFIELD], [Ill.] (AP) — The bridge is closed.", "SPRINGFIELD: city US 40,-90; Ill.: state US 40,-89"},
		{"The bridge at [Springfield] is closed.", "Springfield: US?"},
		{"A clerk in [Springfield], MA, sold it.", "Springfield: city US 42,-73"},
		{"Buses run from [Atlanta] and [Savannah] across [Georgia].", "Atlanta: city US 34,-84; Savannah: city US 32,-81; Georgia: state US 33,-83"},
		{"Buses run from [Tbilisi] and [Batumi] across [Georgia].", "Tbilisi: city GE 42,45; Batumi: city GE 42,42; Georgia: country GE 42,44"},
		{"Trains from [London], [Hamilton] and [Kitchener] stop there, [Ontario] said.",
			"London: city CA 43,-81; Hamilton: city CA 43,-80; Kitchener: city CA 43,-81; Ontario: state CA 47,-85"},
		{"Trains from [London] and [Leeds] stop there.", "London: city GB 52,-0; Leeds: city GB 54,-2"},
		{"They met in [Kyiv], not in [Kiev].", "Kyiv: city UA 50,31; Kiev: city UA 50,31"},
		{"[Moscow] and the [U.S.] spoke in [Alaska].", "Moscow: city RU 56,38; U.S.: country US 40,-97; Alaska: state US 63,-152"},
		{"Growers in [Moscow] and [Boise], [Idaho], wait.", "Moscow: city US 47,-117; Boise: city US 44,-116; Idaho: state US 45,-114"},
		{"[St. Petersburg], [Fla.], and [Saint Petersburg], [Russia].",
			"St. Petersburg: city US 28,-83; Fla.: state US 28,-84; Saint Petersburg: city RU 60,30; Russia: country RU 58,45"},
		{"[São Paulo], [Malmo] and [Łódź] signed.", "São Paulo: city BR -24,-47; Malmo: city SE 56,13; Łódź: city PL 52,19"},
		{"Ships left the [Black Sea] for [the Mediterranean].", "Black Sea: water 43,34; the Mediterranean: water 36,18"},
		{"Clashes went on in [northern Iraq] and [downtown Chicago].", "northern Iraq: IQ?; downtown Chicago: city US 42,-88"},
		{"From the [Kremlin] to [Washington], [D.C.].", "Kremlin: building RU 56,38; Washington: city US 39,-77; D.C.: state US 39,-77"},
		{"He left [Washington] for [Beijing].", "Washington: city US 39,-77; Beijing: city CN 40,116"},
		{"Ferries from [Seattle] and [Tacoma] are late, [Washington] officials say.",
			"Seattle: city US 48,-122; Tacoma: city US 47,-122; Washington: state US 47,-121"},
		{"The [Vrxly] and the [Qqq Hills] are nowhere.", "Vrxly: -; Qqq Hills: -"},
		{"The [West] and the [South] differ.", "West: -; South: -"},
		{"Votes from [Philadelphia], [Florida] and [Oklahoma] arrive late, [Chicago] and [Seattle] hear.",
			"Philadelphia: city US 40,-75; Florida: state US 28,-84; Oklahoma: state US 35,-98; Chicago: city US 42,-88; Seattle: city US 48,-122"},
		{"[Mexico] replied from [Mexico City]; so did [Taiwan].", "Mexico: country MX 24,-102; Mexico City: city MX 19,-99; Taiwan: country TW 24,121"},
		{"The [Balkan] states, the [Sahel] and [Kurdistan] lie far from the [Red Sea].", "Balkan: region 43,21; Sahel: region 15,5; Kurdistan: region 37,43; Red Sea: water 20,38"},
		{"[Earth], [Texas], is a town.", "Earth: city US 34,-102; Texas: state US 31,-100"},
		{"The [Earth] turns, and ships leave the [Gulf].", "Earth: -; Gulf: -"},
		{"In [New York] and [Los Angeles].", "New York: city US 41,-74; Los Angeles: city US 34,-118"},
	} {
		body, places, names := marked(test.text)
		var got []string
		for i, l := range g.Link(body, places) {
			got = append(got, names[i]+": "+show(l))
		}
		if diff := cmp.Diff(strings.Split(test.want, "; "), got); diff != "" {
			t.Errorf("%s\n%s", test.text, diff)
		}
	}
}

func TestKey(t *testing.T) {
	for name, want := range map[string]string{
		"U.S.": "us", "Saint-Étienne": "st etienne", "St. John’s": "st johns", "The Hague": "hague", "Côte d'Ivoire": "cote divoire",
		"  Mount   Vernon ": "mt vernon", "Łódź": "lodz", "Trinidad & Tobago": "trinidad and tobago", "Москва": "москва", "—": "", "": "",
		strings.Repeat("x", 81): "", "Fort": "ft", "Theale": "theale", "the": "the",
	} {
		if got := string(place.AppendKey(nil, name)); got != want {
			t.Errorf("AppendKey(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestLinkIsTheSameEachTime(t *testing.T) {
	body, places, _ := marked("[Springfield], [Salem], [Troy], [Athens], [Manchester], [Georgia], [Lebanon] and [Jordan].")
	want := place.Open().Link(body, places)
	g := place.Open()
	for range 20 {
		if diff := cmp.Diff(want, g.Link(body, places)); diff != "" {
			t.Fatal(diff)
		}
	}
}

// A broken gazetteer is refused, wherever it breaks off.
func TestLoadRefuses(t *testing.T) {
	for _, data := range []string{"", "x", "\x28\xb5\x2f\xfd"} {
		if _, err := place.Load([]byte(data)); err == nil {
			t.Errorf("Load(%q) succeeded", data)
		}
	}
}

// many names of one text, each other than the others.
func many(n int) (string, [][]text.Span) {
	var b strings.Builder
	var places [][]text.Span
	stems := []string{"San José", "Springfield", "Santa Maria", "Saint-Martin", "Georgia", "Xyzzy"}
	for i := range n {
		name := fmt.Sprintf("%s %c%d", stems[i%len(stems)], 'A'+i%26, i)
		if i%2 == 0 {
			name = stems[i%len(stems)]
		}
		places = append(places, []text.Span{{Start: b.Len(), End: b.Len() + len(name)}})
		b.WriteString(name + ", ")
	}
	return b.String(), places
}

func TestLinkMany(t *testing.T) {
	body, places := many(10_000)
	if got := len(place.Open().Link(body, places)); got != len(places) {
		t.Fatalf("%d links, want %d", got, len(places))
	}
}

func FuzzLink(f *testing.F) {
	f.Add("Paris, Texas, and London (Ont.)", uint8(0), uint8(5))
	f.Add("The \xff\x00 of St. “X”, N.Y.", uint8(4), uint8(9))
	g := place.Open()
	f.Fuzz(func(t *testing.T, body string, a, b uint8) {
		body = strings.ToValidUTF8(body, "\ufffd")
		start, end := min(int(a), len(body)), min(int(b), len(body))
		if start > end {
			start, end = end, start
		}
		for _, l := range g.Link(body, [][]text.Span{{{Start: start, End: end}}, {{Start: 0, End: len(body)}}, {}}) {
			if l.Confidence < 0 || l.Confidence > 1 || l.Lat < -90 || l.Lat > 90 || l.Lon < -180 || l.Lon > 180 || l.Located && !l.Known {
				t.Fatalf("%+v", l)
			}
			if l.Country != "" && (len(l.Country) != 2 || strings.Trim(l.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
				t.Fatalf("country %q", l.Country)
			}
		}
		key := place.AppendKey(nil, body)
		if !utf8.Valid(key) {
			t.Fatalf("key %q of %q", key, body)
		}
		if again := place.AppendKey(nil, string(key)); string(again) != string(key) && len(key) > 0 {
			t.Fatalf("the key of %q is %q, and its key %q", body, key, again)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		place.Open().Link("x", [][]text.Span{{{Start: 0, End: 1}}})
	}
}

// A long article: 5,000 characters, 16 places.
func BenchmarkLink(b *testing.B) {
	body, places, _ := marked(strings.Repeat("Buses run from [Atlanta] and [Savannah] to [Springfield], [Ill.], [Paris], [Athens], [San José], "+
		"[London], [Kyiv], [Moscow], [Georgia], [Alexandria], [Salem], [Victoria], [Santiago] and [Santa Maria].\n", 25))
	g := place.Open()
	g.Link(body, places)
	b.ReportAllocs()
	for b.Loop() {
		g.Link(body, places)
	}
}

func BenchmarkLinkMany(b *testing.B) {
	body, places := many(10_000)
	g := place.Open()
	for b.Loop() {
		g.Link(body, places)
	}
}
