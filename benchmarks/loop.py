"""The loop of loop.ts in PyTorch: seconds of an epoch. Arguments: layers such as 64-32-10, batch, epochs, threads."""

import statistics
import sys
import time

import torch
from torch import nn

layers = [int(n) for n in sys.argv[1].split("-")]
batch, epochs, threads = (int(a) for a in sys.argv[2:5])
torch.set_num_threads(threads)
torch.manual_seed(0)

# Values do not change how long it takes; their number does.
count = 1797
x = torch.rand(count, layers[0])
y = torch.randint(layers[-1], (count,))

parts = []
for i, (a, b) in enumerate(zip(layers, layers[1:])):
    parts += [nn.Linear(a, b)] + ([nn.ReLU()] if i < len(layers) - 2 else [])
model = nn.Sequential(*parts)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, fused=True)
loss_of = nn.CrossEntropyLoss()

times = []
for _ in range(epochs):
    start = time.perf_counter()
    total = torch.zeros(())
    order = torch.randperm(count)
    for i in range(0, count, batch):
        rows = order[i : i + batch]
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(rows)
    total.item()
    times.append(time.perf_counter() - start)
print(statistics.median(times[2:]))
