package format

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var pageTexts = flag.String("pages.texts", "", "a folder of folders of texts that other libraries found in testdata/pages, to be measured too")

// TestPages measures how well the text of an article is found in 25 layouts of pages: words found and words wanted, each
// as often as it stands there, and F1. To put other libraries beside it:
//
//	(cd pipeline/format/testdata/compare && go run . -to /tmp/texts)
//	go test ./pipeline/format -run Pages -v -pages.texts /tmp/texts
func TestPages(t *testing.T) {
	pages, err := filepath.Glob("testdata/pages/*.html")
	if err != nil || len(pages) < 25 {
		t.Fatalf("%d pages: %v", len(pages), err)
	}
	ours := func(page string) string {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		a, err := Decode(data, "text/html", Options{})
		if err != nil {
			t.Logf("%s: %v", page, err)
		}
		return a.Text
	}
	others, err := filepath.Glob(filepath.Join(*pageTexts, "*"))
	if *pageTexts == "" || err != nil {
		others = nil
	}
	for i := -1; i < len(others); i++ {
		name, text := "ours", ours
		if i >= 0 {
			name, text = filepath.Base(others[i]), func(page string) string {
				data, _ := os.ReadFile(filepath.Join(others[i], stem(page)+".txt")) // none: nothing was found
				return string(data)
			}
		}
		sum, worst, below := 0.0, 1.0, ""
		for _, page := range pages {
			gold, err := os.ReadFile("testdata/pages/" + stem(page) + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			p, r := overlap(strings.Fields(string(gold)), strings.Fields(text(page)))
			f := 0.0
			if p+r > 0 {
				f = 2 * p * r / (p + r)
			}
			sum += f
			worst = min(worst, f)
			if f < 0.995 {
				t.Logf("%-22s %-18s P %5.1f  R %5.1f  F %5.1f", name, stem(page), 100*p, 100*r, 100*f)
			} else {
				below += " " + stem(page)
			}
		}
		mean := sum / float64(len(pages))
		t.Logf("%-22s F %.1f, mean of %d layouts; the worst %.1f; 99.5 and more:%s", name, 100*mean, len(pages), 100*worst, below)
		if name == "ours" && (mean < 0.99 || worst < 0.95) {
			t.Errorf("F %.3f, the worst %.3f", mean, worst)
		}
	}
}

func stem(path string) string { return strings.TrimSuffix(filepath.Base(path), ".html") }

// overlap is precision and recall of words.
func overlap(want, got []string) (p, r float64) {
	left := map[string]int{}
	for _, w := range want {
		left[w]++
	}
	n := 0
	for _, w := range got {
		if left[w] > 0 {
			left[w]--
			n++
		}
	}
	return float64(n) / float64(max(1, len(got))), float64(n) / float64(max(1, len(want)))
}
