"""predict.py MODEL.pt OUT FOLDER CORPUS...: reads corpora ("attribution/polnear.dev") and writes what the model finds in the
form of the scorers: CORPUS.jsonl; CORPUS.spans.jsonl with also the spans that went into no attribution; CORPUS.speech.jsonl with
the attributions that are speech."""
import argparse, json, os, random, time
import numpy as np, torch
import data as D, links
from model import Reader, ATTR, NAMES, forward_backward

# Pieces of a window in reading, and of context on either side of its core. Longer ones and more context read no better
# (192 / 32, 256 / 60: differences within the noise, see README.md) and cost more.
SIZE, CONTEXT = 128, 24


def load_model(path, bf16=True):
    ck = torch.load(path, weights_only=False)
    net = Reader(**ck['cfg']); net.load_state_dict(ck['state']); net.eval()
    if bf16:
        net.enc.layers.to(torch.bfloat16)
    return net


@torch.no_grad()
def encode(net, docs, size=SIZE, ctx=CONTEXT, pieces=4096):
    """Sets d.z, the token states, of each Doc."""
    wins = [w for d in docs if len(d.start) for w in D.read_windows(d, size, ctx)]
    for d in docs:
        d.z = torch.zeros(len(d.start), net.cfg['D'])
    for bt in D.batches(wins, pieces, random.Random(0)):
        z, _, _ = net.tokens({k: torch.from_numpy(v) for k, v in D.collate(bt).items()})
        at = 0
        for d, a, b, ca, cb in bt:
            d.z[ca:cb] = z[at + ca - a:at + cb - a]; at += b - a


def tag(crf, e, table):
    """e: emissions [W, K] of one text -> spans (first, last + 1, type, probability): of the likeliest sequence, and of each
    span its probability under the CRF."""
    e = e.astype(np.float64)
    spans = links.spans_of(crf.viterbi(e[None], np.ones((1, len(e)), bool))[0], table)
    t, s, n = crf.arrays(); A = np.exp(t); K = len(table); W = len(e)
    E = np.exp(e - e.max(1, keepdims=True)); a, c, b = np.zeros((W, K)), np.zeros(W), np.zeros((W, K))
    for i in range(W):
        cur = (np.exp(s) if i == 0 else a[i - 1] @ A) * E[i]
        c[i] = cur.sum(); a[i] = cur / c[i]
    b[-1] = np.exp(n)
    for i in range(W - 1, 0, -1):
        b[i - 1] = A @ (E[i] * b[i]) / c[i]
    id_ = {x: k for k, x in enumerate(table)}; out = []
    for x, y, kind in spans:
        path = [id_['S' + kind]] if y - x == 1 else [id_['B' + kind]] + [id_['I' + kind]] * (y - x - 2) + [id_['E' + kind]]
        p = a[x, path[0]]
        for i in range(x + 1, y):
            p *= A[path[i - x - 1], path[i - x]] * E[i, path[i - x]] / c[i]
        out.append((x, y, kind, float(p * b[y - 1, path[-1]] / (a[y - 1] @ b[y - 1]))))
    return out


SURE = .9        # a name of this confidence keeps its kind whatever the rest of the text says


@torch.no_grad()
def read_names(net, d):
    return consistent(d, tag(net.cnames, net.names(d.z).numpy(), NAMES)) if len(d.start) else []


def consistent(d, names):
    """One name, one kind: of names written alike the unsure take the kind that has most confidence in the text; of equal
    kinds the one that comes first in NAMES."""
    votes = {}
    written = lambda a, b: d.text[d.start[a]:d.end[b - 1]]
    for a, b, kind, p in names:
        v = votes.setdefault(written(a, b), {}); v[kind] = v.get(kind, 0) + p
    win = {w: max(sorted(v, key=lambda k: NAMES.index('S' + k)), key=v.get) for w, v in votes.items()}
    return [(a, b, kind if p >= SURE else win[written(a, b)], p) for a, b, kind, p in names]


@torch.no_grad()
def read_attributions(net, d, emissions=None):
    """-> attributions {role: [token ranges], speech: log odds, p}, and the spans in none of them. Contents of one cue are one
    attribution; one without a cue joins the one before if that had none either and they seem to belong together."""
    if not len(d.start):
        return [], {r: [] for r in D.ROLES}
    found = tag(net.cattr, net.attr(d.z).numpy() if emissions is None else emissions, ATTR)
    spans, prob = links.by_role(found), {x[:2]: x[3] for x in found}
    k = links.link(net.link, d.z, spans, d.pos)
    atts, of_cue, loose, used = [], {}, None, set()
    for j, c in enumerate(spans['content']):
        i, p = k['cue_of_content'][j]
        if i >= 0:
            if i not in of_cue:
                s, ps = k['source_of_cue'][i]; q = spans['cue'][i]
                of_cue[i] = dict(content=[], cue=[q], source=[spans['source'][s]] if s >= 0 else [], speech=k['act'][i], p=prob[q] * ps)
                used |= {('source', s)}; atts.append(of_cue[i])
            of_cue[i]['content'].append(c); of_cue[i]['p'] *= prob[c] * p; loose = None; continue
        if loose and k['same'][j - 1] > 0:
            loose['content'].append(c); continue
        s, ps = k['source_of_content'][j]; used |= {('source', s)}
        loose = dict(content=[c], cue=[], source=[spans['source'][s]] if s >= 0 else [], speech=None, p=prob[c] * p * ps)
        inside = (d.quote[c[0]:c[1]] > 0).mean()
        loose['speech'] = 4 * float(inside) - 2
        atts.append(loose)
    rest = {'content': [], 'cue': [x for i, x in enumerate(spans['cue']) if i not in of_cue],
            'source': [x for i, x in enumerate(spans['source']) if ('source', i) not in used]}
    return atts, rest


def chars(d, spans):
    return [[int(d.start[a]), int(d.end[b - 1])] for a, b in sorted(spans)]


def attribution_record(d, atts):
    return {**d.record, 'attributions': [dict(content=chars(d, a['content']), cue=chars(d, a['cue']), source=chars(d, a['source']),
                                              act='speech' if a['speech'] >= 0 else 'thought', confidence=a['p']) for a in atts]}


def names_record(d, names):
    return {**d.record, 'entities': [dict(start=int(d.start[a]), end=int(d.end[b - 1]), type=t, confidence=p) for a, b, t, p in names]}


def write(path, rs):
    with open(path, 'w', encoding='utf-8') as f:
        f.writelines(json.dumps(r) + '\n' for r in rs)


def write_corpus(net, name, docs, out):
    base = f"{out}/{name.split('/')[1]}"
    if not name.startswith('attribution'):
        return write(base + '.jsonl', [names_record(d, read_names(net, d)) for d in docs])
    read = [(d, *read_attributions(net, d)) for d in docs]
    write(base + '.jsonl', [attribution_record(d, a) for d, a, _ in read])
    write(base + '.speech.jsonl', [attribution_record(d, [x for x in a if x['speech'] >= 0]) for d, a, _ in read])
    bare = dict(content=[], cue=[], source=[], speech=0, p=1)
    write(base + '.spans.jsonl', [attribution_record(d, a + [{**bare, r: [s]} for r in rest for s in rest[r]]) for d, a, rest in read])


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('model'); ap.add_argument('out'); ap.add_argument('corpora', nargs='+'); ap.add_argument('--threads', type=int, default=1)
    ap.add_argument('--size', type=int, default=SIZE); ap.add_argument('--ctx', type=int, default=CONTEXT)
    o = ap.parse_args(); torch.set_num_threads(o.threads); os.makedirs(o.out, exist_ok=True)
    net = load_model(o.model)
    for name in o.corpora:
        docs = D.load(name); t = time.time(); encode(net, docs, o.size, o.ctx); s = time.time() - t
        write_corpus(net, name, docs, o.out)
        print(f'{name} {len(docs)} texts, {sum(len(d.start) for d in docs)} tokens, encoder {s:.0f} s, all {time.time() - t:.0f} s', flush=True)


if __name__ == '__main__':
    main()
