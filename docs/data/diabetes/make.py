# Writes diabetes.csv: the 442 patients of Efron, Hastie, Johnstone, Tibshirani 2004 in the units they were measured in.
# Needs scikit-learn; the project does not need this script.
from pathlib import Path

from sklearn.datasets import load_diabetes

data = load_diabetes(scaled=False)
lines = [",".join([*data.feature_names, "progression"])]
lines += [",".join(repr(float(v)).removesuffix(".0") for v in [*x, y]) for x, y in zip(data.data, data.target)]
Path(__file__).with_name("diabetes.csv").write_text("\n".join(lines) + "\n")
