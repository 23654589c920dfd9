# SPDX-License-Identifier: Apache-2.0
"""Sum up JUnit files of pytest: junit.py NAME=FILE... prints each skipped test
as `SKIP NAME: REASON` and then a line with the totals. A file that is missing or
has no test counts as one failure: the run did not get to its end."""
import collections
import sys
import xml.etree.ElementTree as ElementTree


def read(file):
    """The numbers of passed and failed tests, and the reasons of skips."""
    passed, failed, skips = 0, 0, []
    try:
        cases = list(ElementTree.parse(file).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        cases = []
    for case in cases:
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif skipped is not None:
            skips.append(" ".join(skipped.get("message", "").split()))
        else:
            passed += 1
    return passed, failed + (not cases), skips


total = collections.Counter()
for argument in sys.argv[1:]:
    name, file = argument.split("=", 1)
    passed, failed, skips = read(file)
    total.update(passed=passed, failed=failed, skipped=len(skips))
    for reason, count in sorted(collections.Counter(skips).items()):
        print(f"SKIP {name}: {reason}" + f" ({count} tests)" * (count > 1))
print(f"{total['passed']} passed, {total['failed']} failed, "
      f"{total['skipped']} skipped")
sys.exit(total["failed"] > 0)
