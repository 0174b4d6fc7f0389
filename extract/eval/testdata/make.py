#!/usr/bin/env python3
"""Make gold and predictions out of invented words to compare scorers on: see README.md. Takes the folder that holds the
scorers (for quotekind.py); writes into the folder it lies in. The same files every time."""
import json
import os
import random
import sys

sys.path.insert(0, sys.argv[1])
from quotekind import kind, norm, quote_mask  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
R = random.Random(20)
WORDS = ("the The a of in on barle torvin kesh Ombrel Ludo Marsk Pell-Anders O’Dowe D'Arpen U.N.Q. 3.5 1,200 x² ½ Ⅻ said told "
         "Lindqvåk Žerav İstel ΟΔΟΣ Straße e\u0301lan नमस्ते 東京 l_m 😀 👩‍🚀 Ombrel’s Marsk's the_end that's — … ; : % $").split(' ')
SPACES = [' '] * 20 + ['  ', '\u00a0', '\u2003', '\t', '\x1c', '\u200b', '\n', '\n\n', '\n\n', '\u2028']
MARKS = [('“', '”'), ('"', '"'), ('«', '»'), ('„', '“'), ('``', "''"), ("''", "''"), ('‘', '’')]


def text(n):
    out, open_ = [], None
    for _ in range(n):
        if open_ is None and R.random() < .08:
            first, open_ = R.choice(MARKS)
            out.append(first)
        out.append(R.choice(WORDS))
        if R.random() < .12:
            out.append(R.choice(',.?!'))
        if open_ is not None and R.random() < .15:
            if R.random() < .9:
                out.append(open_)
            open_ = None
        out.append(R.choice(SPACES))
    return ''.join(out).rstrip() or 'x'


def span(t, longest):
    a = R.randrange(len(t) - 1)
    return [a, min(len(t), a + R.randint(1, longest))]


def spans(t, longest, empty, several=.15):
    if R.random() < empty:
        return []
    return norm([span(t, longest) for _ in range(2 if R.random() < several else 1)])


def touches(t, a):
    """Whether some content character would be a token: the scorers take gold without any for an error."""
    return any(not t[k].isspace() for x in a for k in range(*x))


def quoted(mask):
    """A stretch inside quotation marks, if there is one."""
    edges = [i for i in range(1, len(mask)) if mask[i] != mask[i - 1] and mask[i]]
    if not edges:
        return []
    a = R.choice(edges)
    b = next((i for i in range(a, len(mask)) if not mask[i]), len(mask))
    return [[a, R.choice([b, b, a + (b - a + 1) // 2])]]


def attribution(t, mask, names):
    content = quoted(mask) if R.random() < .3 else []
    while not touches(t, content):
        content = spans(t, 120, 0)
    a = {'content': content, 'cue': spans(t, 10, .1, .05), 'source': spans(t, 25, .15), 'kind': kind(t, content, mask)}
    if R.random() < .6:
        a['source_entity'] = R.choice(names)
        if R.random() < .6:
            a['source_group'] = str(R.randrange(4))
    return a


def shaken(t, s, p):
    if R.random() < p:
        return s
    a = max(0, s[0] + R.randint(-8, 8))
    return [a, min(len(t), max(a + 1, s[1] + R.randint(-8, 8)))] if a < len(t) else s


def prediction(t, gold, names):
    out = []
    for a in gold:
        if R.random() < .8:
            for _ in range(2 if R.random() < .15 else 1):
                p = {r: norm([shaken(t, x, .6) for x in a[r]]) for r in ('content', 'cue', 'source')}
                if R.random() < .1:
                    p['source'] = []
                if R.random() < .8:
                    p['source_entity'] = R.choice([a.get('source_entity', ''), R.choice(names), 'Ludo Marsk', 'ludo marsk!', ''])
                p['confidence'] = round(R.random(), 3)
                p['act'] = R.choice(['speech', 'thought'])
                out.append(p)
    for _ in range(R.randint(0, 4)):
        out.append({'content': spans(t, 100, .05), 'cue': spans(t, 10, .2), 'source': spans(t, 20, .2),
                    'source_entity': R.choice(names), 'confidence': round(R.random(), 3), 'act': 'speech'})
    R.shuffle(out)
    return out


def entities(t, types, groups):
    out = [{'start': a, 'end': b, 'type': R.choice(types), **({'group': str(R.randrange(4))} if groups else {})}
           for a, b in (span(t, 14) for _ in range(R.randint(0, 12)))]
    return out


def instances(t, gold, name, annotator):
    """Pieces of the text in tokens whose labels follow the gold, with mistakes."""
    out, at = [], 0
    while at < len(t) - 40:
        toks, labels, last = [], [], None
        end = min(len(t), at + R.randint(60, 250))
        while at < end:
            b = at + 1
            while b < len(t) and not t[b].isspace() and R.random() < .95:
                b += 1
            toks.append([at, at] if R.random() < .04 else [at, b])
            role = next((r for r in ('source', 'cue', 'content') for a in gold for x, y in a[r] if x < b and at < y), None)
            if R.random() < .03:
                role = R.choice(['source', 'cue', 'content', None])
            begins = role != last and R.random() < .95 or R.random() < .02
            labels.append(('B-' if begins else 'I-') + role if role else 'O')
            last, at = role, b
            while at < end and t[at].isspace():
                at += 1
        out.append({'id': f'{name}_{annotator}', 'article': name, 'n': len(out), 'tok': toks, 'labels': labels})
    return out


def write(name, records):
    with open(os.path.join(HERE, name), 'w', encoding='utf-8') as f:
        for r in records:
            f.write(json.dumps(r, ensure_ascii=False) + '\n')


def main():
    names = ['Ludo Marsk', 'Marsk', 'LUDO', 'Pell-Anders', 'Pell Anders', 'pell_anders', 'İstel', 'ΟΔΟΣ', 'οδος', 'O’Dowe', '東京', '…', 'she']
    gold, pred, cofenet, partial, said, said_pred = [], [], [], [], [], []
    for i in range(14):
        t = text(R.randint(60, 220))
        mask = quote_mask(t)
        name, annotator = f'doc{i // 2 if i < 4 else i}', f'an{i:02d}'
        a = [{**attribution(t, mask, names), 'speech_cue': R.random() < .6, 'noise': R.random() < .1} for _ in range(R.randint(0, 9))]
        if len(a) > 2:
            a.append({**a[0], 'source': a[1]['source']})
        record = {'id': name, 'annotator': annotator, 'text': t, 'attributions': a, 'entities': entities(t, ['person', 'place'], True)}
        gold.append(record)
        partial.append({**record, 'id': annotator, 'incomplete': True})
        cofenet += instances(t, a, name, annotator)
        if i != 9:
            pred.append({'id': name, 'annotator': annotator, 'attributions': prediction(t, a, names)})
            partial[-1]['annotator'] = name
        cuts = sorted(R.sample(range(1, len(t)), 8))
        said.append({'id': 'same', 'domain': f'd{i}', 'text': t, 'attributions': [],
                     'sentences': [{'start': x, 'end': y, 'speech': R.random() < .5} for x, y in zip(cuts, cuts[1:])]})
        said_pred.append({'id': 'same', 'domain': f'd{i}', 'attributions': prediction(t, a[:2], names)})
    write('attributions.gold.jsonl', gold)
    write('attributions.pred.jsonl', pred)
    write('attributions.cofenet.jsonl', cofenet)
    write('incomplete.gold.jsonl', partial)
    write('incomplete.pred.jsonl', [{**p, 'id': p['annotator'], 'annotator': p['id']} for p in pred])
    write('sentences.gold.jsonl', said)
    write('sentences.pred.jsonl', said_pred)
    gold, pred = [], []
    for i in range(12):
        t = text(R.randint(40, 160))
        e = entities(t, ['PER', 'LOC', 'ORG', 'MISC', 'Literal'], False)
        loose = []
        for tail in ("'s", '’s', "'", '’', ''):
            if R.random() < .5:
                full = R.choice(['the ', 'The ', 'THE ', 'then ', 'a ', '']) + R.choice(['Ombrel', 'x²', 'the ', '']) + tail
                t += ' ' + full
                a, b, kind_ = len(t) - len(full), len(t), R.choice(['PER', 'LOC', 'ORG'])
                if a < b:
                    e.append({'start': a, 'end': b, 'type': kind_})
                    loose.append((R.choice([a, min(a + 4, b - 1)]), R.choice([b, max(b - len(tail), min(a + 4, b - 1) + 1)]), kind_))
        gold.append({'id': f'n{i}', 'text': t, 'entities': e})
        if i != 5:
            p = [{'start': a, 'end': b, 'type': x['type'].replace('Literal', 'LOC'), 'confidence': round(R.random(), 3)}
                 for x in e if R.random() < .8 for a, b in [shaken(t, [x['start'], x['end']], .7)]]
            p += [{'start': a, 'end': b, 'type': k, 'confidence': .9} for a, b, k in loose if R.random() < .8]
            pred.append({'id': f'n{i}', 'entities': p + p[:1]})
    write('names.gold.jsonl', gold)
    write('names.pred.jsonl', pred)


main()
