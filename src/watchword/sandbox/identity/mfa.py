"""IAM's operations on MFA devices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from watchword.iam import MfaState, PrincipalKind
from watchword.sandbox.identity import constraints, refusals
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.device import DeviceKind, DeviceView, serial_number_of
from watchword.sandbox.identity.devices import Devices
from watchword.sandbox.identity.directory import Directory, User
from watchword.sandbox.identity.owner import Owner
from watchword.sandbox.identity.paging import page_of
from watchword.sandbox.wire.error import SandboxRefusal

TAGS_A_DEVICE: Final = 50
"""Source: reference_iam-quotas."""

SERIAL_NUMBER_CHARACTERS: Final = 256
"""Source: API_VirtualMFADevice (SerialNumber)."""

Params: TypeAlias = Mapping[str, Any]
Result: TypeAlias = dict[str, Any]


class MfaOperations:
    """The operations of IAM that concern MFA devices. Whether policies allow them has been decided before.

    A missing `UserName` means the caller. Root's devices are those of a call without one, by root.
    """

    def __init__(self, *, devices: Devices, directory: Directory) -> None:
        self._devices = devices
        self._directory = directory
        self._operations: dict[str, Callable[[Caller, Params], Result]] = {
            "CreateVirtualMFADevice": self._create,
            "DeleteVirtualMFADevice": self._delete,
            "EnableMFADevice": self._enable,
            "DeactivateMFADevice": self._deactivate,
            "ResyncMFADevice": self._resync,
            "ListMFADevices": self._list,
            "ListVirtualMFADevices": self._list_virtual,
            "GetMFADevice": self._get,
            "TagMFADevice": self._tag,
            "UntagMFADevice": self._untag,
            "ListMFADeviceTags": self._list_tags,
        }

    @property
    def names(self) -> frozenset[str]:
        """The operations that are answered here, named as in botocore."""
        return frozenset(self._operations)

    def call(self, operation: str, caller: Caller, params: Params) -> Result:
        """Return the result of `operation`, whose parameters are named as in botocore.

        Raises AwsError in AWS's words; SandboxRefusal when `operation` is none of `names`.
        """
        run = self._operations.get(operation)
        if run is None:
            raise SandboxRefusal(f"iam:{operation} is not one of the operations on MFA devices")
        constraints.check("iam", operation, _with_root_named(caller, params))
        return run(caller, params)

    # --- the devices' life -------------------------------------------------------------------------

    def _create(self, caller: Caller, params: Params) -> Result:
        path = params.get("Path") or "/"
        if not (path.startswith("/") and path.endswith("/")):
            raise refusals.invalid_path()
        name = params["VirtualMFADeviceName"]
        if len(serial_number_of(caller.account, path, name)) > SERIAL_NUMBER_CHARACTERS:
            # What AWS does is not known, but no call could name the device.
            raise SandboxRefusal(f"a serial number has at most {SERIAL_NUMBER_CHARACTERS} characters")
        tags = _tags(params.get("Tags") or ())
        made = self._devices.create_virtual(account=caller.account, name=name, path=path, tags=tags)
        device: Result = {
            "SerialNumber": made.serial_number,
            "Base32StringSeed": made.seed.encode(),
            "QRCodePNG": made.qr_png,
        }
        if made.tags:
            device["Tags"] = _tag_list(made.tags)
        return {"VirtualMFADevice": device}

    def _delete(self, _caller: Caller, params: Params) -> Result:
        self._devices.delete(params["SerialNumber"])
        return {}

    def _enable(self, caller: Caller, params: Params) -> Result:
        owner = self._owner(caller, params)
        self._devices.enable(owner, *_pair(params), guarded=_guarded(caller, owner))
        return {}

    def _deactivate(self, caller: Caller, params: Params) -> Result:
        owner = self._owner(caller, params)
        self._devices.deactivate(owner, params["SerialNumber"], guarded=_guarded(caller, owner))
        return {}

    def _resync(self, caller: Caller, params: Params) -> Result:
        self._devices.resync(self._owner(caller, params), *_pair(params))
        return {}

    # --- lists -------------------------------------------------------------------------------------

    def _list(self, caller: Caller, params: Params) -> Result:
        owner = self._owner(caller, params)
        page = page_of(sorted(self._devices.of_user(owner.user_id), key=_place), params, key=_place)
        devices = [
            {"UserName": owner.name, "SerialNumber": device.serial_number, "EnableDate": device.enabled_at}
            for device in page.items
        ]
        return {"MFADevices": devices, **page.as_result()}

    def _list_virtual(self, caller: Caller, params: Params) -> Result:
        status = params.get("AssignmentStatus") or "Any"
        own = self._devices.all(account=caller.account)
        virtual = (device for device in own if device.kind is DeviceKind.VIRTUAL)
        wanted = [device for device in virtual if _has_status(device, status)]
        page = page_of(wanted, params, key=_place)
        return {"VirtualMFADevices": [self._virtual(device) for device in page.items], **page.as_result()}

    def _get(self, caller: Caller, params: Params) -> Result:
        serial_number = params["SerialNumber"]
        if ":u2f/" not in serial_number:
            raise refusals.not_a_security_key()
        owner = self._owner(caller, params)
        owned = self._devices.of_user(owner.user_id)
        found = next((device for device in owned if device.serial_number == serial_number), None)
        if found is None:
            raise refusals.no_such_device(serial_number)
        device: Result = {
            "UserName": owner.name,
            "SerialNumber": serial_number,
            "EnableDate": found.enabled_at,
        }
        if found.certifications:
            device["Certifications"] = dict(found.certifications)
        return device

    def _virtual(self, device: DeviceView) -> Result:
        listed: Result = {"SerialNumber": device.serial_number}
        if device.user_id is not None:
            user = self._directory.user_by_id(device.account, device.user_id)
            listed["User"] = _root_element(device.account) if user is None else _user_element(user)
            listed["EnableDate"] = device.enabled_at
        return listed

    # --- tags --------------------------------------------------------------------------------------

    def _tag(self, _caller: Caller, params: Params) -> Result:
        self._devices.set_tags(params["SerialNumber"], _tags(params["Tags"]), limit=TAGS_A_DEVICE)
        return {}

    def _untag(self, _caller: Caller, params: Params) -> Result:
        self._devices.remove_tags(params["SerialNumber"], params["TagKeys"])
        return {}

    def _list_tags(self, _caller: Caller, params: Params) -> Result:
        # A key may be longer than a marker, so the place of a tag in the list stands for it.
        numbered = [
            (f"{number:03}", tag)
            for number, tag in enumerate(_tag_list(self._devices.get(params["SerialNumber"]).tags))
        ]
        page = page_of(numbered, params, key=lambda entry: entry[0])
        return {"Tags": [tag for _, tag in page.items], **page.as_result()}

    # --- who it is about ---------------------------------------------------------------------------

    def _owner(self, caller: Caller, params: Params) -> Owner:
        name = params.get("UserName")
        if name is None:
            if caller.is_root:
                return Owner.root(caller.account)
            name = caller.user_name
        if name is None:
            raise refusals.user_name_needed()
        user = self._directory.user(caller.account, name)
        if user is None:
            raise refusals.no_such_user(name)
        return Owner.of(user)


def _with_root_named(caller: Caller, params: Params) -> Params:
    # The model wants a UserName for EnableMFADevice and ResyncMFADevice, but root has none.
    return {"UserName": "root", **params} if caller.is_root else params


def _guarded(caller: Caller, owner: Owner) -> bool:
    """Return whether a user changes their own devices without MFA. Source: AWS-2023-001."""
    own = caller.principal.kind is PrincipalKind.USER and caller.user_id == owner.user_id
    return own and caller.mfa is not MfaState.TRUE


def _pair(params: Params) -> tuple[str, str, str]:
    return params["SerialNumber"], params["AuthenticationCode1"], params["AuthenticationCode2"]


def _place(device: DeviceView) -> str:
    # Without what all serial numbers begin with, so that the marker is not longer than one may be.
    return device.serial_number.rpartition(":")[2].removeprefix("mfa/")


def _has_status(device: DeviceView, status: str) -> bool:
    match status:
        case "Assigned":
            return device.user_id is not None
        case "Unassigned":
            return device.user_id is None
        case _:
            return True


def _tags(pairs: Sequence[Mapping[str, str]]) -> dict[str, str]:
    tags = {pair["Key"]: pair["Value"] for pair in pairs}
    if len({key.lower() for key in tags}) < len(pairs):
        raise refusals.duplicate_tags(code="InvalidInput")
    return tags


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _user_element(user: User) -> Result:
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.user_id,
        "Arn": user.arn,
        "CreateDate": user.created_at,
    }


def _root_element(account: str) -> Result:
    return {"UserId": account, "Arn": f"arn:aws:iam::{account}:root"}
