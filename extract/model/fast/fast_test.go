package fast

import (
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/extract/model/decode"
	"github.com/quotewire/quotewire/extract/model/feature"
	"github.com/quotewire/quotewire/extract/model/kernel"
	"github.com/quotewire/quotewire/extract/model/modeltest"
	"github.com/quotewire/quotewire/extract/model/tensor/tensortest"
	"github.com/quotewire/quotewire/extract/model/weights"
	"github.com/quotewire/quotewire/extract/reading/readingtest"
	"github.com/quotewire/quotewire/extract/text"
)

// vocabulary is what the random model knows; the first three are whole.
var vocabulary = []string{"the", "said", ",", "mayor", "harbour", "monday", "toruń", "minister", "closed", "he"}

// random is a model file of random weights, large enough for spans of every kind to be found. change may alter its
// config.
func random(seed uint64, change func(config map[string]any)) []byte {
	r := rand.New(rand.NewPCG(seed, 0))
	var f tensortest.File
	floats := func(name string, mean, spread float64, shape ...int) {
		f.Floats(name, func() float64 { return mean + spread*r.NormFloat64() }, shape...)
	}
	codes := func(name string, rows, columns int) {
		b := make([]byte, rows*columns)
		for i := range b {
			b[i] = byte(r.IntN(255) - 127)
		}
		f.Bytes(name, b, rows, columns)
	}
	matrix := func(name string, rows, columns int, size float64) {
		codes(name+".weight", rows, columns)
		floats(name+".scale", size/127/math.Sqrt(float64(columns)), 0, rows)
		floats(name+".bias", 0, .1, rows)
	}
	norm := func(name string) {
		floats(name+".weight", 1, .1, width)
		floats(name+".bias", 0, .1, width)
	}
	const whole = 3
	var hashes []byte
	for _, w := range vocabulary {
		hashes = binary.LittleEndian.AppendUint32(hashes, hash(w))
	}
	f.Bytes("words.hash", hashes, len(vocabulary), 4)
	codes("words.whole.weight", whole, wordWidth)
	floats("words.whole.scale", .02, 0, whole)
	codes("words.codes", len(vocabulary)-whole, groups)
	floats("words.books", 0, 1, groups, centroids, part)
	floats("letters.embedding", 0, 1, feature.Letters, letterW)
	floats("letters.conv.weight", 0, .2, filters, letterW, sees)
	floats("letters.conv.bias", 0, .2, filters)
	floats("token.shape", 0, 1, feature.Shapes, 12)
	floats("token.quote", 0, 1, feature.Quotes, 8)
	floats("token.position", 0, 1, feature.Positions, 4)
	for _, name := range []string{"opened", "closed", "closes", "begun"} {
		floats("token."+name, 0, 1, buckets, distance)
	}
	matrix("input", width, given, 1)
	norm("input.norm")
	for i := range dilations {
		p := fmt.Sprintf("blocks.%d.", i)
		matrix(p+"near", width, 3*width, 2)
		matrix(p+"out", width, width, 2)
		norm(p + "norm")
	}
	for i, name := range []string{"attributions", "names"} {
		n := [...]int{decode.Attributions, decode.Names}[i]
		matrix(name, n, width, 4)
		floats(name+".transitions", 0, .1, n, n)
		floats(name+".start", 0, .1, n)
		floats(name+".end", 0, .1, n)
	}
	for _, name := range []string{"left.cue", "left.content", "right.source", "right.content"} {
		matrix("link."+name, linkInner, 2*width, 1)
	}
	floats("link.distance", 0, .2, 4*24, linkInner)
	floats("link.between", 0, .2, 4*5, linkInner)
	floats("link.breaks", 0, .2, 4*4, linkInner)
	floats("link.bilinear", 0, .1, 4, linkInner, linkInner)
	floats("link.out.weight", 0, .1, 4, linkInner)
	floats("link.out.bias", 0, .1, 4)
	for _, name := range []string{"link.none.content_cue", "link.none.cue_source", "link.none.content_source", "act"} {
		floats(name+".weight", 0, .05, 2*width)
		floats(name+".bias", 0, .1, 1)
	}
	tags := func(types ...string) []string {
		out := []string{"O"}
		for _, t := range types {
			out = append(out, "B"+t, "I"+t, "E"+t, "S"+t)
		}
		return out
	}
	config := map[string]any{
		"format": Format, "name": "random", "weights": "int8", "dilations": dilations, "steps": steps,
		"sizes":    map[string]int{"width": width, "inner": width, "word": wordWidth, "letters": filters, "groups": groups, "words": len(vocabulary), "whole": whole, "link": linkInner},
		"features": map[string]int{"shape": feature.Shapes, "quote": feature.Quotes, "position": feature.Positions, "letter": feature.Letters, "width": feature.Width},
		"tags":     map[string]any{"attributions": tags("source", "cue", "content"), "names": tags("PER", "LOC", "ORG", "NORP", "MISC")},
	}
	if change != nil {
		change(config)
	}
	c, err := json.Marshal(config)
	if err != nil {
		panic(err)
	}
	f.Metadata = map[string]string{"config": string(c)}
	return f.Encode()
}

func model(t testing.TB, set *kernel.Set) *Model {
	t.Helper()
	m, err := load(random(1, nil), map[string]bool{"said": true}, set)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const prose = `The harbour at Vellmouth will close for six weeks, the port authority said on Monday.

“We looked at every other way,” Ines Aldana, its director, told reporters. “There was none.”

According to two officials at the Ministry of Transport, the bridge "was never inspected". Opposition leader Tomas Brandvold believes the report will be ignored; the mayor didn’t comment.
`

// Every set of kernels reads alike, to the last bit of a confidence.
func TestReadsAlikeOnAllMachines(t *testing.T) {
	d := text.Cut(strings.Repeat(prose, 3))
	want := model(t, &kernel.Portable).Read(d)
	if len(want.Names) == 0 || len(want.Attributions) == 0 {
		t.Fatalf("the random model finds %d names, %d attributions: nothing to compare", len(want.Names), len(want.Attributions))
	}
	for _, s := range kernel.Available() {
		if diff := cmp.Diff(want, model(t, s).Read(d)); diff != "" {
			t.Errorf("%s (-portable +%s):\n%s", s.Name, s.Name, diff)
		}
	}
}

// The states of a part, read with what a state can depend on around it, are those of the whole.
func TestPartsAreReadAsTheWhole(t *testing.T) {
	m := model(t, kernel.Best())
	r := newReader(m)
	r.d = text.Cut(strings.Repeat(prose, 8))
	r.features.Compute(r.d)
	r.measure()
	n := len(r.d.Tokens)
	r.pass.run(n, r.given)
	whole := slices.Clone(r.pass.x[border*width : (border+n)*width])
	scored := slices.Clone(r.pass.emission[:n*scores])
	for _, part := range [][2]int{{0, 50}, {100, 101}, {100, 230}, {n - 70, n}, {n - 1, n}} {
		r.first = max(0, part[0]-reach)
		r.pass.run(min(n, part[1]+reach)-r.first, r.given)
		for i := part[0]; i < part[1]; i++ {
			if !slices.Equal(whole[i*width:(i+1)*width], r.pass.state(i-r.first)) {
				t.Fatalf("part %v: the state of token %d differs from the whole's", part, i)
			}
			if at := i - r.first; !slices.Equal(scored[i*scores:(i+1)*scores], r.pass.emission[at*scores:(at+1)*scores]) {
				t.Fatalf("part %v: the emissions of token %d differ from the whole's", part, i)
			}
		}
	}
}

// What a state may depend on is what reach says, no less.
func TestReach(t *testing.T) {
	sum := 0
	for _, d := range dilations {
		sum += d
		if d > border {
			t.Errorf("dilation %d is wider than the border of %d rows", d, border)
		}
	}
	if sum != reach {
		t.Errorf("dilations add up to %d, reach is %d", sum, reach)
	}
}

// Forms that a reader has kept, thrown away or never seen are read alike.
func TestKeptFormsChangeNothing(t *testing.T) {
	m := model(t, kernel.Best())
	d := text.Cut(prose)
	r := newReader(m)
	want := r.read(d)
	if diff := cmp.Diff(want, r.read(d)); diff != "" {
		t.Errorf("read again:\n%s", diff)
	}
	var many strings.Builder
	for i := range 3 * formsKept {
		fmt.Fprintf(&many, "w%d ", i)
	}
	r.read(text.Cut(many.String()))
	if len(r.forms) > formsKept {
		t.Errorf("%d forms kept, want at most %d", len(r.forms), formsKept)
	}
	if diff := cmp.Diff(want, r.read(d)); diff != "" {
		t.Errorf("read after many forms:\n%s", diff)
	}
}

func TestWordVectors(t *testing.T) {
	w := model(t, kernel.Best()).words
	of := func(form string) []float32 {
		v := make([]float32, wordWidth)
		w.vector(v, form)
		return v
	}
	for _, same := range [][2]string{{"The", "the"}, {"Monday.", "monday"}, {"ex-Minister", "minister"}, {"TORUŃ", "toruń"}} {
		if !slices.Equal(of(same[0]), of(same[1])) {
			t.Errorf("%q is not read as %q", same[0], same[1])
		}
	}
	zero := make([]float32, wordWidth)
	for _, unknown := range []string{"xyzzy", "", "-", ".", "minister-", strings.Repeat("a", 100_000)} {
		if !slices.Equal(of(unknown), zero) {
			t.Errorf("%.20q has a vector", unknown)
		}
	}
	for _, known := range vocabulary {
		if slices.Equal(of(known), zero) {
			t.Errorf("%q has none", known)
		}
	}
}

func TestDistances(t *testing.T) {
	d := text.Cut("He said “no way” twice. Then nothing.\n\nShe left.")
	r := newReader(model(t, kernel.Best()))
	r.d = d
	r.features.Compute(d)
	r.measure()
	//                 He said “  no way ”  twice .  Then nothing . She left .
	for k, want := range [][]uint8{
		{0, 0, 1, 2, 3, 4, 5, 6, 6, 7, 7, 0, 0, 0},
		{0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0},
		{6, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0},
		{1, 2, 3, 4, 5, 6, 6, 7, 1, 2, 3, 1, 2, 3},
	} {
		if !slices.Equal(r.distance[k], want) {
			t.Errorf("distances %d are %v, want %v", k, r.distance[k], want)
		}
	}
}

// All that is done for every token is done in memory that the reader has.
func TestReadKeepsItsMemory(t *testing.T) {
	r := newReader(model(t, kernel.Best()))
	d := text.Cut(strings.ReplaceAll(strings.Repeat(prose, 20), "’", "'")) // of other apostrophes a form is made
	r.read(d)
	if n := testing.AllocsPerRun(5, func() {
		r.features.Compute(d)
		r.measure()
		r.pass.run(len(d.Tokens), r.given)
	}); n > 0 {
		t.Errorf("%.0f allocations for %d tokens, want none", n, len(d.Tokens))
	}
}

// A reader's memory grows with its texts, by whatever they are longer.
func TestReadsLongerAndLonger(t *testing.T) {
	m := model(t, kernel.Best())
	for step := 1; step < 40; step++ {
		r := newReader(m)
		for n := 1; n < 200; n += step {
			d := text.Cut(strings.Repeat("word ", n))
			if err := readingtest.Check(d, r.read(d)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// The random model finds more, and less sensible things, than a trained one.
func TestReader(t *testing.T) { readingtest.TestReader(t, model(t, kernel.Best()).Read) }

func FuzzRead(f *testing.F) { readingtest.FuzzReader(f, model(f, kernel.Best()).Read) }

// Damaged and foreign weights are refused with what was expected.
func TestLoadRefuses(t *testing.T) {
	good := random(1, nil)
	set := func(key string, value any) []byte {
		return random(1, func(c map[string]any) { c[key] = value })
	}
	sizes := func(key string, value int) []byte {
		return random(1, func(c map[string]any) {
			s := maps.Clone(c["sizes"].(map[string]int))
			s[key] = value
			c["sizes"] = s
		})
	}
	for name, x := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":         {nil, "no safetensors file"},
		"text":            {[]byte("these are no weights at all"), "does not fit"},
		"cut short":       {good[:len(good)-1000], "do not hold"},
		"other format":    {set("format", "quotewire-reader/1"), "format is quotewire-reader/1, this program wants quotewire-fast/1"},
		"other dilations": {set("dilations", []int{1, 2}), "dilations are [1 2], this program wants [1 2 4 8 16]"},
		"other tags":      {set("tags", map[string][]string{}), "tags of attributions"},
		"other width":     {sizes("width", 384), "width is 384, this program wants 192"},
		"too many words":  {sizes("words", 11), "tensor words.hash is I8 of shape [10 4], want I8 of shape [11 4]"},
		"no words":        {sizes("whole", 0), "0 of them whole"},
	} {
		if _, err := Load(x.file, nil); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: error %v, want one that says %q", name, err, x.want)
		}
	}
}

func trained(t testing.TB) *Model {
	m, err := Load(weights.Fast, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

//go:embed testdata/fast.parity.json
var parityFile []byte

func TestReadsAsInTraining(t *testing.T) {
	m := trained(t)
	type parity struct {
		modeltest.Parity
		Features      [][7]int
		Input, States map[int][]float32
	}
	for _, p := range modeltest.Load[parity](t, parityFile) {
		r := newReader(m)
		d := text.Cut(p.Text)
		r.d = d
		r.features.Compute(d)
		r.measure()
		f := &r.features
		for i := range d.Tokens {
			got := [7]int{int(f.Shape[i]), int(f.Quote[i]), int(f.Position[i]), int(r.distance[0][i]), int(r.distance[1][i]), int(r.distance[2][i]), int(r.distance[3][i])}
			if got != p.Features[i] {
				t.Fatalf("%.30q: features of token %d are %v, in training %v", p.Text, i, got, p.Features[i])
			}
		}
		row := make([]float32, given)
		for i, want := range p.Input {
			r.tell(i, row)
			for k := range want {
				if math.Abs(float64(row[k]-want[k])) > 1e-3 {
					t.Fatalf("%.30q: input %d of token %d (%q) is %v, in training %v", p.Text, k, i, f.Form[i], row[k], want[k])
				}
			}
		}
		r.pass.run(len(d.Tokens), r.given)
		for i, want := range p.States {
			if c := modeltest.Cosine(want, r.pass.state(i)); c < .99 {
				t.Errorf("%.30q: token %d: cosine %.4f to training's state", p.Text, i, c)
			}
		}
		p.Check(t, r.decoder, r.pass.emission, scores)
	}
}

// BenchmarkRead is the reader alone, without cutting; the random model finds about as much as nothing, the trained one what is
// there. Words are what is between white space.
func BenchmarkRead(b *testing.B) {
	models := map[string]func() *Model{
		"random":  func() *Model { return model(b, kernel.Best()) },
		"trained": func() *Model { return trained(b) },
	}
	for name, get := range models {
		m := get()
		for _, size := range []int{1, 4, 16, 64, 1024} {
			s := strings.Repeat(prose, size)
			b.Run(fmt.Sprintf("%s/%dKB", name, len(s)>>10), func(b *testing.B) {
				d := text.Cut(s)
				b.SetBytes(int64(len(s)))
				b.ReportAllocs()
				for b.Loop() {
					m.Read(d)
				}
				b.ReportMetric(float64(len(strings.Fields(s)))*float64(b.N)/b.Elapsed().Seconds(), "words/s")
			})
		}
	}
}
