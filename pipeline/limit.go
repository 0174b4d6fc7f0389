package pipeline

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// ErrStuck is what Run returns, wrapped, when as many articles as there are workers went over their limit and are still
// being read. A goroutine cannot be ended from outside: only a new process gets its processors and its memory back.
var ErrStuck = errors.New("too many articles are stuck: start the process again")

// within calls f and waits for it no longer than an article may take. What is not finished by then is abandoned: it goes
// on by itself, its answer is thrown away, and it is counted until it ends.
func within[T any](r *run, article string, from Origin, f func() (T, error)) (T, error) {
	if r.Limit <= 0 {
		return f()
	}
	type answer struct {
		value T
		err   error
	}
	var over atomic.Bool // decided: it ended, or it was abandoned
	ended := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil {
				a.err = r.panicked(p, article, from)
			}
			if over.Swap(true) {
				r.stuck.Add(-1)
				r.log.Info("an article that was given up has been read after all, in vain", about(article, from, nil)...)
			}
			ended <- a
		}()
		a.value, a.err = f()
	}()
	t := time.NewTimer(r.Limit)
	defer t.Stop()
	select {
	case a := <-ended:
		return a.value, a.err
	case <-t.C:
	}
	r.stuck.Add(1) // before the decision, as the other side may take it back at once
	if over.Swap(true) {
		r.stuck.Add(-1)
		a := <-ended
		return a.value, a.err
	}
	var none T
	err := &Failure{Class: ClassTimeout, Article: article, Reason: fmt.Sprintf("not read within %s", r.Limit)}
	r.log.Error("an article takes too long and is abandoned: please report this",
		append(about(article, from, err), zap.Int64("stuck", r.stuck.Load()))...)
	return none, err
}

// tooManyStuck is the error that ends the run, once there are as many as there are workers.
func (r *run) tooManyStuck() error {
	if n := r.stuck.Load(); n >= int64(r.workers()) {
		return fmt.Errorf("%d articles have taken longer than %s each and are still being read: %w", n, r.Limit, ErrStuck)
	}
	return nil
}
