"""evaluate.py MODEL.pt [--json OUT] [--out FOLDER]: dev figures by the scorers of $QW_SCORE."""
import argparse, copy, json, os, sys, tempfile, time
import torch
sys.path.insert(0, os.environ.get('QW_SCORE', '../shared/score'))
import score_attribution as SA, score_ner as SN
import data as D
from predict import load_model, encode, write_corpus, SIZE, CONTEXT

ATTRIBUTION, SPEECH = 'attribution/polnear.dev', 'attribution/newsdiscourse.dev'
NAME_SETS = {'ner/worldwide.dev': ['PER', 'LOC', 'ORG'], 'ner/conll03.dev': ['PER', 'LOC', 'ORG'], 'geo/lgl.dev': ['LOC']}


def attributions(gold, records, speech=False):
    s = SA.Attributions(SA.gold_filter(gold, speech, None, False)); p = SA.Predictions(copy.deepcopy(records))
    for g in gold:
        s.add(g, copy.deepcopy(p.of(g) or []))
    return s.result()


def polnear(out):
    gold = SA.read(f'{D.DATA}/{ATTRIBUTION}.jsonl'); at = lambda x: SA.read(f'{out}/polnear.dev{x}.jsonl')
    a = SA.score_cofenet(SA.read(f'{D.DATA}/attribution/polnear_cofenet.dev.jsonl'), SA.Predictions(at('.spans')))
    D_, S = attributions(gold, at(''))['D'], attributions(gold, at('.speech'), True)['D']
    return {**{f'A* {r}': a[r]['exact']['f'] for r in SA.ROLES}, 'D': D_['headline']['f'], 'D content': D_['content_only']['f'],
            'D speech': S['headline']['f'], 'D speech P': S['headline']['p'], 'D speech R': S['headline']['r']}


def sentences(out):
    s = SA.Sentences(); gold = SA.read(f'{D.DATA}/{SPEECH}.jsonl'); p = SA.Predictions(SA.read(f'{out}/newsdiscourse.dev.speech.jsonl'))
    for g in gold:
        s.add(g, p.of(g) or [])
    return s.result()['G']['f']


def names(name, types, out):
    gold, pred = SN.read(f'{D.DATA}/{name}.jsonl'), SN.read(f"{out}/{name.split('/')[1]}.jsonl")
    r = SN.score(gold, pred, types)
    return {k: v['f'] for k, v in r.items() if k in ('PER', 'LOC', 'ORG', 'PER+LOC')}


def figures(net, encode, out, only='', clock=time.time):
    """-> {corpus: its figures}, printed as they come. encode(docs) has the network read; out is the folder of its predictions."""
    res = {}
    for name in [ATTRIBUTION, *NAME_SETS, SPEECH]:
        if only not in name:
            continue
        docs = D.load(name); t = clock(); encode(docs); s = clock() - t
        write_corpus(net, name, docs, out)
        r = polnear(out) if name == ATTRIBUTION else {'G': sentences(out)} if name == SPEECH else names(name, NAME_SETS[name], out)
        res[name] = {k: round(v, 2) for k, v in r.items()}
        print(name, ' '.join(f'{k} {v:.1f}' for k, v in r.items()), f'({s:.0f} s)', flush=True)
    return res


def options(about):
    ap = argparse.ArgumentParser(description=about)
    ap.add_argument('model'); ap.add_argument('--json', default=''); ap.add_argument('--only', default='')
    ap.add_argument('--out', default='', help='keep the predictions here')
    return ap


def main():
    ap = options(__doc__)
    ap.add_argument('--size', type=int, default=SIZE); ap.add_argument('--ctx', type=int, default=CONTEXT); ap.add_argument('--threads', type=int, default=1)
    o = ap.parse_args(); torch.set_num_threads(o.threads); net = load_model(o.model)
    write(figures(net, lambda docs: encode(net, docs, o.size, o.ctx), folder(o), o.only), o)


def folder(o):
    out = o.out or tempfile.mkdtemp(); os.makedirs(out, exist_ok=True)
    return out


def write(res, o):
    if o.json:
        json.dump(res, open(o.json, 'w'), indent=1)


if __name__ == '__main__':
    main()
