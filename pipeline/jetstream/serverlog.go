package jetstream

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"go.uber.org/zap"
)

// serverLog writes an embedded server's log to zap and remembers the first fatal line, which is the only way to learn
// why the server did not start. The server's notices are for operators of servers; ours are at debug.
type serverLog struct {
	log *zap.Logger

	mu  sync.Mutex
	err error
}

func newServerLog(log *zap.Logger) *serverLog {
	if log == nil {
		log = zap.NewNop()
	}
	return &serverLog{log: log.Named("nats-server").WithOptions(zap.AddCallerSkip(2))}
}

func (l *serverLog) fatal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

func (l *serverLog) Fatalf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	l.mu.Lock()
	if l.err == nil {
		l.err = errors.New(text)
	}
	l.mu.Unlock()
	l.log.Error(text)
}

func (l *serverLog) Errorf(format string, v ...any) { l.log.Error(fmt.Sprintf(format, v...)) }
func (l *serverLog) Warnf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	if strings.HasPrefix(text, "Maximum payloads over ") { // our own choice, and nothing its reader could do
		l.log.Debug(text)
		return
	}
	l.log.Warn(text)
}
func (l *serverLog) Noticef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l *serverLog) Debugf(format string, v ...any)  { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l *serverLog) Tracef(string, ...any)           {}
