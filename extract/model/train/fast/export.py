"""export.py MODEL.pt FOLDER NAME [--dev DEV.json] [--calibration CAL.json]: the model as FORMAT.md has it, NAME.int8.safetensors; beside it
NAME.parity.json, what the network with these weights makes of a few texts; and NAME.int8.pt, the same weights for score.py."""
import argparse, hashlib, json, os, sys
import numpy as np, torch
from safetensors.numpy import save_file
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import data as D, links, export as E
from quantise import quantise
from predict import tag
from model import ATTR, NAMES
import net as N, words as W


def tensors(net, words):
    """-> {name: array}, the state with the numbers that these hold"""
    st, out, back = net.state_dict(), {}, {}
    g = lambda k: np.ascontiguousarray(st[k].float().numpy())

    def matrix(name, key):
        q, s = quantise(g(key)); out[name + '.weight'], out[name + '.scale'] = q, s
        back[key] = torch.from_numpy(q.astype(np.float32) * s[:, None])

    out['words.hash'] = np.array([W.hash32(w) for w in words], dtype='<u4').view(np.int8).reshape(-1, 4)
    matrix('words.whole', 'whole')
    out['words.codes'], out['words.books'] = st['codes'].numpy().view(np.int8), g('books')
    out['letters.embedding'], out['letters.conv.weight'], out['letters.conv.bias'] = g('che.weight'), g('chc.weight'), g('chc.bias')
    for i, (name, *_) in enumerate(N.FEATURES):
        out['token.' + name] = g(f'feat.{i}.weight')
    both = {'input': 'inp', 'attributions': 'attr', 'names': 'names'}
    norms = {'input.norm': 'ln', 'link.out': 'link.out', 'act': 'link.act'}
    for i in range(len(net.blocks)):
        both |= {f'blocks.{i}.{k}': f'blocks.{i}.{k}' for k in ('near', 'out')}; norms[f'blocks.{i}.norm'] = f'blocks.{i}.norm'
    both |= {f'link.left.{r}': f'link.left.{r}' for r in ('cue', 'content')} | {f'link.right.{r}': f'link.right.{r}' for r in ('source', 'content')}
    norms |= {f'link.none.{k}': f'link.none.{k}' for k in ('content_cue', 'cue_source', 'content_source')}
    for name, key in both.items():
        matrix(name, key + '.weight'); out[name + '.bias'] = g(key + '.bias')
    for name, key in norms.items():
        w = g(key + '.weight'); out[name + '.weight'] = w[0].copy() if name == 'act' or name.startswith('link.none') else w
        out[name + '.bias'] = g(key + '.bias')
    out |= {'link.distance': g('link.dist.weight'), 'link.between': g('link.btw.weight'), 'link.breaks': g('link.brk.weight'), 'link.bilinear': g('link.u')}
    return out | E.crf_tensors(net), {**st, **back}


def config(ck, net, name, dev, calibration):
    return dict(format='quotewire-fast/1', name=name, weights='int8',
                sizes=dict(width=N.WIDTH, inner=N.INNER, word=W.WIDTH, letters=N.LETTERS, groups=W.GROUPS, words=len(ck['words']), whole=len(net.whole), link=N.LINK),
                dilations=net.cfg['dilations'], steps=N.STEPS.tolist(), tags=dict(attributions=ATTR, names=NAMES),
                features=dict(shape=D.NSHAPE, quote=D.NQUOTE, position=D.NPOS, letter=D.NLETTER, width=D.WIDTH),
                corpora=ck['mix'], seed=ck['args']['seed'], steps_trained=ck['steps'], teacher=bool(ck['args']['teacher']), calibration=calibration, dev=dev)


@torch.no_grad()
def parity(net, forms):
    out = []; r = lambda v: np.asarray(v, dtype=np.float64).round(4).tolist()
    docs = D.make([dict(id=str(i), text=t) for i, t in enumerate(E.TEXTS)]); N.encode(net, forms, docs)
    for d in docs:
        b = N.collate([(d, 0, len(d.start))], forms); x = net.input(b)[0]
        ea, en = net.attr(d.z).numpy(), net.names(d.z).numpy()
        spans = links.by_role(tag(net.cattr, ea, ATTR)); at = sorted({0, 1, len(d.start) // 2, len(d.start) - 1})
        out.append(dict(text=d.text, features=d.feat.tolist(), rows=[forms.row[i] for i in d.form], input={str(i): r(x[i]) for i in at}, states={str(i): r(d.z[i]) for i in at},
                        attribution_emissions=r(ea), name_emissions=r(en), attribution_spans=tag(net.cattr, ea, ATTR), name_spans=tag(net.cnames, en, NAMES),
                        links=links.link(net.link, d.z, spans, d.pos)))
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__); ap.add_argument('model'); ap.add_argument('folder'); ap.add_argument('name')
    ap.add_argument('--dev', default=''); ap.add_argument('--calibration', default=''); o = ap.parse_args(); os.makedirs(o.folder, exist_ok=True); torch.set_num_threads(1)
    ck = torch.load(o.model, weights_only=False); net, forms = N.load(o.model); get = lambda p: json.load(open(p)) if p else {}
    full, state = tensors(net, ck['words']); net.load_state_dict(state)
    cal = {k: {x: v[x] for x in ('slope', 'shift')} for k, v in get(o.calibration).items()}
    save_file(full, f'{o.folder}/{o.name}.int8.safetensors', metadata={'config': json.dumps(config(ck, net, o.name, get(o.dev), cal))})
    json.dump(parity(net, forms), open(f'{o.folder}/{o.name}.parity.json', 'w'))
    torch.save({**ck, 'state': net.state_dict()}, f'{o.folder}/{o.name}.int8.pt')
    for f in sorted(os.listdir(o.folder)):
        p = f'{o.folder}/{f}'; print(f'{os.path.getsize(p):>11,}  {hashlib.sha256(open(p, "rb").read()).hexdigest()[:16]}  {f}')


if __name__ == '__main__':
    main()
