"""Prints 'N passed, N failed' (and what was skipped) of lit's xunit results."""

import sys
import xml.etree.ElementTree

suites = list(xml.etree.ElementTree.parse(sys.argv[1]).getroot().iter("testsuite"))


def total(count):
    return sum(int(suite.get(count, 0)) for suite in suites)


failed = total("failures") + total("errors")
skipped = total("skipped")
passed = total("tests") - failed - skipped
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(failed > 0 or passed == 0)
