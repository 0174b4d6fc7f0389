"""Weights in eight bits."""
import numpy as np


def quantise(v, grain=0):
    """Rows to int8 with a scale each. With a grain, the scale is so many standard deviations of the row: coarser numbers, of which
    entropy coding makes log2(4.13 / grain) bits (a bell curve's entropy), 5 at .13. Without, of some clippings of the row the one
    with the least squared error."""
    top = np.abs(v).max(1, keepdims=True).clip(1e-8)
    if grain:
        scale = np.maximum(v.std(1, keepdims=True) * grain, top / 127).astype(np.float32)
        return np.rint(v / scale).clip(-127, 127).astype(np.int8), scale[:, 0].copy()
    best, scale = np.full((len(v), 1), np.inf), top / 127
    for clip in (1, .95, .9, .85, .8):
        s = top * clip / 127
        err = ((np.rint(v / s).clip(-127, 127) * s - v) ** 2).sum(1, keepdims=True)
        scale = np.where(err < best, s, scale); best = np.minimum(best, err)
    scale = scale.astype(np.float32)
    return np.rint(v / scale).clip(-127, 127).astype(np.int8), scale[:, 0].copy()
