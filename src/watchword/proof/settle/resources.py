"""The resources that an action can be called on, in the subject's own account."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from watchword.iam import ResourceType, Universe
from watchword.iam._glob import Token, Wild, joined
from watchword.proof.settle.language import Language
from watchword.proof.settle.subject import Existing

_PIECES: Final = re.compile(r"(\$\{[^}]*\})")
_LAST: Final = 5
_ALWAYS_ON_ONE: Final = frozenset({"iam", "lambda", "s3", "s3-object-lambda", "s3-outposts", "s3express"})
"""Services none of whose calls is made on `*` where its action has types: of these a call names one (a bucket
or an access point), or means the caller's own user.

Source: Amazon S3 User Guide, using-with-s3-policy-actions; IAM API Reference, ListMFADevices.
"""
_MOST_KEPT: Final = 65_536
_OWN: Final = frozenset({"${Account}", "${AccountId}"})
_WITH_COLONS: Final = frozenset({"lambda", "logs", "s3", "s3-outposts", "s3express"})
"""Services in whose ARNs a name may hold a colon where AWS's template has none: objects, qualifiers of
functions, the `:*` behind a log group. In all others a colon only ends a part: names and paths are taken to
have none.
"""
_REGION: Final = "us-east-1"
_CONTESTED: Final = {
    "iam": "arn:${Partition}:iam::${Account}:${Path}",
    "s3": "arn:${Partition}:s3:::${Any}",
}
"""As `iam._coverage`: of whose lists without a resource type it is contested which resource they have."""
_PATHS: Final = {
    "iam:listusers": "arn:{partition}:iam::{account}:user/",
    "iam:listroles": "arn:{partition}:iam::{account}:role/",
    "iam:listvirtualmfadevices": "arn:{partition}:iam::{account}:mfa/",
    "s3:listallmybuckets": "arn:{partition}:s3:::*",
}
"""The lists of which it is known what the other reading is (observed in denials; samples of AWS's)."""


_POLICIES: Final = "arn:${Partition}:iam::${Account}:policy/${PolicyNameWithPath}"
_KINDS: Final = {
    "arn:${Partition}:iam::${Account}:user/${UserNameWithPath}": "user/",
    "arn:${Partition}:iam::${Account}:group/${GroupNameWithPath}": "group/",
    "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}": "role/",
    "arn:${Partition}:iam::${Account}:role/${RoleName}": "role/",
    _POLICIES: "policy/",
}
_READING: Final = ("iam:get", "iam:list", "iam:generate")
_MAKING: Final = frozenset(
    {
        "iam:creategroup",
        "iam:createpolicy",
        "iam:createrole",
        "iam:createservicelinkedrole",
        "iam:createuser",
    }
)
"""The calls that are made on what does not exist yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Resources of one kind, or one resource (`exact`).

    - `language`: what their ARNs are like, and `within`, what else they have to be like; `unwanted`: what no
      name of the kind is.
    - `among`: those that there are; empty: any. `called`: the same by what follows the last `/` of them.
    - `sure`: whether AWS surely takes such a resource.
    """

    language: Language
    unwanted: tuple[Language, ...] = ()
    within: tuple[Language, ...] = ()
    exact: str | None = None
    among: tuple[str, ...] = ()
    called: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)
    samples: tuple[str, ...] = ()
    sure: bool = True

    @property
    def example(self) -> str:
        """One of them."""
        return self.exact if self.exact is not None else self.samples[0]

    def samples_in(self, region: object) -> Iterable[str]:
        """Return the samples, in a region where they are in any."""
        if not isinstance(region, str) or region == _REGION:
            return self.samples
        return [each.replace(f":{_REGION}:", f":{region}:", 1) for each in self.samples]

    def among_with(self, tails: tuple[str, ...]) -> Iterable[str]:
        """Return of those that there are at least the ones that end with any of these texts."""
        if not all("/" in tail for tail in tails):
            return self.among
        names = dict.fromkeys(tail.rpartition("/")[2] for tail in tails)
        return [each for name in names for each in self.called.get(name, ())]


def exactly(resource: str) -> Target:
    """Return the target that is one resource."""
    return Target(language=Language(((resource,),)), exact=resource)


NO_RESOURCE: Final = exactly("*")


def readings(
    universe: Universe, action: str, *, partition: str, account: str, existing: Existing | None = None
) -> tuple[tuple[Target, ...], ...]:
    """Return the kinds of resources that an action can be called on; more than once where that is contested.

    Those of the account, and AWS's own (`arn:aws:iam::aws:policy/…`). An action without a type has `*`; one
    none of whose types is required may have it, or take one of several: the list does not tell. Of an action
    that is not known yet any ARN of its service may be one.

    Users, groups, roles and policies of the account are those that it has (`existing`), where it has any of
    the kind and the call does not make one.
    """
    types = universe.resource_types(action)
    service = action.partition(":")[0].lower()
    if not universe.knows(action):
        any_ = f"arn:${{Partition}}:{service}:${{Region}}:${{Account}}:${{Any}}"
        return ((NO_RESOURCE, _of(any_, partition, account)),)
    if not types:
        listed = _PATHS.get(action.lower())
        if listed is not None:
            return ((NO_RESOURCE,), (exactly(listed.format(partition=partition, account=account)),))
        if is_contested(action):
            return ((NO_RESOURCE, replace(_of(_CONTESTED[service], partition, account), sure=False)),)
        return ((NO_RESOURCE,),)
    there = None if makes(action) else existing
    found = tuple(_of_types(types, partition, account, there, with_aws=reads_policies(action)))
    if service in _ALWAYS_ON_ONE or any(each.required for each in types):
        return (found,)
    return (found, (NO_RESOURCE, *found))


@functools.lru_cache(maxsize=64)
def elsewhere(partition: str, accounts: frozenset[str]) -> Target:
    """Return the roles of all accounts but these."""
    role: tuple[Token, ...] = (":role/", Wild.ANY_IN_PART, Wild.STAR_IN_PART)
    head = f"arn:{partition}:iam::"
    own = tuple((f"{head}{account}", *role) for account in accounts)
    digits = (Wild.ANY_IN_PART,) * 12
    sample = next(each for each in ("111122223333", "444455556666", "777788889999") if each not in accounts)
    return Target(
        language=Language(((head, *digits, *role),)),
        unwanted=(Language(own),),
        samples=(f"{head}{sample}:role/example",),
    )


def inside(read: tuple[tuple[Target, ...], ...], arn: str) -> tuple[tuple[Target, ...], ...]:
    """Return those of these resources that are the one of this ARN, or in it (the objects of a bucket).

    `read` is without what an account has: else those with policies of their own would be left out.
    """
    within = Language(((arn,), (f"{arn}/", Wild.ANY, Wild.STAR)))
    return tuple(
        tuple(replace(each, within=(within,), samples=(arn, *each.samples)) for each in targets)
        for targets in read
    )


def kind_of(template: str) -> str:
    """Return what the ARNs of a type begin with of which an account's snapshot holds all; else nothing."""
    return _KINDS.get(template, "")


def makes(action: str) -> bool:
    """Whether the call is made on a user, group, role or policy that does not exist yet."""
    return action.lower() in _MAKING


def reads_policies(action: str) -> bool:
    """Whether the call may be made on AWS's own policies, which nobody else changes."""
    return action.lower().startswith(_READING)


def is_listed_by_account(template: str) -> bool:
    """Whether it is known which resources of a template an account has."""
    return template in _KINDS


def is_contested(action: str) -> bool:
    """Whether it is contested which resource an action without a resource type has."""
    service, _, name = action.lower().partition(":")
    return service in _CONTESTED and name.startswith("list")


def _guarded(existing: Existing | None, template: str) -> Language | None:
    """Return the resources of a template's service whose own policies are known, with what is in them."""
    service = template.split(":", 3)[2]
    if existing is None or service not in existing.guarded:
        return None
    found = existing.kept.get(service)
    if not isinstance(found, Language):
        patterns: list[tuple[Token, ...]] = []
        for arn in existing.guarded[service]:
            patterns += [(arn,), (f"{arn}/", Wild.STAR)]
        found = existing.kept[service] = Language(tuple(patterns))
    return found


def _there(existing: Existing | None, kind: str) -> tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]:
    """Return what there is of a kind, and the same by its names."""
    among = () if existing is None else existing.by_kind.get(kind, ())
    if existing is None or not among:
        return (), {}
    if kind not in existing.called:
        existing.called[kind] = _by_name(among)
    return among, existing.called[kind]


def only_among(target: Target, arns: Iterable[str]) -> Target:
    """Return the target that is some of what there is."""
    if target.exact is not None:
        return target
    among = tuple(arns)
    return replace(target, among=among, called=_by_name(among))


def _by_name(among: Iterable[str]) -> dict[str, tuple[str, ...]]:
    called: dict[str, tuple[str, ...]] = {}
    for each in among:
        name = each.rpartition("/")[2]
        called[name] = (*called.get(name, ()), each)
    return called


def _of_types(
    types: Iterable[ResourceType], partition: str, account: str, existing: Existing | None, *, with_aws: bool
) -> Iterator[Target]:
    for each in types:
        target = _of(each.template, partition, account)
        guarded = _guarded(existing, each.template)
        if guarded is not None:
            target = replace(target, unwanted=(*target.unwanted, guarded))
        among, called = _there(existing, _KINDS.get(each.template, ""))
        yield replace(target, among=among, called=called) if among else target
        if with_aws and each.template == _POLICIES:
            yield _of(each.template.replace("${Account}", "aws"), partition, account)


@functools.lru_cache(maxsize=_MOST_KEPT)
def _of(template: str, partition: str, account: str) -> Target:
    tokens: list[Token] = []
    sample: list[str] = []
    colons = 0
    for piece in _PIECES.split(template):
        if not piece.startswith("${"):
            colons += piece.count(":")
            for at, text in enumerate(piece.split("*")):
                tokens += [*([Wild.ANY, Wild.STAR] if at else []), text]
                sample.append(("example" if at else "") + text)
            continue
        known = _known(piece, partition, account) if colons < _LAST else None
        if known is not None:
            tokens.append(known)
        else:
            crosses = colons >= _LAST and template.split(":")[2] in _WITH_COLONS
            tokens += [Wild.ANY, Wild.STAR] if crosses else [Wild.ANY_IN_PART, Wild.STAR_IN_PART]
        sample.append(known or (_REGION if piece == "${Region}" else "example"))
    unwanted = _outside_names(template, partition)
    return Target(language=Language((joined(tokens),)), unwanted=unwanted, samples=("".join(sample),))


def _known(piece: str, partition: str, account: str) -> str | None:
    if piece == "${Partition}":
        return partition
    return account if piece in _OWN else None


def _outside_names(template: str, partition: str) -> tuple[Language, ...]:
    """Return what cannot be a name of this kind.

    Source: Amazon S3 User Guide, bucketnamingrules: letters, digits, dots and hyphens.
    """
    if template == "arn:${Partition}:s3:::${BucketName}":
        head = f"arn:{partition}:s3:::"
        return (Language(((head, Wild.STAR, "/", Wild.STAR), (head, Wild.STAR, ":", Wild.STAR))),)
    if template == "arn:${Partition}:s3:::${BucketName}/${ObjectName}":
        return (Language(((f"arn:{partition}:s3:::/", Wild.STAR),)),)
    return ()
