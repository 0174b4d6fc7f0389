#!/bin/sh
# news.sh SPLIT SEED...: makes $QW_WORK/news/SPLIT.SEED.jsonl, pronouns of the train or dev halves of three corpora of news whose
# person is certain, put among others of the same gender (../../model/train/swap.py). The reader that is built in finds the
# names. It is run from the repository's root.
set -eu
: "${QW_DATA:?the folder of corpora}" "${QW_WORK:?a folder for everything made}"
work=$QW_WORK/news
split=$1
shift
mkdir -p "$work"
go build -o "$work/quotewire" ./cmd/quotewire
cat "$QW_DATA/attribution/polnear.$split.jsonl" "$QW_DATA/attribution/newsdiscourse.$split.jsonl" "$QW_DATA/ner/worldwide.$split.jsonl" >"$work/$split.articles.jsonl"
"$work/quotewire" extract "$work/$split.articles.jsonl" >"$work/$split.records.jsonl"
for seed in "$@"; do
    "${PY:-python}" extract/model/train/swap.py "$work/$split.articles.jsonl" "$work/$split.records.jsonl" "$work/$split.$seed.jsonl" --seed "$seed" >&2
done
