package people

import (
	"slices"
	"sort"
	"strings"

	"github.com/quotewire/quotewire/schema"
)

// rows is the rows of a list, in one text: a byte for the kind, the id, the names and the roles, each ended by fieldEnd,
// and rolesAt between names and roles. Fields hold no control characters.
type rows struct {
	text   string
	starts []uint32 // of row i, and the text's length at the end
}

const (
	fieldEnd = '\x00'
	rolesAt  = '\x01'
)

// maxText bounds the text of a list in bytes: starts count up to there.
const maxText = 1<<32 - 1

func (r *rows) len() int { return max(len(r.starts), 1) - 1 }

// A row is one person or organisation of the list.
type row struct {
	kind  schema.Kind
	id    string
	names []string // the first is the main one, the others aliases
	roles []string
}

func (r *rows) at(i uint32) row {
	s := r.text[r.starts[i]:r.starts[i+1]]
	out := row{kind: schema.Person}
	if s[0] == 'o' {
		out.kind = schema.Organization
	}
	out.id, s, _ = strings.Cut(s[1:], string(fieldEnd))
	names, roles, _ := strings.Cut(s, string(rolesAt))
	out.names, out.roles = fields(names), fields(roles)
	return out
}

func fields(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, string(fieldEnd)), string(fieldEnd))
}

// keys leads from hashed keys to rows. Both slices are sorted by key, then row; 12 bytes a key.
type keys struct {
	hashes []uint64
	rows   []uint32
}

func (k *keys) find(hash uint64) []uint32 {
	from := sort.Search(len(k.hashes), func(i int) bool { return k.hashes[i] >= hash })
	to := from
	for to < len(k.hashes) && k.hashes[to] == hash {
		to++
	}
	return k.rows[from:to]
}

// A builder collects rows.
type builder struct {
	text   strings.Builder
	starts []uint32
	lines  []uint32 // per row, where it was read; for errors only
	keys   []keyed
	own    []uint64 // the keys of one row
}

type keyed struct {
	hash uint64
	row  uint32
}

// add files a row, which has been checked.
func (b *builder) add(r row, line int) {
	at := uint32(len(b.starts))
	b.starts = append(b.starts, uint32(b.text.Len()))
	b.lines = append(b.lines, uint32(line))
	kind := byte('p')
	if r.kind == schema.Organization {
		kind = 'o'
	}
	b.text.WriteByte(kind)
	b.field(r.id)
	b.own = b.own[:0]
	var families []string
	for _, written := range r.names {
		n := newNameOf(r.kind, written)
		if len(n.words) == 0 {
			continue
		}
		b.field(written)
		if r.kind == schema.Organization {
			b.own = append(b.own, n.whole())
			continue
		}
		b.own = append(b.own, n.filed()...)
		if f := n.family(); len(n.words) > 1 && !slices.Contains(families, f) {
			families = append(families, f)
		}
	}
	b.text.WriteByte(rolesAt)
	for _, role := range r.roles {
		b.field(role)
		if len(families) == 0 {
			continue
		}
		for _, w := range roleWords(role) {
			for _, f := range families {
				if !idle(w) {
					b.own = append(b.own, held(f, w))
				}
			}
		}
	}
	slices.Sort(b.own)
	for _, h := range slices.Compact(b.own) {
		b.keys = append(b.keys, keyed{h, at})
	}
}

func (b *builder) field(s string) {
	b.text.WriteString(s)
	b.text.WriteByte(fieldEnd)
}

// twice finds two rows of one id, the earliest that repeats another.
func (b *builder) twice(r *rows) (first, again uint32, ok bool) {
	ids := make([]keyed, r.len())
	for i := range ids {
		s := r.text[r.starts[i]+1 : r.starts[i+1]]
		ids[i] = keyed{hash("", s[:strings.IndexByte(s, fieldEnd)]), uint32(i)}
	}
	slices.SortFunc(ids, byHash)
	again = uint32(len(ids))
	for i := range ids {
		for k := i + 1; k < len(ids) && ids[k].hash == ids[i].hash; k++ {
			if ids[k].row < again && r.at(ids[k].row).id == r.at(ids[i].row).id {
				first, again, ok = ids[i].row, ids[k].row, true
			}
			if ids[k].row >= again {
				break
			}
		}
	}
	return first, again, ok
}

func byHash(a, b keyed) int {
	switch {
	case a.hash < b.hash:
		return -1
	case a.hash > b.hash:
		return 1
	}
	return int(int64(a.row) - int64(b.row))
}

// compile makes the index. What the builder holds is given up on the way.
func (b *builder) compile() (rows, keys) {
	r := rows{text: strings.Clone(b.text.String()), starts: slices.Clip(append(b.starts, uint32(b.text.Len())))}
	b.text.Reset()
	slices.SortFunc(b.keys, byHash)
	k := keys{hashes: make([]uint64, len(b.keys)), rows: make([]uint32, len(b.keys))}
	for i, key := range b.keys {
		k.hashes[i], k.rows[i] = key.hash, key.row
	}
	b.keys = nil
	return r, k
}
