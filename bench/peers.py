# SPDX-License-Identifier: Apache-2.0
"""peers: compare Flower's secure aggregation and libsecagg on the same work, in
turn, in one run.

Flower's functions come from its package on PyPI, at the versions below, in a
virtual environment outside this tree; nothing of it is copied here. libsecagg
is called through ctypes, from one thread. All times are processor times of the
process, so that other work on the machine counts as little as possible.
"""
import argparse
import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv

PINS = {"flwr": "1.42.0", "numpy": "2.4.6", "cryptography": "50.0.2",
        "pycryptodome": "3.24.1"}


def pinned():
    """Returns whether this interpreter has each package at its version."""
    try:
        return all(importlib.metadata.version(name) == version
                   for name, version in PINS.items())
    except importlib.metadata.PackageNotFoundError:
        return False


def enter(folder):
    """Run again in the virtual environment, which is created if missing."""
    python = os.path.join(folder, "bin", "python")
    if os.environ.get("SECAGG_PEERS"):
        sys.exit("peers: wrong versions of packages in %s" % folder)
    if not os.path.exists(python):
        print("peers: creating a virtual environment in", folder,
              file=sys.stderr)
        venv.create(folder, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "-q"] +
                   ["%s==%s" % pin for pin in PINS.items()], check=True)
    os.environ["SECAGG_PEERS"] = "1"
    os.execv(python, [python] + sys.argv)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("library", help="lib/libsecagg.so of a build")
    parser.add_argument("--venv", help="folder of the virtual environment",
                        default=os.path.join(tempfile.gettempdir(),
                                             "secagg-peers"))
    parser.add_argument("--out", help="write the table to a file as well")
    parser.add_argument("--quick", action="store_true",
                        help="small sizes and one run, as a test")
    return parser.parse_args()


ARGS = arguments()
if not pinned():
    enter(ARGS.venv)

os.environ["FLWR_TELEMETRY_ENABLED"] = "0"
os.environ["SECAGG_LIBRARY"] = ARGS.library
sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import numpy as np
import peers_flower as flower
import peers_secagg as secagg

# ---- rows -------------------------------------------------------------------


def compare(name, runs, theirs, ours):
    """Returns a row: the medians of both, which run in turn."""
    pairs = [(theirs(), ours()) for _ in range(runs)]
    one = statistics.median(pair[0] for pair in pairs)
    other = statistics.median(pair[1] for pair in pairs)
    row = "| %s | %d | %.3f | %.3f | %.1f |" % (
        name, runs, 1e3 * one, 1e3 * other, one / other)
    print(row, flush=True)
    return [row]


def session(n, count, runs):
    """Measures a whole round and compares both means with the plain one."""
    corrupt = n // 3
    threshold = (n + corrupt) // 2 + 1
    generator = np.random.default_rng(n)
    updates = [generator.normal(0, 1, count).astype(np.float32)
               for _ in range(n)]
    dropouts = set(range(0, n, 10))
    plain = np.mean([updates[i] for i in range(n) if i not in dropouts], axis=0,
                    dtype=np.float64)
    segment = secagg.Segment(count, secagg.WEIGHTED, 0, flower.VALUE_BITS, 0,
                             flower.CLIP)
    sent, worst = [0, 0], [0.0, 0.0]

    def timed(which, call):
        start = time.process_time()
        mean, sent[which] = call()
        spent = time.process_time() - start
        worst[which] = max(worst[which], float(np.max(np.abs(mean - plain))))
        return spent

    rows = compare(
        "session: n = %d, %d dropouts, t = %d, m = %d" % (
            n, len(dropouts), threshold, count), runs,
        lambda: timed(0, lambda: flower.one_round(
            updates, dropouts, threshold)),
        lambda: timed(1, lambda: secagg.one_round(
            secagg.new_params(n, threshold, corrupt, segment), updates,
            dropouts)))
    rows.append("| - bytes sent by a client | | %d | %d | %.1f |"
                % (sent[0], sent[1], sent[0] / sent[1]))
    rows.append("| - maximum error of an entry of the mean | | %.1e | %.1e | "
                "%.1f |" % (worst[0], worst[1], worst[0] / worst[1]))
    print("\n".join(rows[1:]), flush=True)
    # One step of the encoding: 16 / 2^22. Flower's are ten times as coarse,
    # because it multiplies by a weight of 0.1 first.
    assert worst[1] < 16 / 2 ** 22 + 1e-6 and worst[0] < 160 / 2 ** 22 + 1e-6
    return rows


def processor():
    try:
        with open("/proc/cpuinfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


NOTES = (
    "- Flower splits a seed of 32 bytes and a key of 306 (PEM); libsecagg "
    "splits two secrets of 32 bytes.",
    "- Sessions are semi-honest, on the complete graph, with a weighted mean. "
    "Flower's workflow and its client",
    "  mod run unchanged behind a grid in this process; each message goes "
    "through Flower's protobuf, as it would",
    "  on a network. libsecagg's messages are bytes and need no conversion.",
    "- Flower's masks come from a generator with seeds of 32 bits, those of "
    "libsecagg from AES-128 in counter mode.")


def head():
    kernel = secagg.LIB.secagg_kernels()[0].decode()
    versions = ", ".join("%s %s" % pin for pin in PINS.items())
    return ["libsecagg %s (kernel %s) and Flower: %s, Python %s." % (
        secagg.LIB.secagg_version().decode(), kernel, versions,
        platform.python_version()),
        "%s, %s cores, %s %s." % (processor(), os.cpu_count(),
                                  platform.system(), platform.machine()),
        "Medians of processor time in milliseconds, taken in turn; the last "
        "column is Flower's time divided by libsecagg's.", "",
        *NOTES, "",
        "| Work | Runs | Flower | libsecagg | Ratio |",
        "| --- | --- | --- | --- | --- |"]


def rows():
    small = ARGS.quick
    count = 10000 if small else 1000000
    five, three = (1, 1) if small else (5, 3)
    n, t = (10, 7) if small else (100, 67)
    values = np.random.default_rng(1).normal(0, 1, count).astype(np.float32)
    yield compare("masks of 100 neighbours, %d entries, modulo 2^32" % count,
                  five, lambda: flower.mask(count, 100),
                  lambda: secagg.mask(count, 100, 32))
    yield compare("quantise %d floats, 22 bits, stochastic" % count, five,
                  lambda: flower.quantise(values),
                  lambda: secagg.quantise(values))
    yield compare("Shamir: shares of a seed, n = %d, t = %d" % (n, t), five,
                  lambda: flower.create(n, t, 1),
                  lambda: secagg.create(n, t, 1))
    yield compare("Shamir: shares of seed and key", five,
                  lambda: flower.create(n, t, 2),
                  lambda: secagg.create(n, t, 2))
    for which, name in ((0, "seed"), (1, "key")):
        for used in (t, n):
            yield compare("Shamir: %s from %d shares" % (name, used), three,
                          lambda w=which, u=used: flower.join(n, t, u, w),
                          lambda u=used: secagg.join(n, t, u))
    for clients in ((10,) if small else (20, 50)):
        yield session(clients, 1000 if small else 100000, three)


def main():
    lines = head()
    print("\n".join(lines), flush=True)
    for more in rows():
        lines += more
    if ARGS.out:
        with open(ARGS.out, "w", encoding="ascii") as out:
            out.write("<!-- SPDX-License-" "Identifier: Apache-2.0 -->\n"
                      "# Flower and libsecagg on the same work\n\n"
                      "Written by `make peers PEERS_ARGS='--out ...'`; see "
                      "`bench/peers.py`.\n\n" + "\n".join(lines) + "\n")


main()
