"""Files appear whole or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from se_bench.config.load import load_dashboard
from se_bench.dashboard import report
from se_bench.dashboard.files import check_writable, write_whole
from se_bench.errors import UserError
from tests.analysis.small_studies import FULL, answered


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without root's right to write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_file_is_made_with_its_folder_and_others_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "page.html"
    write_whole("é\n", file)
    assert file.read_text(encoding="utf-8") == "é\n"
    assert file.stat().st_mode & 0o777 == 0o644
    assert everything(tmp_path) == ["a", "a/b", "a/b/page.html"]


def test_an_older_file_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("a longer text than the new one")
    write_whole("new", file)
    assert file.read_text() == "new"
    assert everything(tmp_path) == ["page.html"]


def test_a_reader_of_the_older_file_keeps_it_whole(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("old")
    with file.open() as reader:
        write_whole("new", file)
        assert reader.read() == "old"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    link = tmp_path / "page.html"
    link.symlink_to(tmp_path / "kept" / "real.html")
    write_whole("new", link)
    assert link.is_symlink()
    assert (tmp_path / "kept" / "real.html").read_text() == "new"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """As /dev/stdout and /dev/null are, which root could otherwise replace by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()), daemon=True)
    reader.start()
    write_whole("through", pipe)
    if not pipe.is_fifo():
        pytest.fail("the pipe was replaced")
    reader.join(10)
    assert heard == ["through"]


@pytest.mark.parametrize("place", ["folder", "file/page.html", "n" * 300])
def test_an_impossible_place_is_the_users_error_and_leaves_nothing(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine")
    before = everything(tmp_path)
    with pytest.raises(UserError, match="cannot be written") as caught:
        write_whole("text", tmp_path / place)
    assert caught.value.file == tmp_path / place
    assert everything(tmp_path) == before


def test_a_folder_without_the_right_to_write_is_the_users_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    with as_nobody(), pytest.raises(UserError, match="cannot be written"):
        write_whole("text", locked / "page.html")
    assert everything(tmp_path) == ["locked"]


def test_a_place_is_checked_before_there_is_anything_to_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    (tmp_path / "file").write_text("mine")
    os.mkfifo(tmp_path / "pipe")
    check_writable(tmp_path / "pipe")
    check_writable(tmp_path / "new" / "page.html")
    for place in ("hidden", "file/page.html"):
        with pytest.raises(UserError, match="cannot be written"):
            check_writable(tmp_path / place)
    hidden.chmod(0o000)
    with as_nobody(), pytest.raises(UserError, match="cannot be written: Permission denied"):
        check_writable(hidden / "deeper" / "page.html")
    assert everything(tmp_path) == ["file", "hidden", "pipe"]


def test_text_that_cannot_be_encoded_leaves_the_older_file_and_no_part_of_a_new_one(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_whole("\ud800", file)
    assert file.read_text() == "old"
    assert everything(tmp_path) == ["page.html"]


def test_the_report_is_written_in_this_way(tmp_path: Path) -> None:
    answer, panels = answered(FULL), load_dashboard("overview")
    report.write(answer, panels, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == report.render(answer, panels)
    with pytest.raises(UserError):
        report.write(answer, panels, tmp_path / "page.html" / "below.html")
    assert everything(tmp_path) == ["page.html"]
