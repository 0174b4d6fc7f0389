//go:build unix

package archive

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/quotewire/quotewire/pipeline"
)

// BenchmarkReading reads each archive that QUOTEWIRE_ARCHIVE names, a pattern, and does nothing with it. Beside the time
// that passed it tells what the processors spent, which others on the machine do not change:
//
//	go run ./testdata/archives/gen -articles 10000 -to /tmp/made
//	QUOTEWIRE_ARCHIVE='/tmp/made/*' go test ./pipeline/archive -run none -bench Reading -benchtime 3x
func BenchmarkReading(b *testing.B) {
	paths, err := filepath.Glob(os.Getenv("QUOTEWIRE_ARCHIVE"))
	if err != nil || len(paths) == 0 {
		b.Skip("QUOTEWIRE_ARCHIVE names no archive")
	}
	for _, path := range paths {
		b.Run(filepath.Base(path), func(b *testing.B) {
			info, err := os.Stat(path)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(info.Size())
			articles, held := 0, int64(0)
			before := processors(b)
			for b.Loop() {
				s := Open([]string{path}, Options{})
				for {
					d, err := s.Next(b.Context())
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					if !pipeline.IsPermanent(d.Err) {
						articles++
						held += int64(len(d.Data))
					}
					d.Settle(b.Context(), d.Err)
				}
				s.Close()
			}
			cpu := processors(b) - before
			b.ReportMetric(float64(articles)/b.Elapsed().Seconds(), "articles/s")
			b.ReportMetric(float64(articles)/cpu, "articles/cpu-s")
			b.ReportMetric(float64(held)/1e6/cpu, "MB-of-article/cpu-s")
		})
	}
}

// processors is the seconds that processors have spent on this process.
func processors(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}
