"""coref.py OUT.safetensors FOLDER... [options]: learns whom a "he" or "she" means from what ../../coref/train -dump wrote to
the folders (train.jsonl, train.bin, dev.jsonl, dev.bin; any may lack; the first folder's dev is what is chosen by), and writes the ranker that package coref embeds, with
OUT.parity.json beside it to test the Go code against."""
import argparse, json, os, random, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from quantise import quantise

TRAIL = 3           # mentions of a candidate that are looked at, the last ones
FORMAT = 'quotewire-ranker/1'


def read(path):
    """-> texts, examples, and how many more there were with somebody to be found and nobody among the candidates."""
    examples, texts, miss = [], [], 0
    for line in open(path + '.jsonl', encoding='utf-8'):
        r = json.loads(line)
        if 'body' in r:
            texts.append(r['body'])
        elif r['candidates']:
            r['word'] = texts[r['text']][r['pronoun'][0]:r['pronoun'][1]].lower()
            examples.append(r)
        else:
            miss += r.get('named', False)
    return texts, examples, miss


def vectors(path, width):
    """Vectors [rows, width], as the Go reader coded them in 7 bits."""
    raw = np.fromfile(path + '.bin', np.uint8).reshape(-1, width + 8)
    scale = raw[:, :8].copy().view(np.float32)
    return raw[:, 8:] * scale[:, :1] + scale[:, 1:]


def passes(folder):
    """"FOLDER=2" -> the folder and how often it counts."""
    f, _, n = folder.partition('=')
    return f, int(n or 1)


def load(folders, name, width, columns):
    """All examples of these folders, those to learn from so often as "=2" says behind a folder -> vectors, examples, the number of lost ones."""
    v, examples, lost, rows = [], [], 0, 0
    for f in (f for f, n in map(passes, folders) for _ in range(n if name == 'train' else 1)):
        if not os.path.exists(f'{f}/{name}.bin'):
            continue
        x, (_, more, miss) = vectors(f'{f}/{name}', width)[:, columns], read(f'{f}/{name}')
        for e in more:
            e['row'] += rows
            for c in e['candidates']:
                c['rows'] = [[r + rows if r >= 0 else -1 for r in m] for m in c['rows']]
        v.append(x); examples += more; lost += miss; rows += len(x)
    return torch.from_numpy(np.concatenate(v)), examples, lost


def pack(examples, features):
    """Arrays over examples and candidates, padded."""
    N, K = len(examples), max(len(e['candidates']) for e in examples)
    L = max(len(c['features']) for e in examples for c in e['candidates'])
    z = lambda t, *s: np.zeros((N, *s), t)
    d = dict(pronoun=z(np.int64), rows=z(np.int64, K, TRAIL, 2), seen=z(bool, K, TRAIL), name=z(np.int64, K, TRAIL), there=z(bool, K), right=z(bool, K),
             nobody=z(bool, K), features=np.full((N, K, L), features))
    for i, e in enumerate(examples):
        d['pronoun'][i] = e['row']
        for k, c in enumerate(e['candidates']):
            d['there'][i, k] = True; d['right'][i, k] = c.get('right', False); d['nobody'][i, k] = k == len(e['candidates']) - 1
            d['features'][i, k, :len(c['features'])] = c['features']
            for j, r in enumerate(c['rows'][:TRAIL]):
                if min(r) >= 0:
                    d['rows'][i, k, j] = r; d['seen'][i, k, j] = True; d['name'][i, k, j] = c['names'][j]
    return {k: torch.from_numpy(v) for k, v in d.items()}


class Ranker(nn.Module):
    """A pair of a mention m (its first and last token) and the pronoun p, with features f of the candidate:
    out · relu(A m + B p + F f + form) + (C m) · (D p); a candidate has the mean (of exponentials) of its pairs, nobody
    out' · relu(B p + F f); every candidate also w · f."""

    def __init__(s, width, inner, features, drop=.3):
        super().__init__()
        s.cfg = dict(width=width, inner=inner, features=features)
        h = inner
        s.mention = nn.Linear(2 * width, 2 * h); s.pronoun = nn.Linear(width, 2 * h)
        s.features = nn.EmbeddingBag(features + 1, h, mode='sum', padding_idx=features); s.linear = nn.EmbeddingBag(features + 1, 1, mode='sum', padding_idx=features)
        s.forms = nn.Parameter(torch.randn(2, TRAIL, h) * .1); s.out = nn.Linear(h, 1); s.nobody = nn.Linear(h, 1); s.unseen = nn.Parameter(torch.zeros(()))
        s.drop = nn.Dropout(drop)
        nn.init.normal_(s.features.weight, std=.05); nn.init.zeros_(s.linear.weight); s.features.weight.data[features] = 0

    def forward(s, v, d, i):
        """v: vectors [rows, width]; d: packed examples; i: which -> scores [B, K]"""
        h, f = s.cfg['inner'], d['features'][i]
        B, K, L = f.shape
        linear, told = s.linear(f.view(B * K, L)).view(B, K), s.features(f.view(B * K, L)).view(B, K, h)
        p = s.pronoun(s.drop(v[d['pronoun'][i]]))
        told = told + p[:, None, :h]
        seen = d['seen'][i]; at = seen.nonzero(as_tuple=True)
        m = s.mention(s.drop(v[d['rows'][i][seen]]).flatten(1))
        x = F.relu(m[:, :h] + told[at[0], at[1]] + s.forms[d['name'][i][seen], at[2]])
        pair = s.out(s.drop(x))[:, 0] + (m[:, h:] * p[at[0], h:]).sum(-1) * h ** -.5
        score = torch.full(seen.shape, -1e4).index_put(at, pair)
        person = torch.where(seen.any(-1), score.logsumexp(-1) - seen.sum(-1).clamp(min=1).float().log(), s.unseen)
        return (torch.where(d['nobody'][i], s.nobody(s.drop(F.relu(told)))[..., 0], person) + linear).masked_fill(~d['there'][i], -1e4)


# ---- together with the reader ----

class Batch(list):
    """Docs whose examples are learnt in one step."""


def features_of(folder):
    return json.load(open(f'{folder}/meta.json'))['features']


def documents(folder, name):
    """Docs with .examples, the rows of whose pronouns and mentions are the numbers of tokens, and .windows, those of reading that hold them."""
    import data as D
    from predict import SIZE, CONTEXT
    texts, examples, _ = read(f'{folder}/{name}')
    docs = D.make([{'text': t, 'id': str(k)} for k, t in enumerate(texts)])
    for d in docs:
        d.examples, d.needed = [], set()
    for e in examples:
        d = docs[e['text']]; at = lambda s: (lambda a, b: (a, max(a, b - 1)))(*D.tokens_of(d, *s))
        e['row'] = at(e['pronoun'])[0]; d.needed.add(e['row'])
        for c in e['candidates']:
            c['rows'] = [at(m) if min(r) >= 0 else (-1, -1) for m, r in zip(c['mentions'], c['rows'])]
            d.needed.update(t for r in c['rows'] for t in r if t >= 0)
        d.examples.append(e)
    docs = [d for d in docs if d.examples]
    for d in docs:
        d.windows = [w for w in D.read_windows(d, SIZE, CONTEXT) if any(w[3] <= t < w[4] for t in d.needed)]
        d.cost = sum(D.length(w) for w in d.windows)
    return docs


def batches(docs, pieces, rng):
    """Docs of like length, at most `pieces` pieces together unless a doc alone has more, in random order. A doc is not cut: one with very
    many pieces learns from a run of its examples at a time."""
    out, cur, n = [], Batch(), 0
    for d in sorted(docs, key=lambda d: d.cost + rng.random() * 40):
        if cur and n + d.cost > pieces:
            out.append(cur); cur, n = Batch(), 0
        cur.append(d); n += d.cost
    out.append(cur)
    rng.shuffle(out)
    return out


def joint(net, docs, most=3000):
    """-> loss per pronoun, pieces, tokens. Of a doc of more pieces than `most`, a run of windows is drawn."""
    import data as D
    wins, examples, base = [], [], 0
    for d in docs:
        ws = d.windows
        if d.cost > most:
            n = max(1, len(ws) * most // d.cost); k = random.randrange(len(ws) - n + 1); ws = ws[k:k + n]
        lo, hi = ws[0][3], ws[-1][4]; shift = lambda t: base + t - lo if lo <= t < hi else -1
        here = [dict(e, row=shift(e['row']), candidates=[dict(c, rows=[[shift(t) for t in r] for r in c['rows']]) for c in e['candidates']])
                for e in d.examples if lo <= e['row'] < hi]
        if here:
            wins += ws; examples += here; base += hi - lo
    if not examples:
        return next(net.ranker.parameters()).sum() * 0, 0, 1
    b = {k: torch.from_numpy(v) for k, v in D.collate(wins).items()}
    _, kept = net.enc(b, net.ranker.layers)
    h = torch.cat(kept, -1).float()
    # the vectors of the tokens of all cores, one doc after another; windows of one doc follow each other, some left out
    v, at, row = h.new_zeros(base, h.shape[-1]), [], []
    start = 0
    for k, (d, a, _, ca, cb) in enumerate(wins):
        if k == 0 or wins[k - 1][0] is not d:
            begin, first = start, ca
        at += [(k, i) for i in b['fi'][k, ca - a:cb - a].tolist()]; row += range(begin + ca - first, begin + cb - first)
        start = begin + cb - first
    at = torch.tensor(at)
    v = v.index_put((torch.tensor(row),), h[at[:, 0], at[:, 1]])
    packed = pack(examples, net.ranker.cfg['features'])
    return loss_of(net.ranker(v, packed, torch.arange(len(examples))), packed['right']).mean(), b['x'].numel(), base


def loss_of(scores, right):
    lp = scores.log_softmax(-1)
    return -lp.masked_fill(~right, -1e4).logsumexp(-1)


def fit(net, v, d, o, seed):
    """Learns from all examples."""
    rng = random.Random(seed); N = len(d['pronoun']); ix = list(range(N)); B = 32
    opt = torch.optim.AdamW(net.parameters(), lr=o.lr, weight_decay=o.wd, fused=True); total, k = o.epochs * -(-N // B), 0
    net.train()
    for _ in range(o.epochs):
        rng.shuffle(ix)
        for a in range(0, N, B):
            i = torch.tensor(ix[a:a + B]); k += 1
            for g in opt.param_groups:
                g['lr'] = o.lr * min(1, k / 60) * (1 - (k - 1) / total)
            opt.zero_grad(); loss_of(net(v, d, i), d['right'][i]).mean().backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.); opt.step()
    net.eval()


@torch.no_grad()
def scores(net, v, d):
    net.eval()
    return torch.cat([net(v, d, torch.arange(a, min(a + 256, len(d['pronoun'])))) for a in range(0, len(d['pronoun']), 256)])


def measure(p, d, examples, miss, at):
    """p: likelihoods -> figures at a threshold, of GAP's examples and of the others."""
    n = p.shape[0]; p = p.numpy(); best = np.where(d['nobody'].numpy(), -1, p).argmax(1); conf = p[np.arange(n), best]; hit = d['right'].numpy()[np.arange(n), best]
    gap = np.array([e.get('gap', False) for e in examples]); named = np.array([e.get('named', False) for e in examples]); she = np.array([e['word'][0] in 's' or e['word'].startswith('her') for e in examples])
    asked = np.array([e['candidates'][b].get('asked', False) for e, b in zip(examples, best)])
    out = {}
    for name, of, gold, said in (('gap', gap, gap & named, gap & asked), ('gap he', gap & ~she, gap & named & ~she, gap & asked), ('gap she', gap & she, gap & named & she, gap & asked), ('gum', ~gap, ~gap, ~gap)):
        s = of & said & (conf >= at); right = (s & hit).sum(); P = right / max(1, s.sum()); R = right / max(1, gold.sum() + (miss if name == 'gap' else 0))
        out[name] = [round(100 * float(x), 1) for x in (P, R, 2 * P * R / max(1e-9, P + R))]
    s = (conf >= at) & np.where(gap, asked, True)
    b = np.minimum((conf * 10).astype(int), 9)
    out['ece'] = round(float(sum(abs((conf - hit)[s & (b == k)].sum()) for k in range(10)) / max(1, s.sum())), 3)
    return out


def heat_of(s, right):
    """The temperature of the greatest likelihood (Guo et al., ICML 2017)."""
    return min((float(loss_of(s / t, right).mean()), t) for t in np.arange(.5, 4, .05))[1]


def quantised(net):
    """The tensors of the file, and the network with the weights that they stand for."""
    g = lambda x: np.ascontiguousarray(x.detach().float().numpy())
    h, width = net.cfg['inner'], net.cfg['width']
    w = {}
    mention, pronoun = g(net.mention.weight), g(net.pronoun.weight)
    pronoun[h:] *= h ** -.5          # the root of the width is divided by here, once for all
    bias = {'first': g(net.mention.bias), 'last': np.zeros(2 * h, np.float32), 'pronoun': g(net.pronoun.bias).copy()}
    bias['pronoun'][h:] *= h ** -.5
    back = {}
    for name, m in (('first', mention[:, :width]), ('last', mention[:, width:]), ('pronoun', pronoun)):
        q, s = quantise(np.ascontiguousarray(m))
        w[f'{name}.weight'], w[f'{name}.scale'], w[f'{name}.bias'] = q, s, bias[name]
        back[name] = q.astype(np.float32) * s[:, None]
    w['features'], w['linear'] = g(net.features.weight)[:-1].copy(), g(net.linear.weight)[:-1, 0].copy()
    w['forms'], w['out'], w['nobody'] = g(net.forms).reshape(-1, h), g(net.out.weight)[0].copy(), g(net.nobody.weight)[0].copy()
    w['biases'] = np.array([net.out.bias.item(), net.nobody.bias.item(), net.unseen.item()], np.float32)
    with torch.no_grad():
        back['pronoun'][h:] *= h ** .5
        net.mention.weight.copy_(torch.from_numpy(np.concatenate([back['first'], back['last']], 1))); net.pronoun.weight.copy_(torch.from_numpy(back['pronoun']))
    return w


def parity(nets, seed=7):
    """Made-up vectors and examples with the scores that they get."""
    net = nets[0]; rng = np.random.default_rng(seed); width, n = net.cfg['width'], 24
    codes = rng.integers(0, 128, (n, width)); params = np.stack([rng.uniform(.02, .06, n), rng.uniform(-3.5, -1.5, n)], 1).astype(np.float32)
    v = torch.from_numpy(codes.astype(np.float32) * params[:, :1] + params[:, 1:])
    examples = []
    for k in range(4):
        c = [dict(rows=[[int(x) for x in rng.integers(0, n, 2)] if rng.random() > .2 else [-1, 3] for _ in range(rng.integers(1, TRAIL + 1))], features=sorted({int(x) for x in rng.integers(0, net.cfg['features'], 9)})) for _ in range(k + 1)]
        for x in c:
            x['names'] = [bool(b) for b in rng.integers(0, 2, len(x['rows']))]
        examples.append(dict(row=int(rng.integers(0, n)), candidates=c + [dict(rows=[], names=[], features=[int(rng.integers(0, net.cfg['features']))])]))
    d = pack(examples, net.cfg['features']); s = sum(scores(x, v, d) for x in nets) / len(nets)
    for e, x in zip(examples, s):
        e['scores'] = [round(float(y), 5) for y in x[:len(e['candidates'])]]
    return dict(codes=codes.tolist(), params=[[float(x) for x in p] for p in params], examples=examples)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('out'); ap.add_argument('folders', nargs='+'); ap.add_argument('--inner', type=int, default=64); ap.add_argument('--layers', default='', help='of those in the vectors, by place from 0, to learn from; all by default')
    ap.add_argument('--epochs', type=int, default=6); ap.add_argument('--lr', type=float, default=1e-3); ap.add_argument('--wd', type=float, default=.1); ap.add_argument('--seed', type=int, default=1)
    ap.add_argument('--seeds', type=int, default=3, help='networks to learn; their scores are averaged'); ap.add_argument('--drop', type=float, default=.5); ap.add_argument('--likely', type=float, default=.4)
    ap.add_argument('--share', type=float, default=.83, help='of the weights that the features have by themselves, added to the networks, which did not know them')
    ap.add_argument('--begin', default='', help='a reader that train.py --coref taught: its ranker is taken')
    o = ap.parse_args(); torch.set_num_threads(1)
    meta = json.load(open(f'{passes(o.folders[0])[0]}/meta.json')); width, features = meta['width'], meta['features']
    take = [int(x) for x in o.layers.split(',')] if o.layers else range(len(meta['layers']))
    columns = np.concatenate([np.arange(384 * k, 384 * (k + 1)) for k in take])
    sets = {}
    for name in ('train', 'dev'):
        v, examples, miss = load(o.folders if name == 'train' else o.folders[:1], name, width, columns)
        sets[name] = v, pack(examples, features), examples, miss
    v, d, examples, miss = sets['dev']; nets, total = [], 0
    print(len(sets['train'][2]), 'examples to learn from,', len(examples), 'to choose by')
    for seed in range(o.seed, o.seed + o.seeds):
        torch.manual_seed(seed); t0 = time.time(); net = Ranker(len(columns), o.inner, features, o.drop)
        if o.begin:
            net.load_state_dict({k.removeprefix('ranker.'): x for k, x in torch.load(o.begin, weights_only=False)['ranker'].items()})
        if o.epochs:
            fit(net, *sets['train'][:2], o, seed)
        with torch.no_grad():
            net.linear.weight[:-1, 0] += o.share * torch.tensor(meta['weights'])
        s = scores(net, v, d)
        print(f'seed {seed} dev loss {loss_of(s, d["right"]).mean().item():.4f} {time.time() - t0:.0f}s', json.dumps(measure(s.softmax(-1), d, examples, miss, o.likely)), flush=True)
        nets.append(net); total = total + s
    w = {f'{k}.{n}': x for k, net in enumerate(nets) for n, x in quantised(net).items()}
    s = sum(scores(net, v, d) for net in nets) / len(nets); heat = heat_of(s, d['right'])
    half = torch.tensor([e['text'] % 2 for e in examples]) == 1
    t = torch.where(half, heat_of(s[~half], d['right'][~half]), heat_of(s[half], d['right'][half]))
    print(f'int8, mean of {len(nets)}: dev loss {loss_of(s, d["right"]).mean().item():.4f}, heat {heat:.2f}; calibration error, each half with the heat of the other:',
          measure((s / t[:, None]).softmax(-1), d, examples, miss, o.likely)['ece'])
    for at in (0, .3, .35, .4, .45, .5, .6, .7):
        print(f'int8, at {at}:', json.dumps(measure((s / heat).softmax(-1), d, examples, miss, at)))
    for f in (passes(f)[0] for f in o.folders[1:]):
        if os.path.exists(f'{f}/dev.bin'):
            v, examples, miss = load([f], 'dev', width, columns); d = pack(examples, features)
            print(f'int8, dev of {f}, at {o.likely}:', json.dumps(measure((sum(scores(net, v, d) for net in nets) / len(nets) / heat).softmax(-1), d, examples, miss, o.likely)['gum']), len(examples))
    from safetensors.numpy import save_file
    config = dict(format=FORMAT, reader=meta['reader'], layers=[meta['layers'][k] for k in take], width=len(columns), inner=o.inner, features=features, heat=round(float(heat), 3), likely=o.likely, networks=len(nets))
    save_file(w, o.out, metadata={'config': json.dumps(config)})
    json.dump(parity(nets), open(o.out.removesuffix('.safetensors') + '.parity.json', 'w'))


if __name__ == '__main__':
    main()
