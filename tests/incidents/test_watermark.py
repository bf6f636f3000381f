"""Two recipients' copies: the right one is named from page, PDF, or a few sentences of either."""

import itertools
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from incidents.packets import watermark
from incidents.services import copies, desk_links, packets
from tests.cast import Cast
from tests.desks import Desk, link_of, sent
from tests.factories import SHOWN_ADDRESS

MARKS = [f"{number * 0x0123456789ABCDEF % 2**64:016x}" for number in range(1, 31)]


def test_no_way_of_saying_one_thing_is_part_of_another() -> None:
    said = ["".join(w.split()).casefold() for ways in watermark.SENTENCES.values() for w in ways]
    assert not [(a, b) for a, b in itertools.permutations(said, 2) if a in b]


@pytest.mark.parametrize("mark", MARKS[:5])
def test_text_without_its_number_names_its_copy_whatever_became_of_its_layout(mark: str) -> None:
    text = " ".join(watermark.words(mark).values()).upper().replace(" ", "\n  ")
    found = watermark.compare(text, MARKS)
    assert (found[0].mark, found[0].agrees, found[0].differs) == (mark, watermark.BITS, 0)
    alike = [m for m in MARKS if watermark.words(m) == watermark.words(mark)]
    assert [one.mark for one in found if one.is_it] == alike == [mark]


def test_text_that_says_nothing_of_ours_names_nobody() -> None:
    assert not [one for one in watermark.compare("Held, 400 RSX.", MARKS) if one.is_it]


@pytest.mark.django_db
def test_page_and_pdf_name_the_right_one_of_two(cast: Cast, tmp_path: Path) -> None:
    request = sent(cast)
    desks = [Desk(cast, link_of(cast, request, name)) for name in ("Ana", "Ben")]
    bodies = {}
    for desk in desks:
        page = desk.come_in().read()
        pdf = bytes(desk.link.files.get(format="pdf").body)
        bodies[desk.link.recipient] = (page.encode(), pdf)
        marked = desk_links.mark_of(desk.link)
        unnamed = copies.text_of(pdf).replace(marked, "")
        assert SHOWN_ADDRESS in "".join(unnamed.split())
        for text in (page, unnamed):
            found = copies.whose(request.reference, text.encode())
            assert [one.recipient for one in found if one.likeness.is_it] == [desk.link.recipient]
    # The canonical JSON is what is signed: the same for everybody.
    assert len({bytes(d.link.files.get(format="json").body) for d in desks}) == 1
    for recipient, parts in bodies.items():
        for number, body in enumerate(parts):
            file = tmp_path / f"{recipient}-{number}"
            file.write_bytes(body)
            told = StringIO()
            call_command("whose_copy", request.reference, str(file), stdout=told)
            assert f"yes  {recipient}" in told.getvalue().splitlines()[0]
    other = tmp_path / "other"
    other.write_text("nothing of ours")
    with pytest.raises(CommandError, match="no copy"):
        call_command("whose_copy", request.reference, str(other), stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("whose_copy", "HF-0", str(other), stdout=StringIO())
    assert packets.mark_of(request.packets.get(), "Ana") not in bodies["Ana"][0].decode()
