"""calibrate.py FOLDER OUT.json: how far confidences can be trusted, and how to mend them. FOLDER holds the dev predictions that
evaluate.py --out wrote. For names and attributions, fits confidence' = sigmoid(slope * logit(confidence) + shift) to what was right
(a name: exact span and type; an attribution: content and source as D counts them) and says the expected calibration error, in ten bins of
equal width, before and after: of a fit on the other half of the texts, so that the figure is not flattered."""
import argparse, json, math, sys, os
import numpy as np
sys.path.insert(0, os.environ.get('QW_SCORE', '../shared/score'))
import score_attribution as SA, score_ner as SN
import data as D


def outcomes_names(folder):
    """-> per text: [(confidence, right)]"""
    for name in ('worldwide', 'conll03'):
        gold, pred = SN.read(f'{D.DATA}/ner/{name}.dev.jsonl'), SN.read(f'{folder}/{name}.dev.jsonl')
        for k, r in gold.items():
            g = {(e['start'], e['end'], e['type']) for e in r['entities']}
            yield [(e['confidence'], (e['start'], e['end'], e['type']) in g) for e in pred[k]['entities']]


def outcomes_attributions(folder):
    gold = SA.read(f'{D.DATA}/attribution/polnear.dev.jsonl'); pred = SA.Predictions(SA.read(f'{folder}/polnear.dev.jsonl'))
    for r in gold:
        t = SA.Tokens.of(r['text']); sets = lambda a: {k: t.set(a[k]) for k in SA.ROLES}
        g, raw = [sets(a) for a in r['attributions']], pred.of(r) or []
        p = [sets(a) for a in raw]
        right = {j for i, j in SA.match(g, p) if SA.agree(g[i]['source'], p[j]['source'])}
        yield [(a['confidence'], j in right) for j, a in enumerate(raw)]


def logit(p):
    p = np.clip(np.asarray(p, dtype=float), 1e-6, 1 - 1e-6)
    return np.log(p / (1 - p))


def mend(p, slope, shift):
    return 1 / (1 + np.exp(-(slope * logit(p) + shift)))


def fit(p, y):
    """Logistic regression of y on logit(p), by Newton's method."""
    X, w = np.stack([logit(p), np.ones(len(p))], 1), np.array([1., 0.])
    for _ in range(50):
        q = 1 / (1 + np.exp(-X @ w)); H = (X * (q * (1 - q))[:, None]).T @ X + 1e-6 * np.eye(2)
        step = np.linalg.solve(H, X.T @ (q - y)); w = w - step
        if np.abs(step).max() < 1e-8:
            break
    return w


def ece(p, y, bins=10):
    k = np.minimum((np.asarray(p) * bins).astype(int), bins - 1)
    return sum(abs(p[k == i].mean() - y[k == i].mean()) * (k == i).mean() for i in range(bins) if (k == i).any())


def main():
    ap = argparse.ArgumentParser(description=__doc__); ap.add_argument('folder'); ap.add_argument('out'); o = ap.parse_args(); res = {}
    for what, texts in (('names', list(outcomes_names(o.folder))), ('attributions', list(outcomes_attributions(o.folder)))):
        flat = lambda ts: (np.array([c for t in ts for c, _ in t]), np.array([float(r) for t in ts for _, r in t]))
        p, y = flat(texts); halves = flat(texts[::2]), flat(texts[1::2])
        after = [ece(mend(b[0], *fit(*a)), b[1]) for a, b in (halves, halves[::-1])]
        w = fit(p, y)
        res[what] = dict(slope=round(float(w[0]), 4), shift=round(float(w[1]), 4), ece_before=round(float(ece(p, y)), 4), ece_after=round(float(np.mean(after)), 4), n=len(p))
        print(what, res[what])
    json.dump(res, open(o.out, 'w'), indent=1)


if __name__ == '__main__':
    main()
