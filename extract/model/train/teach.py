"""teach.py TEACHER.pt FOLDER CORPUS...: what a teacher makes of corpora, for train.py --teacher FOLDER: per corpus the CRF
marginals of every token, of both tasks, as float16. Where a corpus says of its sentences whether they hold speech (NewsDiscourse),
the teacher's attributions are kept too, their act from the sentence. (Bending the teacher's reading until each sentence of speech has
some content taught pupils to read over cues: README.md.)"""
import argparse, json, os, time
import numpy as np, torch
import data as D
from predict import load_model, encode, read_attributions


def marginals(crf, e):
    return crf.marginals(e[None], np.ones((1, len(e)), bool))[0]


@torch.no_grad()
def teach(net, name, folder):
    docs = [d for d in D.load(name) if len(d.start)]; t = time.time(); silver, attr, names = [], [], []
    for i in range(0, len(docs), 200):
        part = docs[i:i + 200]; encode(net, part)
        for d in part:
            names.append(marginals(net.cnames, net.names(d.z).numpy()).astype(np.float16))
            attr.append(marginals(net.cattr, net.attr(d.z).numpy()).astype(np.float16))
            if d.sentences:
                atts, _ = read_attributions(net, d)
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
