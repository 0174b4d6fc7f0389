"""Which spans belong together: examples for the linker from gold or predicted spans, its loss, and its use."""
import numpy as np, torch, torch.nn.functional as F
from data import ROLES
from model import PAIRS, CUE_CONTENT, CUE_SOURCE, CONTENT_SOURCE, CONTENT_CONTENT, FORBIDDEN, pair_features

IGNORE, NONE = -2, -1


def spans_of(tags, table):
    """Tag ids -> [(first, last + 1, type)] of the complete spans."""
    out, s = [], None
    for i, t in enumerate(tags):
        t = table[t]
        if t[0] in 'BS':
            s = i
        if t[0] in 'ES' and s is not None:
            out.append((s, i + 1, t[1:])); s = None
        if t[0] == 'O':
            s = None
    return out


def by_role(spans):
    return {r: [x[:2] for x in spans if x[2] == r] for r in ROLES}


def gold_spans(w):
    d, a, b = w[:3]
    out = {r: sorted({(x - a, y - a) for q in d.atts for x, y in q[r] if x >= a and y <= b}) for r in ROLES}
    return out


def overlap(x, y):
    return max(0, min(x[1], y[1]) - max(x[0], y[0]))


def best(span, candidates, need):
    """Index of the candidate that overlaps span most, by at least `need` of their union; None if none does."""
    k, top = None, 0.
    for i, c in enumerate(candidates):
        o = overlap(span, c)
        if o:
            v = o / (max(span[1], c[1]) - min(span[0], c[0]))
            if v > top and v >= need:
                k, top = i, v
    return k


def labels(w, spans):
    """What the linker should answer for these spans of a window, gold or predicted: cue of each content, source of each
    cue and content, whether neighbouring contents are of one attribution, act of each cue."""
    d, a, b = w[:3]
    atts = [q for q in d.atts if any(y > a and x < b for x, y in q['content'] + q['cue'])]
    rel = [{r: [(x - a, y - a) for x, y in q[r]] for r in ROLES} for q in atts]
    whole = lambda s: s[0] >= 0 and s[1] <= b - a
    flat = {r: [(s, k) for k, q in enumerate(rel) for s in q[r] if whole(s)] for r in ROLES}
    owner = {}
    for r, need in (('content', .5), ('cue', 0.)):
        f = flat[r]
        owner[r] = [None if (j := best(s, [x for x, _ in f], need)) is None else f[j][1] for s in spans[r]]
    source = []
    for q, p in zip(atts, rel):
        if not q['source']:
            source.append(NONE); continue
        at = [j for s in p['source'] if (j := best(s, spans['source'], 0.)) is not None]
        source.append(at[0] if at else IGNORE)
    cue_of = {k: i for i, k in reversed(list(enumerate(owner['cue']))) if k is not None}
    cue = [IGNORE if k is None else cue_of[k] if k in cue_of else NONE if rel[k]['cue'] and whole(rel[k]['cue'][0]) else IGNORE
           for k in owner['content']]
    src = lambda r: [IGNORE if k is None else source[k] for k in owner[r]]
    same = [IGNORE if x is None or y is None else int(x == y) for x, y in zip(owner['content'], owner['content'][1:])]
    act = [IGNORE if k is None or atts[k]['speech'] is None else int(atts[k]['speech']) for k in owner['cue']]
    return {CUE_CONTENT: cue, CUE_SOURCE: src('cue'), CONTENT_SOURCE: src('content'), CONTENT_CONTENT: same, 'act': act}


def loss(linker, z, wins, spans):
    """Summed cross entropies of all decisions. z: states of the batch's tokens in order; spans: by_role per window."""
    S, base = {r: [] for r in ROLES}, 0
    want = {k: [] for k in (0, 1, 2, 3, 'act')}
    li, ri, feats, rows, cols, size = ({k: [] for k in range(4)} for _ in range(6))
    for w, sp in zip(wins, spans):
        d, a, b = w[:3]
        n = {r: len(sp[r]) for r in ROLES}; at = {r: len(S[r]) for r in ROLES}
        y, pos = labels(w, sp), d.pos[a:b]
        for k, (l, r) in enumerate(PAIRS):
            L, R = sp[l], sp[r]
            if k == CONTENT_CONTENT:
                if n['content'] > 1:
                    f = pair_features(L[:-1], R[1:], sp['cue'], pos)
                    m = n['content'] - 1; i = np.arange(m)
                    li[k].append(at[l] + i); ri[k].append(at[r] + i + 1); feats[k].append([x[i, i] for x in f])
                    want[k] += y[k]
                continue
            row0 = len(want[k]); want[k] += y[k]
            if not (n[l] and n[r]):
                continue
            f = pair_features(L, R, sp['cue'], pos)
            i, j = (x.ravel() for x in np.meshgrid(np.arange(n[l]), np.arange(n[r]), indexing='ij'))
            li[k].append(at[l] + i); ri[k].append(at[r] + j); feats[k].append([x.ravel() for x in f])
            rows[k].append(row0 + (j if k == CUE_CONTENT else i)); cols[k].append(1 + (i if k == CUE_CONTENT else j))
        want['act'] += y['act']
        for r in ROLES:
            S[r] += [(x + base, y + base) for x, y in sp[r]]
        base += b - a
    total = z.new_zeros(())
    rep = {r: linker.rep(z, S[r]) for r in ROLES if S[r]}
    left = {r: linker.left[r](rep[r]) for r in ('cue', 'content') if r in rep}
    right = {r: linker.right[r](rep[r]) for r in ('source', 'content') if r in rep}
    for k, (l, r) in enumerate(PAIRS):
        sc = None
        if li[k]:
            i, j = np.concatenate(li[k]), np.concatenate(ri[k])
            f = [np.concatenate([x[c] for x in feats[k]]) for c in range(3)]
            sc = linker.pairs(k, left[l][torch.as_tensor(i)], right[r][torch.as_tensor(j)], f)
        y = torch.tensor(want[k], dtype=torch.long)
        if not len(y) or not (y >= NONE).any():
            continue
        keep = y > IGNORE
        if k == CONTENT_CONTENT:
            total = total + F.binary_cross_entropy_with_logits(sc[keep], y[keep].float(), reduction='sum')
            continue
        none = linker.none[('content_cue', 'cue_source', 'content_source')[k]](rep[('content', 'cue', 'content')[k]])
        t = none
        if sc is not None:
            rw, cl = np.concatenate(rows[k]), np.concatenate(cols[k])
            t = z.new_full((len(y), int(cl.max()) + 1), FORBIDDEN).index_put((torch.as_tensor(rw), torch.as_tensor(cl)), sc)
            t = torch.cat([none, t[:, 1:]], 1)
        total = total + F.cross_entropy(t[keep], y[keep] + 1, reduction='sum')
    y = torch.tensor(want['act'])
    if len(y) and (y >= 0).any():
        total = total + F.binary_cross_entropy_with_logits(linker.act(rep['cue']).squeeze(-1)[y >= 0], y[y >= 0].float(), reduction='sum')
    return total


FAR = 100        # tokens between two spans beyond which they are not compared


@torch.no_grad()
def link(linker, z, spans, pos):
    """-> for the spans of one text: cue of each content and its log probability, source of each cue, source of each
    content, log odds that a content goes on with the next one, log odds of speech of each cue."""
    n = {r: len(spans[r]) for r in ROLES}
    rep = {r: linker.rep(z, spans[r]) for r in ROLES if n[r]}
    left = {r: linker.left[r](rep[r]) for r in ('cue', 'content') if r in rep}
    right = {r: linker.right[r](rep[r]) for r in ('source', 'content') if r in rep}

    def choose(k, choosers, others, none):
        """The best answer of each chooser: (index or NONE, probability)"""
        if not n[choosers]:
            return []
        l, r = PAIRS[k]
        t = np.full((n[choosers], n[others] + 1), FORBIDDEN)
        t[:, 0] = linker.none[none](rep[choosers]).squeeze(-1).numpy()
        if n[others]:
            L, R = (np.array(spans[x]) for x in (l, r))
            gap = np.maximum(R[None, :, 0] - L[:, None, 1], L[:, None, 0] - R[None, :, 1])
            i, j = np.nonzero(gap <= FAR)
            if len(i):
                f = [x[i, j] for x in pair_features(L, R, spans['cue'], pos)]
                s = linker.pairs(k, left[l][torch.as_tensor(i)], right[r][torch.as_tensor(j)], f).numpy()
                a, b = (j, i) if k == CUE_CONTENT else (i, j)
                t[a, b + 1] = s
        p = np.exp(t - t.max(1, keepdims=True)); p /= p.sum(1, keepdims=True)
        c = t.argmax(1)
        return [(int(x) - 1, float(p[q, x])) for q, x in enumerate(c)]

    out = dict(cue_of_content=choose(CUE_CONTENT, 'content', 'cue', 'content_cue'),
               source_of_cue=choose(CUE_SOURCE, 'cue', 'source', 'cue_source'),
               source_of_content=choose(CONTENT_SOURCE, 'content', 'source', 'content_source'), same=[], act=[])
    if n['content'] > 1:
        L, R = spans['content'][:-1], spans['content'][1:]
        i = np.arange(len(L))
        f = [x[i, i] for x in pair_features(L, R, spans['cue'], pos)] if len(L) < 400 else \
            [np.concatenate([x.ravel() for x in c]) for c in zip(*(pair_features([l], [r], spans['cue'], pos) for l, r in zip(L, R)))]
        out['same'] = linker.pairs(CONTENT_CONTENT, left['content'][:-1], right['content'][1:], f).tolist()
    if n['cue']:
        out['act'] = linker.act(rep['cue']).squeeze(-1).tolist()
    return out
