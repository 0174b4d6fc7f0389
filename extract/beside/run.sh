#!/bin/sh
# run.sh TEXTS.jsonl: times quotewire, spaCy and onnxruntime in turns on this machine, each on one thread, and prints the best of
# three of each (CPU time, loading left out) and ours as multiples of theirs. TEXTS.jsonl has an object with a "text" a line.
# README.md tells what must be installed. PYTHON, SPACY_MODEL and MINILM say where it is.
set -eu
texts=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
python=${PYTHON:-python3}
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
(cd "$here" && go build -o "$bin/beside" .)
export GOMAXPROCS=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 BLIS_NUM_THREADS=1

best() { sort -n "$bin/$1" | tail -1; }
ratio() { awk -v a="$(best "$1")" -v b="$(best "$2")" 'BEGIN { printf "%.2f", a / b }'; }

for turn in 1 2 3; do
	"$bin/beside" words accurate "$texts" >> "$bin/accurate"
	"$python" "$here/peers.py" spacy "$texts" >> "$bin/spacy"
	"$bin/beside" words fast "$texts" >> "$bin/fast"
	"$bin/beside" pieces >> "$bin/encoder"
	[ -z "${MINILM:-}" ] || "$python" "$here/peers.py" onnxruntime "$MINILM" >> "$bin/onnxruntime"
	echo "turn $turn of 3" >&2
done

echo "whole pipeline, words per CPU second       best of $(tr '\n' ' ' < "$bin/spacy")are spaCy's, of $(tr '\n' ' ' < "$bin/accurate")accurate's"
printf '  spaCy en_core_web_md   %8s\n' "$(best spacy)"
printf '  quotewire accurate     %8s   %s x\n' "$(best accurate)" "$(ratio accurate spacy)"
printf '  quotewire fast         %8s   %s x\n' "$(best fast)" "$(ratio fast spacy)"
echo "MiniLM-L6, int8, sequences of 128 pieces, pieces per CPU second"
printf '  quotewire              %8s\n' "$(best encoder)"
[ -z "${MINILM:-}" ] || printf '  onnxruntime            %8s   quotewire %s x\n' "$(best onnxruntime)" "$(ratio encoder onnxruntime)"
