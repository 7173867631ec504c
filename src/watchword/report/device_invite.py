"""A round of invitations as data, and as text, CSV and Markdown; all of them rendered from the data."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from watchword.device.invite_leftovers import Fate, Leftover
from watchword.device.invite_person import NotChecked, Standing
from watchword.device.invite_result import Guest, Invited
from watchword.device.may_enroll import NOT_LOOKED_AT
from watchword.report.printable import printable_value
from watchword.report.style import Style

SCHEMA: Final = "watchword/device-invite/v1"
_TITLES: Final = {
    Standing.ENROLLED: "enrolled",
    Standing.READY: "ready to enrol",
    Standing.FIDO_ONLY: "with a security key only",
    Standing.CANNOT_ENROL: "cannot enrol",
    Standing.NO_SUCH_USER: "no such user",
    Standing.NOT_KNOWN: "could not be checked",
}
# Those to whom somebody must turn, in this order.
_TOLD: Final = (Standing.CANNOT_ENROL, Standing.NO_SUCH_USER, Standing.NOT_KNOWN, Standing.FIDO_ONLY)
_FATES: Final = {
    Fate.CLEARED.value: "removed",
    Fate.WOULD_GO.value: "would be removed",
    Fate.YOUNG.value: "left for now",
    Fate.KEPT.value: "left",
    Fate.REFUSED.value: "could not be removed",
}
_NAMES_SHOWN: Final = 10


def invite_value(invited: Invited) -> dict[str, Any]:
    """Return a round as data (`watchword/device-invite/v1`), the people in the order of the list."""
    value = {
        "schema": SCHEMA,
        "account": invited.account,
        "folder": str(invited.folder),
        "dry_run": invited.dry_run,
        "began_at": _written(invited.began_at),
        "counts": {standing.value: invited.count(standing) for standing in Standing},
        "newly_enrolled": sum(guest.newly_enrolled for guest in invited.guests),
        "people": [_person(guest) for guest in invited.guests],
        "leftovers": [_leftover(each) for each in invited.leftovers],
        "not_checked": [_not_checked(each) for each in invited.not_checked],
        "not_looked_at": [NOT_LOOKED_AT],
        "notes": list(invited.notes),
        "not_listed": invited.not_listed,
    }
    return dict(printable_value(value))


def _person(guest: Guest) -> dict[str, Any]:
    finding = guest.entry.finding
    return {
        "user_name": finding.user_name,
        "full_name": guest.entry.person.full_name,
        "email": guest.entry.person.email,
        "standing": finding.standing.value,
        "reasons": list(finding.reasons),
        "remarks": list(finding.remarks),
        "devices": [
            {
                "serial_number": device.serial_number,
                "kind": device.kind.value,
                "enabled_at": _written(device.enabled_at),
                "usable_for_cli": device.kind.usable_for_cli,
            }
            for device in finding.devices
        ],
        "enrolled_at": _written(finding.enrolled_at),
        "newly_enrolled": guest.newly_enrolled,
        "invited_at": _written(guest.entry.invited_at),
        "instructions": guest.entry.file,
        "instructions_written": None if guest.written is None else guest.written.value,
        "way": finding.way.value,
        "active_access_keys": finding.active_keys,
        "password": finding.password.value,
        "checked_at": _written(finding.checked_at),
        "not_checked": [_not_checked(each) for each in finding.not_checked],
    }


def _leftover(leftover: Leftover) -> dict[str, Any]:
    return {
        "serial_number": leftover.serial_number,
        "user_name": leftover.user_name,
        "first_seen_at": _written(leftover.first_seen_at),
        "fate": leftover.fate.value,
        "why": leftover.why,
    }


def _not_checked(each: NotChecked) -> dict[str, str]:
    return {"what": each.what, "operation": each.operation}


def invite_text(value: Mapping[str, Any], style: Style) -> str:
    """Return what an administrator reads: the counts, and whoever needs somebody, grouped by why."""
    lines = [_headline(value, style)]
    lines += [f"{style.quiet('note')}: {note}" for note in value["notes"]]
    for standing in _TOLD:
        lines += _section(value, standing, style)
    lines += _remarks(value, style)
    lines += _edited(value, style)
    lines += _about_leftovers(value["leftovers"], style)
    lines += _about_not_checked(value, style)
    return "\n".join([*lines, *_last(value)])


def _headline(value: Mapping[str, Any], style: Style) -> str:
    people, counts = value["people"], value["counts"]
    parts = [
        _counted(counts[standing.value], _TITLES[standing], standing, style)
        for standing in Standing
        if counts[standing.value]
    ]
    new = f" ({value['newly_enrolled']} of them since the last run)" if value["newly_enrolled"] else ""
    if new:
        parts[0] += new
    who = f"{len(people)} {'person' if len(people) == 1 else 'people'}"
    return f"account {value['account']}, {who}: {', '.join(parts)}"


def _counted(count: int, title: str, standing: Standing, style: Style) -> str:
    paint = style.good if standing in {Standing.ENROLLED, Standing.READY} else style.warning
    if standing in {Standing.CANNOT_ENROL, Standing.NO_SUCH_USER}:
        paint = style.bad
    return paint(f"{count} {title}")


def _section(value: Mapping[str, Any], standing: Standing, style: Style) -> list[str]:
    """Return those who stand there, grouped by the reason: what is to be put right once is said once."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for person in value["people"]:
        if person["standing"] == standing.value:
            groups.setdefault(tuple(person["reasons"]), []).append(person["user_name"])
    lines = ["", style.strong(_TITLES[standing])] if groups else []
    for reasons, names in sorted(groups.items(), key=lambda group: -len(group[1])):
        lines.append(f"  {_names(names)}")
        lines += [f"    {reason}" for reason in reasons]
    if groups and standing is Standing.CANNOT_ENROL:
        lines.append(f"  {style.quiet('what a policy needs: docs/devices/policies.md')}")
    return lines


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    more = len(names) - _NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _remarks(value: Mapping[str, Any], style: Style) -> list[str]:
    groups: dict[tuple[str, ...], list[str]] = {}
    for person in value["people"]:
        if person["remarks"]:
            groups.setdefault(tuple(person["remarks"]), []).append(person["user_name"])
    lines: list[str] = []
    for remarks, names in sorted(groups.items(), key=lambda group: -len(group[1])):
        lines += [f"  {_names(names)}", *(f"    {remark}" for remark in remarks)]
    return ["", style.strong("in nobody's way, but trouble"), *lines] if lines else []


def _edited(value: Mapping[str, Any], style: Style) -> list[str]:
    names = [person["user_name"] for person in value["people"] if person["instructions_written"] == "edited"]
    if not names:
        return []
    return [
        "",
        style.strong("instructions that somebody has changed, left as they are"),
        f"  {_names(names)}",
    ]


def _about_leftovers(leftovers: Sequence[Mapping[str, Any]], style: Style) -> list[str]:
    if not leftovers:
        return []
    lines = ["", style.strong("devices left by enrolments that were broken off")]
    for each in leftovers:
        why = f" ({each['why']})" if each["why"] else ""
        lines.append(f"  {each['serial_number']}  {_FATES[each['fate']]}{why}")
    if any(each["fate"] == Fate.YOUNG.value for each in leftovers):
        lines.append("  AWS does not tell their age: a run in an hour removes those that are still there;")
        lines.append("  `--clear all` removes them now")
    return lines


def _about_not_checked(value: Mapping[str, Any], style: Style) -> list[str]:
    counts = Counter(
        (each["what"], each["operation"]) for person in value["people"] for each in person["not_checked"]
    )
    lines = [f"  {each['what']}: `{each['operation']}` is denied" for each in value["not_checked"]]
    lines += [
        f"  {what} of {_people(count)}: `{operation}` was not answered"
        for (what, operation), count in counts.most_common()
    ]
    lines += [f"  {style.quiet(each)}" for each in value["not_looked_at"]]
    return ["", style.strong("not looked at"), *lines]


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _last(value: Mapping[str, Any]) -> list[str]:
    if value["dry_run"]:
        return ["", "dry run: nothing was written and nothing removed"]
    lines = [""]
    invited = sum(1 for person in value["people"] if person["instructions"])
    if invited:
        lines.append(f"instructions for {_people(invited)} are in {value['folder']}: send each theirs")
    lines.append(f"who has enrolled: `watchword device invite --status {value['folder']}`")
    if value["not_listed"]:
        lines.insert(
            1, f"{_people(value['not_listed'])} of earlier runs not in this list: remembered, not looked at"
        )
    return lines


def invite_csv(value: Mapping[str, Any]) -> str:
    """Return a row for each person, in the order of the list."""
    out = io.StringIO()
    columns = ("user_name", "email", "standing", "enrolled_at", "invited_at", "instructions", "reasons")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for person in value["people"]:
        cells = {**person, "reasons": "; ".join(person["reasons"])}
        writer.writerow(["" if cells[column] is None else cells[column] for column in columns])
    return out.getvalue().rstrip("\n")


def invite_markdown(value: Mapping[str, Any]) -> str:
    """Return the counts and a table of the people, for a ticket or a wiki."""
    counts = ", ".join(
        f"{value['counts'][standing.value]} {_TITLES[standing]}"
        for standing in Standing
        if value["counts"][standing.value]
    )
    lines = [
        f"Account {value['account']}: {counts}.",
        "",
        "| user | | enrolled | invited | why |",
        "|---|---|---|---|---|",
    ]
    for person in value["people"]:
        cells = (
            person["user_name"],
            _TITLES[Standing(person["standing"])],
            (person["enrolled_at"] or "")[:10],
            (person["invited_at"] or "")[:10],
            "; ".join(person["reasons"]),
        )
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines)


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
