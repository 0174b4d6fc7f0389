package main

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// logger writes to standard error: lines for people on a terminal, JSON elsewhere. level counts where the user does
// not say otherwise.
func (a *app) logger(level zapcore.Level) *zap.Logger {
	if a.flags.LogLevel != "default" {
		level, _ = zapcore.ParseLevel(a.flags.LogLevel) // kong has checked it
	}
	var encoder zapcore.Encoder
	if isTerminal(a.stderr) {
		c := zap.NewDevelopmentEncoderConfig()
		c.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05")
		c.EncodeLevel = zapcore.LowercaseLevelEncoder
		if a.ink() {
			c.EncodeLevel = zapcore.LowercaseColorLevelEncoder
		}
		c.CallerKey = ""
		c.StacktraceKey = ""
		encoder = zapcore.NewConsoleEncoder(c)
	} else {
		c := zap.NewProductionEncoderConfig()
		c.EncodeTime = zapcore.RFC3339NanoTimeEncoder
		c.TimeKey = "time"
		c.MessageKey = "message"
		c.EncodeDuration = zapcore.StringDurationEncoder
		encoder = zapcore.NewJSONEncoder(c)
	}
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(a.stderr)), level))
}
