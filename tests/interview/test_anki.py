"""The deck in Anki's own library: imported, imported again, and what was learned stays."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from anki.collection import Collection, ImportAnkiPackageRequest
from anki.import_export_pb2 import ImportResponse
from anki.notes import Note

from tests.interview.decks import EVIL, MANY, ONE, OPEN, card
from wslearn.course.bank import Item
from wslearn.errors import UsageError
from wslearn.interview import anki_deck, faces, notes
from wslearn.interview.bank import bank
from wslearn.interview.notes import CHOICE, DECK, NAME, RECALL
from wslearn.picture_card import prose

KEY = replace(
    card("a-key"), section="RFC 6455 §5.3, §10.3, RFC 7692 §8", topic="load balancing", see="04_masking#Why"
)


class Anki:
    """A collection that begins empty, and a clock for what is written."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.collection = Collection(str(folder / "collection.anki2"))
        self.path = folder / "cards.apkg"
        self.patch = monkeypatch
        self.time = 1_750_000_000

    def load(self, *items: Item) -> ImportResponse.Log:
        """Write a deck of these items an hour later than the last one, and import it as Anki's menu does."""
        self.time += 3600
        self.patch.setattr("time.time", lambda: self.time)
        self.patch.setattr(faces, "bank", lambda: items)
        anki_deck(self.path)
        return self.collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(self.path))).log

    def note(self, search: str = "") -> Note:
        (number,) = self.collection.find_notes(search)
        return self.collection.get_note(number)


@pytest.fixture
def anki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anki]:
    made = Anki(tmp_path, monkeypatch)
    yield made
    made.collection.close()


class TestImport:
    def test_the_whole_bank(self, anki: Anki) -> None:
        items = bank()
        log = anki.load(*items)
        asked = faces.recalled()
        assert len(log.new) == log.found_notes == anki.collection.note_count() == len(asked)
        assert anki.collection.card_count() == len(asked), "one card for each"
        fields = {note.fields[0]: note for note in notes_of(anki)}
        assert fields.keys() == {prose(item.question) for item in asked}
        assert all(all(note.fields) for note in fields.values())
        topics = {tag for tag in anki.collection.tags.all() if tag.startswith("websockets::topic::")}
        assert topics == {f"websockets::topic::{item.topic.replace(' ', '_')}" for item in asked}
        assert [deck.name for deck in anki.collection.decks.all_names_and_ids()] == ["Default", NAME]

    def test_new_cards_come_in_the_order_in_which_to_learn(self, anki: Anki) -> None:
        anki.load(*bank())
        order = anki.collection.find_cards("is:new", order="c.due")
        asked = [anki.collection.get_card(number).note().fields[0] for number in order]
        assert asked == [prose(item.question) for item in faces.recalled()]

    def test_fields_and_tags(self, anki: Anki) -> None:
        anki.load(KEY)
        note = anki.note()
        assert dict(note.items()) == {
            "Question": "What is <code>a-key</code>?",
            "Answer": '<div class="part payload"><b>Answer</b><p>The <code>a-key</code>.</p></div>'
            '<div class="part flags"><b>Why</b><p>Why a-key.</p></div>',
            "Source": "RFC 6455 §5.3, §10.3, RFC 7692 §8 · lesson 04_masking, “Why”",
        }
        assert set(note.tags) == {
            "websockets::topic::load_balancing",
            "websockets::lesson::04_masking",
            "websockets::RFC_6455::5.3",
            "websockets::RFC_6455::10.3",
            "websockets::RFC_7692::8",
        }

    def test_choices_in_front_and_what_is_said_of_each_at_the_back(self, anki: Anki) -> None:
        anki.load(MANY)
        (made,) = anki.note().cards()
        front, back = shown(made.question()), shown(made.answer())
        assert front == "Which? More than one is right. A. B. C."
        assert back == (
            "Which? More than one is right. A. ✓ right: Yes a. B. ✗ wrong: Not b. C. ✓ right: Yes c. "
            "Why All but b. lesson 02_handshake"
        )

    def test_an_open_one(self, anki: Anki) -> None:
        anki.load(OPEN)
        (made,) = anki.note().cards()
        assert shown(made.question()) == f"Why {escaped(EVIL)}?"
        assert shown(made.answer()).split(" Answer ")[1] == (
            "Because. What to look for It is so. A price. A strong answer It is so, at the price of that. "
            f"A weak answer Well, {escaped(EVIL)}. Asked next And then? Why A rule. lesson 06_lifecycle"
        )

    def test_text_is_text(self, anki: Anki) -> None:
        anki.load(ONE, OPEN)
        for note in notes_of(anki):
            (made,) = note.cards()
            for html in (made.question(), made.answer()):
                assert "<img" not in html
            assert escaped(EVIL) in made.question()

    def test_code_is_seen_by_day_and_by_night(self, anki: Anki) -> None:
        anki.load(ONE)
        (made,) = anki.note().cards()
        assert "<code>a &lt; b</code>" in made.question()
        style = made.css()
        for name in ("fg", "bg", "soft", "code"):
            day, night = re.findall(rf"--{name}: (#[0-9a-f]{{6}})", style)
            assert day != night
        assert ".nightMode" in style

    def test_one_topic(self, anki: Anki, tmp_path: Path) -> None:
        path = anki_deck(tmp_path / "masking.apkg", "masking")
        anki.collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(path)))
        assert anki.collection.note_count() == len(faces.recalled("masking"))


class TestAgain:
    def test_the_same_deck_changes_nothing(self, anki: Anki) -> None:
        anki.load(KEY, ONE)
        before = [(note.id, note.guid, note.fields) for note in notes_of(anki)]
        log = anki.load(KEY, ONE)
        assert len(log.new) == 0
        assert [(note.id, note.guid, note.fields) for note in notes_of(anki)] == before

    def test_an_edited_item_is_edited_in_its_place(self, anki: Anki) -> None:
        anki.load(KEY, ONE)
        number = anki.note("a-key").id
        edited = replace(KEY, question="A better `question`?", topic="frames", section="RFC 6455 §5.2")
        log = anki.load(edited, ONE)
        assert (len(log.new), anki.collection.note_count(), anki.collection.card_count()) == (0, 2, 2)
        note = anki.collection.get_note(number)
        assert note.fields[0] == "A better <code>question</code>?"
        assert "websockets::topic::frames" in note.tags
        assert "websockets::topic::load_balancing" not in note.tags

    def test_what_was_learned_stays(self, anki: Anki) -> None:
        anki.load(KEY)
        (number,) = anki.collection.find_cards("")
        anki.collection.sched.set_due_date([number], "12!")
        before = anki.collection.get_card(number)
        assert (before.type, before.queue, before.ivl) == (2, 2, 12), "it is a card to review"
        anki.load(replace(KEY, question="Edited?"))
        after = anki.collection.get_card(number)
        assert after.note().fields[0] == "Edited?"
        assert [(made.type, made.queue, made.ivl, made.due, made.reps) for made in (before, after)] == [
            (2, 2, 12, before.due, before.reps)
        ] * 2

    def test_what_is_new_is_added(self, anki: Anki) -> None:
        anki.load(KEY)
        log = anki.load(KEY, MANY)
        assert (len(log.new), anki.collection.note_count()) == (1, 2)

    def test_the_kinds_of_note_are_not_doubled(self, anki: Anki) -> None:
        for _ in range(2):
            anki.load(KEY, MANY)
        ours = {
            made.id: made.name for made in anki.collection.models.all_names_and_ids() if NAME in made.name
        }
        assert ours == {RECALL: f"{NAME}: recall", CHOICE: f"{NAME}: choice"}

    def test_ids_are_for_ever(self) -> None:
        """Whoever changes one of these doubles the cards of all who have imported them."""
        assert (DECK, RECALL, CHOICE) == (1706455013, 1548300729, 2093164811)
        assert notes.note(KEY).guid == notes.note(replace(KEY, question="?")).guid == "DrlVy_!cO>"


class TestFile:
    def test_it_is_all_that_is_left_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        path = anki_deck(tmp_path / "mine.apkg", "masking")
        assert path == tmp_path / "mine.apkg"
        assert [each.name for each in tmp_path.iterdir()] == ["mine.apkg"]
        assert ZipFile(path).namelist() == ["collection.anki2", "media"]

    @pytest.mark.parametrize("name", ["cards", "cards.zip", "13_interview.ipynb"])
    def test_no_other_file_is_overwritten(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text("my work")
        with pytest.raises(UsageError, match=rf"imports an \.apkg file, and '{name}' is none"):
            anki_deck(tmp_path / name)
        assert (tmp_path / name).read_text() == "my work"

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="No such file"):
            anki_deck(tmp_path / "nowhere" / "cards.apkg")

    def test_a_topic_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no cards about 'masks'"):
            anki_deck(tmp_path / "cards.apkg", "masks")
        assert list(tmp_path.iterdir()) == []


def notes_of(anki: Anki) -> list[Note]:
    return [anki.collection.get_note(number) for number in anki.collection.find_notes("")]


def shown(html: str) -> str:
    """Give a side of a card without its markup; what is escaped stays so."""
    text = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", text).split()).replace(" .", ".").replace(" ?", "?")


def escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;")
