# SPDX-License-Identifier: Apache-2.0
"""Sums by actors of Ray and Dask, on this machine only."""
import os

import numpy as np
import pytest

import secagg
from secagg import Phase
from test_workers import make, plain, run, same

SECONDS = 300


@pytest.fixture(scope="module")
def ray():
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False,
             object_store_memory=100 << 20, _node_ip_address="127.0.0.1",
             configure_logging=False)
    yield ray
    ray.shutdown()


@pytest.fixture(scope="module")
def dask():
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1",
        dashboard_address=None)
    client = distributed.Client(cluster, set_as_default=False)
    yield client
    client.close()
    cluster.close()


@pytest.fixture(params=["ray", "dask"])
def cluster(request):
    """A function that makes a sum, and one that reads a part's result."""
    there = request.getfixturevalue(request.param)
    if request.param == "ray":
        from secagg.ray import Sum
        return (lambda params, n: Sum(params, n, timeout=SECONDS,
                                      options={"num_cpus": 0.25}),
                lambda part: there.get(part.result, timeout=SECONDS))
    from secagg.dask import Sum
    return (lambda params, n: Sum(params, n, client=there, timeout=SECONDS),
            lambda part: part.result.result(timeout=SECONDS))


@pytest.mark.parametrize("part", [0, 1024])
def test_actors_have_the_sum_of_the_server(cluster, part):
    make_sum, _ = cluster
    params = make()
    lost = {1: Phase.INPUT, 2: Phase.UNMASK}
    with make_sum(params, 4) as total:
        server, inputs, weights = run(params, total, lost=lost, part=part)
        with server:
            total.unmask(server.masks(), server.survivors)
            same(total, server, params.segments)
            plain(inputs, weights, server.survivors, params.segments, total)
    with pytest.raises(secagg.StateError, match="closed"):
        total.sum()


def test_parts_stay_with_the_actors(cluster):
    make_sum, get = cluster
    params = make()
    with make_sum(params, 3) as total:
        server, _, _ = run(params, total)
        total.unmask(server.masks(), server.survivors)
        parts = [get(part) for part in total.parts(1, mean=True)]
        assert (np.concatenate(parts) == server.mean(1)).all()


def test_errors_of_actors_are_those_of_the_library(cluster):
    make_sum, _ = cluster
    params = make([secagg.Segment(600, "real", bits=60)])
    with make_sum(params, 2) as total:
        server, _, _ = run(params, total)
        with secagg.Masks.decode(server.masks()) as masks:
            masks.add(b"x" * 32)
            total.unmask(masks.encode(), server.survivors)
        with pytest.raises(secagg.RangeError, match="entry 0: .*cheated"):
            total.sum()


def test_the_range_of_an_actor_that_dies_is_lost(ray):
    from secagg.ray import Sum
    params = make()
    with Sum(params, 2, timeout=SECONDS, options={"num_cpus": 0.25}) as total:
        server, _, _ = run(params, total)
        total._drain(0)
        ray.kill(total._workers[1])
        with pytest.raises(ray.exceptions.RayActorError):
            total.unmask(server.masks(), server.survivors)
        with pytest.raises(secagg.StateError, match="read it from the server"):
            total.unmask(server.masks(), server.survivors)


def test_an_actor_that_has_no_place_is_not_awaited_for_ever(ray):
    from secagg.ray import Sum
    params = make()
    with Sum(params, 2, timeout=1, options={"num_cpus": 1000}) as total:
        with pytest.raises(TimeoutError):
            server, _, _ = run(params, total)
            total.unmask(server.masks(), server.survivors)


def test_ray_must_be_started():
    ray = pytest.importorskip("ray")
    from secagg.ray import Sum
    if ray.is_initialized():
        ray.shutdown()
    with pytest.raises(secagg.StateError, match="ray.init"):
        Sum(make(), 2)
