#!/bin/sh
# texts.sh writes what train.py --coref learns from: the corpora of pronouns as they are, seven times with other people in
# them (rename.py), and four times the pronouns of news whose person is certain (swap.py). The reader that is built in finds
# the names. It is run from the repository's root and prints the argument.
set -eu
: "${QW_DATA:?the folder of corpora}" "${QW_WORK:?a folder for everything made}"
python=${PY:-python}
work=$QW_WORK/renamed
mkdir -p "$work"
go build -o "$work/quotewire" ./cmd/quotewire
go build -o "$work/train" ./extract/coref/train
gap=$QW_DATA/coref/gap.dev.jsonl
gum=$QW_DATA/coref/gum.train.jsonl
"$work/quotewire" eval "$gap" --save "$work/gap.names.jsonl" >/dev/null
"$work/quotewire" eval "$gum" --save "$work/gum.names.jsonl" >/dev/null
# dump FOLDER CORPUS...: what is seen at each pronoun
dump() {
    folder=$1
    shift
    mkdir -p "$folder"
    "$work/train" -rounds 0 -layers 5 -dump "$folder" "$@" -dev-gap "$QW_DATA/coref/gap.validation.jsonl" -dev-gum "$QW_DATA/coref/gum.dev.jsonl" >&2
}
dump "$work/0" -gap "$gap" -gum "$gum"
argument=$work/0=1
for seed in 1 2 3 4 5 6 7; do
    "$python" extract/model/train/rename.py "$gum" "$work/gum.names.jsonl" "$work/gum.$seed.jsonl" --seed $seed
    if [ $seed -le 5 ]; then
        "$python" extract/model/train/rename.py "$gap" "$work/gap.names.jsonl" "$work/gap.$seed.jsonl" --seed $seed
        dump "$work/$seed" -gap "$work/gap.$seed.jsonl" -gum "$work/gum.$seed.jsonl"
    else # GUM is the smaller one, and nearer to news
        dump "$work/$seed" -gum "$work/gum.$seed.jsonl"
    fi
    argument=$argument,$work/$seed=1
done
extract/coref/train/news.sh train 1 2 3 4
for seed in 1 2 3 4; do
    dump "$work/news$seed" -gum "$QW_WORK/news/train.$seed.jsonl"
    argument=$argument,$work/news$seed=1
done
echo "$argument"
