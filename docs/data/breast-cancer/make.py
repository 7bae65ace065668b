"""Writes breast-cancer.csv from the copy of the data set that ships with scikit-learn.

Run: python make.py   (needs scikit-learn; the result does not depend on its version)
"""

import hashlib
from pathlib import Path

from sklearn.datasets import load_breast_cancer

cancer = load_breast_cancer()
assert cancer.data.shape == (569, 30) and set(cancer.target) == {0, 1}
rows = [",".join([*(name.replace(" ", "_") for name in cancer.feature_names), "benign"])]
rows += [",".join([*(repr(float(v)) for v in x), str(y)]) for x, y in zip(cancer.data, cancer.target)]
data = ("\n".join(rows) + "\n").encode()
Path(__file__).with_name("breast-cancer.csv").write_bytes(data)
print(len(data), "bytes, sha256", hashlib.sha256(data).hexdigest())
