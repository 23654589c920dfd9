# SPDX-License-Identifier: Apache-2.0
"""Tests of the integration with OpenFL, skipped where it is not installed."""
import os
import sys

import pytest

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ.setdefault("USERNAME", "test")  # Metaflow asks for one
sys.path.insert(0, os.path.dirname(__file__))
pytest.importorskip("openfl")
