"""`cifar10`: the published format is read, and whatever is missing or damaged is said and left as it was.

The files here are small but of the real format. Their source is a subclass that names their checksums, which
is how torchvision itself describes CIFAR-100; all else is the code that reads CIFAR-10. Downloads come from a
server in this process.
"""

import pickle
import shutil
import socket
import tarfile
from functools import partial
from hashlib import md5
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.datasets import CIFAR10

from se_bench.data import cifar
from se_bench.errors import DataError, OptionError

NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
BATCHES = [f"data_batch_{number}" for number in range(1, 6)]
A_BATCH = 20


def contents():
    """The arrays of each file: rows of 3,072 bytes, red before green before blue, and their labels."""
    random = np.random.default_rng(0)
    return {
        name: (
            random.integers(0, 256, (A_BATCH, 3072), dtype=np.uint8),
            list(random.permutation(A_BATCH) % 10),
        )
        for name in [*BATCHES, "test_batch"]
    }


@pytest.fixture
def published(tmp_path):
    """A folder as an archive unpacks to, the archive, and the source that describes both."""
    folder = tmp_path / "published" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for name, (data, labels) in contents().items():
        entry = {
            "batch_label": name,
            "data": data,
            "labels": [int(label) for label in labels],
            "filenames": [],
        }
        (folder / name).write_bytes(pickle.dumps(entry, protocol=2))
    meta = {"label_names": NAMES, "num_cases_per_batch": A_BATCH, "num_vis": 3072}
    (folder / "batches.meta").write_bytes(pickle.dumps(meta, protocol=2))
    archive = tmp_path / "published" / "cifar-10-python.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, folder.name)

    def digest(path):
        return md5(path.read_bytes()).hexdigest()

    described = {
        "url": "file:///nowhere/cifar-10-python.tar.gz",
        "tgz_md5": digest(archive),
        "train_list": [[name, digest(folder / name)] for name in BATCHES],
        "test_list": [["test_batch", digest(folder / "test_batch")]],
        "meta": {**CIFAR10.meta, "md5": digest(folder / "batches.meta")},
    }
    return folder, archive, type("Small", (CIFAR10,), described)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def online(published, monkeypatch):
    """The same source, with an address from which the archive can be downloaded."""
    _, archive, source = published
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=archive.parent)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield type("Online", (source,), {"url": f"http://127.0.0.1:{server.server_port}/{archive.name}"})
        server.shutdown()
        thread.join()


def snapshot(folder):
    return {path.relative_to(folder): path.is_file() and path.read_bytes() for path in Path(folder).rglob("*")}


def test_reads_what_the_files_hold(published):
    folder, _, source = published
    images = cifar.read("cifar10", source, folder.parent, 0)
    files = contents()
    assert images.classes == tuple(NAMES)
    assert images.input_shape == (3, 32, 32)
    assert len(images.validation) == 0
    expected = np.concatenate([files[name][0] for name in BATCHES]).reshape(-1, 3, 32, 32)
    np.testing.assert_array_equal(images.train.images, expected)
    np.testing.assert_array_equal(images.test.images, files["test_batch"][0].reshape(-1, 3, 32, 32))
    assert images.train.labels.tolist() == [label for name in BATCHES for label in files[name][1]]
    assert images.test.labels.tolist() == files["test_batch"][1]


def test_held_out_images_leave_the_training_split_and_stay_balanced(published):
    folder, _, source = published
    whole = cifar.read("cifar10", source, folder.parent, 0)
    parted = cifar.read("cifar10", source, folder.parent, 25)
    assert (len(parted.train), len(parted.validation)) == (75, 25)
    together = torch.cat([parted.train.images, parted.validation.images])
    assert {image.numpy().tobytes() for image in together} == {i.numpy().tobytes() for i in whole.train.images}
    counts = torch.bincount(parted.validation.labels, minlength=10)
    assert counts.max() - counts.min() <= 1
    assert torch.equal(parted.test.images, whole.test.images)


@given(st.integers(0, 30), st.integers(0, 30))
def test_holding_out_more_holds_out_the_same_and_others(one, other):
    labels = np.arange(50) * 7 % 10
    few, many = (cifar._hold_out(labels, count)[1] for count in sorted((one, other)))
    assert set(few) <= set(many)


def test_which_images_are_held_out_never_changes():
    kept, held_out = cifar._hold_out(np.arange(50) * 7 % 10, 6)
    assert held_out.tolist() == [14, 17, 31, 38, 42, 45]
    assert sorted([*kept, *held_out]) == list(range(50))


def test_the_folder_does_not_enter_the_fingerprint(published, tmp_path):
    folder, _, source = published
    shutil.copytree(folder, tmp_path / "elsewhere" / folder.name)
    here, there = (cifar.read("cifar10", source, root, 5) for root in (folder.parent, tmp_path / "elsewhere"))
    assert here.fingerprint == there.fingerprint
    assert here.fingerprint != cifar.read("cifar10", source, folder.parent, 0).fingerprint


def test_downloads_what_is_missing_and_keeps_the_files_only(published, online, tmp_path, capfd):
    folder = published[0]
    root = tmp_path / "not" / "yet"
    before = socket.getdefaulttimeout()
    cifar.read("cifar10", online, root, 0)
    assert snapshot(root / folder.name) == snapshot(folder)
    assert [path.name for path in root.iterdir()] == [folder.name]
    assert capfd.readouterr() == ("", "")
    assert socket.getdefaulttimeout() == before


def test_unpacks_an_archive_that_the_user_put_there(published, tmp_path):
    folder, archive, source = published
    root = tmp_path / "given"
    root.mkdir()
    archive.rename(root / archive.name)
    cifar.read("cifar10", source, root, 0)
    assert snapshot(root / folder.name) == snapshot(folder)
    assert sorted(path.name for path in root.iterdir()) == [folder.name, archive.name]


def test_completes_a_folder_in_which_a_file_is_missing(published, online):
    folder = published[0]
    complete = snapshot(folder)
    (folder / "data_batch_3").unlink()
    cifar.read("cifar10", online, folder.parent, 0)
    assert snapshot(folder) == complete


def test_missing_files_that_cannot_be_downloaded_say_what_to_put_where(published, tmp_path):
    source = published[2]
    root = tmp_path / "not" / "yet"
    with pytest.raises(DataError) as missing:
        cifar.read("cifar10", source, root, 0)
    text = str(missing.value)
    for part in (
        "cifar-10-batches-py is not here",
        f"put cifar-10-python.tar.gz (MD5 {source.tgz_md5}",
        f"into {root}",
        "--set dataset.root=DIR",
        "SE_BENCH_DATA=DIR",
    ):
        assert part in text
    assert not (tmp_path / "not").exists()


def test_a_failed_download_leaves_other_files_alone(published):
    folder, archive, source = published
    archive.unlink()
    (folder / "test_batch").unlink()
    before = snapshot(folder.parent)
    with pytest.raises(DataError, match="cifar-10-batches-py/test_batch is not here"):
        cifar.read("cifar10", source, folder.parent, 0)
    assert snapshot(folder.parent) == before


def test_a_download_that_is_not_the_archive_is_refused(published, online, tmp_path):
    archive = published[1]
    archive.write_bytes(archive.read_bytes()[:-1])
    with pytest.raises(DataError, match="cannot be downloaded"):
        cifar.read("cifar10", online, tmp_path / "new", 0)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["data_batch_2", "test_batch", "batches.meta"])
def test_a_damaged_file_is_named_and_kept(published, name):
    folder, _, source = published
    damaged = folder / name
    damaged.write_bytes(damaged.read_bytes()[:-1])
    before = snapshot(folder.parent)
    with pytest.raises(DataError, match="damaged") as refused:
        cifar.read("cifar10", source, folder.parent, 0)
    assert refused.value.file == damaged
    assert snapshot(folder.parent) == before


def test_a_damaged_archive_is_named_and_kept(published, tmp_path):
    _, archive, source = published
    root = tmp_path / "given"
    root.mkdir()
    (root / archive.name).write_bytes(b"half of it")
    with pytest.raises(DataError, match="damaged") as refused:
        cifar.read("cifar10", source, root, 0)
    assert refused.value.file == root / archive.name
    assert snapshot(root) == {Path(archive.name): b"half of it"}


def test_a_root_that_is_no_folder(published, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DataError):
        cifar.read("cifar10", published[2], tmp_path / "file", 0)
    assert (tmp_path / "file").read_text() == "mine"


def test_where_the_files_are_looked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("SE_BENCH_DATA", str(tmp_path))
    assert cifar.data_root(None) == tmp_path
    assert cifar.data_root("/elsewhere") == Path("/elsewhere")
    monkeypatch.delenv("SE_BENCH_DATA")
    assert cifar.data_root(None) == Path.home() / ".cache/se-bench/data"


def test_too_many_held_out():
    with pytest.raises(OptionError) as refused:
        cifar.load_cifar10(validation_images=50_000)
    assert refused.value.key == "dataset.validation_images"
