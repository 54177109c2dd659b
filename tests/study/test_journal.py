"""What is answered is on the disk, and nothing that is damaged or another study's is taken for an answer."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fem_wlp.errors import ResourceError
from fem_wlp.study import Answer, Study, study_of
from fem_wlp.study.journal import NAME, kept, opened

from .packages import KEYS, compliant, twelve_points

DONE = Answer({"decoupling.figure": 0.1 + 0.2, "joint.height": None})
FAILED = Answer({}, "G111", "a ball of 600 µm touches its neighbour")


@pytest.fixture(scope="module")
def study() -> Study:
    return twelve_points()


def filled(folder: Path, study: Study) -> Path:
    """A journal of three answers."""
    with opened(folder, study) as journal:
        journal.add([(3, DONE)])
        journal.add([(0, FAILED), (7, DONE)])
    return folder / NAME


def test_answers_come_back_to_the_last_bit(tmp_path: Path, study: Study) -> None:
    """Also what is missing, and reasons in any alphabet."""
    path = filled(tmp_path / "new" / "folder", study)
    with opened(path.parent, study) as journal:
        assert journal.answers == {3: DONE, 0: FAILED, 7: DONE}
        assert journal.answers[3].values["decoupling.figure"] == 0.1 + 0.2
        assert journal.notices == ()
    assert [json.loads(line)["point"] for line in path.read_text("utf-8").splitlines()[1:]] == [3, 0, 7]


def test_a_last_line_torn_at_any_byte_costs_its_point_and_no_other(tmp_path: Path, study: Study) -> None:
    """The end that a killed process leaves; what is added afterwards begins a new line."""
    path = filled(tmp_path, study)
    whole = path.read_bytes()
    start = whole.rstrip(b"\n").rfind(b"\n") + 1
    for cut in range(start, len(whole)):
        path.write_bytes(whole[:cut])
        with opened(tmp_path, study) as journal:
            assert journal.answers == {3: DONE, 0: FAILED}, cut
            assert journal.notices == ()
            journal.add([(7, DONE)])
        assert path.read_bytes() == whole


def test_what_a_folder_keeps_is_counted_without_a_torn_line(tmp_path: Path, study: Study) -> None:
    """Each point once; none where there is no journal yet."""
    assert kept(tmp_path) == 0
    path = filled(tmp_path, study)
    with opened(tmp_path, study) as journal:
        journal.add([(0, DONE)])
    assert kept(tmp_path) == 3
    path.write_bytes(path.read_bytes()[:-1] + b'x\n{"point": 5, "sta')
    assert kept(tmp_path) == 3  # the torn answer to point 0 was its second one
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    assert kept(tmp_path) == 1


def test_a_journal_torn_in_its_first_line_begins_anew(tmp_path: Path, study: Study) -> None:
    path = filled(tmp_path, study)
    first = path.read_bytes().split(b"\n")[0]
    for cut in range(len(first)):
        path.write_bytes(first[:cut])
        with opened(tmp_path, study) as journal:
            assert journal.answers == {}
    assert path.read_bytes() == first + b"\n"


def test_a_damaged_line_is_noticed_and_its_point_is_open_again(tmp_path: Path, study: Study) -> None:
    """One digit changed: the line is still JSON, but its check sum is another."""
    path = filled(tmp_path, study)
    text = path.read_text("utf-8")
    path.write_text(text.replace("0.30000000000000004", "0.30000000000000014", 1), "utf-8")
    with opened(tmp_path, study) as journal:
        assert journal.answers == {0: FAILED, 7: DONE}
        (notice,) = journal.notices
        assert (notice.code, notice.where) == ("W104", f"{path}:2")


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        (lambda: twelve_points(chip__thickness="0.2 mm"), "package"),
        (lambda: study_of(compliant(), {"array.pitch": "0.5 mm"}, KEYS), "points"),
        (
            lambda: study_of(
                compliant(),
                {"second_layer.thickness": "25 um..100 um:4", "array.pitch": ["0.45 mm", "0.5 mm", "0.55 mm"]},
                ["warpage.chip"],
            ),
            "recorded keys",
        ),
    ],
)
def test_the_journal_of_another_study_is_refused(tmp_path: Path, study: Study, other, differs: str) -> None:
    """And says in what it is another; begun anew it is this one's."""
    path = filled(tmp_path, study)
    before = path.read_bytes()
    with pytest.raises(ResourceError, match=f"another {differs}") as refused, opened(tmp_path, other()):
        pass
    assert refused.value.code == "R309"
    assert path.read_bytes() == before
    with opened(tmp_path, other(), afresh=True) as journal:
        assert journal.answers == {}
    with opened(tmp_path, other()):
        pass


def test_the_answers_of_another_evaluator_are_not_mixed_in(tmp_path: Path, study: Study) -> None:
    """Those of a reduced model are not those of full solves."""
    filled(tmp_path, study)
    with pytest.raises(ResourceError, match="another evaluator"), opened(tmp_path, study, evaluator="Reduced"):
        pass


def test_what_changes_no_answer_changes_no_journal(tmp_path: Path, study: Study) -> None:
    """The order of the file's tables, and a study that stands in it."""
    filled(tmp_path, study)
    with opened(tmp_path, twelve_points(study="{ seed = 7 }")) as journal:
        assert set(journal.answers) == {0, 3, 7}


def test_a_journal_of_another_version_of_the_program_is_refused(
    tmp_path: Path, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its numbers may be others."""
    filled(tmp_path, study)
    monkeypatch.setattr("fem_wlp.study.question.__version__", "99.0")
    with pytest.raises(ResourceError, match="another program"), opened(tmp_path, twelve_points()):
        pass


@pytest.mark.parametrize("content", [b"point,values\n1,2\n", b"\x00\xff\n" * 9, b'{"journal": 1}\n{}\n'])
def test_a_file_that_is_no_journal_is_refused_and_left_alone(tmp_path: Path, study: Study, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(ResourceError) as refused, opened(tmp_path, study):
        pass
    assert refused.value.code == "R310"
    assert (tmp_path / NAME).read_bytes() == content


HOLDING = """
import fcntl, sys, time
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""


def test_two_processes_do_not_write_one_study_and_the_lock_of_a_dead_one_is_taken_over(
    tmp_path: Path, study: Study
) -> None:
    path = filled(tmp_path, study)
    with subprocess.Popen([sys.executable, "-c", HOLDING, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(ResourceError) as refused, opened(tmp_path, study):
            pass
        assert refused.value.code == "R308"
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    with opened(tmp_path, study) as journal:
        assert set(journal.answers) == {0, 3, 7}
