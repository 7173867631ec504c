"""Whether somebody's policies let them enrol a device, step by step, without MFA and with it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from watchword.aws.user_policies import UserPolicies
from watchword.device.owner import Owner
from watchword.iam import Outcome


class Step(enum.StrEnum):
    """What somebody does on the way to a device. The values are public: they stand in JSON."""

    CREATE = "iam:CreateVirtualMFADevice"
    ENABLE = "iam:EnableMFADevice"
    LIST_OWN = "iam:ListMFADevices"
    LIST_VIRTUAL = "iam:ListVirtualMFADevices"
    DELETE_LEFTOVER = "iam:DeleteVirtualMFADevice"
    DEACTIVATE = "iam:DeactivateMFADevice"
    SESSION = "sts:GetSessionToken"
    CHANGE_PASSWORD = "iam:ChangePassword"  # noqa: S105 an action, no password
    CONSOLE_USER = "iam:GetUser"
    CONSOLE_DEVICE = "iam:GetMFADevice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether a step goes through; `because` names the statement, or what is not known."""

    outcome: Outcome
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAnswer:
    """A step on its `resource`: from an access key, and from a session with MFA."""

    step: Step
    resource: str
    without_mfa: Answer
    with_mfa: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class MayEnroll:
    """Whether somebody can enrol a first device.

    - `blocking`: what certainly keeps them from it. `undetermined`: what may. Both empty: they can.
    - `inconvenient`: what is more trouble than need be, but in nobody's way.
    - `console`: what the AWS console shows or asks for that they may not, without MFA.
    - `not_looked_at`: what nobody can know from here.
    """

    device_name: str
    steps: tuple[StepAnswer, ...]
    blocking: tuple[str, ...]
    undetermined: tuple[str, ...]
    inconvenient: tuple[str, ...]
    console: tuple[str, ...]
    not_looked_at: tuple[str, ...]

    @property
    def can_enroll(self) -> bool | None:
        """Return whether they can; None when that is not known."""
        if self.blocking:
            return False
        return None if self.undetermined else True


def may_enroll(policies: UserPolicies, owner: Owner, *, device_name: str) -> MayEnroll:
    """Return whether `owner`, who has these policies, can enrol a first device of this name."""
    raise NotImplementedError
