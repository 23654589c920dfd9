# SPDX-License-Identifier: Apache-2.0
"""A training whose result the tests know, for the tests of whole jobs."""
import numpy as np
import nvflare.client as flare


def update(site, number):
    """What a client adds to the model in a round."""
    return np.random.default_rng([site, number]).uniform(-.4, .4, (4, 3))


def main():
    flare.init()
    site = int(flare.get_site_name().rsplit("-", 1)[1])
    while flare.is_running():
        model = flare.receive()
        if model is None:
            break
        array = model.params["numpy_key"]
        array += update(site, model.current_round).astype(array.dtype)
        flare.send(flare.FLModel(
            params=model.params, metrics={"accuracy": site / 10},
            meta={"NUM_STEPS_CURRENT_ROUND": site}))


if __name__ == "__main__":
    main()
