"""encoder.py ONNX OUT.safetensors: the weights of a BERT out of an ONNX graph, under Hugging Face's names."""
import sys
import numpy as np, onnx, torch
from onnx import numpy_helper
from safetensors.torch import save_file


def main(onnx_path, out):
    graph = onnx.load(onnx_path).graph
    init = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    w = {k: v for k, v in init.items() if k.startswith(('embeddings', 'encoder'))}
    for n in graph.node:           # matrices have lost their names: those of the products remain
        k = [x for x in n.input if x in init]
        if n.op_type == 'MatMul' and k:
            name = n.name.strip('/').replace('/', '.').rsplit('.', 1)[0].replace('layer.layer', 'layer')
            w[name + '.weight'] = init[k[0]].T
    save_file({k: torch.from_numpy(np.array(v, dtype=np.float32, order='C')) for k, v in w.items()}, out)


if __name__ == '__main__':
    main(*sys.argv[1:])
