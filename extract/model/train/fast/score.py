"""score.py MODEL.pt [--json OUT] [--out FOLDER]: dev figures of a fast reader by the scorers of $QW_SCORE, as ../evaluate.py. FOLDER keeps the
predictions, for ../calibrate.py."""
import argparse, json, os, sys, tempfile, time
import torch
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import data as D, evaluate as V, predict as P
import net as N


def main():
    ap = argparse.ArgumentParser(description=__doc__); ap.add_argument('model'); ap.add_argument('--json', default=''); ap.add_argument('--out', default=''); ap.add_argument('--only', default='')
    o = ap.parse_args(); torch.set_num_threads(1); net, forms = N.load(o.model); out, res = o.out or tempfile.mkdtemp(), {}; os.makedirs(out, exist_ok=True)
    for name in [V.ATTRIBUTION, *V.NAME_SETS, V.SPEECH]:
        if o.only not in name:
            continue
        docs = D.load(name); t = time.process_time(); N.encode(net, forms, docs); s = time.process_time() - t
        P.write_corpus(net, name, docs, out)
        r = V.polnear(out) if name == V.ATTRIBUTION else {'G': V.sentences(out)} if name == V.SPEECH else V.names(name, V.NAME_SETS[name], out)
        res[name] = {k: round(v, 2) for k, v in r.items()}
        print(name, ' '.join(f'{k} {v:.1f}' for k, v in r.items()), f'({s:.0f} CPU s)', flush=True)
    if o.json:
        json.dump(res, open(o.json, 'w'), indent=1)


if __name__ == '__main__':
    main()
