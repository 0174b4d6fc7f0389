package main

import (
	"bufio"
	"bytes"
	"io/fs"
	"math"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// memoryLimit is what this process may take, in bytes: GOMEMLIMIT where it is set, else nine tenths of its container's
// limit, which Go's runtime then keeps to as well; 0 where there is neither. The rest is for what Go does not count.
func memoryLimit() int64 {
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		return limit
	}
	limit := containerLimit(os.DirFS("/"))
	if limit == 0 {
		return 0
	}
	limit = limit / 10 * 9
	debug.SetMemoryLimit(limit)
	return limit
}

// containerLimit reads the limit that a Linux control group sets (version 2: memory.max, version 1:
// memory.limit_in_bytes), the least one on the way from the process's own group to the root; 0 where there is none. In a
// container the path of the group is often that of the host, and only the root can be seen.
func containerLimit(root fs.FS) int64 {
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0
	}
	least := int64(math.MaxInt64)
	lines := bufio.NewScanner(bytes.NewReader(groups))
	for lines.Scan() {
		field := strings.SplitN(lines.Text(), ":", 3) // hierarchy:controllers:path
		if len(field) != 3 {
			continue
		}
		mount, file := "sys/fs/cgroup", "memory.max"
		if field[0] != "0" {
			mount, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
			if !strings.Contains(","+field[1]+",", ",memory,") {
				continue
			}
		}
		for group := path.Clean("/" + field[2]); ; group = path.Dir(group) {
			text, err := fs.ReadFile(root, path.Join(mount, group, file))
			if err == nil {
				if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 && n < 1<<60 { // version 1 says "no limit" with a number beyond that
					least = min(least, n)
				}
			}
			if group == "/" {
				break
			}
		}
	}
	if least == math.MaxInt64 {
		return 0
	}
	return least
}
