#!/bin/sh
# networks.sh trains extract/coref/accurate.safetensors: README.md beside it tells of what. It is run from the repository's root.
set -eu
: "${QW_DATA:?the folder of corpora}" "${QW_WORK:?a folder for everything made}"
python=${PY:-python}
work=$QW_WORK/pronouns
mkdir -p "$work"
go build -o "$work/train" ./extract/coref/train
"$work/train" -rounds 0 -layers 3 -dump "$work" -gap "$QW_DATA/coref/gap.dev.jsonl" -gum "$QW_DATA/coref/gum.train.jsonl" \
    -dev-gap "$QW_DATA/coref/gap.validation.jsonl" -dev-gum "$QW_DATA/coref/gum.dev.jsonl"
"$python" extract/model/train/coref.py "$work/accurate.safetensors" "$work" "$@"
mkdir -p extract/coref/testdata
mv "$work/accurate.safetensors" extract/coref/
mv "$work/accurate.parity.json" extract/coref/testdata/
