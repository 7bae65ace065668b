"""Writes digits.bin from the copy of the data set that ships with scikit-learn.

Run: python make.py   (needs scikit-learn; the result does not depend on its version)
"""

import hashlib
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
pixels = digits.data.astype(np.uint8)
labels = digits.target.astype(np.uint8)
assert pixels.shape == (1797, 64) and pixels.max() == 16 and (pixels == digits.data).all()
assert labels.shape == (1797,) and set(labels) == set(range(10))

data = pixels.tobytes() + labels.tobytes()
Path(__file__).with_name("digits.bin").write_bytes(data)
print(len(data), "bytes, sha256", hashlib.sha256(data).hexdigest())
