"""Names of resources of this account and region, given as a name or as the whole ARN.

What else a service would take for such a name (another account's ARN, a version behind a colon, a pattern) is
not told: whoever runs the operation must not read a name in another way than it was decided.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnName:
    """A kind of name: what it may look like, and whether the service keeps it in lower case.

    With `arn_only` nothing but the whole ARN is taken. `ending` may follow the name in its ARN, or not.
    """

    pattern: re.Pattern[str]
    lower: bool = False
    arn_only: bool = False
    ending: str = ""

    def read(self, value: str, prefix: str) -> str | None:
        """Return the name in `value`, a name or `prefix` and a name; None when it is neither."""
        name = value.removeprefix(prefix)
        if self.arn_only and name == value:
            return None
        if name != value and self.ending:
            name = name.removesuffix(self.ending)
        if not self.pattern.fullmatch(name):
            return None
        return name.lower() if self.lower else name


_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_PATH = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")

OWN_NAMES: Mapping[str, OwnName] = {
    "own": OwnName(pattern=_NAME),
    # IDs have a prefix: nothing that a service would take for a name instead is one.
    "ec2_id": OwnName(pattern=re.compile(r"[a-z][a-z0-9-]*-[0-9a-z]+")),
    # Names that may hold nearly everything, and have no ARN in their place.
    "own_text": OwnName(pattern=re.compile(r"(?!arn:)[ -~]+")),
    "own_lower": OwnName(pattern=_NAME, lower=True),
    "own_path": OwnName(pattern=_PATH),
    "own_arn": OwnName(pattern=_PATH, arn_only=True),
    # Default option groups have a colon in their names.
    "rds_group": OwnName(pattern=re.compile(r"(default:)?[A-Za-z0-9_.-]+"), lower=True),
    # Source: CloudWatch API Reference, PutMetricAlarm: any character but control ones.
    "alarm": OwnName(pattern=re.compile(r"(?!arn:)[^\x00-\x1f\x7f*?]+")),
    # Source: CloudWatch Logs API Reference, CreateLogStream (no colon and no asterisk).
    "log_stream": OwnName(pattern=re.compile(r"[^:*\x00-\x1f]+")),
    # Source: CloudWatch Logs API Reference, CreateLogGroup (what a name may hold).
    "log_group": OwnName(pattern=re.compile(r"[A-Za-z0-9_/.#-]+"), ending=":*"),
}
