// Train learns the weights by which package coref ranks the people whom a pronoun may mean. It reads corpora of GAP and
// of GUM in the form that README.md tells, reads their texts with the accurate reader as
// any article is read, and writes the table of weights that package coref embeds:
//
//	go run ./extract/coref/train -gap gap.dev.jsonl -gum gum.train.jsonl \
//	    -dev-gap gap.validation.jsonl -dev-gum gum.dev.jsonl -o extract/coref/weights.go
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/quotewire/quotewire/extract"
	"github.com/quotewire/quotewire/extract/baseline"
	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/eval"
	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/model"
	"github.com/quotewire/quotewire/extract/model/encoder"
	"github.com/quotewire/quotewire/extract/model/weights"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
)

func main() {
	log.SetFlags(0)
	var (
		gap     = flag.String("gap", "", "GAP's texts to learn from")
		gum     = flag.String("gum", "", "texts with clusters to learn from")
		devGAP  = flag.String("dev-gap", "", "GAP's texts to choose by")
		devGUM  = flag.String("dev-gum", "", "texts with clusters to choose by")
		out     = flag.String("o", "", "the file of weights to write")
		decay   = flag.Float64("decay", 2, "weight of the squared weights in the loss")
		rounds  = flag.Int("rounds", 3, "times to resolve the texts anew with the weights learned so far")
		reader  = flag.String("reader", "accurate", "the reader of the texts")
		epochs  = flag.Int("epochs", 400, "steps of gradient descent a round")
		dump    = flag.String("dump", "", "a folder for what the ranker sees at each pronoun, for training on the reader's vectors")
		layers  = flag.String("layers", "3", "with -dump: the layers of the encoder whose vectors are written")
		details = flag.Bool("weights", false, "print the weights")
	)
	flag.Parse()
	open := func() (extract.Reader, error) { return extract.Open(*reader) }
	if *dump != "" {
		open = func() (extract.Reader, error) { return seeing(*dump, *layers) }
	}
	r, err := open()
	if err != nil {
		log.Fatal(err)
	}
	lists, err := lexicon.Load()
	if err != nil {
		log.Fatal(err)
	}
	resolver, err := coref.New(lists)
	if err != nil {
		log.Fatal(err)
	}
	train := append(load(*gap, r), load(*gum, r)...)
	dev := [][]item{load(*devGAP, r), load(*devGUM, r)}
	table := coref.Weights()
	for round := range *rounds {
		all := examples(resolver, train, table)
		table = fit(all, *decay, *epochs)
		fmt.Fprintf(os.Stderr, "round %d: %d pronouns\n", round+1, len(all))
		for k, name := range []string{"gap", "gum"} {
			report(name+" train", all, table, k == 0)
			report(name+" dev", examples(resolver, dev[k], table), table, k == 0)
		}
	}
	if *dump != "" { // with -rounds 0: as the table in use see them
		for name, items := range map[string][]item{"train": train, "dev": append(dev[0], dev[1]...)} {
			if err := writeExamples(filepath.Join(*dump, name), examples(resolver, items, table)); err != nil {
				log.Fatal(err)
			}
		}
	}
	if *details {
		for i, w := range table {
			if w != 0 {
				fmt.Fprintf(os.Stderr, "%d %.2f\n", i, w)
			}
		}
	}
	if *out != "" {
		if err := write(*out, table); err != nil {
			log.Fatal(err)
		}
	}
}

// seeing opens the accurate reader so that its readings have the vectors of some layers, and tells the folder about it.
func seeing(folder, layers string) (extract.Reader, error) {
	sayings, err := baseline.Sayings()
	if err != nil {
		return extract.Reader{}, err
	}
	m, err := model.Load(weights.Accurate, sayings)
	if err != nil {
		return extract.Reader{}, err
	}
	var kept []int
	for _, s := range strings.Split(layers, ",") {
		l, err := strconv.Atoi(s)
		if err != nil {
			return extract.Reader{}, fmt.Errorf("layers %q: %w", layers, err)
		}
		kept = append(kept, l)
	}
	if err := m.Keep(kept); err != nil {
		return extract.Reader{}, err
	}
	meta, err := json.Marshal(map[string]any{"reader": m.SHA256, "layers": kept, "width": len(kept) * encoder.Hidden, "features": coref.Features, "weights": coref.Weights()})
	if err != nil {
		return extract.Reader{}, err
	}
	if err := os.WriteFile(filepath.Join(folder, "meta.json"), meta, 0o644); err != nil {
		return extract.Reader{}, err
	}
	return extract.Reader{Name: "accurate", Read: m.Read}, nil
}

// An item is a text with its reading.
type item struct {
	gold  *eval.Document
	doc   *text.Doc
	found reading.Reading
}

// load reads a corpus and its texts.
func load(path string, r extract.Reader) []item {
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	var items []item
	lines := json.NewDecoder(bufio.NewReader(f))
	for lines.More() {
		d := &eval.Document{}
		if err := lines.Decode(d); err != nil {
			log.Fatalf("%s: %v", path, err)
		}
		items = append(items, item{gold: d})
	}
	var all sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := range next {
				items[i].doc = text.Cut(items[i].gold.Text)
				items[i].found = r.Read(items[i].doc)
			}
		})
	}
	for i := range items {
		next <- i
	}
	close(next)
	all.Wait()
	return items
}
