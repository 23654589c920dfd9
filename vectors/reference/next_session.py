# SPDX-License-Identifier: Apache-2.0
"""Whom the host of the server leaves out of the next session (9.6)."""


def leave_out(session):
    """9.6: return the clients that the next session lacks, and the number of
    steps, by which c falls."""
    server = session.server
    out = {u for u, _ in server.blame_list}
    steps = len(out)
    pairs = {(min(pair), max(pair)) for pair in server.disputes}
    for u, v in sorted(pairs):
        if u not in out and v not in out:
            out |= {u, v}
            steps += 1
    if out or server.phase == "DONE":
        return out, steps
    out = session.silent or {v for v in server.aborted
                             if not server.bad.get(v)}
    return out, 1 if out else 0


def default_corrupt(n):
    """2.2: return A of the default policy on the complete graph."""
    return max(1, min(n // 3, 33), n // 20)


def next_numbers(session):
    """9.6, 2.5: return the clients that are left, and n, t and c of the next
    session, on the complete graph and under the default policy."""
    out, steps = leave_out(session)
    left = sorted(set(range(session.p.clients)) - out)
    n = len(left)
    c = max(session.p.corrupt - steps, default_corrupt(n))
    return left, n, (n + c) // 2 + 1, c
