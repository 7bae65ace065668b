"""Writes diabetes.csv from the copy of the data set that ships with scikit-learn.

Run: python make.py   (needs scikit-learn 1.1 or later; the result does not depend on its version)
"""

import hashlib
from pathlib import Path

from sklearn.datasets import load_diabetes

diabetes = load_diabetes(scaled=False)
assert diabetes.data.shape == (442, 10)
rows = [",".join([*diabetes.feature_names, "progression"])]
rows += [
    ",".join(f"{v:g}" if v == float(f"{v:g}") else repr(float(v)) for v in (*x, y))
    for x, y in zip(diabetes.data, diabetes.target)
]
data = ("\n".join(rows) + "\n").encode()
Path(__file__).with_name("diabetes.csv").write_bytes(data)
print(len(data), "bytes, sha256", hashlib.sha256(data).hexdigest())
