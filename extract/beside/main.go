//go:build unix

// Command beside times this program for run.sh, which times others beside it. The load of the models is left out; the
// time is the user time of this process, so run it with GOMAXPROCS=1.
//
//	beside words READER TEXTS.jsonl   whole extract with JSON, words per CPU second
//	beside pieces                     the encoder alone on sequences of 128 word pieces, pieces per CPU second
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"

	"github.com/quotewire/quotewire/extract"
	"github.com/quotewire/quotewire/extract/model/encoder"
	"github.com/quotewire/quotewire/extract/model/kernel"
	"github.com/quotewire/quotewire/extract/model/tensor"
	"github.com/quotewire/quotewire/extract/model/weights"
	"github.com/quotewire/quotewire/schema"
)

func main() {
	err := errors.New("usage: beside words READER TEXTS.jsonl | beside pieces")
	switch {
	case len(os.Args) == 4 && os.Args[1] == "words":
		err = words(os.Args[2], os.Args[3])
	case len(os.Args) == 2 && os.Args[1] == "pieces":
		err = pieces()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "beside:", err)
		os.Exit(1)
	}
}

func words(name, path string) error {
	articles, n, err := read(path)
	if err != nil {
		return err
	}
	reader, err := extract.Open(name)
	if err != nil {
		return err
	}
	x, err := extract.New(reader, "beside")
	if err != nil {
		return err
	}
	out := json.NewEncoder(io.Discard)
	if err := out.Encode(x.Extract(articles[0])); err != nil {
		return err
	}
	before, err := cpu()
	if err != nil {
		return err
	}
	for _, a := range articles {
		if err := out.Encode(x.Extract(a)); err != nil {
			return err
		}
	}
	return report(n, before)
}

func read(path string) (articles []schema.Article, words int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	in := json.NewDecoder(bufio.NewReader(f))
	for {
		var a struct{ ID, Text string }
		if err := in.Decode(&a); err == io.EOF {
			break
		} else if err != nil {
			return nil, 0, fmt.Errorf("text %d of %s: %w", len(articles)+1, path, err)
		}
		articles = append(articles, schema.Article{ID: a.ID, Text: a.Text})
		words += len(strings.Fields(a.Text))
	}
	if words == 0 {
		return nil, 0, fmt.Errorf("no texts in %s", path)
	}
	return articles, words, nil
}

func pieces() error {
	const length, sequences, rounds = 128, 4, 40
	f, err := tensor.Parse(weights.Accurate)
	if err != nil {
		return err
	}
	e, err := encoder.Load(f, 6, kernel.Best())
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 1))
	var b encoder.Batch
	for range sequences {
		for range length {
			b.Add(int32(1000+r.IntN(29000)), 0, 0, 0)
		}
		b.Lengths = append(b.Lengths, length)
	}
	w := e.NewWorker(length * sequences)
	w.Encode(&b)
	before, err := cpu()
	if err != nil {
		return err
	}
	for range rounds {
		w.Encode(&b)
	}
	return report(rounds*sequences*length, before)
}

// cpu is the user time of this process in seconds.
func cpu() (float64, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return float64(u.Utime.Nano()) / 1e9, nil
}

func report(n int, before float64) error {
	after, err := cpu()
	if err != nil {
		return err
	}
	fmt.Printf("%.0f\n", float64(n)/(after-before))
	return nil
}
