"""The peers of lasso.ts: reads one request per line, answers one line. Not run by itself; lasso.ts starts it.

Needs numpy, scikit-learn and skglm. One thread; lasso.ts sets the environment for it.
"""

import json
import sys
import time
import warnings

import numpy as np
import sklearn
import skglm
from sklearn.linear_model import enet_path
from skglm.datafits import Quadratic, QuadraticGroup
from skglm.penalties import L1_plus_L2, WeightedGroupL2
from skglm.solvers import AndersonCD, GroupBCD
from skglm.utils.data import grp_converter
from skglm.utils.jit_compilation import compiled_clone

warnings.filterwarnings("ignore")


def load(r):
    n, p = r["n"], r["p"]
    X = np.fromfile(r["X"], dtype=np.float64).reshape(p, n).T  # columns follow each other
    return np.asfortranarray(X), np.fromfile(r["y"], dtype=np.float64), np.array(r["lambdas"])


def by_sklearn(X, y, lambdas, r):
    return lambda: enet_path(X, y, l1_ratio=r["rho"], alphas=lambdas, tol=r["tolerance"], max_iter=10**6)[1].T


def by_skglm(X, y, lambdas, r):
    # skglm stops at the largest violation of the optimality conditions; this is one that reaches a similar gap.
    tol = r["violation"] * np.abs(X.T @ y).max() / len(y)
    if r["group"]:
        indices, ptr = grp_converter(r["group"], X.shape[1])
        weights = np.full(len(ptr) - 1, np.sqrt(r["group"]))
        solver = GroupBCD(max_iter=1000, max_epochs=10**5, tol=tol, fit_intercept=False, warm_start=True)
        datafit = compiled_clone(QuadraticGroup(ptr, indices))
        make = lambda a: compiled_clone(WeightedGroupL2(a, weights, ptr, indices))
    else:
        solver = AndersonCD(max_iter=1000, max_epochs=10**5, tol=tol, fit_intercept=False, warm_start=True)
        datafit = compiled_clone(Quadratic())
        make = lambda a: compiled_clone(L1_plus_L2(a, r["rho"]))
        if hasattr(datafit, "initialize"):
            datafit.initialize(X, y)

    def run():
        out = np.empty((len(lambdas), X.shape[1]))
        w, Xw = np.zeros(X.shape[1]), np.zeros(len(y))
        for k, a in enumerate(lambdas):
            w = solver.solve(X, y, datafit, make(a), w_init=w.copy(), Xw_init=Xw.copy())[0]
            Xw = X @ w
            out[k] = w
        return out

    return run


def gap(X, y, lambdas, W, r):
    """The largest duality gap of a path, relative to ||y||^2/n."""
    n, worst = len(y), 0.0
    for lam, w in zip(lambdas, W):
        a, b = lam * r["rho"], lam * (1 - r["rho"])
        if r["group"]:
            size = r["group"]
            norms = lambda v: np.linalg.norm(v.reshape(-1, size), axis=1) * np.sqrt(size)
            penalty, dual = lam * norms(w).sum(), lambda u: (np.linalg.norm(u.reshape(-1, size), axis=1)).max() / np.sqrt(size) / lam
        else:
            penalty, dual = a * np.abs(w).sum(), lambda u: np.abs(u).max() / a
        ridge = b * w @ w if not r["group"] else 0.0
        res = y - X @ w
        s = max(1.0, dual(X.T @ res / n - (b * w if not r["group"] else 0)))
        rr = res @ res / n + ridge
        worst = max(worst, rr / 2 + penalty - y @ res / n / s + rr / (2 * s * s))
    return worst / (y @ y / n)


print(json.dumps({"sklearn": sklearn.__version__, "skglm": "0.5", "numpy": np.__version__}), flush=True)
for line in sys.stdin:
    r = json.loads(line)
    X, y, lambdas = load(r)
    run = {"scikit-learn": by_sklearn, "skglm": by_skglm}[r["peer"]](X, y, lambdas, r)
    start = time.process_time()
    W = run()
    ms = (time.process_time() - start) * 1e3
    print(json.dumps({"ms": ms, "gap": float(gap(X, y, lambdas, W, r)), "nonzeros": int((W[-1] != 0).sum())}), flush=True)
