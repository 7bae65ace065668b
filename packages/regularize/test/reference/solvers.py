"""Reference solutions of penalised linear models, by scikit-learn and skglm.

Run: python solvers.py   (scikit-learn 1.9.1, skglm 0.5, numpy; writes solvers.json beside this file)

Every solution is solved to a tolerance near rounding and stored with its objective, which is computed here by numpy from
its definition. Data are drawn once and stored, so that the test needs no Python.
"""

import json
import warnings
from pathlib import Path

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LassoCV,
    LassoLarsIC,
    LogisticRegression,
    RidgeCV,
    enet_path,
    lasso_path,
)
from sklearn.preprocessing import StandardScaler
from skglm.datafits import Logistic, QuadraticGroup
from skglm.penalties import L1_plus_L2, WeightedGroupL2, WeightedL1GroupL2
from skglm.solvers import GroupBCD, ProxNewton
from skglm.utils.data import grp_converter
from skglm.utils.jit_compilation import compiled_clone

warnings.filterwarnings("ignore")
rng = np.random.default_rng(7)
out = {"made": "scikit-learn 1.9.1, skglm 0.5"}


def least_squares(X, y, w, b=0.0):
    return float(np.sum((y - X @ w - b) ** 2) / (2 * len(y)))


def problem(n, p, k):
    X = rng.standard_normal((n, p)) @ (np.eye(p) + 0.3)
    w = np.zeros(p)
    w[:k] = rng.standard_normal(k) * 2
    return X.round(6), (X @ w + rng.standard_normal(n) + 3).round(6)


X, y = problem(40, 12, 5)
Xw, yw = problem(15, 40, 5)
out["tall"] = {"X": X.tolist(), "y": y.tolist()}
out["wide"] = {"X": Xw.tolist(), "y": yw.tolist()}

cases = []
for data, (A, t) in {"tall": (X, y), "wide": (Xw, yw)}.items():
    for intercept in (False, True):
        for ratio in (1.0, 0.5):
            for positive in (False, True):
                for alpha in (1.0, 0.1, 0.02):
                    m = ElasticNet(
                        alpha=alpha, l1_ratio=ratio, fit_intercept=intercept, positive=positive, tol=1e-14, max_iter=10**6
                    ).fit(A, t)
                    w, b = m.coef_, float(m.intercept_)
                    obj = least_squares(A, t, w, b) + alpha * (ratio * np.abs(w).sum() + (1 - ratio) / 2 * (w @ w))
                    cases.append(
                        dict(data=data, intercept=intercept, ratio=ratio, positive=positive, alpha=alpha)
                        | dict(w=w.tolist(), b=b, objective=float(obj))
                    )
out["elasticNet"] = cases

groups = [[0, 1, 2], [3], [4, 5, 6, 7], [8, 9], [10, 11]]
out["groups"] = groups
cases = []
for tau in (0.0, 0.5):
    for alpha in (1.0, 0.2, 0.05):
        indices, ptr = grp_converter(groups, 12)
        root = np.sqrt([float(len(g)) for g in groups])
        if tau:
            penalty = WeightedL1GroupL2(alpha, (1 - tau) * root, tau * np.ones(12), ptr, indices)
        else:
            penalty = WeightedGroupL2(alpha, root, ptr, indices)
        solver = GroupBCD(max_iter=10000, max_epochs=10**6, tol=1e-13, fit_intercept=False, ws_strategy="fixpoint")
        w = solver.solve(
            np.asfortranarray(X), y, compiled_clone(QuadraticGroup(ptr, indices)), compiled_clone(penalty)
        )[0]
        norms = sum(r * np.linalg.norm(w[g]) for r, g in zip(root, groups))
        obj = least_squares(X, y, w) + alpha * ((1 - tau) * norms + tau * np.abs(w).sum())
        cases.append(dict(tau=tau, alpha=alpha, w=w.tolist(), objective=float(obj)))
out["groupLasso"] = cases

labels = (y > np.median(y)).astype(float)
out["labels"] = labels.tolist()
cases = []
for ratio in (1.0, 0.5):
    for alpha in (0.1, 0.02, 0.005):
        solver = ProxNewton(max_iter=1000, max_pn_iter=1000, tol=1e-13, fit_intercept=True)
        w = solver.solve(
            np.asfortranarray(X), 2 * labels - 1, compiled_clone(Logistic()), compiled_clone(L1_plus_L2(alpha, ratio))
        )[0]
        w, b = w[:-1], float(w[-1])
        z = X @ w + b
        loss = float(np.mean(np.logaddexp(0, z) - labels * z))
        obj = loss + alpha * (ratio * np.abs(w).sum() + (1 - ratio) / 2 * (w @ w))
        cases.append(dict(ratio=ratio, alpha=alpha, w=w.tolist(), b=b, objective=float(obj)))
out["logistic"] = cases

d = load_diabetes()
D, t = d.data, d.target
cv = LassoCV(cv=10, tol=1e-12, max_iter=10**6).fit(D, t)
enet = enet_path(D, t - t.mean(), l1_ratio=0.5, n_alphas=20, tol=1e-14, max_iter=10**6)
lasso = lasso_path(D, t - t.mean(), n_alphas=20, tol=1e-14, max_iter=10**6)
out["diabetes"] = {
    "lassoCV": {
        "alphas": cv.alphas_.tolist(),
        "mean": cv.mse_path_.mean(axis=1).tolist(),
        "alpha": float(cv.alpha_),
        "coef": cv.coef_.tolist(),
        "intercept": float(cv.intercept_),
    },
    "enetPath": {"alphas": enet[0].tolist(), "coefs": enet[1].T.tolist()},
    "lassoPath": {"alphas": lasso[0].tolist(), "coefs": lasso[1].T.tolist()},
}
S = StandardScaler().fit_transform(D)
for name in ("aic", "bic"):
    ic = LassoLarsIC(criterion=name).fit(S, t)
    out["diabetes"][name] = {
        "alpha": float(ic.alpha_),
        "alphas": ic.alphas_.tolist(),
        "criterion": ic.criterion_.tolist(),
        "noiseVariance": float(ic.noise_variance_),
    }
ridge = RidgeCV(alphas=(0.01, 0.1, 1.0), store_cv_results=True).fit(D, t)
out["diabetes"]["ridgeLoo"] = {
    "alphas": [0.01, 0.1, 1.0],
    "loo": ridge.cv_results_.reshape(442, 3).mean(axis=0).tolist(),
}

# R's lars on the 5 by 5 design of scikit-learn's test_lasso_lars_vs_R_implementation (BSD-3).
out["rLars"] = {
    "X": np.array(
        [
            [0.47299829, 0, 0, 0, 0],
            [0.08239882, 0.85784863, 0, 0, 0],
            [0.30114139, -0.07501577, 0.80895216, 0, 0],
            [-0.01460346, -0.1015233, 0.0407278, 0.80338378, 0],
            [-0.69363927, 0.06754067, 0.18064514, -0.0803561, 0.40427291],
        ]
    ).T.tolist(),
    "y": [-6.45006793, -3.51251449, -8.52445396, 6.12277822, -19.42109366],
    "coefs": np.array(
        [
            [0, 0, 0, 0, 0, -79.810362809499026, -83.528788732782829, -83.777653739190711, -83.784156932888934, -84.033390591756657],
            [0, 0, 0, 0, -0.476624256777266, 0, 0, 0, 0, 0.025219751009936],
            [0, -3.577397088285891, -4.702795355871871, -7.016748621359461, -7.614898471899412, -0.336938391359179, 0, 0, 0.001213370600853, 0.048162321585148],
            [0, 0, 0, 2.231558436628169, 2.723267514525966, 2.811549786389614, 2.813766976061531, 2.817462468949557, 2.817368178703816, 2.816221090636795],
            [0, 0, -1.218422599914637, -3.457726183014808, -4.021304522060710, -45.827461592423745, -47.776608869312305, -47.911561610746404, -47.914845922736234, -48.039562334265717],
        ]
    ).T.tolist(),
}
Path(__file__).with_name("solvers.json").write_text(json.dumps(out, indent=1) + "\n")
