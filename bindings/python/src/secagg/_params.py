# SPDX-License-Identifier: Apache-2.0
"""What all parties of a session agree on, and what a client accepts of it."""
from __future__ import annotations

import dataclasses
import math
from typing import Any, NamedTuple, Sequence

from ._enums import Kind, Mode, Rounding, Suite
from ._errors import Error, check, sentence
from ._secagg import ffi, lib
from ._structs import assign, fill

@dataclasses.dataclass(frozen=True)
class Segment:
    """A run of entries with the same encoding, for example one tensor.

    Parameters
    ----------
    length : int
        Number of entries, at least 1.
    kind : Kind or str
        ``"real"``, ``"weighted"``, ``"integer"``, ``"unsigned"`` or
        ``"signed"``.
    clip : float
        Reals: values are clipped to [-clip, clip]; 2**-500 to 2**500. 0
        selects 1.0.
    value_bits : int
        Reals: a value has 2**value_bits - 1 levels, 2 to 32; 0 selects 16.
        Unsigned and signed integers: the bits of a value, up to 63.
    bits : int
        The modulus is 2**bits, 1 to 64. 0 selects the smallest one that no
        sum can overflow; kind ``"integer"`` needs a number.
    rounding : Rounding or str
        Reals: ``"stochastic"`` or ``"nearest"``.
    """

    length: int
    kind: Kind | str = Kind.REAL
    _: dataclasses.KW_ONLY
    clip: float = 0.0
    value_bits: int = 0
    bits: int = 0
    rounding: Rounding | str = Rounding.STOCHASTIC

    def __post_init__(self) -> None:
        kind = Kind.of(self.kind)
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "rounding", Rounding.of(self.rounding))
        if kind in (Kind.REAL, Kind.WEIGHTED):
            object.__setattr__(self, "clip", float(self.clip) or 1.0)
            object.__setattr__(self, "value_bits", self.value_bits or 16)

    def _members(self) -> dict[str, Any]:
        return {"length": self.length, "kind": int(self.kind),
                "bits": self.bits, "value_bits": self.value_bits,
                "rounding": int(self.rounding), "clip": self.clip}

    @classmethod
    def _read(cls, c: Any) -> Segment:
        return cls(int(c.length), Kind(c.kind), clip=float(c.clip),
                   value_bits=int(c.value_bits), bits=int(c.bits),
                   rounding=Rounding(c.rounding))


#: ``min_corrupt`` of a `Policy` that lets no client be corrupt.
NOBODY_CORRUPT = -1.0


@dataclasses.dataclass(frozen=True)
class Policy:
    """The minimum that a client accepts, no matter who chose the parameters.

    0 selects the default of each member (PROTOCOL.md 2.2).

    Parameters
    ----------
    min_clients, min_ring : int
        Minimum number of invited clients, and that on a sparse graph.
    min_survivors : int
        Minimum number of inputs in a sum.
    require_active : bool
        Refuse semi-honest sessions.
    min_corrupt : float
        Fraction of the clients that may collude with the server without
        learning an input; `NOBODY_CORRUPT` for none.
    min_weight : int
        1 refuses weights of 0.
    any_digest : bool
        Accept active sessions whose `app_digest` is zero.
    app_digest : bytes
        The digest that the session must have, 32 bytes; empty for any.
    """

    _: dataclasses.KW_ONLY
    min_clients: int = 0
    min_ring: int = 0
    min_survivors: int = 0
    require_active: bool = False
    min_corrupt: float = 0.0
    min_weight: int = 0
    any_digest: bool = False
    app_digest: bytes = b""

    def _c(self) -> Any:
        c = ffi.new("secagg_policy *")
        lib.secagg_policy_init(c)
        assign(c, {name: getattr(self, name) for name in (
            "min_clients", "min_ring", "min_survivors", "min_corrupt",
            "min_weight")})
        c.require_active = bool(self.require_active)
        c.any_digest = bool(self.any_digest)
        fill(c.app_digest, self.app_digest, "app_digest")
        return c


class Traffic(NamedTuple):
    """Bytes of one client in a session that all clients complete."""

    up: int
    down: int


class Place(NamedTuple):
    """Where a segment lies in the full vector (PROTOCOL.md 6.1)."""

    bits: int  #: of an entry of its lane
    entry: int  #: of the lane, at which the segment begins


def policy_c(policy: Policy | None) -> Any:
    """The policy in C; NULL for the defaults."""
    return ffi.NULL if policy is None else policy._c()


class Params:
    """The parameters of one session.

    Parameters
    ----------
    segments : sequence of Segment
        The segments of the vector.
    clients : int
        Number of invited clients, whose indices start at 0.
    threshold, corrupt, neighbours, min_survivors : int
        See ``secagg_params(3)``; `choose` computes them.
    max_weight, min_weight : int
        Range of a client's weight; 0 if the session has no weights.
    mode : Mode or str
        ``"semi-honest"`` or ``"active"``.
    suite : Suite or str, optional
        ``"aes"`` or ``"chacha"``. By default AES if this machine serves it,
        and else ChaCha20; see `available`. All clients must serve it.
    round : int
        Number of the training round.
    app_digest : bytes
        Digest of model, task and code, 32 bytes.
    session : bytes, optional
        Session id, 16 bytes. By default a new one is drawn: no two sessions,
        and no retry, may share one.

    Notes
    -----
    `Params` can be pickled and compared; the encoding decides. Parameters that
    break a rule cannot be pickled and are equal to themselves only.
    """

    _segments: tuple[Segment, ...] | None = None

    def __init__(self, segments: Sequence[Segment], *, clients: int,
                 threshold: int = 0, corrupt: int = 0, neighbours: int = 0,
                 min_survivors: int = 0, max_weight: int = 0,
                 min_weight: int = 0, mode: Mode | str = Mode.SEMI_HONEST,
                 suite: Suite | str | None = None, round: int = 0,
                 app_digest: bytes = b"", session: bytes | None = None
                 ) -> None:
        c = ffi.new("secagg_params *")
        lib.secagg_params_init(c)
        self._array = ffi.new("secagg_segment[]", len(segments))
        for number, segment in enumerate(segments):
            assign(self._array[number], segment._members(),
                   f"segment {number}: ")
        c.segments, c.segment_count = self._array, len(segments)
        assign(c, {"clients": clients, "threshold": threshold,
                   "corrupt": corrupt, "neighbours": neighbours,
                   "min_survivors": min_survivors, "max_weight": max_weight,
                   "min_weight": min_weight, "round": round})
        c.mode, c.suite = int(Mode.of(mode)), int(suite_of(suite))
        fill(c.app_digest, app_digest, "app_digest")
        if session is None:
            check(lib.secagg_params_new_session(c))
        elif not session:
            check(lib.SECAGG_ERR_SIZE, "session has 0 bytes: it must have "
                  f"{lib.SECAGG_SESSION_BYTES}", got=0,
                  needed=lib.SECAGG_SESSION_BYTES)
        else:
            fill(c.session, session, "session")
        self._c = c

    @classmethod
    def _own(cls, c: Any) -> Params:
        """Own parameters that the library allocated."""
        self = cls.__new__(cls)
        self._c = ffi.gc(c, lib.secagg_params_free)
        return self

    @classmethod
    def _copy(cls, c: Any) -> Params:
        """A copy of parameters of the library, which lives as long as it."""
        out = ffi.new("secagg_params **")
        check(lib.secagg_params_resolve(out, c))
        return cls._own(out[0])

    def choose(self, corrupt: float, dropout: float, *,
               security_bits: int = 40, failure_bits: int = 20,
               policy: Policy | None = None) -> Params:
        """Choose `neighbours`, `threshold`, `corrupt` and `min_survivors`.

        Parameters
        ----------
        corrupt, dropout : float
            Fractions of clients that collude with the server, and that may
            drop out; 0 to below 1.
        security_bits, failure_bits : int
            Bounds on the probability that a random graph is insecure, or
            loses the sum, as negative powers of 2.
        policy : Policy, optional
            The policy of the clients; the result satisfies it.

        Returns
        -------
        Params
            These parameters.

        Raises
        ------
        ArgumentError
            No choice serves these numbers; the sentence says why.
        """
        err, why = sentence(lambda text, size: lib.secagg_params_choose(
            self._c, corrupt, dropout, security_bits, failure_bits,
            policy_c(policy), text, size))
        check(err, why)
        return self

    def check(self, policy: Policy | None = None) -> Params:
        """Check the rules of PROTOCOL.md 2.2 and, if given, a policy.

        Parameters
        ----------
        policy : Policy, optional
            The policy of a client.

        Returns
        -------
        Params
            These parameters.

        Raises
        ------
        ArgumentError
            A rule is broken.
        PolicyError
            A client with this policy refuses the parameters.
        CryptoError
            This machine does not serve the suite.
        """
        check(*sentence(lambda text, size: lib.secagg_params_check(
            self._c, text, size)))
        if policy is not None:
            check(*sentence(lambda text, size: lib.secagg_policy_check(
                self._c, policy._c(), text, size)))
        return self

    def resolve(self) -> Params:
        """A copy with every default filled in.

        Returns
        -------
        Params
            Parameters with the same encoding.

        Raises
        ------
        ArgumentError
            A rule is broken.
        """
        self.check()
        return self._copy(self._c)

    def encode(self) -> bytes:
        """The canonical bytes, for the clients.

        Raises
        ------
        ArgumentError
            A rule is broken.
        """
        self.check()
        out = bytearray(lib.secagg_params_encoded_size(self._c))
        check(lib.secagg_params_encode(self._c, ffi.from_buffer(out),
                                       len(out)))
        return bytes(out)

    @classmethod
    def decode(cls, data: bytes) -> Params:
        """The parameters that `encode` made.

        Parameters
        ----------
        data : bytes
            The encoding; it may come from the network.

        Raises
        ------
        MessageError
            The bytes are not the canonical encoding of any parameters.
        ArgumentError
            The parameters break a rule.
        """
        out = ffi.new("secagg_params **")
        check(lib.secagg_params_decode(out, ffi.from_buffer(data), len(data)))
        return cls._own(out[0])

    def traffic(self) -> Traffic:
        """Bytes that one client sends and receives in a whole session."""
        up, down = ffi.new("uint64_t *"), ffi.new("uint64_t *")
        self.check()
        check(lib.secagg_params_traffic(self._c, up, down))
        return Traffic(int(up[0]), int(down[0]))

    def place(self, segment: int) -> Place:
        """Find a segment in the full vector, for `Masks` and workers.

        Parameters
        ----------
        segment : int
            The number of the segment; with weights, that of the hidden one
            is the number of segments.
        """
        bits, entry = ffi.new("uint32_t *"), ffi.new("uint64_t *")
        self.check()
        try:
            err = lib.secagg_params_place(self._c, segment, bits, entry)
        except OverflowError:
            err = lib.SECAGG_ERR_ARG
        check(err, f"there is no segment {segment}")
        return Place(int(bits[0]), int(entry[0]))

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments."""
        if self._segments is None:
            self._segments = tuple(Segment._read(self._c.segments[i])
                                   for i in range(self._c.segment_count))
        return self._segments

    @property
    def session(self) -> bytes:
        """The session id, 16 bytes."""
        return bytes(ffi.buffer(self._c.session))

    @property
    def app_digest(self) -> bytes:
        """Digest of model, task and code, 32 bytes."""
        return bytes(ffi.buffer(self._c.app_digest))

    @property
    def round(self) -> int:
        """Number of the training round."""
        return int(self._c.round)

    @property
    def clients(self) -> int:
        """Number of invited clients."""
        return int(self._c.clients)

    @property
    def threshold(self) -> int:
        """Number of shares that determine a secret."""
        return int(self._c.threshold)

    @property
    def corrupt(self) -> int:
        """Number of colluding clients that the session withstands."""
        return int(self._c.corrupt)

    @property
    def neighbours(self) -> int:
        """Number of neighbours of a client; 0 on the complete graph."""
        return int(self._c.neighbours)

    @property
    def min_survivors(self) -> int:
        """Minimum number of inputs in the sum; 0 is the default."""
        return int(self._c.min_survivors)

    @property
    def max_weight(self) -> int:
        """Maximum weight of a client; 0 if there are no weights."""
        return int(self._c.max_weight)

    @property
    def min_weight(self) -> int:
        """Minimum weight of a client."""
        return int(self._c.min_weight)

    @property
    def mode(self) -> Mode:
        """The behaviour of the server that the session withstands."""
        return Mode(self._c.mode)

    @property
    def suite(self) -> Suite:
        """The cipher of the masks."""
        return Suite(self._c.suite or 1)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Params):
            return NotImplemented
        try:
            return self is other or self.encode() == other.encode()
        except Error:
            return False

    def __hash__(self) -> int:
        return hash(self.session)

    def __reduce__(self) -> tuple[Any, ...]:
        return _decoded, (self.encode(),)

    def __repr__(self) -> str:
        entries = sum(s.length for s in self.segments)
        return (f"<secagg.Params {self.mode}: {self.clients} clients, "
                f"threshold {self.threshold}, {entries} entries, session "
                f"{self.session.hex()[:8]}>")


def suite_of(suite: Suite | str | None) -> Suite:
    """The suite, or for None the first one that this machine serves.

    If it serves none, AES, so that the error says what AES lacks.
    """
    if suite is not None:
        return Suite.of(suite)
    return next((one for one in Suite if not available(one)), Suite.AES)


def _decoded(data: bytes) -> Params:
    """For pickle: the picklers of Ray and Dask copy a class method."""
    return Params.decode(data)


def available(suite: Suite | str = Suite.AES) -> str:
    """Why this build or machine does not serve a suite.

    Parameters
    ----------
    suite : Suite or str
        The suite.

    Returns
    -------
    str
        A sentence that names what is missing; empty if nothing is.
    """
    err, why = sentence(lambda text, size: lib.secagg_available(
        int(Suite.of(suite)), text, size))
    return why if err in (0, lib.SECAGG_ERR_CRYPTO) else why or str(err)


def step(segment: Segment) -> float:
    """The distance of two levels of a segment of reals.

    Parameters
    ----------
    segment : Segment
        A segment of kind ``"real"`` or ``"weighted"``.

    Returns
    -------
    float
        2 clip / (2**value_bits - 2), the largest error of one entry.
    """
    if segment.kind not in (Kind.REAL, Kind.WEIGHTED):
        return math.nan
    return float(2 * segment.clip / (2 ** segment.value_bits - 2))
