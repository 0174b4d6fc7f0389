"""python -m unittest test_train: checks of what the recipe computes that need no corpus."""
import itertools, json, os, random, re, unittest
import numpy as np, torch
import data as D, links
from average import average
from model import CRF, ATTR, NAMES, pair_features, STEPS
from predict import tag
import rename, swap


def doc(n, paragraphs=(0,), sentences=(), pieces=1):
    d = D.Doc()
    d.start, d.end = np.arange(n) * 2, np.arange(n) * 2 + 1
    d.pos = np.zeros(n, dtype=np.int64); d.pos[list(sentences)] = 1; d.pos[list(paragraphs)] = 2
    d.npieces = np.full(n, pieces); d.cum = np.concatenate([[0], np.cumsum(d.npieces)])
    d.pieces = np.arange(n * pieces) + 1000
    d.shape = np.arange(n) % D.NSHAPE; d.quote = np.arange(n) % D.NQUOTE; d.letters = np.zeros((n, D.WIDTH), dtype=np.int64)
    d.atts = []
    return d


WINDOWS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../testdata/windows.json')


def windows(c):
    d = D.Doc()
    d.start, d.pos = np.arange(len(c['pieces'])), np.array(c['place'], dtype=np.int64)
    d.cum = np.concatenate([[0], np.cumsum(c['pieces'])]).astype(np.int32)
    return [list(map(int, w[1:])) for w in D.read_windows(d, c['size'], c['context'])]


def write_windows():
    rng, cases = random.Random(5), []
    for n in list(range(1, 12)) + [rng.randint(12, 500) for _ in range(24)]:
        par, sen = rng.choice((.01, .03, .1, .3)), rng.choice((.03, .1))
        place = [2] + [rng.choices((0, 1, 2), (1 - par - sen, sen, par))[0] for _ in range(n - 1)]
        c = dict(size=rng.choice((32, 64, 128)), context=rng.choice((0, 5, 9)), pieces=[rng.choice((1, 1, 1, 2, 3, 8)) for _ in range(n)], place=place)
        cases.append({**c, 'windows': windows(c)})
    with open(WINDOWS, 'w') as f:
        f.write('[\n' + ',\n'.join(json.dumps(c, separators=(',', ':')) for c in cases) + '\n]\n')


class Windows(unittest.TestCase):
    def test_partition(self):
        rng = random.Random(1)
        for n, pieces in ((1, 1), (40, 8), (3000, 1), (700, 3)):
            d = doc(n, [0] + [i for i in range(1, n) if rng.random() < .02], [i for i in range(1, n) if rng.random() < .05], pieces)
            for size in (64, 256):
                train = D.train_windows(d, size, rng); read = D.read_windows(d, size, 20)
                for ws, k in ((train, 1), (read, 3)):
                    self.assertEqual([0] + [w[k + 1] for w in ws], [w[k] for w in ws] + [n])
                    self.assertLessEqual(max(map(D.length, ws)), size)
                for _, a, b, ca, cb in read:
                    self.assertTrue(a <= ca < cb <= b)

    def test_as_in_go(self):
        """The cutter of ../window.go is held to the same file; write_windows makes it anew."""
        with open(WINDOWS) as f:
            cases = json.load(f)
        self.assertGreater(len(cases), 20)
        for c in cases:
            self.assertEqual(windows(c), c['windows'])

    def test_collate(self):
        d = doc(5, (0, 3), (), 2)
        b = D.collate([(d, 1, 5)])
        self.assertEqual(b['x'][0].tolist(), [D.CLS, 1002, 1003, 1004, 1005, D.SEP, 1006, 1007, 1008, 1009, D.SEP])
        self.assertEqual(b['fi'][0].tolist(), [1, 3, 6, 8])
        self.assertEqual(b['po'][0].tolist(), [0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0])
        self.assertEqual(b['sh'][0].tolist(), [0, 1, 1, 2, 2, 0, 3, 3, 4, 4, 0])


class Field(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0); self.crf = CRF(['O', 'BX', 'IX', 'EX', 'SX'])
        for p in self.crf.parameters():
            torch.nn.init.normal_(p)
        self.e = torch.randn(2, 4, 5); self.m = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]], dtype=torch.bool)

    def score(self, k, y, window):
        t, s, n = (x.double() for x in self.crf.params(window)); e = self.e[k].double()
        return s[y[0]] + n[y[-1]] + sum(e[i, c] for i, c in enumerate(y)) + sum(t[a, b] for a, b in zip(y, y[1:]))

    def test_against_enumeration(self):
        gold = [[1, 3, 0, 4], [0, 1, 3]]
        target = np.zeros((2, 4, 5))
        for k, y in enumerate(gold):
            target[k, np.arange(len(y)), y] = 1
        want, best = 0., []
        for k, y in enumerate(gold):
            every = list(itertools.product(range(5), repeat=len(y))); scores = torch.stack([self.score(k, x, True) for x in every])
            want += torch.logsumexp(scores, 0) - scores[every.index(tuple(y))]
            best.append(list(max(every, key=lambda x: self.score(k, x, False))))
        e = self.e.clone().requires_grad_()
        loss = self.crf.loss(e, self.m, target, np.array([True, True]))
        self.assertAlmostEqual(float(loss.detach()), float(want.detach()), 3)
        got = self.crf.viterbi(self.e.numpy(), self.m.numpy())
        self.assertEqual([got[0].tolist(), got[1][:3].tolist()], best)
        loss.backward()
        for p, g in ((e, e.grad), (self.crf.t, self.crf.t.grad), (self.crf.s, self.crf.s.grad)):
            i = tuple(x // 2 for x in p.shape)
            if p is e:
                i = (0, 2, 1)
            delta, v = 1e-3, []
            for sign in (1, -1):
                with torch.no_grad():
                    p[i] += sign * delta
                    v.append(float(self.crf.loss(e, self.m, target, np.array([True, True]))))
                    p[i] -= sign * delta
            self.assertAlmostEqual((v[0] - v[1]) / (2 * delta), float(g[i]), 2)

    def test_window_may_begin_inside_a_span(self):
        # A target that begins and ends inside: reached by emissions of ordinary size.
        crf = CRF(['O', 'BX', 'IX', 'EX', 'SX']); e = torch.zeros(1, 3, 5, requires_grad=True); target = np.zeros((1, 3, 5)); target[0, :, 2] = 1
        opt = torch.optim.SGD([e], 1.)
        for _ in range(50):
            opt.zero_grad(); loss = crf.loss(e, torch.ones(1, 3, dtype=torch.bool), target, np.array([True])); loss.backward(); opt.step()
        self.assertLess(float(loss.detach()), .2); self.assertLess(float(e.detach().abs().max()), 6)

    def test_span_probability(self):
        crf = CRF(ATTR); rng = np.random.default_rng(0); e = rng.normal(size=(3, len(ATTR))) * 2
        e[0, ATTR.index('Bcue')] += 6; e[1, ATTR.index('Ecue')] += 6
        (a, b, kind, p), *_ = tag(crf, e, ATTR)
        self.assertEqual((a, b, kind), (0, 2, 'cue'))
        t, s, n = crf.arrays(); total = span = 0.
        for y in itertools.product(range(len(ATTR)), repeat=3):
            v = np.exp(s[y[0]] + n[y[2]] + t[y[0], y[1]] + t[y[1], y[2]] + sum(e[i, c] for i, c in enumerate(y)))
            total += v; span += v * (ATTR[y[0]] == 'Bcue' and ATTR[y[1]] == 'Ecue')
        self.assertAlmostEqual(p, span / total, 6)


class Links(unittest.TestCase):
    def test_pair_features(self):
        pos = np.array([2, 0, 0, 1, 0, 0, 2, 0, 0, 0])
        d, b, k = pair_features([(1, 2)], [(2, 3), (4, 6), (8, 9), (0, 1)], [(1, 2), (5, 6)], pos)
        self.assertEqual(d.tolist(), [[12, 14, 12 + int(np.searchsorted(STEPS, 6, 'right')) - 1, 10]])
        self.assertEqual(b.tolist(), [[0, 0, 1, 0]])
        self.assertEqual(k.tolist(), [[0, 1, 3, 0]])

    def test_labels(self):
        d = doc(20)
        d.atts = [dict(content=[(0, 4), (7, 9)], cue=[(5, 6)], source=[(4, 5)], speech=True), dict(content=[(12, 16)], cue=[(11, 12)], source=[], speech=False)]
        w = (d, 0, 20)
        y = links.labels(w, links.gold_spans(w))
        self.assertEqual(y, {0: [0, 0, 1], 1: [0, links.NONE], 2: [0, 0, links.NONE], 3: [1, 0], 'act': [1, 0]})
        found = dict(content=[(0, 3), (13, 16), (18, 19)], cue=[(11, 12)], source=[(17, 18)])      # a cue and a source missed, a content too many
        y = links.labels(w, found)
        self.assertEqual(y, {0: [links.NONE, 0, links.IGNORE], 1: [links.NONE], 2: [links.IGNORE, links.NONE, links.IGNORE], 3: [0, links.IGNORE], 'act': [0]})

    def test_spans_of(self):
        t = {x: i for i, x in enumerate(NAMES)}
        self.assertEqual(links.spans_of([t[x] for x in ('IPER', 'EPER', 'BLOC', 'ELOC', 'SORG', 'O', 'BPER')], NAMES), [(2, 4, 'LOC'), (4, 5, 'ORG')])


class Average(unittest.TestCase):
    def test_shares(self):
        a = dict(state=dict(w=torch.tensor([1., 3.]), n=torch.tensor(7)), steps=2, pieces=10, cfg={})
        b = dict(state=dict(w=torch.tensor([5., 3.]), n=torch.tensor(7)), steps=3, pieces=20, cfg={})
        out = average([(a, .25), (b, .75)])
        self.assertEqual((out['state']['w'].tolist(), out['state']['n'].item(), out['steps'], out['pieces']), ([4., 3.], 7, 5, 30))


class Rename(unittest.TestCase):
    def test_spans_follow(self):
        text = 'Ann Lee met Bob. “Lee’s plan,” Mr. Lee said of Ann, 40.'
        gender, first = {'ann': 'f', 'bob': 'm', 'zoe': 'f', 'maximilian': 'm'}, {'f': ['zoe'], 'm': ['maximilian']}
        at = lambda w, k=0: (lambda i: (i, i + len(w)))([i for i in range(len(text)) if text.startswith(w, i)][k])
        people = [at('Ann Lee'), at('Bob'), at('Lee', 1), at('Mr. Lee'), at('Ann', 1)]
        changes = rename.renamed(text, people, random.Random(3), gender, first, ['okonkwo'])
        out, end = [], 0
        for s, e, new in changes:
            out += [text[end:s], new]; end = e
        out = ''.join(out) + text[end:]
        self.assertEqual(out, 'Zoe Okonkwo met Maximilian. “Okonkwo’s plan,” Mr. Okonkwo said of Zoe, 40.')
        moved = lambda s: out[rename.shifted(s[0], changes):rename.shifted(s[1], changes)]
        self.assertEqual([moved(s) for s in people], ['Zoe Okonkwo', 'Maximilian', 'Okonkwo', 'Mr. Okonkwo', 'Zoe'])
        self.assertEqual(moved(at('plan')), 'plan')


class Swap(unittest.TestCase):
    """Pronouns whose person is certain, and the text with another gender for some."""
    TEXT = 'Mr. Hugo Brandt met Ana Sirota. She thanked him. “She lied,” Ana Sirota said. A woman waved; she left. Brandt told her that his aides like her ideas.'

    def people(self):
        name = lambda s, n=0: dict(zip(('start', 'end'), re.search(re.escape(s), self.TEXT[n:]).span()), text=s, form='name')
        at = lambda m, n: dict(m, start=m['start'] + n, end=m['end'] + n)
        people = [dict(id='e1', mentions=[name('Hugo Brandt'), at(name('Brandt', 60), 60)]), dict(id='e2', mentions=[name('Ana Sirota'), at(name('Ana Sirota', 40), 40)])]
        for e in people:
            e['g'] = swap.gender_of(self.TEXT, e, {'hugo': 'm', 'ana': 'f'})
        return people

    def test_certain(self):
        people = self.people(); a = self.TEXT.index('“She'); b = self.TEXT.index('”') + 1
        self.assertEqual([e['g'] for e in people], ['m', 'f'])
        said = [(self.TEXT[s:e], who) for s, e, who in swap.certain(self.TEXT, people, 'f', [(a, b, 'e2')])]
        self.assertEqual(said, [('She', 'e2')])         # not in her own words, and not behind another woman
        said = [(self.TEXT[s:e], who) for s, e, who in swap.certain(self.TEXT, people, 'm', [])]
        self.assertEqual(said, [('him', 'e1'), ('his', 'e1')])
        people[1]['g'] = 'm'
        self.assertEqual(swap.certain(self.TEXT, people, 'm', []), [])

    def test_swapped(self):
        words = ({'hugo': 'm', 'ana': 'f'}, {'m': ['ivo', 'tom'], 'f': ['mia', 'eva']}, ['okonkwo', 'lindgren'])
        def text(flip):
            out, at = [], 0
            for s, e, new in swap.swapped(self.TEXT, self.people(), flip, random.Random(1), words):
                out += [self.TEXT[at:s], new]; at = e
            return ''.join(out) + self.TEXT[at:]
        he = text({'e2'})
        self.assertRegex(he, r'^Mr\. (Ivo|Tom) \w+ met (Ivo|Tom) ')
        self.assertIn('He thanked him. “He lied,”', he)
        self.assertRegex(he, r'told him that his aides like his ideas\.$')
        she = text({'e1'})
        self.assertRegex(she, r'^Ms\. (Mia|Eva) \w+ met (Mia|Eva) ')
        self.assertRegex(she, r'told her that her aides like her ideas\.$')


if __name__ == '__main__':
    unittest.main()
