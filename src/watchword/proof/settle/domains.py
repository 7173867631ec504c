"""What each condition key can be in a request: surely, and at most.

A request is only shown where every key of it is surely possible; that there is none is only said where none
was found among all that could be at most. In between the answer is undetermined.

Source: IAM User Guide, reference_policies_condition-keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from watchword.iam import UNKNOWN, Context, ContextValue, CredentialKind, MfaState, PrincipalKind, Universe
from watchword.iam.context import fold
from watchword.proof.settle.regions import in_region, regions_of
from watchword.proof.settle.several import has_several
from watchword.proof.settle.subject import Subject
from watchword.proof.settle.values import ABSENT, Domain, Kind, only

LONG_TERM: Final = frozenset({CredentialKind.ROOT_KEY, CredentialKind.ACCESS_KEY})
_LONGEST_SESSION: Final = 129_600
"""Seconds; STS API Reference, GetSessionToken. A console session ends after twelve hours."""

_NETWORK: Final = frozenset({"aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:sourcevpcarn"})
_OF_ENDPOINTS: Final = frozenset({"aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"})
_OF_SERVICES: Final = frozenset(
    {
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:principalservicename",
        "aws:principalservicenameslist",
    }
)
"""Sent only where a service calls as itself."""
_OF_SOME_SESSIONS: Final = frozenset(
    {
        "aws:assumedroot",
        "aws:chatbotsourcearn",
        "aws:ec2instancesourceprivateipv4",
        "aws:ec2instancesourcevpc",
        "aws:federatedprovider",
        "aws:sourceidentity",
        "codebuild:buildarn",
        "codebuild:projectarn",
        "ec2:roledelivery",
        "ec2:sourceinstancearn",
        "glue:credentialissuingservice",
        "glue:roleassumedby",
        "identitystore:userid",
        "lambda:sourcefunctionarn",
        "ssm:sourceinstancearn",
    }
)
"""Sent for some sessions of roles, according to how they came about."""
_FROM_PROVIDERS: Final = ("saml:", "cognito-identity.amazonaws.com:", "accounts.google.com:")
_OF_THE_PRINCIPAL: Final = ("aws:principal", "aws:userid", "aws:username")
_THROUGH_MCP: Final = frozenset({"aws:ismcpserviceaction", "aws:viaawsmcpservice", "aws:calledviaawsmcp"})
_RESOURCE_OF: Final = frozenset({"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"})
_NEVER_ABSENT: Final = frozenset({"iam:policyarn", "iam:awsservicename"})
"""Keys of an action that its call cannot leave out: they are the call's own required parameters."""
_IN_THE_CLEAR: Final = frozenset({"s3", "s3express"})
"""Services that answer without TLS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question, as far as the keys of its request go.

    - `fixed`: keys that the caller of `solve` has settled, folded, `()` for absent.
    - `sure`: whether only what is surely possible counts.
    - `inside`: whether the call comes through a VPC endpoint.
    - `through`: whether a service calls on the subject's behalf (forward access session).
    """

    subject: Subject
    universe: Universe
    action: str
    fixed: Mapping[str, ContextValue]
    sure: bool
    inside: bool = False
    through: bool = False
    _listed: dict[str, bool] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """The prefix of the action, in lower case."""
        return self.action.partition(":")[0].lower()

    @property
    def always(self) -> dict[str, ContextValue]:
        """Return the keys whose value follows from the subject and its state."""
        known = {key: value for key, value in self.subject.known.items() if value not in ((), UNKNOWN)}
        state = given(self, ("aws:MultiFactorAuthPresent", "aws:ViaAWSService"))
        return {**known, **state, **{key: value for key, value in self.fixed.items() if value != ()}}

    def lists(self, key: str) -> bool:
        """Whether AWS lists the key for the action."""
        found = self._listed.get(key)
        if found is None:
            found = self._listed[key] = self.universe.has_key(self.action, key)
        return found


_OF_EVERY_CALL: Final = frozenset(
    {
        "aws:multifactorauthpresent",
        "aws:multifactorauthage",
        "aws:viaawsservice",
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:tokenissuetime",
        "aws:currenttime",
        "aws:epochtime",
        "aws:sourceip",
        "aws:useragent",
        "aws:referer",
        *_NETWORK,
        *_OF_ENDPOINTS,
        *_OF_SERVICES,
        *_RESOURCE_OF,
        *_THROUGH_MCP,
    }
)
_OF_MFA: Final = frozenset({"aws:multifactorauthpresent", "aws:multifactorauthage"})
_OF_FORWARDING: Final = frozenset(
    {"aws:viaawsservice", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast"}
)
OF_THE_STATE: Final = frozenset({*_OF_MFA, *_OF_FORWARDING, "aws:tokenissuetime"})
"""The keys that hang on the credential, or on who makes the call."""
_BY_SERVICE: Final = frozenset({"aws:requestedregion", "aws:securetransport"})
SPECIAL_SERVICES: Final = frozenset({*_IN_THE_CLEAR, "iam"})
"""The services for which the keys of `by_service` are not what they are for all others."""


def by_action(key: str) -> bool:
    """Whether what a key may be depends on the action: whether AWS lists it there."""
    return not (key in _OF_EVERY_CALL or key in _BY_SERVICE or key.startswith(_OF_THE_PRINCIPAL))


def by_service(keys: frozenset[str]) -> bool:
    """Whether what any of the keys may be depends on the service."""
    return bool(keys & _BY_SERVICE)


def tells_services(keys: Iterable[str], mfa: MfaState) -> bool:
    """Whether any of these keys tells what a service calls on the caller's behalf from the caller's calls.

    Such a call carries `aws:MultiFactorAuthPresent` where that of a long-term key does not.

    Source: IAM User Guide, access_forward_access_sessions.
    """
    telling = _OF_FORWARDING | _OF_MFA if mfa is MfaState.ABSENT else _OF_FORWARDING
    return not telling.isdisjoint(keys)


def reads_network(keys: frozenset[str]) -> bool:
    """Whether any of these keys tells whether a call comes through a VPC endpoint."""
    return bool(keys & _NETWORK) or bool(keys & _OF_ENDPOINTS) or "aws:sourceip" in keys


def domain(key: str, asked: Asked) -> Domain:
    """Return what a key (in lower case) may be."""
    if key in asked.fixed:
        value = asked.fixed[key]
        return _nobody_knows(key, asked) if value is UNKNOWN else only(value)
    found = _of_the_credential(key, asked)
    if found is not None:
        return found
    said = says(asked.subject.known, key)
    if said is UNKNOWN:
        return _nobody_knows(key, asked)
    if said is not None:
        return only(said)
    if key.startswith(_OF_THE_PRINCIPAL):
        return ABSENT
    found = _of_the_call(key, asked)
    if found is not None:
        return found
    if asked.lists(key):
        return _listed(key, asked)
    return ABSENT if asked.sure else Domain(several=None, whole=False)


def of_the_principal(key: str, subject: Subject) -> bool:
    """Whether what a key may be hangs on which principal asks, whatever it asks for."""
    return key.startswith(_OF_THE_PRINCIPAL) or key in _RESOURCE_OF or says(subject.known, key) is not None


def says(known: Context, key: str) -> ContextValue | None:
    """Return what is known of a key: its value, `()` when absent, `UNKNOWN`; None when it is free."""
    ask = getattr(known, "says", None)
    if ask is not None:
        found: ContextValue | None = ask(key)
        return found
    return _folded(known).get(key)


def _folded(known: Context) -> Mapping[str, ContextValue]:
    gone = {key.lower(): value for key, value in known.items() if value == ()}
    return {**gone, **fold(known)}


def _nobody_knows(key: str, asked: Asked) -> Domain:
    """Surely nothing can be said of it, so nothing may hang on it."""
    if asked.sure:
        return Domain(absent=False, values=(UNKNOWN,))
    return Domain(several=has_several(key) or None, whole=False)


def _of_the_credential(key: str, asked: Asked) -> Domain | None:
    subject = asked.subject
    match key:
        case "aws:multifactorauthpresent":
            return _present(subject, asked)
        case "aws:multifactorauthage":
            if _mfa(subject, asked) is not MfaState.TRUE:
                return ABSENT
            return Domain(
                kind=Kind.NUMBER, absent=False, least=0, most=_LONGEST_SESSION if asked.sure else None
            )
        case "aws:viaawsservice":
            return only("true" if asked.through else "false")
        case "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast":
            if not asked.through:
                return ABSENT
            return Domain(kind=Kind.TEXT, several=key == "aws:calledvia", absent=True)
        case "aws:tokenissuetime" if subject.credential in LONG_TERM and not asked.through:
            return ABSENT
        case _:
            return None


def _mfa(subject: Subject, asked: Asked) -> MfaState:
    if asked.through and subject.mfa is MfaState.ABSENT:
        return MfaState.FALSE
    return subject.mfa


def _present(subject: Subject, asked: Asked) -> Domain:
    match _mfa(subject, asked):
        case MfaState.ABSENT:
            return ABSENT
        case MfaState.FALSE:
            return only("false")
        case MfaState.TRUE:
            return only("true")
        case MfaState.UNKNOWN:
            return Domain(values=(UNKNOWN,), absent=False) if asked.sure else Domain(values=("true", "false"))


def _of_the_call(key: str, asked: Asked) -> Domain | None:
    """The keys that AWS sends with every call, or that follow from how it is made."""
    since = asked.subject.since
    match key:
        case "aws:currenttime" | "aws:epochtime" | "aws:tokenissuetime":
            least = None if since is None else int(since.timestamp())
            return Domain(kind=Kind.DATE, absent=False, least=least)
        case "aws:sourceip":
            return ABSENT if asked.inside else Domain(kind=Kind.ADDRESS, absent=not asked.sure)
        case "aws:securetransport":
            clear = asked.service in _IN_THE_CLEAR or not asked.sure
            return Domain(absent=False, values=("true", "false") if clear else ("true",))
        case "aws:requestedregion":
            return _region(asked)
        case "aws:useragent" | "aws:referer":
            return Domain(kind=Kind.TEXT)
    return _of_the_network(key, asked) or _of_the_rest(key, asked)


def _of_the_network(key: str, asked: Asked) -> Domain | None:
    """The keys of a call through a VPC endpoint."""
    if key in _NETWORK:
        kind = Kind.ADDRESS if key == "aws:vpcsourceip" else Kind.TEXT
        return Domain(kind=kind, absent=not asked.sure) if asked.inside else ABSENT
    if key in _OF_ENDPOINTS:
        return Domain(kind=Kind.TEXT, several=None) if asked.inside and not asked.sure else ABSENT
    return None


def _of_the_rest(key: str, asked: Asked) -> Domain | None:
    if key in _OF_SERVICES:
        return ABSENT
    if key in _RESOURCE_OF:
        return _of_the_resource(key, asked)
    if key in _THROUGH_MCP or key in _OF_SOME_SESSIONS or key.startswith(_FROM_PROVIDERS):
        return _of_some_sessions(key, asked)
    return None


def _of_some_sessions(key: str, asked: Asked) -> Domain | None:
    if asked.lists(key) and key not in _THROUGH_MCP:
        return None
    kind = asked.subject.principal.kind
    may = key in _THROUGH_MCP or kind in {PrincipalKind.ROLE, PrincipalKind.ROLE_SESSION}
    return ABSENT if asked.sure or not may else Domain(several=None, whole=False)


def _region(asked: Asked) -> Domain:
    partition = asked.subject.arn.split(":")[1]
    fixed = in_region(asked.service, partition)
    if fixed is not None:
        return Domain(absent=False, values=(fixed,))
    return Domain(kind=Kind.TEXT, absent=False, values=regions_of(partition) if asked.sure else None)


def _of_the_resource(key: str, asked: Asked) -> Domain:
    """The resource is one of the subject's own account, and so of its organization."""
    known = asked.subject.known
    match key:
        case "aws:resourceaccount":
            own: ContextValue | None = asked.subject.principal.account
        case "aws:resourceorgid":
            own = says(known, "aws:principalorgid")
        case _:
            own = says(known, "aws:principalorgpaths")
    if own is None or own is UNKNOWN:
        return _nobody_knows(key, asked)
    if own == ():
        return ABSENT
    return Domain(values=(own,), absent=not asked.sure)


def _listed(key: str, asked: Asked) -> Domain:
    """The caller chooses it, or a resource of the account has it; it may be left out."""
    several = True if has_several(key) else False if asked.sure else None
    return Domain(
        absent=not (asked.sure and key in _NEVER_ABSENT),
        several=several,
        least=0 if asked.sure else None,
        whole=asked.sure,
    )


def given(asked: Asked, keys: Iterable[str]) -> dict[str, ContextValue]:
    """Return the context that holds of those of these keys of which only one thing is possible."""
    return dict(_given(asked, keys))


def _given(asked: Asked, keys: Iterable[str]) -> Iterator[tuple[str, ContextValue]]:
    for key in keys:
        found = domain(key.lower(), asked)
        if found.present and not found.absent and found.values is not None and len(found.values) == 1:
            yield key, found.values[0]
