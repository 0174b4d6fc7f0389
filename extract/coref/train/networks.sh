#!/bin/sh
# networks.sh trains extract/coref/accurate.safetensors: README.md beside it tells of what. It is run from the repository's root.
set -eu
: "${QW_DATA:?the folder of corpora}" "${QW_WORK:?a folder for everything made}"
python=${PY:-python}
work=$QW_WORK/pronouns
mkdir -p "$work"
go build -o "$work/train" ./extract/coref/train
extract/coref/train/news.sh 5
# dump FOLDER CORPUS...: what is seen at each pronoun
dump() {
    folder=$1
    shift
    mkdir -p "$folder"
    "$work/train" -rounds 0 -layers 5 -dump "$folder" "$@" -dev-gap "$QW_DATA/coref/gap.validation.jsonl" -dev-gum "$QW_DATA/coref/gum.dev.jsonl"
}
dump "$work/gold" -gap "$QW_DATA/coref/gap.dev.jsonl" -gum "$QW_DATA/coref/gum.train.jsonl"
dump "$work/news" -gum "$QW_WORK/news/5.jsonl"
rm "$work"/news/dev.* # the same as of the others
"$python" extract/model/train/coref.py "$work/accurate.safetensors" "$work/gold=2" "$work/news" "$@"
mkdir -p extract/coref/testdata
mv "$work/accurate.safetensors" extract/coref/
mv "$work/accurate.parity.json" extract/coref/testdata/
