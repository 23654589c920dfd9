# SPDX-License-Identifier: Apache-2.0
"""``python -m secagg``, run as its users run it."""
import importlib.util
import io
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

import secagg
from secagg import Phase
from secagg.cli import _demo, _explain, _model, _text, main
from secagg.cli._session import Session

has_data = pytest.mark.skipif(importlib.util.find_spec("sklearn") is None,
                              reason="scikit-learn is not installed")
has_plots = pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None,
    reason="matplotlib is not installed")


def command(*arguments, env=None):
    return subprocess.run([sys.executable, "-m", "secagg", *arguments],
                          capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL,
                          env={**os.environ, **(env or {})})


# ---- demo ------------------------------------------------------------------

@has_data
@pytest.mark.parametrize("mode", ["semi-honest", "active"])
def test_the_demo_is_as_exact_as_it_says(mode):
    done = command("demo", "--clients", "8", "--rounds", "4", "--drop", "10%",
                   "--mode", mode, "--seed", "5")
    assert done.returncode == 0, done.stderr
    off = float(re.search(r"at most (\S+):", done.stdout)[1])
    step = float(re.search(r"quantisation step, (\S+)\.\n", done.stdout)[1])
    assert 0 < off <= step == pytest.approx(2 / (2 ** 16 - 2), rel=0.01)
    rounds = re.findall(r"^ +(\d)  .* of 8 ", done.stdout, re.M)
    assert rounds == [str(n) for n in range(1, 5)]
    assert "\x1b" not in done.stdout and "\r" not in done.stdout
    assert done.stderr == ""


@has_data
def test_the_demo_goes_on_after_a_round_that_failed():
    done = command("demo", "--rounds", "2", "--drop", "0.99")
    assert done.returncode == 1
    assert len(re.findall("failed  .* are needed", done.stdout)) == 2
    assert "No round ended" in done.stdout


@has_data
def test_the_mean_of_the_demo_is_that_of_its_patients():
    """The server's mean, against a loop over the hospitals' updates."""
    options = _parse("demo", "--clients", "6", "--rounds", "1", "--drop", "0")
    demo = _demo.Demo(options)
    start = demo.model.copy()
    demo.run()
    total, weights = np.zeros_like(start), 0
    for hospital in demo._hospitals:
        update = _model.train(start, hospital)
        total += len(hospital.labels) * np.clip(update, -1, 1)
        weights += len(hospital.labels)
    assert np.abs(demo.model - start - total / weights).max() <= demo.step
    assert demo.accuracy(demo.model) > 0.85


@has_data
def test_what_the_server_sees_are_the_bits_of_the_message():
    """Entries are unpacked here from PROTOCOL.md 6.1, bit by bit."""
    demo = _demo.Demo(_parse("demo", "--clients", "6", "--rounds", "1",
                             "--drop", "0"))
    demo.run()
    sight = demo.sight
    bits = sight.params.place(0).bits
    ranges = [(s.bits, s.length) for s in sight.params.segments]
    hidden = sight.params.place(1).bits  # of the sum of the weights
    planes = sight.message[84:]
    if hidden < bits:  # the lane before
        planes = planes[hidden:]
    assert ranges == [(bits, 31)]
    for entry, value in enumerate(_demo.masked(sight)):
        plain = sum((planes[4 * j + entry // 8] >> entry % 8 & 1) << j
                    for j in range(bits))
        assert plain == value


@has_data
def test_hospitals_have_all_patients_once():
    hospitals, test = _model.split(100, np.random.default_rng(1))
    assert min(len(h.labels) for h in hospitals) >= 1
    rows = np.concatenate([h.features for h in hospitals] + [test.features])
    features, _ = _model.load()
    assert (np.sort(rows, axis=0) == np.sort(features, axis=0)).all()


def test_the_demo_says_how_to_get_its_data(tmp_path):
    (tmp_path / "sklearn").mkdir()
    (tmp_path / "sklearn" / "__init__.py").write_text("raise ImportError")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = command("demo", env={"PYTHONPATH": path})
    assert done.returncode == 2
    assert "pip install scikit-learn" in done.stderr
    assert "Traceback" not in done.stderr


# ---- params ----------------------------------------------------------------

def test_params_are_those_of_choose():
    done = command("params", "--clients", "100", "--corrupt", "1/3",
                   "--dropout", "10%", "--length", "5000", "--value-bits",
                   "12", "--weights", "7", "--json")
    assert done.returncode == 0, done.stderr
    got = json.loads(done.stdout)
    params = secagg.Params([secagg.Segment(5000, "weighted", value_bits=12)],
                           clients=100, max_weight=7).choose(1 / 3, 0.1)
    params = params.resolve()
    for name in ("threshold", "corrupt", "neighbours", "min_survivors"):
        assert got[name] == getattr(params, name)
    assert (got["up"], got["down"]) == params.traffic()
    assert got["bits"] == (100 * 7 * (2 ** 12 - 2)).bit_length()
    assert got["length"] == 5000 and got["plain"] == 20000
    assert got["client_seconds"] > 0 and got["server_seconds"] > 0


def test_params_are_explained():
    done = command("params", "--clients", "20", "--corrupt", "0.1",
                   "--dropout", "0.1", "--mode", "active", "--length", "1000")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^threshold +14 ", done.stdout, re.M)
    assert "masks with all others" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 79


@pytest.mark.parametrize("options, sentence", [
    (["--clients", "1"], "1 clients are not from 3"),
    (["--clients", "10", "--dropout", "0.9"], "may drop out, but"),
    (["--clients", "10", "--value-bits", "99"], "99 value bits"),
    (["--clients", "10", "--clip", "nan"], "clip nan"),
])
def test_errors_of_choose_are_sentences(options, sentence):
    default = ["--corrupt", "0.1", "--dropout", "0.1"]
    done = command("params", *default, *options)
    assert done.returncode == 2
    assert done.stdout == "" and sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [
    [], ["train"], ["params", "--clients", "10"],
    ["params", "--clients", "10", "--corrupt", "2", "--dropout", "0"],
    ["params", "--clients", "ten", "--corrupt", "0", "--dropout", "0"],
    ["demo", "--drop", "100%"], ["demo", "--clients", "101"],
    ["simulate", "--clients", "10,,20"], ["simulate", "--dropout", "1/0"]])
def test_invalid_options_have_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_version():
    done = command("--version")
    assert done.stdout == f"secagg {secagg.__version__}\n"


# ---- simulate --------------------------------------------------------------

@pytest.mark.parametrize("more", [[], ["--mode", "active"],
                                  ["--weights", "3"]])
def test_simulated_bytes_are_those_of_the_parameters(more):
    """If all clients stay, the traffic is what Params.traffic computes."""
    done = command("simulate", "--clients", "8,12", "--dropout", "0,0.2",
                   "--length", "700", "--json", "--seconds", "100", *more)
    assert done.returncode == 0, done.stderr
    points = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(p["clients"], p["lost"]) for p in points] == [
        (8, 0), (8, 1), (12, 0), (12, 2)]
    for point in points:
        params = _explain.make_params(
            _parse("simulate", "--length", "700", *more), point["clients"],
            0.2)
        up, down = params.traffic()
        if not point["lost"]:
            assert (point["up"], point["down"]) == (up, down)
        assert up * 0.9 < point["up"] <= up
        assert down * 0.5 < point["down"] <= down
        assert point["client_seconds"] > 0 and point["server_seconds"] > 0


def test_no_session_starts_after_the_time():
    done = command("simulate", "--clients", "5,10", "--dropout", "0",
                   "--length", "100", "--seconds", "0.0000001")
    assert "10 clients with 0% of dropouts are left out" in done.stderr


@has_plots
def test_a_plot_is_an_image(tmp_path):
    file = tmp_path / "cost.png"
    done = command("simulate", "--clients", "5,8", "--length", "100",
                   "--dropout", "0,0.2", "--plot", str(file),
                   env={"MPLCONFIGDIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert file.read_bytes().startswith(b"\x89PNG")


def test_a_plot_without_matplotlib_has_a_sentence(tmp_path):
    (tmp_path / "matplotlib").mkdir()
    (tmp_path / "matplotlib" / "__init__.py").write_text("raise ImportError")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = command("simulate", "--plot", "x.png", env={"PYTHONPATH": path})
    assert done.returncode == 2 and done.stdout == ""
    assert "pip install matplotlib" in done.stderr


# ---- parts -----------------------------------------------------------------

def _parse(*arguments):
    from secagg.cli import _parser
    return _parser().parse_args(arguments)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_is_drawn_on_terminals_only():
    quiet, terminal = io.StringIO(), Terminal()
    for file in (quiet, terminal):
        bar = _text.Bar(4, file)
        bar.show(1, "KEYS")
        bar.show(4, "INPUT")
        bar.print("a row")
        bar.show(9, "beyond the end")
        bar.clear()
    assert quiet.getvalue() == "a row\n"
    drawn = terminal.getvalue()
    assert drawn.count("#") > 4 and "KEYS" in drawn
    assert drawn.endswith("\r\x1b[K")
    rows = [line for line in drawn.replace("\x1b[K", "\r").split("\r") if line]
    assert max(map(len, rows)) < 80


@pytest.mark.parametrize("text, value", [("0.25", 0.25), ("25%", 0.25),
                                         ("1/4", 0.25), ("0", 0.0)])
def test_fractions(text, value):
    assert _text.fraction(text) == value


@pytest.mark.parametrize("count, text", [
    (0, "0 B"), (999, "999 B"), (1000, "1 kB"), (2_883_000, "2.88 MB"),
    (5e9, "5 GB"), (7e12, "7 TB"), (7e15, "7e+03 TB")])
def test_sizes(count, text):
    assert _text.size(count) == text


@pytest.mark.parametrize("phase", [Phase.KEYS, Phase.SHARES, Phase.INPUT,
                                   Phase.CONFIRM, Phase.UNMASK])
def test_a_session_counts_who_vanishes(phase):
    params = secagg.Params([secagg.Segment(4, "unsigned", value_bits=3)],
                           clients=8, mode="active", app_digest=b"d" * 32)
    params.choose(0.1, 0.2)

    def supply(client):
        client.input([client.index, 1, 2, 3])
        yield

    session = Session(params, supply, lost={7: phase})
    with session.run() as server:
        late = phase > Phase.INPUT
        assert server.survivors == list(range(8 if late else 7))
        n = len(server.survivors)
        assert list(server.sum()) == [sum(server.survivors), n, 2 * n, 3 * n]
    up, down = params.traffic()
    assert session.cost.up[0] <= up and session.cost.down[0] <= down
    assert session.cost.up.get(7, 0) < session.cost.up[0]
