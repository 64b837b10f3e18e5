"""Answers of questionnaires, as entries of the stream that sluice-archive reads and as what a table
must hold of them afterwards. perf/row_writer/row_writer.cc makes the same."""

from collections.abc import Iterator

from bench.redis import Redis

STREAM = "questionnaires"  # and the table
GROUP = "sluice-archive"  # archive.group's default
A_QUESTIONNAIRE = 20
FIRST_MS = 1_767_225_600_000  # of the entries' ids: 2026-01-01
AT_ONCE = 1_000  # commands that are sent before their replies are read


def answer(number: int) -> int:
    return number * 7 % 5


def words_of(number: int) -> list[str]:
    """The XADD of an answer, with the fields and in the form in which the gate writes them."""
    questionnaire, question = divmod(number, A_QUESTIONNAIRE)
    return ["XADD", STREAM, f"{FIRST_MS + questionnaire}-{question}",
            "patient_id", f"pat-{questionnaire:09d}", "question_id", f"q-{question:02d}",
            "answer", str(answer(number)), "submit_time", f"2026-01-01T08:{question:02d}:00Z"]


def batches(rows: int) -> Iterator[list[list[str]]]:
    for first in range(0, rows, AT_ONCE):
        yield [words_of(number) for number in range(first, min(first + AT_ONCE, rows))]


def fill(redis: Redis, rows: int) -> None:
    for batch in batches(rows):
        redis.pipeline(batch)


def rewind(redis: Redis) -> None:
    """All of the stream is to be archived again; there need not be a group."""
    redis.command("XGROUP", "DESTROY", STREAM, GROUP)


# Rows, questionnaires, and the sum of the answers: tells other rows from those that were meant.
CHECK = f"SELECT COUNT(*), COUNT(DISTINCT patient_id), SUM(answer) FROM {STREAM}"


def expected(rows: int) -> tuple[int, int, int]:
    return (rows, -(-rows // A_QUESTIONNAIRE), sum(answer(number) for number in range(rows)))
