"""train.py OUT.pt --init WEIGHTS.safetensors [options]: trains a reader; a run cut short goes on where it stood.

Everything random comes from --seed. With --minutes the schedule also ends by the clock, which is not reproducible.
"""
import argparse, json, os, random, time
import torch
from safetensors.torch import load_file
import coref, corpora, data as D, links
from model import Reader, ATTR, NAMES

MIX = {'attribution/polnear.train': 3, 'ner/worldwide.train': 1.5, 'ner/conll03.train': 1, 'ner/gmb.train': .35,
       'ner/uner_ewt.train': .5, 'ner/wikigold.all': 1, 'ner/conll04.train': 1, 'ner/crossner_politics.train': 1, 'ner/btc.g': .5}


def options():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('out'); ap.add_argument('--init', required=True)
    ap.add_argument('--begin', default='', help='a reader trained before, to go on from')
    ap.add_argument('--mix', default='', help='passes over each corpus, "ner/gmb.train=.2,...": changes to the default; 0 leaves one out')
    ap.add_argument('--product', default='', help='corpora, "ner/gmb.train,...", whose conventions are to be the product\'s: they get no style')
    ap.add_argument('--scale', type=float, default=1, help='multiplies all passes')
    ap.add_argument('--lr', type=float, default=2e-4); ap.add_argument('--hlr', type=float, default=1.5e-3)
    ap.add_argument('--wd', type=float, default=.01); ap.add_argument('--pieces', type=int, default=2048); ap.add_argument('--size', type=int, default=256)
    ap.add_argument('--linkw', type=float, default=.5); ap.add_argument('--ema', type=float, default=.99)
    ap.add_argument('--teacher', default='', help='folder of soft labels, see teach.py'); ap.add_argument('--soft', type=float, default=.4)
    ap.add_argument('--coref', default='', help='folders that ../../coref/train -dump wrote and passes over them, "FOLDER=6,...": learns a ranker of pronouns too')
    ap.add_argument('--corefw', type=float, default=.25); ap.add_argument('--coreflayers', default='5', help='whose vectors the ranker sees')
    ap.add_argument('--minutes', type=float, default=0); ap.add_argument('--seed', type=int, default=1); ap.add_argument('--threads', type=int, default=1)
    ap.add_argument('--steps', type=int, default=0, help='stop after so many, for a trial'); ap.add_argument('--save', type=float, default=300, help='seconds')
    ap.add_argument('--compile', type=int, default=1)
    return ap.parse_args()


def plan(sets, o, rng):
    out = []
    for docs, passes in sets.values():
        out += corpora.some(passes, lambda: D.batches([w for d in docs for w in D.train_windows(d, o.size, rng)], o.pieces, rng))
    for x in filter(None, o.coref.split(',')):
        folder, passes = x.split('='); docs = coref.documents(folder, 'train')
        out += corpora.some(float(passes), lambda: coref.batches(docs, o.pieces, rng))
    rng.shuffle(out)
    return out


def batch_loss(net, wins, o, predicted):
    """-> loss per token, its parts, pieces and tokens."""
    if isinstance(wins, coref.Batch):
        l, pieces, n = coref.joint(net, wins)
        return o.corefw * l, {'coref': l.item()}, pieces, n
    b = {k: torch.from_numpy(v) for k, v in D.collate(wins).items()}
    z, bi, wi = net.tokens(b)
    total, parts = reading_loss(net, wins, z, lambda x: net.spread(x, bi, wi, b['fi'].shape), b['wm'], o.soft, o.linkw, predicted)
    return total, parts, b['x'].numel(), len(z)


def reading_loss(net, wins, z, spread, mask, soft, linkw, predicted):
    """-> loss per token of taggers and linker, its parts; of either reader's network. z: states of all tokens; spread lays scores of them
    out by window. linkw: the linker's weight, 0 leaves it out. predicted: the linker learns from the spans that the tagger finds."""
    parts, total = {}, 0.
    for task, head, crf, K in (('attr', net.attr, net.cattr, len(ATTR)), ('names', net.names, net.cnames, len(NAMES))):
        if all(getattr(w[0], task) is None and getattr(w[0], 'soft_' + task) is None for w in wins):
            continue
        e = spread(head(z))
        y, hard = D.targets(wins, task, 'soft_' + task, K, soft)
        l = crf.loss(e, mask, y, hard) / len(z)
        parts[task] = l.item(); total = total + l
        if task == 'attr' and linkw and wins[0][0].atts is not None:
            if predicted:
                tags = crf.viterbi(e.detach().numpy(), mask.numpy())
                spans = [links.by_role(links.spans_of(t[:w[2] - w[1]], ATTR)) for t, w in zip(tags, wins)]
            else:
                spans = [links.gold_spans(w) for w in wins]
            l = links.loss(net.link, z, wins, spans) / len(z)
            parts['link'] = l.item(); total = total + linkw * l
    return total, parts


def main():
    o = options()
    torch.set_num_threads(o.threads); torch.manual_seed(o.seed); rng = random.Random(o.seed); t0 = time.time()
    w = load_file(o.init)
    net = Reader(L=1 + max(int(k.split('.')[2]) for k in w if k.startswith('encoder.layer.'))); net.enc.load(w)
    if o.begin:
        net.load_state_dict(torch.load(o.begin, weights_only=False)['state'])
    if o.coref:
        layers = [int(x) for x in o.coreflayers.split(',')]
        net.ranker = coref.Ranker(net.cfg['D'] * len(layers), 64, coref.features_of(o.coref.split('=')[0]), .5); net.ranker.layers = layers
    plan_ = plan(corpora.corpora(o, MIX), o, rng); N = len(plan_)
    named = [(n, p) for n, p in net.named_parameters() if p.requires_grad]
    master = {n: p.detach().clone().requires_grad_() for n, p in named}          # float32; the layers themselves run in bfloat16
    net.enc.layers.to(torch.bfloat16)
    named = [(n, p) for n, p in net.named_parameters() if p.requires_grad]
    if o.compile:
        for l in net.enc.layers:
            l.compile(dynamic=True)
    groups = []
    for enc in (True, False):
        for flat in (True, False):
            ps = [master[n] for n, p in named if (n.startswith('enc.') and not n.startswith('enc.f')) == enc and (p.dim() < 2 or 'enc.f' in n) == flat]
            groups.append(dict(params=ps, lr=o.lr if enc else o.hlr, base=o.lr if enc else o.hlr, weight_decay=0. if flat else o.wd))
    opt = torch.optim.AdamW(groups, betas=(.9, .98), eps=1e-7, fused=True)
    ema = {n: p.detach().clone() for n, p in master.items()}
    k0, before, pieces, seen = 0, 0., 0, {}
    if os.path.exists(o.out + '.run'):
        r = torch.load(o.out + '.run', weights_only=False)
        assert r['N'] == N, 'the run to be resumed had another plan'
        k0, before, pieces, seen = r['k'], r['seconds'], r['pieces'], r['seen']
        for n in master:
            master[n].data.copy_(r['master'][n]); ema[n].copy_(r['ema'][n])
        opt.load_state_dict(r['opt']); torch.manual_seed(o.seed + k0)
        with torch.no_grad():
            for n, p in named:
                p.copy_(master[n])
    print(json.dumps(dict(args=vars(o), steps=N, begin=k0, parameters=sum(p.numel() for p in net.parameters()),
                          trained=sum(p.numel() for p in master.values()), load_s=round(time.time() - t0))), flush=True)

    def state():
        return {n: (ema[n].clone() if n in ema else v.float() if v.is_floating_point() else v) for n, v in net.state_dict().items()}

    def save(k, done):
        elapsed = before + time.time() - t0
        st = state()
        ranker = {n: st.pop(n) for n in [n for n in st if n.startswith('ranker.')]}
        torch.save(dict(state=st, ranker=ranker, cfg=net.cfg, args=vars(o), steps=k, of=N, seconds=elapsed, pieces=pieces), o.out + '.new'); os.rename(o.out + '.new', o.out)
        if done:
            if os.path.exists(o.out + '.run'):
                os.remove(o.out + '.run')
            return
        torch.save(dict(N=N, k=k, seconds=elapsed, pieces=pieces, seen=seen, master={n: p.detach() for n, p in master.items()}, ema=ema, opt=opt.state_dict()), o.out + '.run.new')
        os.rename(o.out + '.run.new', o.out + '.run')

    net.train(); t0 = saved = time.time(); p0 = pieces
    for k in range(k0, min(N, o.steps or N)):
        elapsed = before + time.time() - t0
        progress = max(k / N, elapsed / 60 / o.minutes if o.minutes else 0)
        if progress >= 1:
            break
        lr = min((k + 1) / max(20, N / 15), (1 - progress) / (14 / 15))
        for g in opt.param_groups:
            g['lr'] = g['base'] * lr
        loss, parts, n_pieces, _ = batch_loss(net, plan_[k], o, predicted=progress > .25 and k % 2 == 0)
        loss.backward()
        for n, p in named:
            master[n].grad = None if p.grad is None else p.grad.float(); p.grad = None
        norm = torch.nn.utils.clip_grad_norm_(master.values(), 1.0)
        if torch.isfinite(norm):
            opt.step()
        with torch.no_grad():
            ms = [master[n] for n, _ in named]
            torch._foreach_copy_([p for _, p in named], ms)
            if k % 4 == 3 or k == N - 1:
                torch._foreach_lerp_([ema[n] for n, _ in named], [m.detach() for m in ms], 1 - min(o.ema, (k + 1) / (k + 40)) ** 4)
        pieces += n_pieces
        for x, v in parts.items():
            seen[x] = .98 * seen.get(x, v) + .02 * v
        if k % 25 == 24 or k == N - 1:
            s = time.time() - t0
            print(f"{k + 1}/{N} {' '.join(f'{x} {v:.4f}' for x, v in seen.items())} lr {lr:.3f} {(pieces - p0) / s:.0f} pieces/s {before + s:.0f}s eta {s / (k + 1 - k0) * (N - k - 1):.0f}s", flush=True)
        if time.time() - saved > o.save:
            save(k + 1, False); saved = time.time()
    save(k + 1, not o.steps)


if __name__ == '__main__':
    main()
