"""Files appear whole or not at all, only regular ones are read, and links do not lead out of a workspace."""

from __future__ import annotations

import math
import os
import threading
from pathlib import Path

import pytest

from harness.errors import DataError
from harness.store.files import LARGEST, open_regular, refuse_links_out, write_atomically, write_named


def test_a_reader_sees_the_old_file_or_the_whole_new_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, b"old")
    with path.open("rb") as reader:
        write_atomically(path, b"new, and longer")
        assert reader.read() == b"old"  # the old file goes on to be what it was for whoever has it open
    assert path.read_bytes() == b"new, and longer"
    assert [item.name for item in tmp_path.iterdir()] == ["a.json"]


def test_a_link_under_the_temporary_name_is_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"mine")
    (tmp_path / f".a.json.{os.getpid()}.tmp").symlink_to(kept)
    write_atomically(tmp_path / "a.json", b"new")
    assert (kept.read_bytes(), (tmp_path / "a.json").read_bytes()) == (b"mine", b"new")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.json", "kept"]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_atomically(path, b"new")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.timeout(10)
def test_a_pipe_that_a_user_names_is_written_to(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_named(pipe, b"new" * 50_000)  # more than a pipe holds
    reader.join()
    assert read == [b"new" * 50_000]
    assert pipe.is_fifo()


def test_a_reader_that_goes_early_wants_no_more(tmp_path: Path) -> None:
    out, into = os.pipe()
    os.close(out)
    write_named(Path(f"/dev/fd/{into}"), b"new" * 50_000)
    os.close(into)


def test_an_open_file_that_a_user_names_goes_on_where_it_is(tmp_path: Path) -> None:
    path, link = tmp_path / "log", tmp_path / "stdout"
    with path.open("wb", buffering=0) as stream:
        stream.write(b"before, ")
        link.symlink_to(f"/dev/fd/{stream.fileno()}")
        write_named(link, b"new, ")
        stream.write(b"after")
    assert path.read_bytes() == b"before, new, after"
    with path.open("rb") as closed_to_writers, pytest.raises(OSError, match="Bad file descriptor") as caught:
        write_named(name := Path(f"/dev/fd/{closed_to_writers.fileno()}"), b"new")
    assert caught.value.filename == str(name)


@pytest.mark.parametrize("there", [True, False])
def test_a_link_that_a_user_names_stays(tmp_path: Path, there: bool) -> None:
    kept, link = tmp_path / "kept" / "a.json", tmp_path / "other" / "link"
    for folder in (kept.parent, link.parent):
        folder.mkdir()
    link.symlink_to("../kept/a.json")
    if there:
        kept.write_bytes(b"old")
        with kept.open("rb") as reader:
            write_named(link, b"new")
            assert reader.read() == b"old"
    write_named(link, b"newer")
    assert (link.is_symlink(), kept.read_bytes()) == (True, b"newer")
    assert [[item.name for item in folder.iterdir()] for folder in (kept.parent, link.parent)] == [["a.json"], ["link"]]
    write_atomically(link, b"own")
    assert (link.is_symlink(), kept.read_bytes()) == (False, b"newer")


def test_what_a_user_names_and_nobody_can_write(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="symbolic links") as caught:
        write_named(tmp_path / "loop", b"new")
    assert caught.value.filename == str(tmp_path / "loop")
    with pytest.raises(IsADirectoryError) as caught:
        write_named(tmp_path, b"new")
    assert caught.value.filename == str(tmp_path)
    with pytest.raises(FileNotFoundError) as caught:
        write_named(tmp_path / "none" / "a.json", b"new")
    assert caught.value.filename == str(tmp_path / "none" / "a.json")


@pytest.mark.timeout(10)  # a pipe that is opened keeps its reader waiting for ever
def test_a_pipe_is_refused_and_a_folder_is_called_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        open_regular(tmp_path / "pipe")
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)
    with pytest.raises(OSError, match="not a regular file"):
        open_regular(Path(os.devnull))


def test_a_file_too_large_to_be_read_whole(tmp_path: Path) -> None:
    """A file with holes takes no room on a disk, and all of memory when it is read."""
    path = tmp_path / "sparse"
    with path.open("wb") as stream:
        stream.truncate(LARGEST)
        open_regular(path).close()
        stream.truncate(LARGEST + 1)
    with pytest.raises(OSError, match="larger than 512 MiB"):
        open_regular(path)
    open_regular(path, most=math.inf).close()


@pytest.mark.parametrize("folder", [True, False])
@pytest.mark.parametrize("place", ["", "references/de-en"])
def test_a_link_that_leads_out_is_refused_and_one_inside_is_not(tmp_path: Path, place: str, folder: bool) -> None:
    root = tmp_path / "workspace"
    (root / "references" / "de-en").mkdir(parents=True)
    outside, inside = tmp_path / "secret", root / "shared"
    for target in (outside, inside):
        target.mkdir() if folder else target.write_text("x", encoding="utf-8")
    (root / place / "link").symlink_to(inside)
    refuse_links_out(root)
    (root / place / "other").symlink_to(outside)
    with pytest.raises(DataError, match="other: a link that leads out of the workspace") as caught:
        refuse_links_out(root)
    assert "secret" not in str(caught.value)
    refuse_links_out(root, ["systems"])
