"""rename.py IN.jsonl PREDICTIONS.jsonl OUT.jsonl --seed N: the texts of a coreference corpus (GAP's or GUM's form) with other people in them.

Each word of a person's name becomes another, the same throughout a text: a first name another of the same gender, any other a family name.
So whom a pronoun means cannot be learned by heart. PREDICTIONS is what `quotewire eval IN.jsonl --save` found."""
import argparse, json, os, random, re

WORD = re.compile(r"[^\W\d_][\w’'-]*[^\W_]")


def lists(folder):
    first = {'m': [], 'f': []}; gender = {}
    for line in open(f'{folder}/firstnames.txt', encoding='utf-8'):
        if not line.startswith('#') and line.strip():
            name, g = line.split(); gender[name] = g
            if g in first:
                first[g].append(name)
    family = [l.strip() for l in open(f'{folder}/surnames.txt', encoding='utf-8') if l.strip() and not l.startswith('#')]
    return gender, first, [n for n in family if ' ' not in n and n not in gender]


def renamed(text, spans, rng, gender, first, family):
    """-> [(start, end, new)], in order: the words of names in spans that change."""
    new, taken, out = {}, set(), []
    for s, e in spans:
        for m in WORD.finditer(text, s, e):
            w = re.sub(r"['’]s?$", '', m[0])
            if not w[0].isupper() or len(w) < 3 or w.isupper():
                continue
            key = w.lower(); g = gender.get(key)
            if g == 'mf':
                continue                 # it may be either's
            if key not in new:
                while (n := rng.choice(first.get(g, family))) in taken:
                    pass
                taken.add(n); new[key] = n
            out.append((m.start(), m.start() + len(w), new[key].capitalize()))
    return out


def shifted(at, changes):
    """Where an offset is afterwards: one inside a changed word is moved to its beginning or end."""
    d = 0
    for s, e, new in changes:
        if e <= at:
            d += len(new) - (e - s)
        elif s < at:
            return s + d + (len(new) if at - s > (e - s) // 2 else 0)
        else:
            break
    return at + d


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('gold'); ap.add_argument('pred'); ap.add_argument('out'); ap.add_argument('--seed', type=int, default=1)
    ap.add_argument('--lists', default=os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../lexicon'))
    o = ap.parse_args(); words = lists(o.lists); rng = random.Random(o.seed)
    with open(o.out, 'w', encoding='utf-8') as f:
        for a, b in zip(open(o.gold, encoding='utf-8'), open(o.pred, encoding='utf-8'), strict=True):
            r, p = json.loads(a), json.loads(b); text = r['text']
            assert r['id'] == p['id']
            spans = {(e['start'], e['end']) for e in p['entities'] if e['type'] == 'PER'} | {(r[k]['start'], r[k]['end']) for k in 'AB' if k in r}
            done, end = [], 0
            for s, e in sorted(spans):
                if e > end:
                    done.append((max(s, end), e)); end = e
            changes = renamed(text, done, rng, *words)
            out, at = [], 0
            for s, e, new in changes:
                out += [text[at:s], new]; at = e
            r['text'] = ''.join(out) + text[at:]
            for e in r.get('entities', []) + [r[k] for k in ('A', 'B', 'pronoun') if k in r]:
                e['start'], e['end'] = shifted(e['start'], changes), shifted(e['end'], changes)
                if e.get('name_span'):
                    e['name_span'] = [shifted(x, changes) for x in e['name_span']] if isinstance(e['name_span'], list) else e['name_span']
                if 'text' in e:
                    e['text'] = r['text'][e['start']:e['end']]
            f.write(json.dumps({k: v for k, v in r.items() if k in ('id', 'source', 'split', 'text', 'pronoun', 'A', 'B', 'entities')}, ensure_ascii=False) + '\n')


if __name__ == '__main__':
    main()
