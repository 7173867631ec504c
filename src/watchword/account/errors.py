"""What this room raises.

WatchwordError
├── UnreadableSnapshot   exit 1   a file is neither a snapshot nor what AWS answers, or holds wrong values
├── TwoSnapshots         exit 1   two of several snapshots are of one account
└── OtherAccount         exit 1   two snapshots that are compared are of two accounts
"""

from __future__ import annotations

from watchword.errors import WatchwordError, short

_SHOWN = 3
_ALL = 20


class UnreadableSnapshot(WatchwordError):
    """A file cannot be read as a snapshot; `problems` says each thing that is wrong, with its place."""

    def __init__(self, name: str, problems: tuple[str, ...], *, hint: str | None = None) -> None:
        some = "; ".join(problems[:_SHOWN])
        rest = len(problems) - _SHOWN
        beside = f"; and {rest} more" if rest > 0 else ""
        super().__init__(
            f"`{short(name)}` is not a snapshot: {some}{beside}", hint=hint, see="docs/prove/snapshot.md"
        )
        self.name = name
        self.problems = problems

    def diagnostics(self) -> str:
        """Return the error with every problem on a line of its own."""
        if len(self.problems) == 1:
            return super().diagnostics()
        first, *rest = super().diagnostics().splitlines()
        del first
        lines = [f"error: `{short(self.name)}` is not a snapshot", *(f"  {one}" for one in self._listed())]
        return "\n".join([*lines, *rest])

    def _listed(self) -> list[str]:
        from watchword.errors import printable

        more = len(self.problems) - _ALL
        shown = [printable(one) for one in self.problems[:_ALL]]
        return [*shown, f"and {more} more"] if more > 0 else shown


class TwoSnapshots(WatchwordError):
    """Two snapshots are of one account: which of them holds cannot be known."""

    def __init__(self, account_id: str, first: str, second: str) -> None:
        super().__init__(
            f"`{first}` and `{second}` are both of account {account_id}",
            hint="keep one of them in the folder; `watchword account diff` tells how two differ",
            see="docs/prove/diff.md",
        )


class OtherAccount(WatchwordError):
    """Two snapshots are of two accounts: nothing in them is the same thing."""

    def __init__(self, first: str, first_account: str, second: str, second_account: str) -> None:
        super().__init__(
            f"`{first}` is of account {first_account}, `{second}` of account {second_account}",
            hint="compare two snapshots of one account",
            see="docs/prove/diff.md",
        )
