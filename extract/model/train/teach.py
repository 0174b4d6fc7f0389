"""teach.py TEACHER.pt FOLDER CORPUS...: what a teacher makes of corpora, for train.py --teacher FOLDER: per corpus the CRF
marginals of every token, of both tasks, as float16. Where a corpus says of its sentences whether they hold speech (NewsDiscourse),
the teacher's reading is bent until each such sentence has some content, and its attributions are kept, their act from the sentence."""
import argparse, json, os, time
import numpy as np, torch
import data as D
from model import ATTR, NAMES
from predict import load_model, encode, read_attributions

CONTENT = [i for i, t in enumerate(ATTR) if t.endswith('content')]


def marginals(crf, e):
    return crf.marginals(e[None], np.ones((1, len(e)), bool))[0]


def bend(net, d):
    """Emissions of attributions with, in sentences of speech where the teacher sees no content, a growing bonus for it."""
    e = net.attr(d.z).numpy().astype(np.float64)
    said = [D.tokens_of(d, s, t) for s, t, speech in d.sentences if speech]
    for _ in range(4):
        m = marginals(net.cattr, e); low = [(a, b) for a, b in said if b > a and m[a:b][:, CONTENT].sum(1).max() < .5]
        if not low:
            break
        for a, b in low:
            e[a:b, CONTENT] += 2.
    return e


@torch.no_grad()
def teach(net, name, folder):
    docs = [d for d in D.load(name) if len(d.start)]; t = time.time(); silver, attr, names = [], [], []
    for i in range(0, len(docs), 200):
        part = docs[i:i + 200]; encode(net, part)
        for d in part:
            names.append(marginals(net.cnames, net.names(d.z).numpy()).astype(np.float16))
            e = bend(net, d) if d.sentences else net.attr(d.z).numpy()
            attr.append(marginals(net.cattr, e).astype(np.float16))
            if d.sentences:
                atts, _ = read_attributions(net, d, emissions=e)
                flag = np.zeros(len(d.start), bool)
                for s, x, speech in d.sentences:
                    a, b = D.tokens_of(d, s, x); flag[a:b] = speech
                for a in atts:
                    a['speech'] = bool(np.mean([flag[x:y].mean() for x, y in a['content']]) >= .5); a.pop('p')
                silver.append(atts)
            d.z = None
        print(f'{name} {i + len(part)}/{len(docs)} {time.time() - t:.0f} s', flush=True)
    base = f"{folder}/{name.replace('/', '.')}"
    np.savez(base + '.npz', attr=np.concatenate(attr), names=np.concatenate(names))
    if silver:
        json.dump(silver, open(base + '.silver.json', 'w'))


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('teacher'); ap.add_argument('folder'); ap.add_argument('corpora', nargs='+'); ap.add_argument('--threads', type=int, default=1)
    o = ap.parse_args(); torch.set_num_threads(o.threads); os.makedirs(o.folder, exist_ok=True); net = load_model(o.teacher)
    for name in o.corpora:
        teach(net, name, o.folder)


if __name__ == '__main__':
    main()
