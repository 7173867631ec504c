"""What each escalation brings about: from a rule and whom it is used on to the requests and what they give.

Nothing is decided here: a `Move` says what would have to be allowed, and what the attacker has if it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from watchword.iam import UNKNOWN, ContextValue, CredentialKind, PrincipalKind
from watchword.proof.chain import StepKind
from watchword.proof.changes import (
    ANY_TAGS,
    Change,
    ChangeKind,
    Changes,
    allows,
    denies,
    group_policies,
    groups_of,
    managed,
    managed_of,
)
from watchword.proof.escalation import Effect, Need, On, Rule

if TYPE_CHECKING:
    from watchword.account.model import Account, AccountPrincipal
    from watchword.proof.guises import Wishes
    from watchword.proof.newcomers import Names
    from watchword.proof.service_trust import ServiceTrust

Fixed: TypeAlias = dict[str, ContextValue]

_MOST_VERSIONS: Final = 5
_MOST_KEYS: Final = 2
_ADMINISTRATOR: Final = "AdministratorAccess"
_WELL_KNOWN: Final = ("PowerUserAccess", "IAMFullAccess", "ReadOnlyAccess")
ANOTHER_NAME: Final = "whether one name fits all that is done to somebody who is made cannot be told"
_SOME_POLICY: Final = "which policies may be attached to a group that is made is not looked at"
_ANY_TAG: Final = "`{}` can be given tags, and policies look at more of them than are tried"
_UNKNOWN_DOCUMENT: Final = "a policy can be attached whose document the snapshot does not hold: `{}`"


@dataclass(frozen=True, slots=True)
class Credential:
    """The attacker holds a credential of a user or role."""

    arn: str
    kind: CredentialKind


@dataclass(frozen=True, slots=True)
class Password:
    """The attacker knows a user's password."""

    arn: str


@dataclass(frozen=True, slots=True)
class Device:
    """A user has an MFA device that is the attacker's."""

    arn: str


@dataclass(frozen=True, slots=True)
class NoDevice:
    """A user has no MFA device any more."""

    arn: str


@dataclass(frozen=True, slots=True)
class Trusted:
    """A role's trust policy names whom the attacker wants."""

    arn: str


@dataclass(frozen=True, slots=True)
class ServiceCredential:
    """The attacker holds a credential of a user for some services alone (`codecommit`)."""

    arn: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One call of several is done that bring a fact together: call `number` of a rule."""

    fact: Credential | Password | Device | NoDevice | Trusted | ServiceCredential | Change
    rule: str
    number: int


Fact: TypeAlias = Credential | Password | Device | NoDevice | Trusted | ServiceCredential | Change | Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request that has to be allowed.

    - `resource`: an ARN, or None for any that fits the action.
    - `fixed`: condition keys that it has by its nature; `()` for one that is absent.
    - `same_call`: it is looked at within the next one's call.
    - `of_new_policy`: `iam:PolicyARN` is the policy that the ask before makes.
    - `trusted`: the role's trust policy names who asks, as an ask before has written it.
    """

    action: str
    resource: str | None = None
    fixed: tuple[tuple[str, ContextValue], ...] = ()
    same_call: bool = False
    of_new_policy: bool = False
    trusted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Requests, in order, and what the attacker has after them.

    `reason`: why that is not sure even when all are allowed. `enough`: when it can be done, those that
    come after it in its list add nothing.
    """

    asks: tuple[Ask, ...]
    fact: Fact
    gives: str
    kind: StepKind = StepKind.ESCALATION
    rule: str | None = None
    reason: str | None = None
    enough: bool = False
    whole: Move | None = None
    """Of one call of several: the move that they make together."""

    @property
    def calls(self) -> int:
        """How many calls it takes."""
        return sum([not each.same_call for each in self.asks])

    def by_call(self) -> list[tuple[Ask, ...]]:
        """Return the requests of each call."""
        found: list[tuple[Ask, ...]] = []
        call: list[Ask] = []
        for ask in self.asks:
            call.append(ask)
            if not ask.same_call:
                found.append(tuple(call))
                call = []
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """Whom a rule is used on: a principal of an account, after the changes `made`.

    `reads` are the condition keys that the policies of who asks read, in lower case.
    """

    account: Account
    principal: AccountPrincipal
    reads: frozenset[str]
    trust: ServiceTrust
    made: Changes = frozenset()
    trusted: bool = False
    """Whether the role, if it is one, trusts whomever the attacker wants by now."""
    groups: Names | None = None
    """What groups can be called that are made."""
    wishes: Wishes | None = None
    """Which tags policies look at; None where no tag makes a difference."""
    retagged: bool = False
    """Whether users and roles may have any tags by now."""
    served: CredentialKind = CredentialKind.SERVICE_ROLE
    """What a service has of a role that is passed to it."""


TAKING: Final = frozenset(
    {
        Effect.ACCESS_KEY,
        Effect.ACCESS_KEY_OF_TWO,
        Effect.PASSWORD,
        Effect.NEW_PASSWORD,
        Effect.SERVICE_CREDENTIAL,
        Effect.NEW_USER,
        Effect.NEW_USER_WITH_PASSWORD,
        Effect.NEW_ROLE,
        Effect.TRUST,
        Effect.RUN_AS,
        Effect.RUN_EXISTING,
    }
)
"""Effects that bring a credential. The others change something for a principal whose credential is held."""
MAKING: Final = {
    Effect.NEW_USER: PrincipalKind.USER,
    Effect.NEW_USER_WITH_PASSWORD: PrincipalKind.USER,
    Effect.NEW_ROLE: PrincipalKind.ROLE,
}
"""Effects that make somebody, and whom."""


def moves(rule: Rule, aim: Aim) -> Iterator[Move]:  # noqa: C901  a line for each effect
    """Give the moves that a rule allows on a principal, those that bring most first."""
    match rule.effect:
        case Effect.ATTACH_POLICY:
            yield from _attach(rule, aim)
        case Effect.PUT_POLICY:
            yield from _put(rule, aim)
        case Effect.NEW_VERSION | Effect.NEW_VERSION_OF_FIVE:
            yield from _new_version(rule, aim)
        case Effect.SET_VERSION:
            yield from _set_version(rule, aim)
        case Effect.NEW_GROUP:
            yield from _new_group(rule, aim)
        case Effect.TAG:
            yield from _tag(rule, aim)
        case Effect.UNTAG:
            yield from _untag(rule, aim)
        case Effect.JOIN_GROUP:
            yield from _join(rule, aim)
        case Effect.LEAVE_GROUP:
            yield from _leave(rule, aim)
        case Effect.DETACH_POLICY:
            yield from _detach(rule, aim)
        case Effect.DELETE_POLICY:
            yield from _delete(rule, aim)
        case Effect.REMOVE_BOUNDARY:
            yield from _remove_boundary(rule, aim)
        case Effect.REPLACE_BOUNDARY:
            yield from _replace_boundary(rule, aim)
        case Effect.ACCESS_KEY | Effect.ACCESS_KEY_OF_TWO:
            yield from _access_key(rule, aim)
        case Effect.PASSWORD | Effect.NEW_PASSWORD:
            yield from _password(rule, aim)
        case Effect.TRUST:
            yield from _trust(rule, aim)
        case Effect.SERVICE_CREDENTIAL:
            for arn in _owners(aim, rule.needs[-1].on):
                yield _move(rule, aim, arn, ServiceCredential(arn, rule.prefixes), {})
        case Effect.NEW_USER | Effect.NEW_USER_WITH_PASSWORD | Effect.NEW_ROLE:
            yield _new(rule, aim)
        case Effect.RUN_AS | Effect.RUN_EXISTING:
            yield from _run(rule, aim)
        case Effect.DEVICE_FOR_OTHER:
            yield from _device(rule, aim)
        case Effect.REMOVE_DEVICE:
            yield from _remove_device(rule, aim)


# -- policies


def _attach(rule: Rule, aim: Aim) -> Iterator[Move]:
    [need] = rule.needs
    for owner in _owners(aim, need.on):
        everything = f"arn:{aim.account.partition}:iam::aws:policy/{_ADMINISTRATOR}"
        written = Change(ChangeKind.WRITTEN, owner)
        # AWS's own document, so it is known even where the snapshot has no use for it.
        yield _move(rule, aim, owner, written, {"iam:PolicyARN": everything}, enough=True)
        if "iam:policyarn" not in aim.reads:
            continue
        for policy in aim.account.snapshot.policies:
            document = managed(aim.account, policy.arn)
            if document is None or allows(document):
                attached = Change(ChangeKind.ATTACHED, owner, policy.arn)
                reason = None if document else _UNKNOWN_DOCUMENT.format(policy.arn)
                fact = attached if document else written
                yield _move(rule, aim, owner, fact, {"iam:PolicyARN": policy.arn}, reason=reason)
        for name in _WELL_KNOWN:
            arn = f"arn:{aim.account.partition}:iam::aws:policy/{name}"
            if aim.account.policy(arn) is None:
                reason = _UNKNOWN_DOCUMENT.format(arn)
                yield _move(rule, aim, owner, written, {"iam:PolicyARN": arn}, reason=reason)


def _put(rule: Rule, aim: Aim) -> Iterator[Move]:
    for owner in _owners(aim, rule.needs[-1].on):
        yield _move(rule, aim, owner, Change(ChangeKind.WRITTEN, owner), {})
        if len(rule.needs) == 1:
            for name in _inline(aim, owner):
                yield _move(rule, aim, owner, Change(ChangeKind.OVERWRITTEN, owner, name), {})


def _new_version(rule: Rule, aim: Aim) -> Iterator[Move]:
    full = rule.effect is Effect.NEW_VERSION_OF_FIVE
    for arn in _own_policies(aim):
        policy = aim.account.policy(arn)
        if policy is not None and (len(policy.versions) >= _MOST_VERSIONS) is full:
            yield _move(rule, aim, arn, Change(ChangeKind.REWRITTEN, arn), {})


def _set_version(rule: Rule, aim: Aim) -> Iterator[Move]:
    for arn in _own_policies(aim):
        policy = aim.account.policy(arn)
        if policy is None:
            continue
        for each in policy.versions:
            if each.id != policy.default_version:
                yield _move(rule, aim, arn, Change(ChangeKind.VERSION, arn, each.id), {})


def _new_group(rule: Rule, aim: Aim) -> Iterator[Move]:
    if aim.groups is None or aim.principal.kind is not PrincipalKind.USER:
        return
    everything = f"arn:{aim.account.partition}:iam::aws:policy/{_ADMINISTRATOR}"
    change = Change(ChangeKind.WRITTEN, aim.principal.arn)
    for arn in aim.groups.arns:
        any_ = tuple(_ask(each, aim, arn, {}) for each in rule.needs)
        asks = tuple(
            replace(each, fixed=(*each.fixed, ("iam:PolicyARN", everything)), of_new_policy=False)
            if each.action == "iam:AttachGroupPolicy"
            else each
            for each in any_
        )
        gives = f"`{_name(aim.principal.arn)}` is in a group that is made for it, and allows everything"
        move = Move(asks=asks, fact=change, gives=gives, rule=rule.id, enough=True)
        yield move
        if asks != any_ and "iam:policyarn" in aim.reads:
            free = tuple(replace(each, of_new_policy=False) for each in any_)
            yield replace(move, asks=free, reason=_SOME_POLICY, enough=False)
    if not aim.groups.is_whole:
        asks = (Ask(action=rule.needs[0].action),)
        yield Move(asks=asks, fact=change, gives="a group", rule=rule.id, reason=ANOTHER_NAME)


def _tag(rule: Rule, aim: Aim) -> Iterator[Move]:
    """Source: IAM API Reference, TagUser and TagRole: a tag of the same name is written over."""
    if aim.wishes is None or not _owners(aim, rule.needs[-1].on):
        return
    arn, there = aim.principal.arn, {key.lower(): value for key, value in aim.principal.tags.items()}
    for name, values in aim.wishes.tags.items():
        for value in values:
            if there.get(name.lower()) != value:
                fixed: Fixed = {f"aws:RequestTag/{name}": value, "aws:TagKeys": (name,)}
                yield _move(rule, aim, arn, Change(ChangeKind.TAGGED, arn, f"{name}={value}"), fixed)
    if not aim.wishes.is_whole:
        change = Change(ChangeKind.TAGGED, arn, ANY_TAGS)
        yield _move(rule, aim, arn, change, {}, reason=_ANY_TAG.format(_name(arn)))


def _untag(rule: Rule, aim: Aim) -> Iterator[Move]:
    if aim.wishes is None or not _owners(aim, rule.needs[-1].on):
        return
    arn, wanted = aim.principal.arn, {each.lower() for each in aim.wishes.tags}
    for name in aim.principal.tags:
        if name.lower() in wanted:
            yield _move(rule, aim, arn, Change(ChangeKind.TAGGED, arn, name), {"aws:TagKeys": (name,)})
    if not aim.wishes.is_whole and aim.principal.tags:
        change = Change(ChangeKind.TAGGED, arn, ANY_TAGS)
        yield _move(rule, aim, arn, change, {}, reason=_ANY_TAG.format(_name(arn)))


def _join(rule: Rule, aim: Aim) -> Iterator[Move]:
    if aim.principal.kind is not PrincipalKind.USER:
        return
    mine = groups_of(aim.account, aim.principal)
    for group in aim.account.snapshot.groups:
        if group.arn not in mine:
            yield _move(rule, aim, group.arn, Change(ChangeKind.JOINED, group.arn), {})


def _leave(rule: Rule, aim: Aim) -> Iterator[Move]:
    for arn in groups_of(aim.account, aim.principal):
        if any(denies(each) for each in group_policies(aim.account, arn)):
            yield _move(rule, aim, arn, Change(ChangeKind.LEFT, arn), {})


def _detach(rule: Rule, aim: Aim) -> Iterator[Move]:
    owners = _owners(aim, rule.needs[-1].on)
    for each in aim.account.attached(aim.principal.arn).identity:
        if each.arn is not None and each.owner in owners and denies(each.compiled):
            change = Change(ChangeKind.DETACHED, each.owner, each.arn)
            yield _move(rule, aim, each.owner, change, {"iam:PolicyARN": each.arn})


def _delete(rule: Rule, aim: Aim) -> Iterator[Move]:
    for owner in _owners(aim, rule.needs[-1].on):
        for name in _inline(aim, owner):
            yield _move(rule, aim, owner, Change(ChangeKind.DELETED, owner, name), {})


def _remove_boundary(rule: Rule, aim: Aim) -> Iterator[Move]:
    if _boundary(aim.principal) is not None and _owners(aim, rule.needs[-1].on):
        arn = aim.principal.arn
        yield _move(rule, aim, arn, Change(ChangeKind.UNBOUND, arn), {})


def _replace_boundary(rule: Rule, aim: Aim) -> Iterator[Move]:
    """The key `iam:PermissionsBoundary` is the boundary that is set, not the one that is there.

    Source: IAM User Guide, access_policies_boundaries (delegating with a boundary).
    """
    arn, there = aim.principal.arn, _boundary(aim.principal)
    if there is None or not _owners(aim, rule.needs[-1].on):
        return
    key = "iam:PermissionsBoundary"
    everything = f"arn:{aim.account.partition}:iam::aws:policy/{_ADMINISTRATOR}"
    yield _move(rule, aim, arn, Change(ChangeKind.UNBOUND, arn), {key: everything}, enough=True)
    if key.lower() in aim.reads:
        for policy in aim.account.snapshot.policies:
            if policy.arn != there and managed(aim.account, policy.arn) is not None:
                yield _move(rule, aim, arn, Change(ChangeKind.BOUND, arn, policy.arn), {key: policy.arn})


# -- credentials


def _access_key(rule: Rule, aim: Aim) -> Iterator[Move]:
    """A user has at most two access keys, those that are not active included.

    Source: IAM User Guide, id_credentials_access-keys.
    """
    if not _owners(aim, rule.needs[-1].on):
        return
    snapshot, name = aim.account.snapshot, aim.principal.name
    known = snapshot.is_read("access_keys", name)
    full = sum(each.user == name for each in snapshot.access_keys or ()) >= _MOST_KEYS
    if full is not (rule.effect is Effect.ACCESS_KEY_OF_TWO) and known:
        return
    reason = None if known else f"the snapshot does not say how many access keys `{name}` has"
    fact = Credential(aim.principal.arn, CredentialKind.ACCESS_KEY)
    yield _move(rule, aim, aim.principal.arn, fact, {}, reason=reason)


def _password(rule: Rule, aim: Aim) -> Iterator[Move]:
    if not _owners(aim, rule.needs[-1].on):
        return
    snapshot, name = aim.account.snapshot, aim.principal.name
    known = snapshot.is_read("login_profiles", name)
    there = any(each.user == name for each in snapshot.login_profiles or ())
    if there is not (rule.effect is Effect.NEW_PASSWORD) and known:
        return
    reason = None if known else f"the snapshot does not say whether `{name}` has a password"
    yield _move(rule, aim, aim.principal.arn, Password(aim.principal.arn), {}, reason=reason)


def _trust(rule: Rule, aim: Aim) -> Iterator[Move]:
    if not _owners(aim, On.ROLE):
        return
    arn = aim.principal.arn
    yield _move(rule, aim, arn, Trusted(arn), {})


def _new(rule: Rule, aim: Aim) -> Move:
    """A role that is made trusts from the beginning whom the attacker wants."""
    arn = aim.principal.arn
    fact: Fact
    match rule.effect:
        case Effect.NEW_USER:
            fact = Credential(arn, CredentialKind.ACCESS_KEY)
        case Effect.NEW_USER_WITH_PASSWORD:
            fact = Password(arn)
        case _:
            fact = Trusted(arn)
    return _move(rule, aim, arn, fact, {}, enough=True)


def tagged(move: Move, reason: str) -> Move:
    """Return a move that makes somebody with whatever tags the attacker wants: which, is not said."""
    asks = (
        replace(each, fixed=tuple((key, value) for key, value in each.fixed if not _of_tags(key)))
        for each in move.asks
    )
    return replace(move, asks=tuple(asks), reason=reason)


def _of_tags(key: str) -> bool:
    return key.lower().startswith((*_BY_TAG, *_TAGGING))


def _run(rule: Rule, aim: Aim) -> Iterator[Move]:
    role = aim.principal
    if role.kind is not PrincipalKind.ROLE:
        return
    trusted = aim.trusted or aim.trust.of(aim.account, role, rule.services)
    if trusted is False:
        return
    asks = tuple(_ask(each, aim, role.arn, {}) for each in rule.needs)
    if rule.instance_profile and not getattr(role.entry, "instance_profiles", ()):
        if rule.effect is Effect.RUN_EXISTING:
            return
        asks = (*_with_new_profile(aim), *asks)
    yield Move(
        asks=asks,
        fact=Credential(role.arn, aim.served),
        gives=f"calls with what `{_name(role.arn)}` may do",
        rule=rule.id,
        reason=rule.undetermined or (trusted if isinstance(trusted, str) else None),
    )


def _with_new_profile(aim: Aim) -> Iterator[Ask]:
    """Source: IAM User Guide, id_roles_use_switch-role-ec2_instance-profiles; the role is passed."""
    yield Ask(action="iam:CreateInstanceProfile")
    passing = Need(action="iam:PassRole", on=On.ROLE, fixed=(("iam:PassedToService", "ec2.amazonaws.com"),))
    passed = _ask(passing, aim, aim.principal.arn, {})
    yield Ask(action=passed.action, resource=passed.resource, fixed=passed.fixed, same_call=True)
    yield Ask(action="iam:AddRoleToInstanceProfile")


# -- devices


def _device(rule: Rule, aim: Aim) -> Iterator[Move]:
    if _owners(aim, rule.needs[-1].on):
        yield _move(rule, aim, aim.principal.arn, Device(aim.principal.arn), {})


def _remove_device(rule: Rule, aim: Aim) -> Iterator[Move]:
    if not _owners(aim, rule.needs[-1].on):
        return
    has = has_device(aim.account, aim.principal.arn)
    if has is not False:
        reason = None if has else f"the snapshot does not say whether `{aim.principal.name}` has a device"
        yield _move(rule, aim, aim.principal.arn, NoDevice(aim.principal.arn), {}, reason=reason)


def has_device(account: Account, arn: str) -> bool | None:
    """Whether a user has an MFA device; None when the snapshot does not say."""
    user = arn.rpartition("/")[2]
    if any(each.user == user for each in account.snapshot.mfa_devices or ()):
        return True
    if account.is_admitted(arn):
        return False
    return False if account.snapshot.is_read("mfa_devices", user) else None


# -- what the requests are about


def _owners(aim: Aim, on: On) -> tuple[str, ...]:
    """Return the ARNs that a call on users, groups or roles has here; none when the principal is none.

    Source: IAM User Guide, id_roles_create-service-linked-role and Identity Center User Guide,
    permissionsetsconcept: IAM changes no role that belongs to a service.
    """
    kind = aim.principal.kind
    if on is On.USER and kind is PrincipalKind.USER:
        return (aim.principal.arn,)
    if on is On.ROLE and kind is PrincipalKind.ROLE and not is_protected(aim.principal.path):
        return (aim.principal.arn,)
    if on is On.GROUP and kind is PrincipalKind.USER:
        # Those that it is not in as well: it may be put into them.
        return tuple(each.arn for each in aim.account.snapshot.groups)
    return ()


def is_protected(path: str) -> bool:
    """Whether a role with this path belongs to a service, which alone changes it."""
    return path.startswith(("/aws-service-role/", "/aws-reserved/"))


def _inline(aim: Aim, owner: str) -> list[str]:
    """Return the inline policies of an owner that deny something."""
    attached = aim.account.attached(aim.principal.arn)
    return [
        each.name
        for each in attached.identity
        if each.owner == owner and each.arn is None and denies(each.compiled)
    ]


def _own_policies(aim: Aim) -> list[str]:
    """Return the managed policies in force that are the account's own."""
    found = managed_of(aim.account, aim.principal, aim.made)
    return sorted(arn for arn in found if f":{aim.account.id}:policy/" in arn)


def _boundary(principal: AccountPrincipal) -> str | None:
    found: str | None = getattr(principal.entry, "boundary", None)
    return found


def _move(
    rule: Rule,
    aim: Aim,
    owner: str,
    fact: Fact,
    fixed: Fixed,
    *,
    reason: str | None = None,
    enough: bool = False,
) -> Move:
    return Move(
        asks=tuple(_ask(each, aim, owner, fixed) for each in rule.needs),
        fact=fact,
        gives=_words(rule, fact),
        rule=rule.id,
        reason=reason or rule.undetermined,
        enough=enough,
    )


def _words(rule: Rule, fact: Fact) -> str:
    """Return what a fact is, for people."""
    match fact:
        case Change(ChangeKind.TAGGED, owner, what):
            has = "has the tag" if "=" in what else "lacks the tag"
            tag = "" if what == ANY_TAGS else f" {has} `{what}`"
            return f"`{_name(owner)}`{tag or ' has other tags'}"
        case Change(kind, owner, what):
            return _CHANGED[kind].format(
                owner=_name(owner),
                what=_name(what),
                policy=_ADMINISTRATOR if rule.effect in _ATTACHING else "a policy that allows everything",
            )
        case Password(arn):
            new = "a user that is made for it, and " if rule.effect is Effect.NEW_USER_WITH_PASSWORD else ""
            return f"{new}a password of `{_name(arn)}`"
        case Device(arn):
            return f"a device of the attacker's for `{_name(arn)}`"
        case NoDevice(arn):
            return f"`{_name(arn)}` has no device"
        case Trusted(arn):
            new = "a role that is made for it: " if rule.effect is Effect.NEW_ROLE else ""
            return f"{new}`{_name(arn)}` trusts the attacker"
        case Credential(arn):
            new = "a user that is made for it, and " if rule.effect is Effect.NEW_USER else ""
            return f"{new}an access key of `{_name(arn)}`"
        case ServiceCredential(arn, services):
            return f"a credential of `{_name(arn)}` for {', '.join(f'`{each}`' for each in services)}"
        case Part():
            return ""


_ATTACHING: Final = frozenset({Effect.ATTACH_POLICY, Effect.REPLACE_BOUNDARY})
_CHANGED: Final = {
    ChangeKind.WRITTEN: "`{owner}` has {policy}",
    ChangeKind.OVERWRITTEN: "`{what}` of `{owner}` allows everything",
    ChangeKind.ATTACHED: "`{owner}` has `{what}`",
    ChangeKind.DETACHED: "`{owner}` no longer has `{what}`",
    ChangeKind.DELETED: "`{owner}` no longer has `{what}`",
    ChangeKind.REWRITTEN: "`{owner}` allows everything",
    ChangeKind.VERSION: "`{owner}` is what its version `{what}` says",
    ChangeKind.JOINED: "the user is in `{owner}`",
    ChangeKind.LEFT: "the user is no longer in `{owner}`",
    ChangeKind.UNBOUND: "`{owner}` is bounded by nothing",
    ChangeKind.BOUND: "`{owner}` has the boundary `{what}`",
}


def _name(arn: str) -> str:
    return arn.split(":", 5)[-1]


def ask_about(action: str, aim: Aim) -> Ask:
    """Return the request of an action on the user or role that is aimed at."""
    on = On.USER if aim.principal.kind is PrincipalKind.USER else On.ROLE
    return _ask(Need(action=action, on=on), aim, aim.principal.arn, {})


def _ask(need: Need, aim: Aim, owner: str, fixed: Fixed) -> Ask:
    """Return the request of a need. What only the last one has by its nature is in `fixed`."""
    match need.on:
        case On.USER | On.GROUP | On.ROLE | On.POLICY:
            keys = {**_facts(need, aim), **fixed, **dict(need.fixed)}
            return Ask(
                action=need.action,
                resource=owner,
                fixed=tuple(sorted(keys.items())),
                same_call=need.same_call,
                of_new_policy=need.action.startswith("iam:Attach") and "iam:PolicyARN" not in keys,
            )
        case On.NEW_POLICY | On.DEVICE | On.ANY:
            return Ask(action=need.action, fixed=need.fixed, same_call=need.same_call)


_BY_TAG: Final = ("aws:resourcetag/", "iam:resourcetag/")
_BY_BOUNDARY: Final = ("Policy", "PermissionsBoundary")
_TAGGING: Final = ("aws:requesttag/", "aws:tagkeys")
_MAKES: Final = frozenset({"iam:CreateUser", "iam:CreateRole"})


def _facts(need: Need, aim: Aim) -> Fixed:
    """Return what IAM says of the user, group, role or policy itself, of what the caller's policies look at.

    Tags of managed policies are not in a snapshot; groups have none.
    """
    found: Fixed = {}
    tags = {key.lower(): value for key, value in aim.principal.tags.items()}
    for key in aim.reads:
        if key.startswith(_BY_TAG):
            name = key.partition("/")[2]
            match need.on:
                case On.USER | On.ROLE if aim.retagged:
                    found[key] = UNKNOWN
                case On.USER | On.ROLE:
                    found[key] = tags.get(name, ())
                case On.GROUP:
                    found[key] = ()
                case _:
                    found[key] = UNKNOWN
    if need.action in _MAKES:
        found.update(dict.fromkeys((key for key in aim.reads if key.startswith(_TAGGING)), ()))
    if need.on in {On.USER, On.ROLE} and (need.action.endswith(_BY_BOUNDARY) or need.action in _MAKES):
        found["iam:PermissionsBoundary"] = _boundary(aim.principal) or ()
    return found
