package chaos_test

import "syscall"

// dies lets no process outlive the test, however that ends.
func dies() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
