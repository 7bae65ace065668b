"""Function-space penalties of a two-layer network and their gradients by PyTorch's double backward, in float64.

Writes functionSpace.json beside it. Made with torch 2.13.0.
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
N, D, H, C = 4, 3, 5, 2


def grid(shape, k):
    n = torch.Size(shape).numel()
    return torch.tensor([((i * k + 3) % 17 - 8) / 16 for i in range(n)]).reshape(shape)


def params():
    shapes = {"w1": (D, H), "b1": (H,), "w2": (H, C), "b2": (C,)}
    steps = {"w1": 5, "b1": 7, "w2": 11, "b2": 3}
    return {k: grid(s, steps[k]).requires_grad_() for k, s in shapes.items()}


X = grid((N, D), 13)


def model(p, x):
    return torch.tanh(x @ p["w1"] + p["b1"]) @ p["w2"] + p["b2"]


def critic(p, x):
    return model(p, x)[:, 0]


def gradients(f, x):
    x = x.detach().requires_grad_()
    (g,) = torch.autograd.grad(f(x).sum(), x, create_graph=True)
    return g


def gradient_penalty(p):
    return 10 * ((gradients(lambda x: critic(p, x), X).norm(dim=1) - 1) ** 2).mean()


def r1(p):
    return 5 * (gradients(lambda x: critic(p, x), X) ** 2).sum(1).mean()


def jacobian(p):
    each = [(gradients(lambda x, c=c: model(p, x)[:, c], X) ** 2).sum(1) for c in range(C)]
    return 0.5 * sum(each).mean()


def input_gradient(p):
    y = torch.tensor([0, 1, 1, 0])
    losses = lambda x: torch.nn.functional.cross_entropy(model(p, x), y, reduction="none")
    return (gradients(losses, X) ** 2).sum(1).mean()


def contractive(p):
    each = [(gradients(lambda x, h=h: torch.tanh(x @ p["w1"] + p["b1"])[:, h], X) ** 2).sum(1) for h in range(H)]
    return sum(each).mean()


def hessian_trace(p):
    flat = torch.cat([v.detach().reshape(-1) for v in p.values()])

    def loss(v):
        at, q = 0, {}
        for k, w in p.items():
            q[k] = v[at : at + w.numel()].reshape(w.shape)
            at += w.numel()
        return (model(q, X) ** 2).sum()

    return torch.autograd.functional.hessian(loss, flat).trace()


out = {}
for f in (gradient_penalty, r1, jacobian, input_gradient, contractive):
    p = params()
    value = f(p)
    value.backward()
    out[f.__name__] = {
        "value": value.item(),
        "gradient": {k: (v.grad if v.grad is not None else torch.zeros_like(v)).tolist() for k, v in p.items()},
    }
out["hessian_trace"] = {"value": hessian_trace(params()).item()}
pathlib.Path(__file__).with_name("functionSpace.json").write_text(json.dumps(out, indent=1))
