# SPDX-License-Identifier: Apache-2.0
"""Settings of the tests of the integration with OpenFL."""
import os
import sys

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ.setdefault("USERNAME", "test")  # Metaflow asks for one
sys.path.insert(0, os.path.dirname(__file__))
