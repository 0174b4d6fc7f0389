"""Which corpora a reader learns from, with what it is to learn of each: gold, a teacher's answers, or both."""
import json, os
import numpy as np
import data as D
from model import NAMES

STYLE = {'ner/gmb.train': 'gmb', 'ner/uner_ewt.train': 'uner_ewt', 'ner/wikigold.all': 'wikigold', 'ner/conll04.train': 'conll04',
         'ner/crossner_politics.train': 'crossner', 'ner/btc.g': 'btc'}


def changed(mix, by):
    """mix, {corpus: passes}, with the changes of an option --mix, "ner/gmb.train=.2,..."."""
    return {**mix, **{k: float(v) for k, v in (x.split('=') for x in by.split(',') if x)}}


def corpora(o, mix):
    """-> {name: (docs, passes)}: mix with the changes of o.mix."""
    out = {}
    for name, passes in changed(mix, o.mix).items():
        if passes <= 0:
            continue
        docs = [d for d in D.load(name) if len(d.start)]
        for d in docs:
            d.style = D.STYLES.index('product' if name in o.product.split(',') else STYLE.get(name, 'product'))
        if o.teacher:
            soft = f"{o.teacher}/{name.replace('/', '.')}.npz"
            if os.path.exists(soft):
                z = np.load(soft); attr, names, at = z['attr'], z['names'], 0
                for d in docs:
                    n = len(d.start)
                    d.soft_attr, d.soft_names = attr[at:at + n], names[at:at + n]; at += n
                    if d.style:                   # of other conventions: as a text only, read as the product would
                        d.style, d.names = 0, None
                assert at == len(attr), f'{soft} does not belong to {name}'
            silver = soft.removesuffix('.npz') + '.silver.json'
            if os.path.exists(silver):        # a teacher's attributions: for the linker and the act only
                for d in docs:
                    d.atts = []
                for d, atts in zip([d for d in docs if d.sentences], json.load(open(silver)), strict=True):
                    d.atts = [{k: [tuple(s) for s in v] if k != 'speech' else v for k, v in a.items()} for a in atts]
        docs = [d for d in docs if (d.attr is not None or d.names is not None or d.soft_attr is not None)
                and not (name.startswith('attribution') and d.atts is None)]
        out[name] = docs, passes * o.scale
    nationalities(out)
    return out


def nationalities(sets):
    """CoNLL-03 has no NORP: what it calls MISC and Worldwide NORP becomes NORP."""
    if 'ner/conll03.train' not in sets or 'ner/worldwide.train' not in sets:
        return
    words = lambda d, s: d.text[d.start[s[0]]:d.end[s[1] - 1]].lower()
    norp = {words(d, s) for d in sets['ner/worldwide.train'][0] for s in d.entities if s[2] == 'NORP'}
    for d in sets['ner/conll03.train'][0]:
        d.names = D.bioes(len(d.start), [(*s[:2], 'NORP' if s[2] == 'MISC' and words(d, s) in norp else s[2]) for s in d.entities],
                          {t: k for k, t in enumerate(NAMES)})


def some(passes, batches):
    """The batches of so many passes; of the last one, if it is a part, as many as that. batches() makes those of one pass."""
    out = []
    while passes > 0:
        b = batches()
        out += b[:int(len(b) * min(1, passes) + .5)]; passes -= 1
    return out
