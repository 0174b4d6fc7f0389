package wordpiece

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
)

func bert(t testing.TB) *Vocabulary {
	v, err := Parse(Vocab)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// What testdata/pieces.py recorded from Hugging Face's tokenizer comes out here, id for id.
func TestAgreesWithReference(t *testing.T) {
	data, err := os.ReadFile("testdata/pieces.tsv")
	if err != nil {
		t.Fatal(err)
	}
	v, s := bert(t), new(Scratch)
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	if len(lines) < 400 {
		t.Fatalf("only %d lines in pieces.tsv", len(lines))
	}
	for _, line := range lines {
		quoted, want, ok := strings.Cut(line, "\t")
		var word string
		if err := json.Unmarshal([]byte(quoted), &word); err != nil || !ok {
			t.Fatalf("%q: %v", line, err)
		}
		var got []string
		for _, id := range v.Append(nil, word, s) {
			got = append(got, strconv.Itoa(int(id)))
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: got %s, want %s", quoted, g, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, vocab := range map[string]string{
		"twice":   "[UNK]\n[CLS]\n[SEP]\na\na\n",
		"empty":   "[UNK]\n[CLS]\n[SEP]\n\na\n",
		"special": "[UNK]\n[CLS]\na\n",
		"nothing": "",
	} {
		if _, err := Parse([]byte(vocab)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAppendAllocatesNothing(t *testing.T) {
	v, s, ids := bert(t), new(Scratch), make([]int32, 0, 64)
	words := []string{"the", "unbelievably", "Zürich", "U.S."}
	run := func() {
		for _, w := range words {
			ids = v.Append(ids[:0], w, s)
		}
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations a run", n)
	}
}

func FuzzAppend(f *testing.F) {
	v := bert(f)
	for _, w := range []string{"", "the", "\xff\xfe", "İ", "a\x00b", strings.Repeat("é", 200)} {
		f.Add(w)
	}
	f.Fuzz(func(t *testing.T, word string) {
		for _, id := range v.Append(nil, word, new(Scratch)) {
			if id < 0 || int(id) >= len(v.head)+len(v.tail)+3 {
				t.Errorf("%q: id %d", word, id)
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	v, s, ids := bert(b), new(Scratch), make([]int32, 0, 64)
	words := strings.Fields("The minister told reporters that negotiations over the hydroelectric plant near Zürich had been postponed indefinitely .")
	n := 0
	for b.Loop() {
		for _, w := range words {
			ids = v.Append(ids[:0], w, s)
			n += len(ids)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "pieces/s")
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := Parse(Vocab); err != nil {
			b.Fatal(err)
		}
	}
}
