"""score.py MODEL.pt [--json OUT] [--out FOLDER]: dev figures of a fast reader by the scorers of $QW_SCORE, as ../evaluate.py. FOLDER keeps the
predictions, for ../calibrate.py."""
import os, sys, time
import torch
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import evaluate as V
import net as N


def main():
    o = V.options(__doc__).parse_args(); torch.set_num_threads(1); net, forms = N.load(o.model)
    V.write(V.figures(net, lambda docs: N.encode(net, forms, docs), V.folder(o), o.only, time.process_time), o)


if __name__ == '__main__':
    main()
