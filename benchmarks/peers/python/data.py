"""The inputs of data.ts."""

import numpy as np


def fill(seed, spec, dtype):
    """A tensor of a row: entries scale * u + offset with u in (-1, 1), or class numbers below classes."""
    shape = tuple(spec["shape"])
    i = np.arange(int(np.prod(shape, dtype=np.int64)), dtype=np.uint64)
    mask = np.uint64(0xFFFFFFFF)
    h = ((i + np.uint64(1 + (seed + 1) * 7919)) * np.uint64(0x9E3779B1)) & mask
    h ^= h >> np.uint64(15)
    h = (h * np.uint64(0x85EBCA6B)) & mask
    h ^= h >> np.uint64(13)
    unit = h.astype(np.float64) / 2**32
    if "classes" in spec:
        return np.floor(unit * spec["classes"]).astype(np.int32).reshape(shape)
    return ((2 * unit - 1) * spec.get("scale", 1) + spec.get("offset", 0)).astype(dtype).reshape(shape)
