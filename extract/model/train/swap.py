"""swap.py ARTICLES.jsonl RECORDS.jsonl OUT.jsonl --seed N: pronouns whose person is certain, among others of the same gender.

Where a text names one woman and several men (or the reverse), "she" can only be her. The text is then rewritten so that she is
one more man, or they are women: names, forms of address and pronouns change gender, all names become other people's, and of whom
the pronoun says what it says is known all the same. Unlike pronouns put for names, these stand where their writers chose one.
ARTICLES has the articles (id, text), RECORDS what `quotewire extract` found in them, OUT the form of GUM's texts."""
import argparse, json, os, random, re
from rename import lists, shifted, WORD

HE, SHE = {'he', 'him', 'his', 'himself'}, {'she', 'her', 'hers', 'herself'}
PRONOUN = re.compile(r'\b(?:[Hh]e|[Hh]im|[Hh]is|[Hh]imself|[Ss]he|[Hh]er|[Hh]ers|[Hh]erself)\b')
TO_SHE = {'he': 'she', 'him': 'her', 'his': 'her', 'himself': 'herself'}
TO_HE = {'she': 'he', 'hers': 'his', 'herself': 'himself'}      # "her" is told by what follows
ADDRESS = {'mr': 'm', 'mr.': 'm', 'sir': 'm', 'lord': 'm', 'king': 'm', 'prince': 'm', 'mrs': 'f', 'mrs.': 'f', 'ms': 'f', 'ms.': 'f', 'miss': 'f', 'lady': 'f', 'dame': 'f', 'queen': 'f', 'princess': 'f',
           'congressman': 'm', 'congresswoman': 'f', 'councilman': 'm', 'councilwoman': 'f', 'chairman': 'm', 'chairwoman': 'f', 'spokesman': 'm', 'spokeswoman': 'f', 'businessman': 'm', 'businesswoman': 'f', 'actor': 'm', 'actress': 'f'}
PAIRS = [('mr.', 'ms.'), ('mr', 'ms'), ('sir', 'dame'), ('lord', 'lady'), ('king', 'queen'), ('prince', 'princess'), ('congressman', 'congresswoman'), ('councilman', 'councilwoman'), ('chairman', 'chairwoman'),
         ('spokesman', 'spokeswoman'), ('businessman', 'businesswoman'), ('actor', 'actress')]
OTHER = dict(PAIRS) | {b: a for a, b in PAIRS} | {'mrs.': 'mr.', 'mrs': 'mr', 'miss': 'mr.'}
KIN = {'f': re.compile(r'\b(?:woman|women|mother|mom|wife|daughter|sister|girl|girlfriend|lady|aunt|niece|grandmother|widow|female|\w+woman|actress|queen|princess)s?\b', re.I),
       'm': re.compile(r'\b(?:man|men|father|dad|husband|son|brother|boy|boyfriend|gentleman|uncle|nephew|grandfather|guy|male|\w+man|king|prince)s?\b', re.I)}
# After "her" these say that it stands by itself: "told her that", "with her in", "her and".
ALONE = set('''a an the and or but to of in on at by for from with as that than then when while where who which if because after before about into over under
not so too again back out up down off away is was were are has had have will would could should may might can do did does more most this these those last
during without against through until since also all only even just how why what there here today yesterday monday tuesday wednesday thursday friday saturday sunday'''.split())
REACH, FIELD = 500, 1500    # code points: since the person was last named or meant; before the pronoun, where nobody else of the gender may be named


def gender_of(text, e, gender):
    """m, f, '?' if nothing tells, 'x' if it tells both."""
    seen = set()
    for m in e['mentions']:
        if m['form'] != 'name':
            continue
        before = text[max(0, m['start'] - 16):m['start']].split()
        if before and before[-1].lower() in ADDRESS:
            seen.add(ADDRESS[before[-1].lower()])
        w = WORD.search(m['text'])
        g = gender.get(w[0].lower()) if w and ' ' in m['text'].strip() else None
        if g in ('m', 'f'):
            seen.add(g)
    return seen.pop() if len(seen) == 1 else 'x' if seen else '?'


def certain(text, people, g, quotes):
    """The pronouns of gender g that can only be one person's: [(start, end, person)]."""
    names = sorted((m['start'], m['end'], k) for k, e in enumerate(people) for m in e['mentions'] if m['form'] == 'name')
    out, last = [], {}                                # last: the end of each person's last pronoun that was certain
    for m in PRONOUN.finditer(text):
        if m[0].lower() not in (SHE if g == 'f' else HE):
            continue
        at = m.start()
        near = [(s, e, k) for s, e, k in names if at - FIELD < s < at + 50]
        mine = {k for _, _, k in near if people[k]['g'] == g}
        if len(mine) != 1 or any(people[k]['g'] == 'x' for _, _, k in near):
            continue
        p = mine.pop(); named = [e for s, e, k in near if k == p and s < at]
        if not named:
            continue
        since = max(named[-1], last.get(p, 0))
        if at - since > REACH or KIN[g].search(text[since:at]) or any(people[k]['g'] == '?' and since - 60 < s < at for s, _, k in near):
            continue                                  # somebody else may be of this gender
        if any(a <= at < b and who in (None, people[p]['id']) for a, b, who in quotes):
            continue                                  # in her own words "she" is another
        out.append((*m.span(), people[p]['id'])); last[p] = m.end()
    return out


def swapped(text, people, flip, rng, words):
    """-> [(start, end, new)]: other names for all, and another gender for those in flip and for all pronouns of that gender."""
    gender, first, family = words
    new, taken, at = {}, set(), {}
    turned = next(e['g'] for e in people if e['id'] in flip)
    for e in people:
        g = {'m': 'f', 'f': 'm'}[e['g']] if e['id'] in flip else e['g']
        for m in e['mentions']:
            if m['form'] != 'name':
                continue
            if e['id'] in flip:
                for a in re.finditer(r'\S+(?=\s+$)', text[max(0, m['start'] - 16):m['start']]):
                    w = OTHER.get(a[0].lower())
                    if w and ADDRESS[a[0].lower()] == e['g']:
                        s = max(0, m['start'] - 16) + a.start(); at[s] = (s, s + len(a[0]), w.capitalize() if a[0][0].isupper() else w)
            for k, x in enumerate(WORD.finditer(m['text'])):
                w = re.sub(r"['’]s?$", '', x[0]); key = w.lower()
                if key in ADDRESS and k == 0 and e['id'] in flip and key in OTHER:
                    n = OTHER[key]
                elif not w[0].isupper() or len(w) < 3 or w.isupper() and len(w) < 5:
                    continue
                else:
                    given = k == 0 and (' ' in m['text'].strip() or key in gender)
                    if key not in new:
                        while (n := rng.choice(first[g] if given and g in first else family)) in taken:
                            pass
                        taken.add(n); new[key] = n
                    n = new[key]
                s = m['start'] + x.start(); at[s] = (s, s + len(w), n.capitalize())
    for m in PRONOUN.finditer(text):
        w = m[0].lower(); g = 'f' if w in SHE else 'm'
        if g != turned:
            continue
        if g == 'm':
            n = TO_SHE[w]
        elif w in TO_HE:
            n = TO_HE[w]
        else:
            after = re.match(r"\s+[\"“‘']?([\w’'-]+)", text[m.end():m.end() + 30])
            n = 'him' if not after or after[1].lower() in ALONE else 'his'
        at[m.start()] = (*m.span(), n.capitalize() if m[0][0].isupper() else n)
    out, end = [], 0
    for s in sorted(at):
        if s >= end:
            out.append(at[s]); end = at[s][1]
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('articles'); ap.add_argument('records'); ap.add_argument('out'); ap.add_argument('--seed', type=int, default=1)
    ap.add_argument('--lists', default=os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../lexicon'))
    o = ap.parse_args(); words = lists(o.lists); rng = random.Random(o.seed); n = {}
    found = {r['article']['id']: r for r in map(json.loads, open(o.records, encoding='utf-8'))}
    with open(o.out, 'w', encoding='utf-8') as f:
        for a in map(json.loads, open(o.articles, encoding='utf-8')):
            r = found.get(a['id']); text = a['text']
            if not r:
                continue
            people = [e for e in r['entities'] if e['kind'] == 'person' and any(m['form'] == 'name' for m in e['mentions'])]
            for e in people:
                e['g'] = gender_of(text, e, words[0])
            quotes = [(s['start'], s['end'], (q['speaker'] or {}).get('entity')) for q in r['quotes'] if q['kind'] == 'direct' for s in q['spans']]
            for g in 'fm':
                certainly = certain(text, people, g, quotes)
                if not certainly or all(e['g'] in (g, '?') for e in people):
                    continue
                # they become like the others, or the others like them
                turn = rng.choice('mf'); flip = {e['id'] for e in people if e['g'] == turn}
                changes = swapped(text, people, flip, rng, words); out, at = [], 0
                for s, e, new in changes:
                    out += [text[at:s], new]; at = e
                body = ''.join(out) + text[at:]
                ents = [dict(start=m['start'], end=m['end'], cluster=e['id'], form='name', type='person') for e in people for m in e['mentions'] if m['form'] == 'name'] + [dict(start=s, end=e, cluster=who, form='pronoun', type='person') for s, e, who in certainly]
                for e in ents:
                    e['start'], e['end'] = shifted(e['start'], changes), shifted(e['end'], changes); e['text'] = body[e['start']:e['end']]
                f.write(json.dumps(dict(id=f"{a['id']} {g}", text=body, entities=ents), ensure_ascii=False) + '\n')
                n[g] = n.get(g, 0) + len(certainly); n['texts'] = n.get('texts', 0) + 1
    print(json.dumps(n))


if __name__ == '__main__':
    main()
