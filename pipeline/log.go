package pipeline

import (
	"go.uber.org/zap"
)

// about is what every line about an article carries. Never its body.
func about(article string, from Origin, err error) []zap.Field {
	f := make([]zap.Field, 0, 8)
	if article != "" {
		f = append(f, zap.String("article", article))
	}
	switch {
	case from.File != "":
		f = append(f, zap.String("from", from.String()))
	case from.Stream != "":
		f = append(f, zap.String("stream", from.Stream), zap.Uint64("sequence", from.Sequence))
	}
	if from.Attempt > 0 {
		f = append(f, zap.Int("attempt", from.Attempt))
	}
	if err != nil {
		f = append(f, zap.Error(err))
	}
	return f
}
