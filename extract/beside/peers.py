"""peers.py spacy TEXTS.jsonl | onnxruntime MODEL.onnx: what run.sh times beside ours. Loading is left out, one thread, user time of
this process. spaCy: its whole pipeline, an article in one call, words per CPU second. onnxruntime: sequences of 128 pieces, four a
call, pieces per CPU second."""
import json, os, resource, sys


def cpu():
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def spacy_words(path):
    import spacy
    nlp = spacy.load(os.environ.get('SPACY_MODEL', 'en_core_web_md'))
    texts = [json.loads(line)['text'] for line in open(path, encoding='utf-8')]
    nlp(texts[0]); before = cpu()
    for t in texts:
        nlp(t)
    return sum(len(t.split()) for t in texts) / (cpu() - before)


def onnxruntime_pieces(path, length=128, sequences=4, rounds=40):
    import numpy as np, onnxruntime
    o = onnxruntime.SessionOptions(); o.intra_op_num_threads = o.inter_op_num_threads = 1
    s = onnxruntime.InferenceSession(path, o, providers=['CPUExecutionProvider'])
    ids = np.random.default_rng(1).integers(1000, 30000, (sequences, length))
    x = dict(input_ids=ids, attention_mask=np.ones_like(ids), token_type_ids=np.zeros_like(ids))
    s.run(None, x); before = cpu()
    for _ in range(rounds):
        s.run(None, x)
    return rounds * sequences * length / (cpu() - before)


if __name__ == '__main__':
    what, path = sys.argv[1:]
    print(round({'spacy': spacy_words, 'onnxruntime': onnxruntime_pieces}[what](path)))
