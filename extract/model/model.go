// Package model reads with a trained network: a BERT encoder over word pieces, token states that add letters and
// features, two taggers (sources, cues and contents; names) and a linker. What the file holds and what is computed
// with it stands in train/FORMAT.md; how the weights were made, in train/README.md.
package model

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"github.com/quotewire/quotewire/extract/model/decode"
	"github.com/quotewire/quotewire/extract/model/encoder"
	"github.com/quotewire/quotewire/extract/model/feature"
	"github.com/quotewire/quotewire/extract/model/kernel"
	"github.com/quotewire/quotewire/extract/model/tensor"
	"github.com/quotewire/quotewire/extract/model/wordpiece"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
)

// Format is the one form of model file that this package reads.
const Format = "quotewire-reader/1"

const (
	windowSize    = 128  // pieces of a window: what attention costs grows with it
	windowContext = 24   // pieces of context on either side of its core
	batchSize     = 512  // pieces encoded in one go
	tokenPieces   = 8    // of one token; the rest is not read
	segmentTokens = 4096 // from here on a segment of a text ends with its paragraph: what bounds the memory of a reading
	segmentMost   = 2 * segmentTokens
	linkInner     = 128 // width of a span's projection in the linker
)

// A Model is a trained reader. It is read-only once loaded; Read is safe for concurrent use, and takes time linear in
// the text and memory bounded by a segment of it, tokens and what is found apart.
type Model struct {
	Name   string // as its training called it
	SHA256 string // of the file

	set        *kernel.Set
	vocabulary *wordpiece.Vocabulary
	encoder    *encoder.Encoder
	mixer      *mixer
	decoder    *decode.Decoder
	kept       []int     // layers whose vectors a reading has, see Keep
	readers    sync.Pool // of *reader: the memory of one reading
}

// config is the metadata that a file must carry.
type config struct {
	Format string `json:"format"`
	Name   string `json:"name"`
	Sizes  struct {
		D, I, H, L, Window, Vocabulary int
	} `json:"sizes"`
	Tags        decode.Tags   `json:"tags"`
	Features    feature.Sizes `json:"features"`
	Vocabulary  string        `json:"vocabulary_sha256"`
	Weights     string        `json:"weights"`
	Calibration decode.Calibration
}

// Load takes a model out of a safetensors file. It refuses one that was made for another network, vocabulary or
// feature set, and says what it wanted. The file's bytes must not change afterwards. sayings are forms of verbs, in
// lower case, that always attribute speech: the network was taught the difference from thought by a shorter list.
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
	m := &Model{Name: c.Name, SHA256: f.SHA256, set: set}
	var errs [4]error
	m.vocabulary, errs[0] = wordpiece.Parse(wordpiece.Vocab)
	m.encoder, errs[1] = encoder.Load(f, c.Sizes.L, set)
	m.mixer, errs[2] = loadMixer(f)
	m.decoder, errs[3] = decode.Load(f, decode.Options{Name: c.Name, Hidden: hidden, Inner: linkInner, Sayings: sayings, Calibration: c.Calibration}, set)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("loading model %s: %w", c.Name, err)
	}
	m.readers.New = func() any { return newReader(m) }
	return m, nil
}

func (c *config) check() error {
	vocabulary := sha256.Sum256(wordpiece.Vocab)
	err := cmp.Or(
		tensor.Require("format", c.Format, Format),
		tensor.Require("kind of weights", c.Weights, "int8"),
		tensor.Require("hidden size", c.Sizes.D, encoder.Hidden),
		tensor.Require("inner size", c.Sizes.I, encoder.Inner),
		tensor.Require("number of heads", c.Sizes.H, encoder.Heads),
		tensor.Require("longest window", c.Sizes.Window, encoder.Positions),
		tensor.Require("vocabulary size", c.Sizes.Vocabulary, encoder.Vocabulary),
		tensor.Require("vocabulary", c.Vocabulary, hex.EncodeToString(vocabulary[:])),
		tensor.Require("features", c.Features, feature.Own()),
	)
	if err != nil {
		return err
	}
	return c.Tags.Check()
}

// Keep has every reading from now on hold the vectors that come out of some of the layers before the last, numbered from
// 1, see [reading.Vectors]. It must be called before the first Read.
func (m *Model) Keep(layers []int) error {
	for _, l := range layers {
		if l < 1 || l >= m.encoder.Layers() {
			return fmt.Errorf("no layer %d before the last of a network of %d", l, m.encoder.Layers())
		}
	}
	m.kept = layers
	return nil
}

// Read finds names and attributions in a text.
func (m *Model) Read(d *text.Doc) reading.Reading {
	r := m.readers.Get().(*reader)
	defer m.readers.Put(r)
	return r.read(d)
}
