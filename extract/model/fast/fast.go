// Package fast reads with a small trained network, for archives: word vectors, letters and features of each token
// through five dilated convolutions (as in Strubell et al., EMNLP 2017), then the taggers and the linker of package
// decode. What the file holds and what is computed with it stands in ../train/fast/FORMAT.md.
package fast

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/quotewire/quotewire/extract/model/decode"
	"github.com/quotewire/quotewire/extract/model/feature"
	"github.com/quotewire/quotewire/extract/model/kernel"
	"github.com/quotewire/quotewire/extract/model/tensor"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
)

// Format is the one form of model file that this package reads.
const Format = "quotewire-fast/1"

const (
	segmentTokens = 2048 // from here on a segment of a text ends with its paragraph: what bounds the memory of a reading
	segmentMost   = 2 * segmentTokens
	linkInner     = 64 // width of a span's projection in the linker
)

// A Model is a trained reader. It is read-only once loaded; Read is safe for concurrent use, and takes time linear in
// the text and memory bounded by a segment of it, tokens and what is found apart.
type Model struct {
	Name   string // as its training called it
	SHA256 string // of the file

	words   *words
	letters *letters
	network *network
	decoder *decode.Decoder
	readers sync.Pool // of *reader: the memory of one reading
}

// config is the metadata that a file must carry.
type config struct {
	Format      string
	Name        string
	Weights     string
	Sizes       struct{ Width, Inner, Word, Letters, Groups, Words, Whole, Link int }
	Dilations   []int
	Steps       []int
	Tags        decode.Tags
	Features    feature.Sizes
	Calibration decode.Calibration
}

// Load takes a model out of a safetensors file. It refuses one that was made for another network or feature set, and
// says what it wanted. The file's bytes must not change afterwards. sayings are forms of verbs, in lower case, that
// always attribute speech.
func Load(file []byte, sayings map[string]bool) (*Model, error) {
	return load(file, sayings, kernel.Best())
}

func load(file []byte, sayings map[string]bool, set *kernel.Set) (*Model, error) {
	f, err := tensor.Parse(file)
	if err != nil {
		return nil, err
	}
	var c config
	if err := f.Config(&c); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	m := &Model{Name: c.Name, SHA256: f.SHA256}
	var errs [4]error
	m.words, errs[0] = loadWords(f, c.Sizes.Words, c.Sizes.Whole)
	m.letters, errs[1] = loadLetters(f)
	m.network, errs[2] = loadNetwork(f, set)
	m.decoder, errs[3] = decode.Load(f, decode.Options{Name: c.Name, Hidden: width, Inner: linkInner, Sayings: sayings, Calibration: c.Calibration}, set)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("loading model %s: %w", c.Name, err)
	}
	m.readers.New = func() any { return newReader(m) }
	return m, nil
}

func (c *config) check() error {
	err := cmp.Or(
		tensor.Require("format", c.Format, Format),
		tensor.Require("kind of weights", c.Weights, "int8"),
		tensor.Require("width", c.Sizes.Width, width),
		tensor.Require("inner width", c.Sizes.Inner, width),
		tensor.Require("width of a word", c.Sizes.Word, wordWidth),
		tensor.Require("number of filters", c.Sizes.Letters, filters),
		tensor.Require("number of groups", c.Sizes.Groups, groups),
		tensor.Require("width of the linker", c.Sizes.Link, linkInner),
		tensor.Require("features", c.Features, feature.Own()),
	)
	if err != nil {
		return err
	}
	if !slices.Equal(c.Dilations, dilations[:]) {
		return fmt.Errorf("the model's dilations are %v, this program wants %v", c.Dilations, dilations)
	}
	if !slices.Equal(c.Steps, steps[:]) {
		return fmt.Errorf("the model's steps of distance are %v, this program wants %v", c.Steps, steps)
	}
	if n, whole := c.Sizes.Words, c.Sizes.Whole; whole < 1 || n < whole || n > 1<<22 {
		return fmt.Errorf("the model has %d words, %d of them whole", n, whole)
	}
	return c.Tags.Check()
}

// Read finds names and attributions in a text.
func (m *Model) Read(d *text.Doc) reading.Reading {
	r := m.readers.Get().(*reader)
	defer m.readers.Put(r)
	return r.read(d)
}
