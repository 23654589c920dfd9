# SPDX-License-Identifier: Apache-2.0
"""Secure aggregation in Flower: a quickstart with PyTorch."""
