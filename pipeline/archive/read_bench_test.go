package archive

import (
	"os"
	"testing"

	"github.com/quotewire/quotewire/pipeline"
)

// BenchmarkReading reads the archive that QUOTEWIRE_ARCHIVE names, and does nothing with it:
//
//	QUOTEWIRE_ARCHIVE=big.tar go test ./pipeline/archive -run none -bench Reading -benchtime 1x
func BenchmarkReading(b *testing.B) {
	path := os.Getenv("QUOTEWIRE_ARCHIVE")
	if path == "" {
		b.Skip("QUOTEWIRE_ARCHIVE names no archive")
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	articles := 0
	for b.Loop() {
		s := Open([]string{path}, Options{})
		for {
			d, err := s.Next(b.Context())
			if err != nil {
				break
			}
			if !pipeline.IsPermanent(d.Err) {
				articles++
			}
			d.Settle(b.Context(), nil)
		}
		s.Close()
	}
	b.ReportMetric(float64(articles)/b.Elapsed().Seconds(), "articles/s")
}
