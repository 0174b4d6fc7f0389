#!/usr/bin/env python3
"""Writes pieces.tsv: words of our own and the ids that Hugging Face's BERT tokenizer cuts them into.

  python3 pieces.py ../vocab.txt > pieces.tsv        (tokenizers 0.23.3)
"""
import json
import random
import sys

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

vocab = {line.rstrip('\n'): i for i, line in enumerate(open(sys.argv[1], encoding='utf-8'))}
tok = Tokenizer(models.WordPiece(vocab, unk_token='[UNK]', max_input_chars_per_word=100))
tok.normalizer = normalizers.BertNormalizer(lowercase=True)
tok.pre_tokenizer = pre_tokenizers.BertPreTokenizer()

words = '''the Spokeswoman U.S. O'Brien don’t re-elected 1,200.5 €3.4m naïve Zürich İstanbul ﬁnance Straße ΣΊΣΥΦΟΣ Москва 東京都 日本語text
ひらがな 한국어 العربية עברית हिन्दी ไทย Việt co-operation's @handle #tag http://a.example/b?c=d a.b@c.example ½ ² № ™ 😀 👩‍👩‍👧 … — “quoted”
unbelievably antidisestablishmentarianism pneumonoultramicroscopic xqzjkvw AT&T C++ \u0000nul tab\tbed zero\u200bwidth soft\u00adhyphen
no\u00a0break e\u0301clair \ufeffbom \ufffd ßẞ ŒUVRE Łódź Đặng Ørsted Æ ﷺ ǅ 5'10" '90s rock'n'roll $ + < = > ^ ` | ~ _ a_b'''.split(' ')
words = [w for line in words for w in line.split('\n')]
words += ['a' * n for n in (99, 100, 101)] + ['é' * n for n in (100, 101)] + ['x' * 300]
random.seed(1)
alphabet = 'aeinorstlkáßżÉİ.-\'’1—東 \u0301'
words += [''.join(random.choice(alphabet) for _ in range(random.randint(1, 14))) for _ in range(400)]
for w in words:
    print(json.dumps(w) + '\t' + ' '.join(map(str, tok.encode(w, add_special_tokens=False).ids)))
