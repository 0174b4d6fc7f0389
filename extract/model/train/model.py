"""The reader: a BERT encoder with features added to its input; two CRF taggers (source, cue, content; names) on token
states; a linker over the spans found; an act head. FORMAT.md says the same in arithmetic, for other implementations."""
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from data import NAMES, ATTR, STYLES, NSHAPE, NQUOTE, NPOS, NLETTER

FORBIDDEN = -1e4
EDGE = -20.          # a text may begin or end inside a span: unlikely, not impossible


class Layer(nn.Module):
    """A post-LN transformer layer."""

    def __init__(s, D, I, H):
        super().__init__()
        s.H = H
        s.qkv = nn.Linear(D, 3 * D); s.o = nn.Linear(D, D); s.l1 = nn.LayerNorm(D, eps=1e-12)
        s.i = nn.Linear(D, I); s.f = nn.Linear(I, D); s.l2 = nn.LayerNorm(D, eps=1e-12)

    def forward(s, x, m):
        B, T, D = x.shape; H = s.H; d = D // H
        q, k, v = s.qkv(x).view(B, T, 3, H, d).permute(2, 0, 3, 1, 4)
        if torch.is_grad_enabled():       # on a CPU, bmm beats the backward pass of scaled_dot_product_attention
            q = (q * d ** -.5).contiguous().view(B * H, T, d); k = k.contiguous().view(B * H, T, d); v = v.contiguous().view(B * H, T, d)
            a = (torch.bmm(q, k.transpose(-1, -2)).view(B, H, T, T) + m).view(B * H, T, T)
            a = torch.bmm(a.softmax(-1), v).view(B, H, T, d)
        else:
            a = F.scaled_dot_product_attention(q, k, v, attn_mask=m)
        x = s.l1(x + s.o(a.transpose(1, 2).reshape(B, T, D)))
        return s.l2(x + s.f(F.gelu(s.i(x))))


class Encoder(nn.Module):
    def __init__(s, D, I, H, L):
        super().__init__()
        s.layers = nn.ModuleList([Layer(D, I, H) for _ in range(L)])
        s.word = nn.Embedding(30522, D); s.word.weight.requires_grad = False       # frozen
        s.posn = nn.Parameter(torch.zeros(512, D)); s.ln = nn.LayerNorm(D, eps=1e-12)
        s.fshape = nn.Embedding(NSHAPE, D); s.fquote = nn.Embedding(NQUOTE, D); s.fpos = nn.Embedding(NPOS, D)
        for e in (s.fshape, s.fquote, s.fpos):
            nn.init.normal_(e.weight, std=.01)
        s.fstyle = nn.Embedding(len(STYLES), D, padding_idx=0); nn.init.zeros_(s.fstyle.weight)

    def load(s, w):
        """Weights of a BERT as Hugging Face names them."""
        g = lambda k: w[k].float()
        s.word.weight.data.copy_(g('embeddings.word_embeddings.weight'))
        s.posn.data.copy_(g('embeddings.position_embeddings.weight') + g('embeddings.token_type_embeddings.weight')[0])
        s.ln.weight.data.copy_(g('embeddings.LayerNorm.weight')); s.ln.bias.data.copy_(g('embeddings.LayerNorm.bias'))
        for n, l in enumerate(s.layers):
            p = f'encoder.layer.{n}.'
            cp = lambda m, k: (m.weight.data.copy_(g(p + k + '.weight')), m.bias.data.copy_(g(p + k + '.bias')))
            for part in ('weight', 'bias'):
                getattr(l.qkv, part).data.copy_(torch.cat([g(f'{p}attention.self.{x}.{part}') for x in ('query', 'key', 'value')]))
            cp(l.o, 'attention.output.dense'); cp(l.l1, 'attention.output.LayerNorm'); cp(l.i, 'intermediate.dense')
            cp(l.f, 'output.dense'); cp(l.l2, 'output.LayerNorm')

    def embed(s, b):
        x = s.word(b['x']) + s.posn[:b['x'].shape[1]] + s.fshape(b['sh']) + s.fquote(b['qu']) + s.fpos(b['po'])
        if s.training:
            x = x + s.fstyle(b['style'])[:, None]
        return s.ln(x)

    def forward(s, b, keep=()):
        """-> vectors of the pieces; with keep also those that come out of these layers, numbered from 1."""
        x = F.dropout(s.embed(b), .1, s.training).to(s.layers[0].o.weight.dtype)
        m = torch.zeros(b['tm'].shape, dtype=x.dtype).masked_fill_(~b['tm'], FORBIDDEN)[:, None, None, :]
        kept = []
        for n, l in enumerate(s.layers, 1):
            x = l(x, m)
            if n in keep:
                kept.append(x)
        return (x, kept) if keep else x


# ---- linear-chain conditional random fields over BIOES tags ----

def forward_backward(e, A, st, en, m):
    """Rescaled forward-backward. e: emissions [B, W, K]; A, st, en: exp of transitions, start, end; m: mask.
    -> log Z [B], marginals [B, W, K], and a function from sequences to their expected transition counts [K, K]"""
    B, W, K = e.shape
    mx = e.max(2); E = np.exp(e - mx[:, :, None])
    a = np.zeros((B, W, K)); c = np.ones((B, W)); cur = None
    for t in range(W):
        cur = st * E[:, 0] if t == 0 else np.where(m[:, t:t + 1], (cur @ A) * E[:, t], cur)
        s = cur.sum(1) if t == 0 else np.where(m[:, t], cur.sum(1), 1.0)
        cur = cur / s[:, None]; c[:, t] = s; a[:, t] = cur
    logz = np.log(c).sum(1) + (mx * m).sum(1) + np.log((cur * en).sum(1))
    b = np.zeros((B, W, K)); cur = np.tile(en, (B, 1)); At = A.T
    for t in range(W - 1, -1, -1):
        b[:, t] = cur
        if t:
            cur = np.where(m[:, t:t + 1], ((E[:, t] * cur) @ At) / c[:, t:t + 1], cur)
    marg = a * b; marg /= marg.sum(2, keepdims=True)
    right = E[:, 1:] * b[:, 1:]; left = a[:, :-1]
    norm = ((left @ A) * right).sum(2); wgt = np.where(m[:, 1:], 1 / np.maximum(norm, 1e-300), 0)
    marg[~m] = 0
    return logz, marg, lambda k: A * np.einsum('bti,btj->ij', (left * wgt[:, :, None])[k], right[k], optimize=True)


class CRFLoss(torch.autograd.Function):
    """Sum over sequences of KL(target || model) up to a constant, the target given by its marginals: where they are one
    gold sequence, the negative log likelihood. Transitions learn from the sequences with gold only."""

    @staticmethod
    def forward(ctx, emit, trans, start, end, mask, target, hard):
        e, m = emit.detach().numpy().astype(np.float64), mask.numpy()
        t, s, n = (x.detach().numpy().astype(np.float64) for x in (trans, start, end))
        B, W, K = e.shape; last = m.sum(1) - 1
        logz, marg, transitions = forward_backward(e, np.exp(t), np.exp(s), np.exp(n), m)
        ge = marg - target; loss = (logz - (e * target).sum((1, 2))).sum()
        gt, gs, gn = np.zeros((K, K)), np.zeros(K), np.zeros(K)
        if hard.any():
            mh = marg[hard]; y = target[hard].argmax(2); r, c = np.nonzero(m[hard][:, 1:])
            count = np.zeros((K, K)); np.add.at(count, (y[r, c], y[r, c + 1]), 1)
            k = np.arange(len(y)); y0, y1 = y[:, 0], y[k, last[hard]]
            gt = transitions(hard) - count
            gs, gn = mh[:, 0].sum(0) - np.bincount(y0, minlength=K), mh[k, last[hard]].sum(0) - np.bincount(y1, minlength=K)
            loss -= t[y[r, c], y[r, c + 1]].sum() + s[y0].sum() + n[y1].sum()
        f = lambda v: torch.from_numpy(np.ascontiguousarray(v)).float()
        ctx.g = f(ge), f(gt), f(gs), f(gn)
        return torch.tensor(float(loss))

    @staticmethod
    def backward(ctx, g):
        return (*[x * g for x in ctx.g], None, None, None)


class CRF(nn.Module):
    def __init__(s, tags):
        super().__init__()
        K = len(tags); ok = np.zeros((K, K), bool)
        for i, a in enumerate(tags):
            for j, b in enumerate(tags):
                ok[i, j] = (b[0] in 'IE' and a[1:] == b[1:]) if a[0] in 'BI' else b[0] in 'OBS'
        s.register_buffer('bad', torch.from_numpy(~ok), persistent=False)
        s.register_buffer('bs', torch.tensor([t[0] in 'IE' for t in tags]), persistent=False)
        s.register_buffer('be', torch.tensor([t[0] in 'BI' for t in tags]), persistent=False)
        s.t = nn.Parameter(torch.zeros(K, K)); s.s = nn.Parameter(torch.zeros(K)); s.e = nn.Parameter(torch.zeros(K))

    def params(s, window=False):
        """Transitions, start, end: of a text; of a window in training, which begins and ends inside spans as it pleases. (With EDGE
        there, whatever little a teacher gave to the inside of a span at an edge had to be shouted, and was heard across paragraphs.)"""
        edges = (s.s, s.e) if window else (s.s.masked_fill(s.bs, EDGE), s.e.masked_fill(s.be, EDGE))
        return s.t.masked_fill(s.bad, FORBIDDEN), *edges

    def arrays(s):
        return [x.detach().numpy().astype(np.float64) for x in s.params()]

    def loss(s, emit, mask, target, hard):
        return CRFLoss.apply(emit, *s.params(window=True), mask, target, hard)

    def marginals(s, e, m):
        t, st, en = s.arrays()
        return forward_backward(e.astype(np.float64), np.exp(t), np.exp(st), np.exp(en), m)[1]

    def viterbi(s, e, m):
        """e: [B, W, K], m: mask -> tag ids [B, W]. Ties go to the lower tag."""
        t, st, en = s.arrays(); B, W, K = e.shape
        v = st + e[:, 0]; bp = np.zeros((B, W, K), dtype=np.int8); bi = np.arange(B)
        keep = np.tile(np.arange(K), (B, 1))
        for i in range(1, W):
            c = v[:, :, None] + t; k = c.argmax(1)
            new = np.take_along_axis(c, k[:, None], 1)[:, 0] + e[:, i]
            on = m[:, i:i + 1]
            bp[:, i] = np.where(on, k, keep); v = np.where(on, new, v)
        out = np.zeros((B, W), dtype=np.int64); k = (v + en).argmax(1); out[:, -1] = k
        for i in range(W - 1, 0, -1):
            k = bp[bi, i, k].astype(np.int64); out[:, i - 1] = k
        return out


# ---- links ----

STEPS = np.array([0, 1, 2, 3, 4, 7, 11, 16, 26, 41, 64, 102])      # where the distance buckets begin, in tokens
NDIST, NBTW, NBRK = 24, 5, 4
CUE_CONTENT, CUE_SOURCE, CONTENT_SOURCE, CONTENT_CONTENT = range(4)
PAIRS = (('cue', 'content'), ('cue', 'source'), ('content', 'source'), ('content', 'content'))    # left, right


def pair_features(left, right, cues, pos):
    """For each left span and each right span: bucket of the signed distance in tokens, number of cues that begin between,
    what breaks lie between (0 none, 1 a sentence's, 2 a paragraph's, 3 several with a paragraph's). Spans are token
    ranges; cues are all the cues. -> three arrays [left, right]"""
    l, r = np.asarray(left).reshape(-1, 2)[:, None], np.asarray(right).reshape(-1, 2)[None]
    after = r[..., 0] >= l[..., 1]
    lo, hi = np.where(after, l[..., 1], r[..., 1]), np.where(after, r[..., 0], l[..., 0])
    hi = np.maximum(hi, lo)
    d = np.where(after, hi - lo, hi - lo + 1)
    bucket = np.searchsorted(STEPS, d, 'right') - 1
    dist = np.where(after, 12 + bucket, 11 - bucket)
    first = np.zeros(len(pos) + 1, dtype=np.int64); first[[c[0] for c in cues]] = 1
    at = lambda x: np.concatenate([[0], np.cumsum(x)])
    cs = at(first); btw = np.minimum(NBTW - 1, cs[hi] - cs[lo])
    cp, cb = at(np.append(pos == 2, 0)), at(np.append(pos > 0, 0))
    p, k = cp[hi + 1] - cp[lo], cb[hi + 1] - cb[lo]
    brk = np.where(p > 0, np.where(k > 1, 3, 2), np.where(k > 0, 1, 0))
    return dist, btw, brk


class Linker(nn.Module):
    def __init__(s, D, h=128):
        super().__init__()
        s.left = nn.ModuleDict({r: nn.Linear(2 * D, h) for r in ('cue', 'content')})
        s.right = nn.ModuleDict({r: nn.Linear(2 * D, h) for r in ('source', 'content')})
        s.dist = nn.Embedding(4 * NDIST, h); s.btw = nn.Embedding(4 * NBTW, h); s.brk = nn.Embedding(4 * NBRK, h)
        s.u = nn.Parameter(torch.randn(4, h, h) * h ** -.5); s.out = nn.Linear(h, 4)
        s.none = nn.ModuleDict({k: nn.Linear(2 * D, 1) for k in ('content_cue', 'cue_source', 'content_source')})
        s.act = nn.Linear(2 * D, 1)
        for e in (s.dist, s.btw, s.brk):
            nn.init.normal_(e.weight, std=.1)

    @staticmethod
    def rep(z, spans):
        """z [N, D]; spans: token ranges -> [n, 2 D]: first and last token."""
        i = torch.as_tensor(np.asarray(spans).reshape(-1, 2)); return torch.cat([z[i[:, 0]], z[i[:, 1] - 1]], -1)

    def pairs(s, kind, l, r, feats):
        """l, r: projections [n, h] of the left and right span of each pair; feats: three arrays [n]. -> scores [n]"""
        d, b, k = (torch.as_tensor(f) for f in feats)
        x = l + r + s.dist(d + NDIST * kind) + s.btw(b + NBTW * kind) + s.brk(k + NBRK * kind)
        return F.relu(x) @ s.out.weight[kind] + s.out.bias[kind] + ((l @ s.u[kind]) * r).sum(-1) * l.shape[1] ** -.5


class Reader(nn.Module):
    def __init__(s, D=384, L=6, H=12, I=1536):
        super().__init__()
        s.cfg = dict(D=D, L=L, H=H, I=I)
        s.enc = Encoder(D, I, H, L)
        s.che = nn.Embedding(NLETTER, 16, padding_idx=0); s.chc = nn.Conv1d(16, 48, 3, padding=1)
        s.ws = nn.Embedding(NSHAPE, 16); s.wq = nn.Embedding(NQUOTE, 12); s.wp = nn.Embedding(NPOS, 4)
        s.wstyle = nn.Embedding(len(STYLES), D, padding_idx=0); nn.init.zeros_(s.wstyle.weight)
        s.mix = nn.Linear(D + 48 + 32, D); s.mln = nn.LayerNorm(D)
        s.attr = nn.Linear(D, len(ATTR)); s.names = nn.Linear(D, len(NAMES))
        s.cattr = CRF(ATTR); s.cnames = CRF(NAMES); s.link = Linker(D)

    def tokens(s, b):
        """-> states [N, D] of all tokens of the batch, in order, and where each stands in [B, W]"""
        h = s.enc(b); B, W = b['fi'].shape
        bi, wi = b['wm'].nonzero(as_tuple=True)
        h = h[bi, b['fi'][bi, wi]].float()
        c = F.relu(s.chc(s.che(b['ch'][bi, wi]).transpose(1, 2))).amax(2)
        f = torch.cat([s.ws(b['wsh'][bi, wi]), s.wq(b['wqu'][bi, wi]), s.wp(b['wpo'][bi, wi])], -1)
        if s.training:
            h = h + s.wstyle(b['style'][bi])
        z = F.dropout(torch.cat([h, c, f], -1), .1, s.training)
        z = s.mln(h + F.gelu(s.mix(z)))
        return F.dropout(z, .1, s.training), bi, wi

    @staticmethod
    def spread(o, bi, wi, shape):
        return o.new_zeros(*shape, o.shape[-1]).index_put((bi, wi), o)
