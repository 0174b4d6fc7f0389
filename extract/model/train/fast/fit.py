"""fit.py OUT.pt --words WORDS.npz [--teacher FOLDER] [options]: trains the fast reader; a run cut short goes on where it stood.

Corpora, styles and losses are those of ../train.py. With --minutes the schedule ends by the clock, which is not reproducible; the plan is
then longer than what is run, and mixed evenly."""
import argparse, json, os, random, sys, time
import numpy as np, torch
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import corpora, data as D, train as T
import net as N

MIX = {'attribution/polnear.train': 5, 'attribution/newsdiscourse.train': 3, 'ner/worldwide.train': 4, 'ner/conll03.train': 3, 'ner/gmb.train': .3,
       'ner/uner_ewt.train': .4, 'ner/wikigold.all': 1, 'ner/conll04.train': 1, 'ner/crossner_politics.train': 1, 'ner/btc.g': .5}


def options():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('out'); ap.add_argument('--words', required=True); ap.add_argument('--scale', type=float, default=1); ap.add_argument('--mix', default='')
    ap.add_argument('--init', default='', help='a model to go on from'); ap.add_argument('--product', default='', help='as in ../train.py')
    ap.add_argument('--lr', type=float, default=2e-3); ap.add_argument('--wd', type=float, default=.01); ap.add_argument('--tokens', type=int, default=2400)
    ap.add_argument('--size', type=int, default=300, help='word pieces of a window'); ap.add_argument('--linkw', type=float, default=.5); ap.add_argument('--ema', type=float, default=.997)
    ap.add_argument('--teacher', default=''); ap.add_argument('--soft', type=float, default=.4, help="the teacher's share where there is gold too")
    ap.add_argument('--minutes', type=float, default=0); ap.add_argument('--seed', type=int, default=1); ap.add_argument('--threads', type=int, default=1)
    ap.add_argument('--steps', type=int, default=0, help='stop after so many, for a trial'); ap.add_argument('--save', type=float, default=240, help='seconds')
    return ap.parse_args()


def plan(sets, o, rng):
    out = []
    for docs, passes in sets.values():
        out += corpora.some(passes, lambda: N.batches([w for d in docs for w in D.train_windows(d, o.size, rng)], o.tokens, rng))
    rng.shuffle(out)
    return out


def batch_loss(net, forms, wins, o, step, predicted):
    """-> loss per token, its parts, tokens. The linker learns at every other step."""
    b = N.collate(wins, forms)
    z, bi, wi = net.tokens(b)
    total, parts = T.reading_loss(net, wins, z, lambda x: net.spread(x, bi, wi, b['wm'].shape), b['wm'], o.soft, 0 if step % 2 else 2 * o.linkw, predicted)
    return total, parts, len(z)


def main():
    o = options(); torch.set_num_threads(o.threads); torch.manual_seed(o.seed); rng = random.Random(o.seed); t0 = time.time()
    words = np.load(o.words, allow_pickle=True); forms = N.Forms(words['words'].tolist())
    sets = corpora.corpora(o, MIX)
    for docs, _ in sets.values():
        forms.prepare(docs)
    steps = plan(sets, o, rng); n_steps = len(steps)
    net = N.Fast(words['whole'], words['codes'], words['books'])
    if o.init:
        net.load_state_dict(torch.load(o.init, weights_only=False)['state'])
    named = [(n, p) for n, p in net.named_parameters()]
    flat = [p for n, p in named if p.dim() < 2 or n.startswith(('feat', 'che', 'whole', 'link.dist', 'link.btw', 'link.brk'))]; ids = {id(p) for p in flat}
    opt = torch.optim.AdamW([dict(params=[p for _, p in named if id(p) not in ids], weight_decay=o.wd), dict(params=flat, weight_decay=0.)], lr=o.lr, betas=(.9, .98), eps=1e-8, fused=True)
    ema = {n: p.detach().clone() for n, p in named}
    k0, before, seen = 0, 0., {}
    if os.path.exists(o.out + '.run'):
        r = torch.load(o.out + '.run', weights_only=False)
        assert r['N'] == n_steps, 'the run to be resumed had another plan'
        k0, before, seen, ema = r['k'], r['seconds'], r['seen'], r['ema']
        net.load_state_dict(r['net']); opt.load_state_dict(r['opt']); torch.manual_seed(o.seed + k0)
    print(json.dumps(dict(args=vars(o), steps=n_steps, begin=k0, parameters=sum(p.numel() for _, p in named), load_s=round(time.time() - t0))), flush=True)

    def save(k, done):
        elapsed = before + time.time() - t0
        torch.save(dict(state={n: ema.get(n, v) for n, v in net.state_dict().items()}, cfg=net.cfg, args=vars(o), mix={k: v for k, (_, v) in sets.items()}, words=words['words'].tolist(), steps=k, of=n_steps, seconds=elapsed), o.out + '.new')
        os.rename(o.out + '.new', o.out)
        if not done:
            torch.save(dict(N=n_steps, k=k, seconds=elapsed, seen=seen, ema=ema, net=net.state_dict(), opt=opt.state_dict()), o.out + '.run.new'); os.rename(o.out + '.run.new', o.out + '.run')
        elif os.path.exists(o.out + '.run'):
            os.remove(o.out + '.run')

    net.train(); t0 = saved = time.time(); c0, tokens, k = time.process_time(), 0, k0
    for k in range(k0, min(n_steps, o.steps or n_steps)):
        elapsed = before + time.time() - t0
        progress = max(k / n_steps, elapsed / 60 / o.minutes if o.minutes else 0)
        if progress >= 1:
            break
        for g in opt.param_groups:
            g['lr'] = o.lr * min((k + 1) / 150, 1 - progress)
        loss, parts, n = batch_loss(net, forms, steps[k], o, k, progress > .3 and k % 4 == 0)
        opt.zero_grad(); loss.backward()
        if torch.isfinite(torch.nn.utils.clip_grad_norm_(net.parameters(), 1.)):
            opt.step()
        if k % 4 == 3:
            with torch.no_grad():
                torch._foreach_lerp_([ema[x] for x, _ in named], [p.detach() for _, p in named], 1 - min(o.ema, (k + 1) / (k + 20)) ** 4)
        tokens += n
        for x, v in parts.items():
            seen[x] = .98 * seen.get(x, v) + .02 * v
        if k % 50 == 49:
            s = time.time() - t0
            print(f"{k + 1}/{n_steps} {' '.join(f'{x} {v:.4f}' for x, v in seen.items())} progress {progress:.3f} {tokens / s:.0f} tokens/s, {tokens / (time.process_time() - c0):.0f} per CPU s, {before + s:.0f} s", flush=True)
        if time.time() - saved > o.save:
            save(k + 1, False); saved = time.time()
    save(k + 1, not o.steps)


if __name__ == '__main__':
    main()
