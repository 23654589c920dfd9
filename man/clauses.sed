# SPDX-License-Identifier: Apache-2.0
# "PROTOCOL.md 4.5" becomes a link to that clause of the protocol.
s/PROTOCOL\.md \([0-9][0-9]*\)\.\([0-9][0-9]*\)/@ref clause_\1_\2 "PROTOCOL.md \1.\2"/g
s/PROTOCOL\.md \([0-9][0-9]*\)\([^0-9."]\)/@ref clause_\1 "PROTOCOL.md \1"\2/g
