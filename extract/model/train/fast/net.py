"""The fast reader: word vectors, letters and features of each token through dilated convolutions; taggers, linker
and act as in ../model.py. FORMAT.md says the same in arithmetic."""
import os, random, sys
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import data as D
from data import NAMES, ATTR, STYLES, NSHAPE, NQUOTE, NPOS, NLETTER
from model import CRF, Linker
import words as W

WIDTH, INNER, LINK, LETTERS = 192, 192, 64, 48
DILATIONS = [1, 2, 4, 8, 16]
STEPS = np.array([0, 1, 2, 3, 4, 5, 7, 11, 21])      # where the buckets of distances begin, in tokens; bucket 0: there is none
NBUCKET = len(STEPS) + 1
FEATURES = (('shape', NSHAPE, 12), ('quote', NQUOTE, 8), ('position', NPOS, 4), ('opened', NBUCKET, 6), ('closed', NBUCKET, 6), ('closes', NBUCKET, 6), ('begun', NBUCKET, 6))
OPENS, CLOSES = 1, 3                                 # values of the quote feature


def distances(marks, restart):
    """Buckets of the distance back to the last mark at or before each token, in its stretch; restart tells where stretches begin."""
    i = np.arange(len(marks))
    last = np.maximum.accumulate(np.where(marks, i, -1)); begin = np.maximum.accumulate(np.where(restart, i, 0))
    return np.where(last >= begin, np.searchsorted(STEPS, i - last, 'right'), 0)


def features(d):
    """[tokens, features]: see FEATURES."""
    n = len(d.start)
    par, sen = d.pos == 2, d.pos > 0
    if n:
        par = par.copy(); par[0] = True; sen = sen.copy(); sen[0] = True
    end = np.append(par[1:], True)[::-1]             # the same backwards
    return np.stack([d.shape, d.quote, d.pos, distances(d.quote == OPENS, par), distances(d.quote == CLOSES, par),
                     distances((d.quote == CLOSES)[::-1], end)[::-1], distances(sen, par)], 1).astype(np.int64) if n else np.zeros((0, len(FEATURES)), np.int64)


class Forms:
    """Numbers of token forms, and for each its row in the word vectors (-1: none) and its letters."""

    def __init__(s, words):
        s.word = {w: i for i, w in enumerate(words)}; s.id, s.row, s.letters = {}, [], []

    def prepare(s, docs):
        for d in docs:
            if hasattr(d, 'form'):
                continue
            d.form = np.zeros(len(d.start), np.int64); d.feat = features(d)
            for i, (a, b) in enumerate(zip(d.start, d.end)):
                w = W.form(d.text[a:b]); k = s.id.get(w)
                if k is None:
                    k = s.id[w] = len(s.row)
                    s.row.append(next((s.word[x] for x in W.keys(w) if x in s.word), -1)); s.letters.append(d.letters[i])
                d.form[i] = k


def collate(wins, forms):
    B, T = len(wins), max(w[2] - w[1] for w in wins)
    form, feat, m, style = np.zeros((B, T), np.int64), np.zeros((B, T, len(FEATURES)), np.int64), np.zeros((B, T), bool), np.zeros(B, np.int64)
    for k, w in enumerate(wins):
        d, a, b = w[:3]
        form[k, :b - a], feat[k, :b - a], m[k, :b - a], style[k] = d.form[a:b], d.feat[a:b], True, d.style
    every, at = np.unique(form, return_inverse=True)
    t = torch.from_numpy
    return dict(row=t(np.array([forms.row[i] for i in every])), letters=t(np.stack([forms.letters[i] for i in every])), form=t(at.reshape(B, T)),
                feat=t(feat), wm=t(m), style=t(style))


class Block(nn.Module):
    def __init__(s, dilation, drop):
        super().__init__()
        s.dilation, s.drop = dilation, drop
        s.near = nn.Linear(3 * WIDTH, INNER); s.out = nn.Linear(INNER, WIDTH); s.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        nn.init.normal_(s.near.weight, std=(3 * WIDTH) ** -.5); nn.init.normal_(s.out.weight, std=INNER ** -.5 / 2)
        nn.init.zeros_(s.near.bias); nn.init.zeros_(s.out.bias)

    def forward(s, x, m):
        k = s.dilation
        p = F.pad(x, (0, 0, k, k)); T = x.shape[1]
        u = F.gelu(s.near(torch.cat([p[:, :T], x, p[:, 2 * k:]], -1)))
        return s.norm(x + F.dropout(s.out(u), s.drop, s.training).float()) * m


class Fast(nn.Module):
    def __init__(s, whole, codes, books, drop=(.15, .1, .2), worddrop=.05, dilations=DILATIONS):
        super().__init__()
        whole, codes, books = (torch.as_tensor(x) for x in (whole, codes, books))
        s.cfg = dict(D=WIDTH, drop=drop, worddrop=worddrop, dilations=dilations)
        s.register_buffer('codes', codes); s.register_buffer('books', books)
        g = torch.arange(books.shape[0])
        coded = books[g, codes.long()].reshape(len(codes), -1)
        s.register_buffer('coded', coded, persistent=False)
        s.whole = nn.Parameter(whole.clone().float())
        s.che = nn.Embedding(NLETTER, 16, padding_idx=0); s.chc = nn.Conv1d(16, LETTERS, 3, padding=1)
        s.feat = nn.ModuleList(nn.Embedding(n, w) for _, n, w in FEATURES)
        s.inp = nn.Linear(W.WIDTH + LETTERS + sum(w for *_, w in FEATURES), WIDTH); s.style = nn.Embedding(len(STYLES), WIDTH, padding_idx=0)
        nn.init.zeros_(s.style.weight)
        s.ln = nn.LayerNorm(WIDTH, eps=1e-12)
        s.blocks = nn.ModuleList(Block(k, drop[1]) for k in dilations)
        s.attr = nn.Linear(WIDTH, len(ATTR)); s.names = nn.Linear(WIDTH, len(NAMES))
        s.cattr = CRF(ATTR); s.cnames = CRF(NAMES); s.link = Linker(WIDTH, LINK)

    def words(s, row):
        n = len(s.whole)
        w = torch.cat([s.whole, s.coded.new_zeros(1, s.whole.shape[1])])[torch.where((row >= 0) & (row < n), row, n)]
        return w + s.coded[(row - n).clamp(min=0)] * (row >= n)[:, None]

    def input(s, b):
        w = s.words(b['row']); c = F.relu(s.chc(s.che(b['letters']).transpose(1, 2))).amax(2)
        w, c = w[b['form']], c[b['form']]
        f = torch.cat([e(b['feat'][..., i]) for i, e in enumerate(s.feat)], -1)
        if s.training:
            w = w * (torch.rand(*w.shape[:2], 1) >= s.cfg['worddrop'])
        x = torch.cat([w, c, f], -1)
        if s.training:
            p = s.cfg['drop'][0]; x = x * (torch.rand(x.shape[0], 1, x.shape[2]) >= p) / (1 - p)
        return x

    def encode(s, b):
        """-> [B, T, WIDTH]"""
        m = b['wm'][..., None].float()
        x = s.inp(s.input(b)).float()
        if s.training:
            x = x + s.style(b['style'])[:, None]
        x = s.ln(x) * m
        for l in s.blocks:
            x = l(x, m)
        return x

    def tokens(s, b):
        """-> states [N, WIDTH] of all tokens in order, and where each stands in [B, T]"""
        with torch.autocast('cpu', dtype=torch.bfloat16, enabled=s.training):
            x = s.encode(b)
        bi, wi = b['wm'].nonzero(as_tuple=True)
        return F.dropout(x[bi, wi].float(), s.cfg['drop'][2], s.training), bi, wi

    @staticmethod
    def spread(o, bi, wi, shape):
        return o.new_zeros(*shape, o.shape[-1]).index_put((bi, wi), o)


def load(path):
    """-> net, forms"""
    ck = torch.load(path, weights_only=False); st = ck['state']
    net = Fast(st['whole'], st['codes'], st['books'], **{k: v for k, v in ck['cfg'].items() if k != 'D'}); net.load_state_dict(st); net.eval()
    return net, Forms(ck['words'])


@torch.no_grad()
def encode(net, forms, docs, tokens=6000):
    """Sets d.z, the token states, of each Doc, a text being one sequence."""
    forms.prepare(docs)
    for d in docs:
        d.z = torch.zeros(len(d.start), WIDTH)
    for bt in batches([(d, 0, len(d.start)) for d in docs if len(d.start)], tokens, random.Random(0)):
        z, _, _ = net.tokens(collate(bt, forms)); at = 0
        for d, a, b in bt:
            d.z = z[at:at + b - a]; at += b - a


def batches(windows, tokens, rng):
    """As D.batches, of at most `tokens` tokens."""
    return D.batches(windows, tokens, rng, lambda w: w[2] - w[1])
