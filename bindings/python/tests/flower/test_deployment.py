# SPDX-License-Identifier: Apache-2.0
"""The quickstart in a real deployment on loopback: a SuperLink with TLS and
four SuperNodes that authenticate with their keys, in active mode."""
import contextlib
import datetime
import importlib.metadata
import ipaddress
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

pytest.importorskip("flwr")
pytest.importorskip("sklearn")
pytest.importorskip("cryptography")

from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes  # noqa: E402
from cryptography.hazmat.primitives import serialization as ser  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402

VERSION = tuple(int(n) for n in importlib.metadata.version("flwr").split(
    ".")[:2])
APP = pathlib.Path(__file__).parents[2] / "examples" / "flower-quickstart"
BIN = pathlib.Path(sys.executable).parent
NODES, LIMIT = 4, 400  # seconds

pytestmark = [pytest.mark.slow, pytest.mark.skipif(
    VERSION < (1, 42), reason="older releases have other options")]


def pem(key):
    return key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.PKCS8,
                             ser.NoEncryption())


def certificates(folder):
    """A certificate authority, and the SuperLink's certificate from it."""
    now = datetime.datetime.now(datetime.timezone.utc)
    root, key = (ec.generate_private_key(ec.SECP384R1()) for _ in range(2))
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, n)])
             for n in ("test authority", "localhost")]

    def build(subject, public, **extensions):
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(
            names[0]).public_key(public).serial_number(
                x509.random_serial_number()).not_valid_before(
                    now - datetime.timedelta(hours=1)).not_valid_after(
                        now + datetime.timedelta(days=1))
        for extension in extensions.values():
            made = made.add_extension(extension, critical=False)
        return made.sign(root, hashes.SHA384()).public_bytes(ser.Encoding.PEM)
    (folder / "ca.pem").write_bytes(build(
        names[0], root.public_key(),
        ca=x509.BasicConstraints(ca=True, path_length=None),
        id=x509.SubjectKeyIdentifier.from_public_key(root.public_key())))
    (folder / "server.pem").write_bytes(build(
        names[1], key.public_key(),
        ca=x509.BasicConstraints(ca=False, path_length=None),
        issuer=x509.AuthorityKeyIdentifier.from_issuer_public_key(
            root.public_key()),
        names=x509.SubjectAlternativeName([
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])))
    (folder / "server.key").write_bytes(pem(key))


def node_key(folder, number):
    """The key of a SuperNode, as ssh-keygen makes it."""
    key = ec.generate_private_key(ec.SECP384R1())
    path = folder / f"node{number}"
    path.write_bytes(key.private_bytes(
        ser.Encoding.PEM, ser.PrivateFormat.OpenSSH, ser.NoEncryption()))
    public = key.public_key().public_bytes(ser.Encoding.OpenSSH,
                                           ser.PublicFormat.OpenSSH)
    path.with_suffix(".pub").write_bytes(public + b"\n")
    return public


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Deployment:
    """Processes in a folder, all of which are ended at the end."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        self.env = {**os.environ, "FLWR_HOME": str(folder / "home"),
                    "FLWR_TELEMETRY_ENABLED": "0",
                    "FLWR_DISABLE_UPDATE_CHECK": "1",
                    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
                    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
                    "OMP_NUM_THREADS": "1"}
        self.port = free_port()
        certificates(folder)
        keys = [node_key(folder, i) for i in range(NODES)]
        (folder / "trusted").write_bytes(b"\n".join(keys) + b"\n")
        home = folder / "home"
        home.mkdir()
        (home / "config.toml").write_text(
            '[superlink]\ndefault = "here"\n\n[superlink.here]\n'
            f'address = "127.0.0.1:{self.port}"\n'
            f'root-certificates = "{folder / "ca.pem"}"\n')

    def start(self, name, *command):
        with open(self.folder / f"{name}.log", "wb") as log:
            self.processes.append(subprocess.Popen(
                command, env=self.env, cwd=self.folder, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True))

    def run(self, *command, limit=60):
        done = subprocess.run(command, env=self.env, cwd=self.folder,
                              stdout=subprocess.PIPE, timeout=limit,
                              stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    def superlink(self):
        folder = self.folder
        self.start("superlink", "flower-superlink", "--host", "127.0.0.1",
                   "--port", str(self.port), "--enable-supernode-auth",
                   "--ssl-ca-certfile", str(folder / "ca.pem"),
                   "--ssl-certfile", str(folder / "server.pem"),
                   "--ssl-keyfile", str(folder / "server.key"))
        end = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(
                    ("127.0.0.1", self.port), 1):
                return
            assert time.monotonic() < end, self.log("superlink")
            time.sleep(0.2)

    def supernode(self, number):
        key = self.folder / f"node{number}"
        self.run("flwr", "supernode", "register", f"{key}.pub", "here")
        config = {"partition-id": number, "num-partitions": NODES,
                  "secagg-dir": f'"{self.folder / f"state{number}"}"',
                  "secagg-node-key": f'"{key}"',
                  "secagg-trusted-keys": f'"{self.folder / "trusted"}"',
                  "secagg-require-active": "true"}
        self.start(f"node{number}", "flower-supernode", "--superlink",
                   f"127.0.0.1:{self.port}", "--root-certificates",
                   str(self.folder / "ca.pem"), "--host", "127.0.0.1",
                   "--port", str(free_port()), "--auth-supernode-private-key",
                   str(key), "--node-config",
                   " ".join(f"{k}={v}" for k, v in config.items()))

    def log(self, name):
        return (self.folder / f"{name}.log").read_text()[-4000:]

    def stop(self):
        """End the processes, which end those that they started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in self.processes:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
            for process in self.processes:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(15)


@pytest.fixture
def deployment(tmp_path):
    made = Deployment(tmp_path)
    try:
        made.superlink()
        for number in range(NODES):
            made.supernode(number)
        yield made
    finally:
        made.stop()


def test_the_quickstart_runs_on_superlink_and_supernodes(deployment):
    app = shutil.copytree(APP, deployment.folder / "app")
    out = deployment.run(
        "flwr", "run", str(app), "here", "--stream", "--run-config",
        "num-server-rounds=1 secagg-mode='active' secagg-corrupt=0.0",
        limit=LIMIT)
    assert "round 1: 4 of 4 updates in the mean, weight 1500" in out, out
    assert "active mode" in out
    accuracy = float(re.findall(r"after round 1: accuracy ([0-9.]+)", out)[0])
    assert accuracy > 0.8
    # Each node has its states and its identity in its own folder.
    for number in range(NODES):
        folder = deployment.folder / f"state{number}"
        assert (folder / "identity").exists()
        assert (folder / "spent.note").exists()
