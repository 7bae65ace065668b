"""The diabetes lasso on z-scores at λ = 0.1 by scikit-learn, polished on its support. Writes adamLasso.json beside it.

Made with scikit-learn and numpy in float64.
"""

import json
import pathlib

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Lasso

X, y = load_diabetes(return_X_y=True)
n = len(y)
X = X * np.sqrt(n)
y = (y - y.mean()) / y.std()
w = Lasso(alpha=0.1, fit_intercept=False, tol=1e-14, max_iter=10**6).fit(X, y).coef_
a = np.flatnonzero(w)
# On the support the gradient is -λ·sign: a linear system.
w[a] = np.linalg.solve(X[:, a].T @ X[:, a] / n, X[:, a].T @ y / n - 0.1 * np.sign(w[a]))
g = X.T @ (X @ w - y) / n
assert np.all(np.abs(g[np.setdiff1d(np.arange(10), a)]) < 0.1)
out = {"w": w.tolist(), "objective": ((y - X @ w) ** 2).mean() / 2 + 0.1 * np.abs(w).sum()}
pathlib.Path(__file__).with_name("adamLasso.json").write_text(json.dumps(out, indent=1) + "\n")
