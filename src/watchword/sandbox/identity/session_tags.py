"""The tags and the source identity of a role session, asked for or inherited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from watchword.sandbox.identity import refusals
from watchword.sandbox.identity.caller import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTags:
    """`requested` are those of the call, `all` the inherited ones too; `transitive_keys` go on."""

    requested: Mapping[str, str]
    all: Mapping[str, str]
    transitive_keys: tuple[str, ...]


def tags_of(params: Mapping[str, Any], caller: Caller) -> SessionTags:
    """Return the tags of the session that `params` ask for.

    Transitive tags of the calling session come along, stay transitive, and cannot be set again.

    Raises AwsError: two keys that differ in case at most; a transitive key that is not among the
    tags; a tag that the calling session passes on.

    Source: id_session-tags.
    """
    requested = {tag["Key"]: tag["Value"] for tag in params.get("Tags") or ()}
    folded = {key.lower() for key in requested}
    if len(folded) < len(params.get("Tags") or ()):
        raise refusals.duplicate_tags(code="InvalidParameterValue")
    transitive = tuple(params.get("TransitiveTagKeys") or ())
    if not {key.lower() for key in transitive} <= folded:
        raise refusals.transitive_tag_missing()
    inherited = _inherited(caller)
    if folded & {key.lower() for key in inherited}:
        raise refusals.transitive_tag_conflict()
    return SessionTags(
        requested=requested, all={**inherited, **requested}, transitive_keys=(*inherited, *transitive)
    )


def _inherited(caller: Caller) -> dict[str, str]:
    session = caller.session
    if session is None:
        return {}
    passed_on = {key.lower() for key in session.transitive_tag_keys}
    return {key: value for key, value in session.tags.items() if key.lower() in passed_on}


def source_identity_of(params: Mapping[str, Any], caller: Caller) -> str | None:
    """Return the source identity of the session that `params` ask for: once set, it stays.

    Raises AwsError (ValidationError) when it is set to something else.

    Source: id_credentials_temp_control-access_monitor; observed on AWS.
    """
    asked: str | None = params.get("SourceIdentity")
    inherited = None if caller.session is None else caller.session.source_identity
    if inherited is not None and asked not in {None, inherited}:
        raise refusals.source_identity_is_set()
    return inherited if inherited is not None else asked
