# SPDX-License-Identifier: Apache-2.0
"""A filter that makes clients fail, for the tests of whole jobs."""
from nvflare.apis.filter import Filter

from secagg import Params, peek


class Losses(Filter):
    """Raises in tasks of a plan: a list of [client, round, message]."""

    def __init__(self, plan):
        super().__init__()
        self.plan = plan

    def process(self, shareable, fl_ctx):
        packet = shareable["secagg"]
        if "params" in packet:
            name, number = "PARAMS", Params.decode(packet["params"]).round
        else:
            head = peek(packet["message"])
            name, number = head.name, head.round
        if [fl_ctx.get_identity_name(), number, name] in self.plan:
            raise RuntimeError("this client fails, as the test asks")
        return shareable
