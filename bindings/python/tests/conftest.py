# SPDX-License-Identifier: Apache-2.0
"""Settings of all tests."""
import os
import pathlib
import sys
import tempfile

import hypothesis
import pytest

sys.path.insert(0, os.path.dirname(__file__))

# The same examples in each run, and no limit on the time of one.
hypothesis.settings.register_profile(
    "secagg", derandomize=True, deadline=None, database=None,
    max_examples=60)
hypothesis.settings.load_profile("secagg")


@pytest.fixture
def folder(tmp_path):
    """A folder that only this user can write to, in memory where possible:
    the tests force thousands of files to the disk."""
    memory = "/dev/shm"
    where = memory if os.access(memory, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(dir=where) as made:
        yield pathlib.Path(made)
