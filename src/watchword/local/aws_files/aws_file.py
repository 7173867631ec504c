"""A file of `~/.aws` as a value: what it says, and the same file with something changed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from watchword.local.aws_files.errors import SEE, UnreadableAwsFile, UnwritableSetting
from watchword.local.aws_files.inserting import with_section, with_setting
from watchword.local.aws_files.lines import Kind, Line, lines_of
from watchword.local.aws_files.reading import Reading, Sections, decoded, read


@dataclass(frozen=True)
class AwsFile:
    """A config or credentials file. `sections` and `get` say what botocore reads in it.

    `set`, `unset`, `add_section` and `remove_section` return another file, in which what botocore reads
    differs by exactly that, and every line that it is not about is the same to the byte. That is checked each
    time, by reading both: what cannot be done so is refused (UnwritableSetting).
    """

    path: Path
    text: str = field(repr=False)

    @classmethod
    def parsed(cls, content: bytes, path: Path) -> AwsFile:
        """Return the file that holds `content`; raise UnreadableAwsFile where botocore cannot read it."""
        file = cls(path=path, text=decoded(content, path))
        file._reading  # noqa: B018 reading it is the check
        return file

    def sections(self) -> tuple[str, ...]:
        """Return the names in brackets, in order, as they are written."""
        return tuple(self._reading.sections)

    def section(self, section: str) -> Mapping[str, str]:
        """Return the settings of a section; nothing when there is none of that name."""
        return self._reading.sections.get(section, {})

    def get(self, section: str, name: str) -> str | None:
        """Return a setting; None when it is not there."""
        return self.section(section).get(name.lower())

    def set(self, section: str, settings: Mapping[str, str]) -> AwsFile:
        """Return the file in which these settings have these values; the section is added if need be."""
        if section not in self._reading.sections:
            return self.add_section(section, settings)
        wanted = {name.lower(): value for name, value in settings.items()}
        lines: Sequence[Line] = self._lines
        for name, value in wanted.items():
            if self.get(section, name) != value:
                lines = with_setting(lines, section, name, value)
        return self._changed(lines, lambda before: {**before, section: {**before[section], **wanted}})

    def unset(self, section: str, names: Collection[str]) -> AwsFile:
        """Return the file without these settings; comments that stand among their lines stay."""
        if section not in self._reading.sections:
            return self
        gone = {name.lower() for name in names}
        kept = [line for line in self._lines if line.section != section or line.name not in gone]
        left = {name: value for name, value in self.section(section).items() if name not in gone}
        return self._changed(kept, lambda before: {**before, section: left})

    def add_section(self, section: str, settings: Mapping[str, str] | None = None) -> AwsFile:
        """Return the file with another section at its end, after a blank line."""
        wanted = {name.lower(): value for name, value in (settings or {}).items()}
        lines: Sequence[Line] = with_section(self._lines, section)
        for name, value in wanted.items():
            lines = with_setting(lines, section, name, value)
        read_there = {**self._reading.inherited, **wanted}
        return self._changed(lines, lambda before: {**before, section: read_there})

    def remove_section(self, section: str) -> AwsFile:
        """Return the file without a section and its settings; comments stay."""
        kept = [line for line in self._lines if line.section != section or line.kind is Kind.NOBODYS]
        return self._changed(
            kept, lambda before: {name: each for name, each in before.items() if name != section}
        )

    @functools.cached_property
    def _reading(self) -> Reading:
        return read(self.text, self.path)

    @functools.cached_property
    def _lines(self) -> tuple[Line, ...]:
        return lines_of(self.text)

    def _changed(self, lines: Sequence[Line], change: Callable[[Sections], Sections]) -> AwsFile:
        """Return the file of these lines, if it says what this one says with the change, in that order."""
        changed = AwsFile(path=self.path, text="".join(line.text for line in lines))
        wanted = change(self._reading.sections)
        if not changed._says(wanted):
            raise UnwritableSetting(
                f"`{self.path}` was not changed: no setting can be written there that is read as meant",
                hint="write it with an editor",
                see=SEE,
            )
        return changed

    def _says(self, wanted: Sections) -> bool:
        try:
            self.text.encode()
            found = self._reading.sections
        except (UnreadableAwsFile, UnicodeEncodeError):
            return False
        return found == wanted and list(found) == list(wanted)
