"""The check `similar_to`: how much of an answer and of an expected text is the same, in any language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.checks.base import Argument, BadArgument, Evidence, Finding, need_map, need_text
from tui.core.prompts.problems import quoted

if TYPE_CHECKING:
    from tui.core.checks.base import Test

USUAL_THRESHOLD = 0.8
MAX_LENGTH = 1_000_000  # characters; comparing takes time by the product of both lengths


def similar_to(argument: Argument) -> Test:
    """Make the check that the normalised indel similarity (0 to 1) of a text and the answer is high enough.

    That is 2·LCS/(both lengths), of the longest common subsequence of characters, as `rapidfuzz` finds it;
    white space counts as one space.
    """
    wanted, threshold = _read(argument)
    words = " ".join(wanted.split())

    def test(answer: Evidence) -> Finding:
        from rapidfuzz.distance import Indel  # slow to import, and only needed here

        if len(answer.text) > MAX_LENGTH:
            return Finding("fail", f"It is over {MAX_LENGTH:,} characters, too long to be similar.")
        # Below the threshold by far the exact figure is not worth its time.
        said = Indel.normalized_similarity(words, " ".join(answer.text.split()), score_cutoff=threshold / 4)
        figure = f"{int(said * 100) / 100:.2f}" if said else "less than a quarter of that"
        return Finding.either(
            said >= threshold,
            f"It is similar to {quoted(wanted)} by {figure}.",
            f"It is similar to {quoted(wanted)} by {figure}, and {threshold:g} is needed.",
        )

    return test


def _read(argument: Argument) -> tuple[str, float]:
    example = "{text: A calm sea., threshold: 0.8}"
    if not isinstance(argument.value, dict):
        return need_text("similar_to", argument, example), USUAL_THRESHOLD
    given = need_map("similar_to", argument, ("text", "threshold"), example)
    wanted = need_text("similar_to", Argument(given.get("text")), example)
    threshold = given.get("threshold", USUAL_THRESHOLD)
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0 < threshold <= 1:
        message = "`threshold` must be a number above 0, up to 1."
        raise BadArgument(message, "Write it as: threshold: 0.8", ("threshold",))
    return wanted, float(threshold)
