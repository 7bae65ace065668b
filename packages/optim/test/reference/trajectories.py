"""Trajectories of PyTorch's and Optax's optimisers in float64, on three problems: run `python trajectories.py`."""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

jax.config.update("jax_enable_x64", True)
STEPS = 200
C, A = [1.0, 0.25, 3.0], [0.5, -2.0, 1.0]
X = [[1.0, 0.5, -1.25], [1.0, -1.5, 0.25], [1.0, 0.75, 2.0], [1.0, -0.25, -0.5], [1.0, 2.0, 1.0], [1.0, -1.0, -2.0]]
Y = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]


def problems(lib):
    if lib == "torch":
        arr, total, soft = lambda v: torch.tensor(v, dtype=torch.float64), torch.sum, torch.nn.functional.softplus
    else:
        arr, total, soft = jnp.array, jnp.sum, jax.nn.softplus

    def logistic(w):
        z = arr(X) @ w
        return total(soft(z) - arr(Y) * z) / 6

    return {
        "quadratic": (lambda w: total(arr(C) * (w - arr(A)) ** 2), [3.0, 1.0, -1.0]),
        "rosenbrock": (lambda w: (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2, [-0.5, 0.75]),
        "logistic": (logistic, [0.5, -1.0, 2.0]),
    }


def run_torch(make, after=None, before=None):
    out = {}
    for name, (f, start) in problems("torch").items():
        w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        opt = make([w])
        schedule = after(opt) if after else None
        path = []
        for _ in range(STEPS):
            opt.zero_grad()
            f(w).backward()
            if before:
                before([w])
            opt.step()
            if schedule:
                schedule.step()
            path.append(w.detach().numpy().copy())
        out[name] = path
    return out


def run_optax(tx):
    out = {}
    for name, (f, start) in problems("jax").items():
        w = jnp.array(start)
        state, path = tx.init(w), []

        @jax.jit
        def advance(w, state):
            value, g = jax.value_and_grad(f)(w)
            u, state = tx.update(g, state, w, value=value)
            return optax.apply_updates(w, u), state

        for _ in range(STEPS):
            w, state = advance(w, state)
            path.append(np.asarray(w))
        out[name] = path
    return out


def double(schedule):
    # Optax counts in int32, of which its schedules make float32.
    return lambda count: schedule(count.astype(jnp.float64))


T = torch.optim
clip = torch.nn.utils
CASES = {
    "sgd": run_torch(lambda p: T.SGD(p, lr=1e-3)),
    "nesterov": run_torch(lambda p: T.SGD(p, lr=1e-3, momentum=0.9, nesterov=True)),
    "adam": run_torch(lambda p: T.Adam(p, lr=0.02)),
    "adamw": run_torch(lambda p: T.AdamW(p, lr=0.02, weight_decay=0.1)),
    "adamw linear": run_torch(
        lambda p: T.AdamW(p, lr=0.05, weight_decay=0.1),
        after=lambda o: T.lr_scheduler.LambdaLR(o, lambda k: max(0.0, 1 - k / 150)),
    ),
    "amsgrad": run_torch(lambda p: T.Adam(p, lr=0.02, betas=(0.8, 0.9), amsgrad=True)),
    "adamax": run_torch(lambda p: T.Adamax(p, lr=0.02)),
    "rmsprop": run_torch(lambda p: T.RMSprop(p, lr=0.005)),
    "rmsprop centered": run_torch(lambda p: T.RMSprop(p, lr=0.002, alpha=0.9, eps=0.01, centered=True, momentum=0.5)),
    "adagrad": run_torch(lambda p: T.Adagrad(p, lr=0.1)),
    "adadelta": run_torch(lambda p: T.Adadelta(p, lr=1.0)),
    "nadam": run_optax(optax.nadam(0.02)),
    "lion": run_optax(optax.lion(0.01, weight_decay=0.1)),
    "clipped value": run_torch(
        lambda p: T.SGD(p, lr=0.01, momentum=0.5), before=lambda p: clip.clip_grad_value_(p, 0.5)
    ),
    "clipped norm": run_optax(optax.chain(optax.clip_by_global_norm(0.5), optax.sgd(0.01, momentum=0.5))),
    "clipped rms": run_optax(optax.chain(optax.clip_by_block_rms(0.5), optax.sgd(0.01))),
    "agc": run_optax(optax.chain(optax.adaptive_grad_clip(0.1), optax.sgd(0.02))),
    "polyak": run_optax(optax.polyak_sgd(max_learning_rate=0.001)),
    "lookahead": None,
    "warmup cosine": run_optax(optax.adam(double(optax.warmup_cosine_decay_schedule(0.0, 0.05, 20, 180, 0.001)))),
    "one cycle": run_optax(optax.sgd(double(optax.cosine_onecycle_schedule(200, 0.001)))),
}


def run_lookahead():
    out = {}
    for name, (f, start) in problems("jax").items():
        tx = optax.lookahead(optax.adam(0.02), sync_period=5, slow_step_size=0.5)
        params = optax.LookaheadParams.init_synced(jnp.array(start))
        state, path = tx.init(params), []
        for _ in range(STEPS):
            u, state = tx.update(jax.grad(f)(params.fast), state, params)
            params = optax.apply_updates(params, u)
            path.append(np.asarray(params.fast))
        out[name] = path
    return out


CASES["lookahead"] = run_lookahead()

# The whole trajectory is compared at every 20th step: an early difference does not vanish from the later ones.
KEPT = [0, 1, 2, 4] + list(range(19, STEPS, 20))
counts = [0, 1, 2, 5, 9, 10, 11, 15, 20, 29, 30, 35, 50, 99, 100, 101, 150]
S = {
    "linear": optax.linear_schedule(1.0, 0.1, 50),
    "cosine": optax.cosine_decay_schedule(2.0, 100, 0.05),
    "exponential": optax.exponential_decay(1.0, 10, 0.5),
    "staircase": optax.exponential_decay(1.0, 10, 0.5, staircase=True),
    "polynomial": optax.polynomial_schedule(1.0, 0.1, 2, 50),
    "piecewise": optax.piecewise_constant_schedule(1.0, {10: 0.5, 30: 0.1}),
    "warmupCosine": optax.warmup_cosine_decay_schedule(0.0, 2.0, 10, 100, 0.25),
    "oneCycle": optax.cosine_onecycle_schedule(100, 2.0),
    "restarts": optax.sgdr_schedule(
        [
            dict(init_value=0.0, peak_value=1.0, decay_steps=k, warmup_steps=0, end_value=0.0)
            for k in (10, 20, 40, 80)
        ]
    ),
    "join": optax.join_schedules(
        [optax.linear_schedule(0.0, 1.0, 10), optax.exponential_decay(1.0, 5, 0.5), optax.constant_schedule(0.125)],
        [10, 30],
    ),
}
out = {
    "steps": [k + 1 for k in KEPT],
    "trajectories": {
        case: {problem: [path[k].tolist() for k in KEPT] for problem, path in paths.items()}
        for case, paths in CASES.items()
    },
    "counts": counts,
    "schedules": {name: [float(s(jnp.array(float(k)))) for k in counts] for name, s in S.items()},
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out))
