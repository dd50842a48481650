"""Benchmarks. Importing `knowledge` first lets it set the number of BLAS threads before numpy starts them."""

import knowledge  # noqa: F401
