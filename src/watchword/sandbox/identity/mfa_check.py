"""The serial number and the code that come with GetSessionToken and AssumeRole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.devices import Devices
from watchword.sandbox.wire.error import mfa_half_given, mfa_not_validated


def check_code_of(caller: Caller, params: Mapping[str, Any], devices: Devices) -> datetime | None:
    """Use up the code in `params` and return when that was; None when there is neither code nor serial.

    Only a user's or root's own device serves. Raises AwsError (AccessDenied): only one of the two is
    given; the serial number is not one of theirs or has no checks left; the code is wrong or used.

    Source: API_GetSessionToken and API_AssumeRole (SerialNumber, TokenCode); observed on AWS.
    """
    serial_number, code = params.get("SerialNumber"), params.get("TokenCode")
    if serial_number is None and code is None:
        return None
    if serial_number is None or code is None:
        raise mfa_half_given()
    if caller.is_role_session:
        raise mfa_not_validated()
    return devices.check_code(serial_number, code, user_id=caller.user_id)
