#!/bin/sh
# networks.sh trains extract/coref/accurate.safetensors: README.md beside it tells of what. It is run from the repository's root.
set -eu
: "${QW_DATA:?the folder of corpora}" "${QW_WORK:?a folder for everything made}"
python=${PY:-python}
work=$QW_WORK/pronouns
mkdir -p "$work"
go build -o "$work/train" ./extract/coref/train
extract/coref/train/news.sh train 5
extract/coref/train/news.sh dev 1
gap=$QW_DATA/coref/gap gum=$QW_DATA/coref/gum
# dump FOLDER CORPUS...: what is seen at each pronoun
dump() {
    folder=$work/$1
    shift
    mkdir -p "$folder"
    "$work/train" -rounds 0 -layers 5 -dump "$folder" "$@"
}
dump gold -gap "$gap.dev.jsonl" -gum "$gum.train.jsonl" -dev-gap "$gap.validation.jsonl" -dev-gum "$gum.dev.jsonl"
dump news -gum "$QW_WORK/news/train.5.jsonl" -dev-gum "$QW_WORK/news/dev.1.jsonl"
"$python" extract/model/train/coref.py "$work/accurate.safetensors" "$work/gold=2" "$work/news" "$@"
mkdir -p extract/coref/testdata
mv "$work/accurate.safetensors" extract/coref/
mv "$work/accurate.parity.json" extract/coref/testdata/
