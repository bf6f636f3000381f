"""What is said of a block and of who vouches for it, the same from the server and the script."""

from pathlib import Path

import pytest

from incidents.display import blocks

SCRIPT = Path(__file__).parents[2] / "static/js/blocks.js"


@pytest.mark.parametrize(
    ("state", "standing", "words", "tone"),
    [
        ("seen", "unverified", "seen, not verified", "bad"),
        ("seen", "single", "seen, single source", "open"),
        ("safe", "logs", "safe, logs verified", "wait"),
        ("final", "verified", "final, verified", "good"),
        ("final", "single", "final, single source", "wait"),
        ("orphaned", "verified", "orphaned, verified", "bad"),
        ("seen", "", "seen", "open"),
    ],
)
def test_age_comes_first(state: str, standing: str, words: str, tone: str) -> None:
    assert (blocks.words(state, standing), blocks.tone(state, standing)) == (words, tone)


def test_the_script_has_the_same_words() -> None:
    script = SCRIPT.read_text()
    for age, meaning in blocks.AGES.items():
        assert f'{age}: "{meaning}"' in script
    for slug, (said, meaning) in blocks.STANDINGS.items():
        assert slug in script
        assert f'"{said}"' in script
        assert f'"{meaning}"' in script
