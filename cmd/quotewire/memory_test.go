package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

func TestContainerLimit(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"no groups":           {map[string]string{"etc/passwd": ""}, 0},
		"version 2":           {map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "536870912\n"}, 512 << 20},
		"version 2, no limit": {map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n"}, 0},
		"version 2, a parent's": {map[string]string{
			"proc/self/cgroup": "0::/pods/a/b\n", "sys/fs/cgroup/pods/a/b/memory.max": "max\n", "sys/fs/cgroup/pods/a/memory.max": "1000000\n", "sys/fs/cgroup/pods/memory.max": "2000000\n",
		}, 1000000},
		"version 2, a path of the host's": {map[string]string{"proc/self/cgroup": "0::/kubepods/x\n", "sys/fs/cgroup/memory.max": "1000000\n"}, 1000000},
		"version 1": {map[string]string{
			"proc/self/cgroup": "5:cpu,cpuacct:/a\n4:memory:/a\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "1000000\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, 1000000},
		"version 1, no limit": {map[string]string{"proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 0},
		"no number":           {map[string]string{"proc/self/cgroup": "0::/../..\nx\n::\n", "sys/fs/cgroup/memory.max": "a lot\n"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			root := fstest.MapFS{}
			for name, text := range tt.files {
				root[name] = &fstest.MapFile{Data: []byte(text)}
			}
			if got := containerLimit(root); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

const (
	hungryArticles = 8
	hungryArticle  = 10 << 20  // bytes of text
	hungryTakes    = 12        // times the length of the text, while it is read
	hungryLimit    = 384 << 20 // of the container: for two at once, and the program
)

// hungry reads articles of 10 MB with eight workers, inside a control group whose memory is limited: the first argument is
// its folder. The extractor takes twelve times the length of the text, for a while, and writes to all of it.
func hungry() {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	fail(os.WriteFile(filepath.Join(os.Args[1], "cgroup.procs"), []byte(strconv.Itoa(os.Getpid())), 0))
	text := bytes.Repeat([]byte("It rained. "), hungryArticle/11)
	source := &endlessArticle{text: text, left: hungryArticles}
	sum, err := pipeline.Run(context.Background(), pipeline.Config{
		Source: source, Sink: discard{}, Workers: 8, Memory: memoryLimit(),
		Extract: func(a schema.Article) schema.Record {
			taken := make([]byte, hungryTakes*len(a.Text))
			for i := 0; i < len(taken); i += 4096 {
				taken[i] = 1
			}
			time.Sleep(200 * time.Millisecond)
			a.Text = a.Text[:11*int(taken[0])]
			return pipelinetest.Extract(a)
		},
	})
	fail(err)
	fmt.Println(sum.Articles)
}

type endlessArticle struct {
	text []byte
	left int
}

func (e *endlessArticle) Next(context.Context) (pipeline.Delivery, error) {
	if e.left == 0 {
		return pipeline.Delivery{}, io.EOF
	}
	e.left--
	return pipeline.Delivery{Data: e.text, ContentType: "text/plain", Settle: func(context.Context, error) error { return nil }}, nil
}

type discard struct{}

func (discard) Put(context.Context, schema.Record, pipeline.Origin) error { return nil }
