//go:build !windows && (!unix || solaris || aix)

package flock

import (
	"errors"
	"os"
)

func Try(*os.File) (bool, error) {
	return false, errors.New("this system offers no lock that dies with its process; connect to a NATS server of your own instead")
}
