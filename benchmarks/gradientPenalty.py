"""The steps of gradientPenalty.ts with PyTorch's double backward, on as many threads as the first argument says (default 1)."""

import statistics
import sys
import time

import torch

BATCH, INPUTS, HIDDEN, OUTPUTS = 64, 64, 256, 8
torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
torch.manual_seed(0)

real = torch.randn(BATCH, INPUTS)
fake = torch.randn(BATCH, INPUTS) + 1


def start():
    return [
        (torch.randn(INPUTS, HIDDEN) * INPUTS**-0.5).requires_grad_(),
        (torch.randn(HIDDEN) * 0.1).requires_grad_(),
        (torch.randn(HIDDEN, OUTPUTS) * HIDDEN**-0.5).requires_grad_(),
    ]


def model(p, x):
    return torch.tanh(x @ p[0] + p[1]) @ p[2]


def critic(p, x):
    return model(p, x).sum(1)


def slopes(f, x):
    x = x.detach().requires_grad_()
    return torch.autograd.grad(f(x).sum(), x, create_graph=True)[0]


def jacobian(p):
    x = real.detach().requires_grad_()
    z = model(p, x)
    each = [torch.autograd.grad(z[:, c].sum(), x, create_graph=True)[0] for c in range(OUTPUTS)]
    return 0.5 * sum((g**2).sum(1) for g in each).mean()


PENALTIES = {
    "none": lambda p: 0,
    "WGAN-GP": lambda p: 10 * ((slopes(lambda x: critic(p, x), (real + fake) / 2).norm(dim=1) - 1) ** 2).mean(),
    "R1": lambda p: 5 * (slopes(lambda x: critic(p, x), real) ** 2).sum(1).mean(),
    "Jacobian": jacobian,
}

print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, median of 200 steps")
for name, penalty in PENALTIES.items():
    p = start()

    def step():
        value = critic(p, fake).mean() - critic(p, real).mean() + penalty(p)
        grads = torch.autograd.grad(value, p)
        with torch.no_grad():
            for w, g in zip(p, grads):
                w -= 1e-3 * g
        return value.item()

    times = []
    for i in range(220):
        from_ = time.perf_counter()
        step()
        times.append(time.perf_counter() - from_)
    print(f"{name:<10} {1e3 * statistics.median(times[20:]):.3f} ms")
