//go:build unix && !linux

package chaos_test

import "syscall"

func dies() *syscall.SysProcAttr { return nil }
