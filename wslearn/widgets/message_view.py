"""MessageView: a message cut into fragments, and what a receiver makes of them (RFC 6455 §5.4, §8.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Dict, Enum, Int, List, Unicode

from wslearn.connection import Connection, Role
from wslearn.errors import UsageError
from wslearn.frames import Opcode
from wslearn.picture_card import card, row, verdict_bar, words
from wslearn.spans import count
from wslearn.widgets.draft import EXAMPLE_KEY
from wslearn.widgets.editable import Editable
from wslearn.widgets.feeding import feed
from wslearn.widgets.fragments import EXAMPLES, Kind, characters, check_cuts, fragments, shown_frames
from wslearn.widgets.typed import Form, form_of, read_key, read_payload, write_payload

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MessageView"]

_OPCODES = {"text": Opcode.TEXT, "binary": Opcode.BINARY}
_RECEIVERS: dict[Role, Role] = {"client": "server", "server": "client"}
_EDITED = ("example", "payload", "form", "kind", "role", "key", "cuts", "pings", "fed")


class MessageView(Editable):
    """A message to be cut where you like, and a receiver to be fed with its frames.

    Parameters
    ----------
    message
        `str` for a text message, `bytes` for a binary one; at most 128 bytes.
    cuts
        Where to cut it, in bytes from its start; inside a character, too.
    pings
        At which of these cuts to put a ping between the fragments.
    role
        Who sends it: ``"client"`` or ``"server"``.

    Attributes
    ----------
    data, stream : bytes
        The message, and all its frames as they stand on the wire.
    receiver : Connection
        The other side, after `fed` bytes.
    example : str
        The name of an example; empty after an edit.
    payload, form : str
        The message as `form` says, ``"text"`` or ``"hex"``.
    kind : str
        ``"text"`` or ``"binary"``: the first frame's opcode, whatever the bytes are.
    key : str
        A client's masking key in hex.
    cuts, pings, role
        As above.
    fed : int
        How many bytes of `stream` the receiver got, one at a time.
    size : int
        Bytes in `stream`.
    characters, frames : list of dict
        As `fragments.characters` and `fragments.shown_frames` give them.
    held, log : list of dict
        What the receiver holds; what came out of it and what it sends by itself. Both in rows of ``name``,
        ``value``, ``meaning``, ``section`` and ``kind``.
    failed_at : int
        The offset of the impossible byte in `stream`, or -1.
    verdict : dict
        ``mark``, ``verdict``, ``text``, ``note``.

    Raises
    ------
    UsageError
        For a message that is too long, a cut that is not inside it, a ping where there is no cut, or
        another role.

    Examples
    --------
    >>> view = MessageView("é", cuts=[1], role="server")
    >>> [frame["wire"] for frame in view.frames]
    ['01 01 c3', '80 01 a9']
    >>> view.fed = 6
    >>> view.log[-1]["meaning"]
    '“é”'
    """

    example = Unicode().tag(sync=True)
    payload = Unicode().tag(sync=True)
    form: Enum[Form] = Enum[Form](("text", "hex"), "text").tag(sync=True)
    kind: Enum[Kind] = Enum[Kind](("text", "binary"), "text").tag(sync=True)
    role: Enum[Role] = Enum[Role](("client", "server"), "client").tag(sync=True)
    key = Unicode().tag(sync=True)
    cuts: List[int] = List(Int()).tag(sync=True)
    pings: List[int] = List(Int()).tag(sync=True)
    fed = Int().tag(sync=True)

    examples: List[str] = List().tag(sync=True)
    size = Int().tag(sync=True)
    characters: List[dict[str, Any]] = List().tag(sync=True)
    frames: List[dict[str, Any]] = List().tag(sync=True)
    held: List[dict[str, str]] = List().tag(sync=True)
    log: List[dict[str, str]] = List().tag(sync=True)
    failed_at = Int(-1).tag(sync=True)
    verdict: Dict[str, Any] = Dict().tag(sync=True)

    data: bytes
    stream: bytes

    def __init__(
        self,
        message: str | bytes = "Grüße",
        cuts: Iterable[int] = (3,),
        pings: Iterable[int] = (),
        *,
        role: Role = "client",
    ) -> None:
        if role not in _RECEIVERS:
            raise UsageError(f"The role says who sends, 'client' or 'server'; it is {role!r}.")
        data = message.encode() if isinstance(message, str) else bytes(message)
        kind: Kind = "text" if isinstance(message, str) else "binary"
        cuts, pings = sorted(set(cuts)), sorted(set(pings))
        check_cuts(data, cuts, pings)
        super().__init__(_EDITED, examples=list(EXAMPLES), role=role, kind=kind, key=EXAMPLE_KEY.hex(" "))
        self._key = EXAMPLE_KEY
        self._editing = True
        self._load(data, cuts, pings, form_of(data))
        self._editing = False

    @property
    def receiver(self) -> Connection:
        """The receiving `Connection`, after `fed` bytes."""
        return self._fed.receiver

    def _edit_example(self, name: str) -> None:
        if not name:
            return
        if name not in EXAMPLES:
            raise UsageError(f"There is no example “{name}”: choose one of the list.")
        data, self.kind, cuts, pings = EXAMPLES[name]
        self._load(data, cuts, pings, form_of(data))
        self.example = name

    def _edit_payload(self, typed: str) -> None:
        data = read_payload(typed, self.form)
        cuts = [cut for cut in self.cuts if cut < len(data)]
        self._load(data, cuts, [ping for ping in self.pings if ping in cuts], self.form)

    def _edit_form(self, form: Form) -> None:
        if form == "text" and form_of(self.data) == "hex":
            self.form = "hex"
            raise UsageError("These bytes are no text that could be printed: edit them as hex.")
        self.payload = write_payload(self.data, form)

    def _edit_kind(self, _: Kind) -> None:
        self._load(self.data, self.cuts, self.pings, self.form)

    def _edit_role(self, _: Role) -> None:
        self._load(self.data, self.cuts, self.pings, self.form)

    def _edit_key(self, typed: str) -> None:
        self._key = read_key(typed)
        self._load(self.data, self.cuts, self.pings, self.form)

    def _edit_cuts(self, cuts: list[int]) -> None:
        cuts = sorted(set(cuts))
        self._edit_both(cuts, [ping for ping in self.pings if ping in cuts])

    def _edit_pings(self, pings: list[int]) -> None:
        self._edit_both(self.cuts, sorted(set(pings)))

    def _edit_both(self, cuts: list[int], pings: list[int]) -> None:
        try:
            self._load(self.data, cuts, pings, self.form)
        except UsageError:
            self.cuts, self.pings = self._placed
            raise

    def _edit_fed(self, fed: int) -> None:
        self.fed = min(max(fed, 0), self.size)
        self._show()
        if fed != self.fed:
            raise UsageError(f"Feed 0 to {self.size} bytes: there are not {fed}.")

    def _load(self, data: bytes, cuts: list[int], pings: list[int], form: Form) -> None:
        """Cut a message anew; the receiver begins anew, too."""
        check_cuts(data, cuts, pings)
        key = self._key if self.role == "client" else None
        self.data, self._placed = data, (cuts, pings)
        frames = fragments(data, _OPCODES[self.kind], cuts, pings, key)
        self.stream = b"".join(frame.serialize() for frame in frames)
        with self.hold_sync():
            self.example = ""
            self.form, self.payload = form, write_payload(data, form)
            self.key = self._key.hex(" ")
            self.cuts, self.pings = cuts, pings
            self.characters = characters(data, text=self.kind == "text")
            self.frames = shown_frames(frames)
            self.size = len(self.stream)
            self.fed = 0
            self._show()

    def _show(self) -> None:
        """Feed the receiver from the start, and set all that is drawn of it."""
        fed = self._fed = feed(
            self.stream[: self.fed],
            _RECEIVERS[self.role],
            masking_key=EXAMPLE_KEY if self.role == "server" else None,
        )
        with self.hold_sync():
            self.failed_at = fed.failed_at
            text = self.kind == "text"
            self.held = fed.holding(text=text)
            self.log = fed.log()
            self.verdict = fed.judge(text=text)

    def __repr__(self) -> str:
        what = f"{self.kind}, {count(len(self.data), 'byte')} in {count(len(self.frames), 'frame')}"
        return f"<MessageView: {what}, fed {self.fed} of {self.size}: {self.verdict['verdict']}>"

    def still(self) -> str:
        """Draw the frames, and what the receiver made of what it got."""
        rows = [
            row(
                f"frame {number}",
                frame["wire"],
                frame["text"],
                "§5.4",
                "wsl-opcode" if frame["cut"] < 0 else "wsl-payload",
            )
            for number, frame in enumerate(self.frames, 1)
        ]
        rows += [
            row(each["name"], each["value"], each["meaning"], each["section"], f"wsl-{each['kind']}")
            for each in [*self.held, *self.log]
        ]
        said = self.verdict
        body = f'<div class="wsl-part">{words(rows)}</div>'
        judged = verdict_bar(said["mark"], said["verdict"], said["text"], said["note"])
        return card("Message", f"fed {self.fed} of {count(self.size, 'byte')}", body, judged)
