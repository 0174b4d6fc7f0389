package archive

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// members are records, each a member of gzip of its own, of so many words that say nothing.
func members(words ...int) (texts []string, packed [][]byte) {
	r := rand.New(rand.NewPCG(1, 2))
	for i, n := range words {
		var b strings.Builder
		fmt.Fprintf(&b, "Record %d.", i+1)
		for range n {
			fmt.Fprintf(&b, " %x", r.Uint32())
		}
		text := b.String()
		texts = append(texts, text)
		packed = append(packed, gzipped(warcOf("conversion", "Content-Type: text/plain\r\n", text)))
	}
	return texts, packed
}

// broken reads a WARC.gz and says which of the texts come out; another one than these is an error.
func broken(t testing.TB, texts []string, data []byte) (got, failed []string) {
	t.Helper()
	write(t, "f", data)
	all, failed := readAll(t, Options{}, "f")
	for _, a := range all {
		_, text, _ := strings.Cut(a, " ")
		if !slices.Contains(texts, text) {
			t.Errorf("%.100q is no record, and was not told to be broken: %q", a, failed)
		}
		got = append(got, text)
	}
	return got, failed
}

// In a WARC every record is a gzip member of its own, so that damage to one does no harm to the next; nor where a member
// is cut short and the decoder only notices in the midst of the next or the last.
func TestDamagedWARC(t *testing.T) {
	t.Chdir(t.TempDir())
	texts, packed := members(50, 400, 0, 0, 30, 90000, 10)
	for i := range packed {
		var others []string
		others = append(append(others, texts[:i]...), texts[i+1:]...)
		for _, part := range []float64{0.02, 0.3, 0.5, 0.9, 1} {
			for name, damage := range map[string]func([]byte) []byte{
				"cut short": func(m []byte) []byte { return m[:min(int(float64(len(m))*part), len(m)-1)] },
				"damaged":   func(m []byte) []byte { return damaged(m, min(part, 0.99)) },
			} {
				t.Run(fmt.Sprintf("%d %s at %v", i+1, name, part), func(t *testing.T) {
					if i == 0 && part == 0.02 {
						t.Skip("the file does not begin as gzip")
					}
					all := slices.Clone(packed)
					all[i] = damage(packed[i])
					got, failed := broken(t, texts, bytes.Join(all, nil))
					if diff := cmp.Diff(others, got); diff != "" {
						t.Errorf("%d records, want %d; failed %q", len(got), len(others), failed)
					}
					want := fmt.Sprintf("f#%d: the record is broken: ", i+1)
					if i == len(packed)-1 {
						want = "f: byte "
					}
					if len(failed) != 1 || !strings.HasPrefix(failed[0], want) {
						t.Errorf("failed %q, want %s", failed, want)
					}
				})
			}
		}
	}
}

// Where records lie together in members, reading goes on with any member behind the damage.
func TestDamagedWARCOfLargeMembers(t *testing.T) {
	t.Chdir(t.TempDir())
	texts, _ := members(make([]int, 3000)...)
	var all []string
	for _, text := range texts {
		all = append(all, warcOf("conversion", "Content-Type: text/plain\r\n", text))
	}
	first, third := gzipped(strings.Join(all[:1000], "")), gzipped(strings.Join(all[2000:], ""))
	second := gzipped(strings.Join(all[1000:2000], ""))
	got, failed := broken(t, texts, bytes.Join([][]byte{first, damaged(second, 0.001), third}, nil))
	if len(got) < 2000 || got[len(got)-1] != texts[2999] || len(failed) != 1 {
		t.Errorf("%d records, failed %q", len(got), failed)
	}
}

// What is nothing but beginnings of members takes no longer than its length allows.
func TestBeginningsOfMembers(t *testing.T) {
	t.Chdir(t.TempDir())
	_, packed := members(5, 5)
	for name, junk := range map[string][]byte{
		"headers":          {0x1f, 0x8b, 8, 0},
		"headers, extra":   {0x1f, 0x8b, 8, 4},
		"records cut off":  packed[1][:len(packed[1])-9],
		"stored and wrong": append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0, 0xff, 0xff, 0, 0}, "WARC/1.0\r\n"...),
	} {
		data := slices.Concat(packed[0], bytes.Repeat(junk, 4<<20/len(junk)), packed[1])
		write(t, "f", data)
		got, failed := readAll(t, Options{}, "f")
		t.Logf("%s: %d read, %d failed", name, len(got), len(failed))
		if len(got) < 1 || len(failed) < 1 {
			t.Errorf("%s: %d read, failed %q", name, len(got), failed)
		}
	}
}

// Whatever is cut out of a WARC.gz and put in its place: no record is made up, and none is lost whose member is whole, but
// for one that the new bytes may reach into.
func FuzzDamagedWARC(f *testing.F) {
	texts, packed := members(20, 0, 0, 300, 5, 40)
	data := bytes.Join(packed, nil)
	f.Add(uint16(200), uint16(300), []byte("\x1f\x8b\x08\x00"))
	f.Add(uint16(500), uint16(500), packed[1][:50])
	f.Add(uint16(900), uint16(901), []byte{})
	f.Fuzz(func(t *testing.T, from, to uint16, put []byte) {
		t.Chdir(t.TempDir())
		lo := min(int(from), len(data))
		hi := min(max(int(to), lo), len(data))
		if lo < len(packed[0]) { // or it may be no WARC at all
			return
		}
		got, failed := broken(t, texts, slices.Concat(data[:lo], put, data[hi:]))
		at := 0
		for i, p := range packed {
			if at+len(p) <= lo || at >= hi && lo != hi {
				if !slices.Contains(got, texts[i]) {
					t.Errorf("record %d is lost: %q", i+1, failed)
				}
			}
			at += len(p)
		}
	})
}
