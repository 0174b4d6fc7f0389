#!/bin/sh
# Make the inputs, and what the Python scorers in folder $1 say of them: see README.md.
set -e
cd "$(dirname "$0")"
python3 make.py "$1"
attribution() { out=$1; shift; python3 "$SCORE/score_attribution.py" --json "$@" >"$out.want.json"; }
ner() { out=$1; shift; python3 "$SCORE/score_ner.py" --json "$@" >"$out.want.json" 2>/dev/null; }
SCORE=$1
A="attributions.gold.jsonl attributions.pred.jsonl"
attribution attributions $A --cofenet attributions.cofenet.jsonl
attribution attributions-speech $A --speech
attribution attributions-noise $A --drop-noise
attribution attributions-direct $A --kind direct
attribution attributions-mixed $A --kind mixed
attribution attributions-indirect $A --kind indirect --speech --drop-noise
attribution incomplete incomplete.gold.jsonl incomplete.pred.jsonl
attribution sentences sentences.gold.jsonl sentences.pred.jsonl
N="names.gold.jsonl names.pred.jsonl"
ner names $N
ner names-loose $N --loose
ner names-types $N --types LOC,ORG,MISC --map Literal=LOC
ner names-types-loose $N --types LOC,ORG,MISC --map Literal=LOC --loose
