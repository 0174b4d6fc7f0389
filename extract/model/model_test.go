package model

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"flag"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/quotewire/quotewire/extract/model/kernel"
	"github.com/quotewire/quotewire/extract/model/modeltest"
	"github.com/quotewire/quotewire/extract/model/weights"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/reading/readingtest"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

func accurate(t testing.TB, set *kernel.Set) *Model {
	m, err := load(weights.Accurate, map[string]bool{"remarked": true}, set)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// What training has of this network alone.
type parity struct {
	modeltest.Parity
	Tokens          [][2]int
	Pieces          []int32
	Shape, Quote    []int
	Position        []int
	Encoded, States map[int][]float32
}

//go:embed testdata/accurate.parity.json
var parityFile []byte

// Tokens, features and pieces are the same to the last one, vectors and emissions as near as int8 comes, spans the same.
func TestReadsAsInTraining(t *testing.T) {
	m := accurate(t, kernel.Best())
	for _, p := range modeltest.Load[parity](t, parityFile) {
		d := text.Cut(p.Text)
		r := newReader(m)
		r.d = d
		r.features.Compute(d)
		r.cutPieces()
		r.cutter.reset(r.before, r.features.Position)
		for i, token := range d.Tokens {
			if got := [2]int{d.CodePoint(token.Start), d.CodePoint(token.End)}; got != p.Tokens[i] {
				t.Fatalf("%.30q: token %d is %v, in training %v", p.Text, i, got, p.Tokens[i])
			}
			got := [3]int{int(r.features.Shape[i]), int(r.features.Quote[i]), int(r.features.Position[i])}
			if want := [3]int{p.Shape[i], p.Quote[i], p.Position[i]}; got != want {
				t.Fatalf("%.30q: features of token %d are %v, in training %v", p.Text, i, got, want)
			}
		}
		r.add(window{0, len(d.Tokens), 0, len(d.Tokens)})
		if diff := cmp.Diff(p.Pieces, r.batch.Piece); diff != "" {
			t.Fatalf("%.30q: pieces (-training +here):\n%s", p.Text, diff)
		}
		wanted := r.batch.Wanted
		r.batch.Wanted = nil
		vectors := append([]float32(nil), r.worker.Encode(&r.batch)...)
		r.batch.Wanted = wanted
		for i, want := range p.Encoded {
			if c := modeltest.Cosine(want, vectors[i*hidden:][:hidden]); c < .985 {
				t.Errorf("%.30q: piece %d: cosine %.4f to training's vector", p.Text, i, c)
			}
		}
		r.encode()
		p.Check(t, r.decoder, r.emission, scores)
	}
}

func articles(t testing.TB) map[string]*text.Doc {
	files, err := filepath.Glob("../../testdata/articles/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d articles in testdata: %v", len(files), err)
	}
	docs := map[string]*text.Doc{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		docs[filepath.Base(f)] = text.Cut(string(b))
	}
	return docs
}

var (
	alike      = flag.Int("alike", 6, "how many articles every set of kernels must read alike; plain Go reads one of 200")
	alikeTexts = flag.String("alike.texts", "", "a JSON Lines file whose \"text\"s are read, instead of paragraphs of testdata/articles put together anew")
)

// Every set of kernels reads every article alike, to the last bit of a confidence. go test ./extract/model -run Alike -alike 1000
// is the long form of it.
func TestReadsAlikeOnAllMachines(t *testing.T) {
	texts := manyTexts(t, *alike)
	sets := kernel.Available()
	seeing := func(set *kernel.Set) *Model {
		m := accurate(t, set)
		if err := m.Keep([]int{1, m.encoder.Layers() - 1}); err != nil {
			t.Fatal(err)
		}
		return m
	}
	best := seeing(sets[len(sets)-1])
	for _, set := range sets[:len(sets)-1] {
		m, read, names, attributions := seeing(set), 0, 0, 0
		for i, s := range texts {
			if set == &kernel.Portable && i%200 != 0 {
				continue
			}
			d := text.Cut(s)
			want := best.Read(d)
			checkVectors(t, d, want.Vectors)
			if diff := cmp.Diff(want, m.Read(d)); diff != "" {
				t.Errorf("text %d, %.60q: %s and %s differ:\n%s", i, s, best.set.Name, set.Name, diff)
			}
			read, names, attributions = read+1, names+len(want.Names), attributions+len(want.Attributions)
		}
		if names+attributions == 0 {
			t.Errorf("nothing found in %d texts", read)
		}
		t.Logf("%s reads %d texts like %s: %d names, %d attributions", set.Name, read, best.set.Name, names, attributions)
	}
}

// manyTexts is n texts: those of a file, or paragraphs of the articles in an order that no other text has.
func manyTexts(t *testing.T, n int) (texts []string) {
	if *alikeTexts != "" {
		f, err := os.Open(*alikeTexts)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for in := json.NewDecoder(f); len(texts) < n; {
			var a struct{ Text string }
			if err := in.Decode(&a); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, a.Text)
		}
		return texts
	}
	docs := articles(t)
	var paragraphs []string
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		paragraphs = append(paragraphs, strings.Split(docs[name].Text, "\n\n")...)
	}
	r := rand.New(rand.NewPCG(7, 7))
	for range n {
		var parts []string
		for range 1 + r.IntN(12) {
			parts = append(parts, paragraphs[r.IntN(len(paragraphs))])
		}
		texts = append(texts, strings.Join(parts, "\n\n"))
	}
	return texts
}

// checkVectors holds the vectors of a reading to what they promise.
func checkVectors(t *testing.T, d *text.Doc, v *reading.Vectors) {
	t.Helper()
	n := len(v.Tokens)
	if n == 0 || len(v.Codes) != n*v.Width || len(v.Params) != 2*n || v.Width != 2*hidden {
		t.Fatalf("%d vectors of %d, %d codes, %d parameters", n, v.Width, len(v.Codes), len(v.Params))
	}
	row := 0
	for i := range d.Tokens {
		word := d.TokenText(i)
		telling := strings.IndexFunc(word, unicode.IsUpper) >= 0 || slices.Contains([]string{"he", "him", "his", "himself", "she", "her", "hers", "herself"}, word)
		switch at := v.At(i); {
		case telling && at != row, !telling && at >= 0:
			t.Fatalf("the vector of token %d, %q, is %d; %d are before", i, word, at, row)
		case telling:
			row++
		}
	}
}

func TestKeepRefuses(t *testing.T) {
	m := accurate(t, kernel.Best())
	for _, layer := range []int{-1, 0, m.encoder.Layers()} {
		if err := m.Keep([]int{layer}); err == nil {
			t.Errorf("layer %d is kept", layer)
		}
	}
}

// What stands in quotation marks, and what a verb of speech attributes, was uttered.
func TestAct(t *testing.T) {
	m := accurate(t, kernel.Best())
	for s, want := range map[string]schema.Act{
		"Mayor Ines Aldana called the plan “a gift to nobody but the builders of walls”.": schema.Speech,
		"Mayor Ines Aldana remarked that the harbour would stay closed.":                  schema.Speech,
		"Mayor Ines Aldana said that the harbour would stay closed.":                      schema.Speech,
		"Mayor Ines Aldana believes that the harbour will stay closed.":                   schema.Thought,
	} {
		a := m.Read(text.Cut(s)).Attributions
		if len(a) != 1 || a[0].Act != want {
			t.Errorf("%s: %+v, want one attribution of %s", s, a, want)
		}
	}
}

// The last layer leaves out the pieces that nobody asks for; those that are asked for come out the same to the bit.
func TestOnlyWantedPieces(t *testing.T) {
	r := newReader(accurate(t, kernel.Best()))
	d := articles(t)["bakery-burglar.txt"]
	r.features.Compute(d)
	r.cutPieces()
	r.add(window{0, 40, 0, 30})
	r.add(window{20, 100, 40, 90})
	r.add(window{90, 110, 90, 110})
	only := slices.Clone(r.worker.Encode(&r.batch))
	wanted := r.batch.Wanted
	r.batch.Wanted = nil
	all := r.worker.Encode(&r.batch)
	if len(wanted) != 30+50+20 || len(only) != len(wanted)*hidden || len(all) != len(r.batch.Piece)*hidden {
		t.Fatalf("%d wanted, %d numbers of %d", len(wanted), len(only), len(all))
	}
	for k, piece := range wanted {
		if !slices.Equal(only[k*hidden:(k+1)*hidden], all[piece*hidden:(piece+1)*hidden]) {
			t.Errorf("piece %d differs", piece)
		}
	}
}

// A long text is read in segments: what is found stays what is found when its parts are read apart.
func TestReadsInSegments(t *testing.T) {
	m := accurate(t, kernel.Best())
	one := articles(t)["bakery-burglar.txt"]
	const times = 60
	many := m.Read(text.Cut(strings.Repeat(one.Text+"\n\n", times)))
	if alone := m.Read(one); len(many.Names) < len(alone.Names)*times*9/10 || len(many.Attributions) < len(alone.Attributions)*times*9/10 {
		t.Errorf("%d copies of a text: %d names, %d attributions; one alone: %d and %d", times,
			len(many.Names), len(many.Attributions), len(alone.Names), len(alone.Attributions))
	}
	if err := readingtest.Check(text.Cut(strings.Repeat(one.Text+"\n\n", times)), many); err != nil {
		t.Error(err)
	}
}

func TestReader(t *testing.T) { readingtest.TestReader(t, accurate(t, kernel.Best()).Read) }

func FuzzRead(f *testing.F) { readingtest.FuzzReader(f, accurate(f, kernel.Best()).Read) }

// Damaged and foreign weights are refused with what was expected.
func TestLoadRefuses(t *testing.T) {
	whole, err := zstd.NewReader(bytes.NewReader(weights.Accurate))
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	file, err := io.ReadAll(whole)
	if err != nil {
		t.Fatal(err)
	}
	head := int(binary.LittleEndian.Uint64(file))
	change := func(old, new string) []byte {
		header := string(file[8 : 8+head])
		if !strings.Contains(header, old) {
			t.Fatalf("no %s in the header", old)
		}
		header = strings.Replace(header, old, new, 1)
		out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
		return append(append(out, header...), file[8+head:]...)
	}
	for name, x := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":          {nil, "no safetensors file"},
		"text":             {[]byte("these are no weights at all"), "does not fit"},
		"cut short":        {file[:len(file)-1000], "do not hold"},
		"other format":     {change(Format, "quotewire-reader/9"), `format is quotewire-reader/9, this program wants quotewire-reader/1`},
		"other size":       {change(`\"D\": 384`, `\"D\": 512`), "hidden size is 512, this program wants 384"},
		"other tags":       {change(`\"Bsource\"`, `\"Bvoice\"`), "tags of attributions"},
		"missing tensor":   {change(`"token.mix.weight"`, `"token.mix.wight"`), "tensor token.mix.weight is missing, want F32 of shape [384 464]"},
		"other vocabulary": {change(`\"vocabulary_sha256\": \"0`, `\"vocabulary_sha256\": \"1`), "vocabulary is"},
	} {
		_, err := Load(x.file, nil)
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: error %v, want one that says %q", name, err, x.want)
		}
	}
}
