# SPDX-License-Identifier: Apache-2.0
"""The flags of tests: the type of bug that a test finds, and a description.
These strings are part of the JSON files."""

FLAGS = {
    "Normal": ("BASIC", "an ordinary case"),
    "Worked": ("BASIC", "a value of appendix A of PROTOCOL.md"),
    "Rfc5869": ("BASIC", "a value of RFC 5869, appendix A"),
    "Rfc7748": ("BASIC", "a value of RFC 7748, sections 5.2 and 6.1"),
    "Rfc8032": ("BASIC", "a value of RFC 8032, section 7.1"),
    "Rfc8439": ("BASIC", "a value of RFC 8439, section 2"),
    "Fips180": ("BASIC", "a value published with FIPS 180-4"),
    "Sp80038a": ("BASIC", "a value of SP 800-38A, appendix F.5"),
    "EdgeCase": ("EDGE_CASE", "a value at a bound of its range"),
    "NonCanonical": ("MALLEABILITY", "a second spelling of one value"),
    "LowOrder": ("CONFIDENTIALITY", "a point whose agreement is known"),
    "MixedOrder": ("AUTH_BYPASS", "a point of order ell plus one of small "
                   "order"),
    "WrongLength": ("MISSING_STEP", "bytes are missing or too many"),
    "WrongHeader": ("MISSING_STEP", "a field of the header is wrong"),
    "WrongOrder": ("MISSING_STEP", "a list does not ascend strictly"),
    "WrongCount": ("MISSING_STEP", "a count lies"),
    "WrongBitmap": ("MISSING_STEP", "bits of a bitmap beyond n"),
    "Reserved": ("MISSING_STEP", "what clause 13 reserves for later "
                 "versions"),
    "WrongSet": ("MISSING_STEP", "a set of clients that cannot be"),
    "WrongDigest": ("MISSING_STEP", "a digest of something else"),
    "WrongKind": ("MISSING_STEP", "a kind that does not exist or fit"),
    "WrongPhase": ("MISSING_STEP", "a message that is not expected now"),
    "WrongRange": ("MISSING_STEP", "a number out of its range"),
    "Duplicate": ("MISSING_STEP", "something stands twice"),
    "Tampered": ("AUTH_BYPASS", "authenticated bytes were altered"),
    "WrongSignature": ("AUTH_BYPASS", "a signature that is not valid"),
    "Credential": ("BASIC", "a credential, which a verifier of the host is "
                   "given"),
    "UntrustedKey": ("AUTH_BYPASS", "nobody said whose key it is"),
    "Unsound": ("CONFIDENTIALITY", "parameters that promise nothing"),
    "UnderPolicy": ("CONFIDENTIALITY", "sound parameters under a policy"),
    "TooFew": ("CONFIDENTIALITY", "fewer than a floor or a threshold"),
    "WrongShare": ("FUNCTIONALITY", "shares off the polynomial"),
    "Rounding": ("EDGE_CASE", "a value at a tie or a bound of rounding"),
    "Clipped": ("EDGE_CASE", "a value at or over the clip"),
    "NotFinite": ("MISSING_STEP", "a NaN or an infinity"),
    "Ragged": ("EDGE_CASE", "a count that is no multiple of 8"),
    "Blocks": ("EDGE_CASE", "a vector of more than one block"),
    "Repeat": ("BASIC", "a message that comes once more"),
    "Dropout": ("BASIC", "clients that leave"),
    "Complaint": ("BASIC", "shares that do not open for their holder"),
    "LyingDealer": ("AUTH_BYPASS", "a dealer of wrong shares"),
    "LyingResponder": ("AUTH_BYPASS", "keys that open nothing"),
    "Dispute": ("BASIC", "complaints: one of two clients lies"),
    "Spent": ("CONFIDENTIALITY", "whether a vector may be given again"),
    "Lanes": ("BASIC", "segments that share a lane"),
    "Saved": ("BASIC", "clients that are saved and resumed"),
    "Rollback": ("CONFIDENTIALITY", "a state that is older than the host "
                 "knows, or another input after a resume"),
    "Swapped": ("AUTH_BYPASS", "the state of another client or session"),
    "Parts": ("BASIC", "inputs in parts"),
    "Abort": ("BASIC", "a party gives up"),
    "Wycheproof": ("BASIC", "a case of Wycheproof; the comment has its tcId "
                   "and classes there"),
    "StricterThanWycheproof": ("DEFINED", "Wycheproof lets it be accepted; the "
                               "clause in the comment does not"),
}
