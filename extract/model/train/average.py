"""average.py OUT.pt MODEL.pt=SHARE...: one model of several that began from the same weights, its numbers their
weighted mean (Wortsman et al. 2022, model soups). What each was trained with stands in the result."""
import argparse, os
import torch


def average(parts):
    """parts: [(checkpoint, share)], shares that sum to 1 -> checkpoint"""
    first = parts[0][0]
    state = {k: sum(c['state'][k].float() * s for c, s in parts) if v.is_floating_point() else v for k, v in first['state'].items()}
    return dict(first, state=state, steps=sum(c['steps'] for c, _ in parts), pieces=sum(c['pieces'] for c, _ in parts))


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('out'); ap.add_argument('models', nargs='+')
    o = ap.parse_args()
    named = [(p, float(s)) for p, s in (m.rsplit('=', 1) for m in o.models)]
    assert abs(sum(s for _, s in named) - 1) < 1e-6, 'the shares must sum to 1'
    parts = [(torch.load(p, weights_only=False), s) for p, s in named]
    out = average(parts)
    out['averaged'] = [dict(model=os.path.basename(p), share=s, mix=c['args']['mix'], teacher=bool(c['args'].get('teacher')), soft=c['args'].get('soft'),
                            lr=c['args']['lr'], begin=os.path.basename(c['args'].get('begin') or ''), steps=c['steps']) for (p, _), (c, s) in zip(named, parts)]
    torch.save(out, o.out)


if __name__ == '__main__':
    main()
