"""What a deployment reads before it makes anything: the template, stored parameters, zones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from watchword.sandbox.cloudformation import refusals
from watchword.sandbox.cloudformation.calls import PRINCIPAL
from watchword.sandbox.cloudformation.stack import Stack
from watchword.sandbox.cloudformation.template import (
    MOST_CHARACTERS_FROM_S3,
    Template,
    read_template,
)
from watchword.sandbox.forward import Forward
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

_VIRTUAL: Final = re.compile(r"(?P<bucket>[a-z0-9.-]+)\.s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?")
_PATH: Final = re.compile(r"s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?")
_MOST_NAMES: Final = 10
Made = Callable[[str, str, Mapping[str, Any]], dict[str, Any]]


def reader(forward: Forward, caller: Caller, *, region: str, request_id: str) -> Made:
    """Return a function that reads from a service on behalf of `caller`. It raises AwsError."""

    def made(service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return forward.call(
            caller,
            via=PRINCIPAL,
            service=service,
            operation=operation,
            params=params,
            region=region,
            request_id=request_id,
            runs=True,
        )

    return made


def template_of(params: Mapping[str, Any], stack: Stack | None, read: Made, *, host: str) -> Template:
    """Return the template that a call names: its body, its address in S3, or the stack's own.

    Raises AwsError when it names none or several, or when it cannot be read.
    """
    body, url = params.get("TemplateBody"), params.get("TemplateURL")
    previous = bool(params.get("UsePreviousTemplate"))
    if (body is not None) + (url is not None) + previous != 1:
        raise refusals.validation_error("Either Template URL or Template Body must be specified.")
    if previous:
        if stack is None or not stack.template:
            raise refusals.validation_error("there is no previous template")
        return read_template(stack.template, most=MOST_CHARACTERS_FROM_S3)
    if body is not None:
        return read_template(str(body))
    return read_template(_from_s3(str(url), read, host), most=MOST_CHARACTERS_FROM_S3)


def _from_s3(url: str, read: Made, host: str) -> str:
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/")
    virtual = _VIRTUAL.fullmatch(parts.hostname or "")
    if virtual is not None:
        bucket, key = virtual["bucket"], path
    elif _PATH.fullmatch(parts.hostname or "") or parts.netloc == host:
        bucket, _, key = path.partition("/")
    else:
        raise refusals.validation_error("TemplateURL must be a supported URL.")
    if parts.query:
        raise SandboxRefusal("a TemplateURL with a query string is not read")
    try:
        content = read("s3", "GetObject", {"Bucket": bucket, "Key": key})["Body"]
    except SandboxRefusal:
        raise
    except AwsError as error:
        # Published from AWS; the bucket that is not there reads the same way.
        said = "Access Denied" if error.status == 403 else error.message
        raise refusals.validation_error(f"S3 error: {said}") from error
    return bytes(content).decode("utf-8", "replace")


def stored_parameters(read: Made) -> Callable[[Sequence[str]], Mapping[str, str]]:
    """Return a function that reads texts of the Parameter Store by name.

    Source: cloudformation-supplied-parameter-types; ssm:GetParameters is asked of whoever makes the call.
    """

    def stored(names: Sequence[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for start in range(0, len(names), _MOST_NAMES):
            wanted = sorted(set(names[start : start + _MOST_NAMES]))
            try:
                answer = read("ssm", "GetParameters", {"Names": wanted})
            except SandboxRefusal:
                raise
            except AwsError as error:
                raise refusals.validation_error(error.message) from error
            for each in answer["Parameters"]:
                if each["Type"] == "SecureString":
                    raise refusals.validation_error(
                        f"Parameters [{each['Name']}] referenced by template have types not supported by "
                        "CloudFormation."
                    )
                found[each["Name"]] = each["Value"]
            missing = [name for name in wanted if name not in found]
            if missing:
                raise refusals.validation_error(
                    f"Unable to fetch parameters [{','.join(missing)}] from parameter store for this account."
                )
        return found

    return stored


def zones_of(read: Made) -> Callable[[str], list[str]]:
    """Return a function that names the availability zones of a region.

    Source: intrinsic-function-reference-getavailabilityzones (ec2:DescribeAvailabilityZones is needed).
    """

    def zones(region: str) -> list[str]:
        asked = {"Filters": [{"Name": "region-name", "Values": [region]}]}
        found = read("ec2", "DescribeAvailabilityZones", asked)["AvailabilityZones"]
        return sorted(str(zone["ZoneName"]) for zone in found if zone["RegionName"] == region)

    return zones
