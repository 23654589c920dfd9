# SPDX-License-Identifier: Apache-2.0
"""Startup kits as NVFLARE's provisioning makes them."""
import os
import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("nvflare.apis.fl_context")
from cryptography import x509  # noqa: E402
from nvflare.apis.workspace import Workspace  # noqa: E402

import secagg  # noqa: E402
from secagg.host import credentials as creds  # noqa: E402
from secagg.nvflare._pki import Kit  # noqa: E402


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The folder of a provisioned project of three clients."""
    folder = tmp_path_factory.mktemp("project")
    tool = pathlib.Path(sys.executable).with_name("nvflare")
    subprocess.run(
        [tool, "poc", "prepare", "-n", "3"], check=True, timeout=300,
        input=b"y\n", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=dict(os.environ, HOME=str(folder),
                 NVFLARE_POC_WORKSPACE=str(folder / "poc")))
    found, = folder.rglob("prod_00")
    return found


def kit(project, name):
    return Kit.of(Workspace(str(project / name), name))


def identity(project, name, pair="client"):
    folder = project / name / "startup"
    made = secagg.Identity.generate()
    key, certificate = ((folder / f"{pair}.{end}").read_bytes()
                        for end in ("key", "crt"))
    creds.vouch(made, creds.load_private(key),
                x509.load_pem_x509_certificate(certificate))
    return made


def asks(trust, index, one):
    return trust(index, one.public_key, one.credential)


def test_clients_trust_clients_and_nobody_else(project):
    trust = kit(project, "site-1").trust()
    for index in range(3):
        assert asks(trust, index, identity(project, f"site-{index + 1}"))
    assert not asks(trust, 3, identity(project, "server", "server"))
    for admin in project.glob("*@*"):
        assert not asks(trust, 3, identity(project, admin.name))
    # One client takes part once, also with another identity.
    assert not asks(trust, 3, identity(project, "site-1"))


def test_the_server_ties_names_to_indices(project):
    trust = kit(project, "server").trust({0: "site-1", 1: "site-2"})
    assert not asks(trust, 0, identity(project, "site-2"))
    assert asks(trust, 0, identity(project, "site-1"))
    assert asks(trust, 1, identity(project, "site-2"))
    assert not asks(trust, 1, identity(project, "server", "server"))


def test_a_site_has_the_key_of_its_kit(project):
    one = kit(project, "site-2")
    assert (one.key().public_key().public_numbers()
            == one.certificate().public_key().public_numbers())
    assert creds.common_name(one.certificate()) == "site-2"


def test_there_is_no_kit_in_the_simulator(tmp_path):
    for folder in ("startup", "local"):
        (tmp_path / folder).mkdir()
    assert Kit.of(Workspace(str(tmp_path), "site-1")) is None
