#!/bin/sh
# news.sh SEED...: makes $QW_WORK/news/SEED.jsonl, pronouns of the training halves of three corpora of news whose person is certain,
# put among others of the same gender (../../model/train/swap.py). The reader that is built in finds the names. It is run from
# the repository's root.
set -eu
: "${QW_DATA:?the folder of corpora}" "${QW_WORK:?a folder for everything made}"
work=$QW_WORK/news
mkdir -p "$work"
go build -o "$work/quotewire" ./cmd/quotewire
cat "$QW_DATA/attribution/polnear.train.jsonl" "$QW_DATA/attribution/newsdiscourse.train.jsonl" "$QW_DATA/ner/worldwide.train.jsonl" >"$work/articles.jsonl"
"$work/quotewire" extract "$work/articles.jsonl" >"$work/records.jsonl"
for seed in "$@"; do
    "${PY:-python}" extract/model/train/swap.py "$work/articles.jsonl" "$work/records.jsonl" "$work/$seed.jsonl" --seed "$seed" >&2
done
