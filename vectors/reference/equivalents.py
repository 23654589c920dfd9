# SPDX-License-Identifier: Apache-2.0
"""Mutations that are no other reading, each with its proof."""

EQUIVALENT = {}
