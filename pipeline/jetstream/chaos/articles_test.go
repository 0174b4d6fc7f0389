//go:build unix

package chaos_test

import (
	"encoding/json"
	"fmt"

	"github.com/quotewire/quotewire/pipeline/jetstream/jetstreamtest"
)

// bad reports whether the i-th article cannot be read: one in twenty.
func bad(i int) bool { return i%20 == 7 }

// article is the i-th article: all are different, and short enough for thousands of them.
func article(i int) []byte {
	if bad(i) {
		switch i / 20 % 4 {
		case 0:
			return fmt.Appendf(nil, `{"id":"chaos-%d","text":"The council met`, i)
		case 1:
			return fmt.Appendf(nil, `{"id":"chaos-%d","title":"No text"}`, i)
		case 2:
			return fmt.Appendf(nil, `{"id":"chaos-%d","text":""}`, i)
		default:
			return fmt.Appendf(nil, "{\"id\":\"chaos-%d\",\"text\":\"Broken \xff\xfe bytes\"}", i)
		}
	}
	title, text := jetstreamtest.News(i)
	data, err := json.Marshal(map[string]string{"id": fmt.Sprintf("chaos-%d", i), "language": "en", "title": title, "text": text})
	if err != nil {
		panic(err)
	}
	return data
}
