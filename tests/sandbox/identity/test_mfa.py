"""IAM's operations on MFA devices, with AWS's answers."""

from __future__ import annotations

import re
import threading

import pytest

from sandbox.identity.small_world import ACCOUNT, START, STEP, World
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.device import NewDevice
from watchword.sandbox.identity.directory import DeviceEvent
from watchword.sandbox.identity.owner import Owner
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

MFA_NEEDED = (
    "AccessDenied (403): To complete this action, please ensure that you are authenticated "
    "with an MFA device that is enabled for this user."
)
NOT_THE_USERS = "NoSuchEntity (404): MFA Device invalid for user."
MISSING = f"arn:aws:iam::{ACCOUNT}:mfa/missing"


@pytest.fixture
def admin(world: World) -> Caller:
    world.add_user("admin")
    return world.user("admin")


@pytest.fixture
def anna(world: World) -> Caller:
    world.add_user("anna")
    return world.user("anna")


def refusal(world: World, operation: str, caller: Caller, **params: object) -> str:
    with pytest.raises(AwsError) as refused:
        world.iam(operation, caller, **params)
    return str(refused.value)


def made(world: World, name: str = "phone") -> NewDevice:
    return world.devices.create_virtual(account=ACCOUNT, name=name)


def pair(world: World, device: NewDevice, offset: int = 0) -> dict[str, object]:
    return {
        "SerialNumber": device.serial_number,
        "AuthenticationCode1": world.code(device, offset - 1),
        "AuthenticationCode2": world.code(device, offset),
    }


def with_mfa(world: World, caller: Caller, device: NewDevice) -> Caller:
    """Return the caller in a session that was got with a code of the device."""
    result = world.call(
        "GetSessionToken", caller, SerialNumber=device.serial_number, TokenCode=world.code(device, 1)
    )
    return world.holder(result)


# --- creating and deleting ------------------------------------------------------------------------


def test_a_new_device_gives_away_seed_and_picture_once(world: World, admin: Caller) -> None:
    result = world.iam("CreateVirtualMFADevice", admin, VirtualMFADeviceName="phone", Path="/devices/")
    device = result["VirtualMFADevice"]
    assert sorted(device) == ["Base32StringSeed", "QRCodePNG", "SerialNumber"]
    assert device["SerialNumber"] == f"arn:aws:iam::{ACCOUNT}:mfa/devices/phone"
    assert re.fullmatch(rb"[A-Z2-7]{64}", device["Base32StringSeed"])
    assert device["QRCodePNG"].startswith(b"\x89PNG")
    listed = world.iam("ListVirtualMFADevices", admin)
    assert listed == {"VirtualMFADevices": [{"SerialNumber": device["SerialNumber"]}], "IsTruncated": False}


def test_tags_of_a_new_device_are_returned_and_not_listed(world: World, admin: Caller) -> None:
    tags = [{"Key": "owner", "Value": "anna"}]
    result = world.iam("CreateVirtualMFADevice", admin, VirtualMFADeviceName="phone", Tags=tags)
    assert result["VirtualMFADevice"]["Tags"] == tags
    assert "Tags" not in world.iam("ListVirtualMFADevices", admin)["VirtualMFADevices"][0]


def test_a_name_is_taken_even_by_an_enrolment_that_was_cancelled(world: World, admin: Caller) -> None:
    made(world)
    answer = refusal(world, "CreateVirtualMFADevice", admin, VirtualMFADeviceName="phone")
    assert answer == "EntityAlreadyExists (409): MFA device already exists."
    world.iam("CreateVirtualMFADevice", admin, VirtualMFADeviceName="phone", Path="/other/")


@pytest.mark.parametrize("path", ["phones/", "/phones", "phones"])
def test_a_path_begins_and_ends_with_a_slash(world: World, admin: Caller, path: str) -> None:
    answer = refusal(world, "CreateVirtualMFADevice", admin, VirtualMFADeviceName="phone", Path=path)
    assert answer == (
        "ValidationError (400): The specified value for path is invalid. It must begin and end with / "
        "and contain only alphanumeric characters and/or / characters."
    )


def test_a_path_has_at_most_512_characters(world: World, admin: Caller) -> None:
    path = "/" + "a" * 512 + "/"
    answer = refusal(world, "CreateVirtualMFADevice", admin, VirtualMFADeviceName="phone", Path=path)
    assert answer == (
        "ValidationError (400): 1 validation error detected: Value at 'path' failed to satisfy constraint: "
        "Member must have length less than or equal to 512"
    )


def test_a_serial_number_that_no_call_could_name_is_not_made(world: World, admin: Caller) -> None:
    with pytest.raises(SandboxRefusal, match="256"):
        world.iam("CreateVirtualMFADevice", admin, VirtualMFADeviceName="n" * 230)


def test_an_unassigned_device_is_deleted(world: World, admin: Caller) -> None:
    device = made(world)
    assert world.iam("DeleteVirtualMFADevice", admin, SerialNumber=device.serial_number) == {}
    assert world.devices.all() == ()


def test_an_assigned_device_is_not_deleted(world: World, admin: Caller, anna: Caller) -> None:
    device = world.enrolled(world.directory.users["anna"])
    answer = refusal(world, "DeleteVirtualMFADevice", admin, SerialNumber=device.serial_number)
    assert answer == "DeleteConflict (409): MFA VirtualDevice in use. Must deactivate first."


def test_a_user_with_a_device_is_not_deleted(world: World, anna: Caller) -> None:
    world.devices.refuse_deletion_of(anna.user_id)
    world.enrolled(world.directory.users["anna"])
    with pytest.raises(AwsError) as refused:
        world.devices.refuse_deletion_of(anna.user_id)
    assert str(refused.value) == (
        "DeleteConflict (409): Cannot delete entity, must remove tokens from principal first."
    )


@pytest.mark.parametrize(
    "operation",
    ["DeleteVirtualMFADevice", "DeactivateMFADevice", "TagMFADevice", "UntagMFADevice", "ListMFADeviceTags"],
)
def test_a_serial_number_that_nobody_has_is_no_entity(world: World, admin: Caller, operation: str) -> None:
    answer = refusal(world, operation, admin, SerialNumber=MISSING, Tags=[], TagKeys=[])
    assert answer == f"NoSuchEntity (404): MFA Device with serial number {MISSING} does not exist."


# --- enabling, deactivating, resynchronising ------------------------------------------------------


def test_a_device_is_enabled_listed_and_deactivated(world: World, admin: Caller, anna: Caller) -> None:
    device = made(world)
    serial = device.serial_number
    assert world.iam("EnableMFADevice", admin, UserName="anna", **pair(world, device)) == {}
    assert world.iam("ListMFADevices", admin, UserName="anna") == {
        "MFADevices": [{"UserName": "anna", "SerialNumber": serial, "EnableDate": START}],
        "IsTruncated": False,
    }
    assert world.iam("ListVirtualMFADevices", admin, AssignmentStatus="Assigned")["VirtualMFADevices"] == [
        {
            "SerialNumber": serial,
            "User": {
                "Path": "/",
                "UserName": "anna",
                "UserId": anna.user_id,
                "Arn": f"arn:aws:iam::{ACCOUNT}:user/anna",
                "CreateDate": START,
            },
            "EnableDate": START,
        }
    ]
    assert world.iam("DeactivateMFADevice", admin, UserName="anna", SerialNumber=serial) == {}
    assert world.iam("ListMFADevices", admin, UserName="anna")["MFADevices"] == []
    assert world.iam("ListVirtualMFADevices", admin, AssignmentStatus="Unassigned")["VirtualMFADevices"] == [
        {"SerialNumber": serial}
    ]


def test_the_directory_hears_of_each_change(world: World, admin: Caller, anna: Caller) -> None:
    device = world.enrolled(world.directory.users["anna"])
    world.iam("DeactivateMFADevice", admin, UserName="anna", SerialNumber=device.serial_number)
    world.iam("DeleteVirtualMFADevice", admin, SerialNumber=device.serial_number)
    assert world.directory.heard == [
        (device.serial_number, DeviceEvent.CREATED, None),
        (device.serial_number, DeviceEvent.ENABLED, "anna"),
        (device.serial_number, DeviceEvent.DEACTIVATED, "anna"),
        (device.serial_number, DeviceEvent.DELETED, None),
    ]


@pytest.mark.parametrize("operation", ["EnableMFADevice", "ResyncMFADevice", "DeactivateMFADevice"])
def test_a_user_must_exist(world: World, admin: Caller, operation: str) -> None:
    params = pair(world, made(world))
    answer = refusal(world, operation, admin, UserName="nobody", **params)
    assert answer == "NoSuchEntity (404): The user with name nobody cannot be found."


def test_a_pair_that_does_not_fit_is_refused(world: World, admin: Caller, anna: Caller) -> None:
    answer = refusal(world, "EnableMFADevice", admin, UserName="anna", **pair(world, made(world), 1500))
    assert answer == "InvalidAuthenticationCode (403): Authentication code for device is not valid."


def test_a_device_is_enabled_once_and_for_one_user(world: World, admin: Caller, anna: Caller) -> None:
    world.add_user("boris")
    device = world.enrolled(world.directory.users["anna"])
    again = refusal(world, "EnableMFADevice", admin, UserName="anna", **pair(world, device, 4))
    assert again == "EntityAlreadyExists (409): MFA Device for user anna already exists."
    other = refusal(world, "EnableMFADevice", admin, UserName="boris", **pair(world, device, 4))
    assert other == "EntityAlreadyExists (409): MFA Device is already in use."


def test_a_device_of_somebody_else_is_not_the_users(world: World, admin: Caller, anna: Caller) -> None:
    world.add_user("boris")
    device = world.enrolled(world.directory.users["anna"])
    for operation in ("DeactivateMFADevice", "ResyncMFADevice"):
        params = pair(world, device, 4)
        assert refusal(world, operation, admin, UserName="boris", **params) == NOT_THE_USERS


def test_an_unassigned_device_is_not_the_users(world: World, admin: Caller, anna: Caller) -> None:
    device = made(world)
    for operation in ("DeactivateMFADevice", "ResyncMFADevice"):
        assert refusal(world, operation, admin, UserName="anna", **pair(world, device)) == NOT_THE_USERS


def test_a_user_has_at_most_eight_devices(world: World, admin: Caller, anna: Caller) -> None:
    for number in range(8):
        world.enrolled(world.directory.users["anna"], f"phone{number}")
    ninth = made(world, "ninth")
    answer = refusal(world, "EnableMFADevice", admin, UserName="anna", **pair(world, ninth))
    assert answer == "LimitExceeded (409): Cannot exceed quota for MFADevicesPerUser: 8"


@pytest.mark.parametrize(
    ("code", "constraint"),
    [
        ("12345", "Member must have length greater than or equal to 6"),
        ("1234567", "Member must have length less than or equal to 6"),
        ("12345x", r"Member must satisfy regular expression pattern: [\d]+"),
    ],
)
def test_codes_are_six_digits(world: World, admin: Caller, anna: Caller, code: str, constraint: str) -> None:
    params = {**pair(world, made(world)), "AuthenticationCode1": code}
    assert refusal(world, "EnableMFADevice", admin, UserName="anna", **params) == (
        "ValidationError (400): 1 validation error detected: Value at 'authenticationCode1' "
        f"failed to satisfy constraint: {constraint}"
    )


def test_a_renamed_user_keeps_the_device(world: World, admin: Caller, anna: Caller) -> None:
    device = world.enrolled(world.directory.users["anna"])
    user = world.directory.users.pop("anna")
    world.directory.users["ann"] = type(user)(
        name="ann", path="/", arn=f"arn:aws:iam::{ACCOUNT}:user/ann", user_id=user.user_id, created_at=START
    )
    listed = world.iam("ListMFADevices", admin, UserName="ann")["MFADevices"]
    assert [(entry["UserName"], entry["SerialNumber"]) for entry in listed] == [("ann", device.serial_number)]


# --- one's own devices: AWS-2023-001 --------------------------------------------------------------


def test_the_first_device_needs_no_mfa(world: World, anna: Caller) -> None:
    world.iam("EnableMFADevice", anna, UserName="anna", **pair(world, made(world)))
    assert len(world.devices.of_user(anna.user_id)) == 1


def test_without_mfa_one_changes_none_of_ones_own_devices_any_more(world: World, anna: Caller) -> None:
    first = world.enrolled(world.directory.users["anna"])
    second = made(world, "second")
    assert refusal(world, "EnableMFADevice", anna, UserName="anna", **pair(world, second)) == MFA_NEEDED
    assert refusal(world, "DeactivateMFADevice", anna, SerialNumber=first.serial_number) == MFA_NEEDED


def test_mfa_is_asked_for_before_what_exists_is_looked_at(world: World, anna: Caller) -> None:
    first = world.enrolled(world.directory.users["anna"])
    duplicate = refusal(world, "EnableMFADevice", anna, UserName="anna", **pair(world, first, 4))
    missing = refusal(world, "DeactivateMFADevice", anna, UserName="anna", SerialNumber=MISSING)
    assert duplicate == missing == MFA_NEEDED


def test_a_key_may_resynchronise_and_manage_others(world: World, anna: Caller) -> None:
    first = world.enrolled(world.directory.users["anna"])
    world.add_user("boris")
    other = made(world, "other")
    world.iam("ResyncMFADevice", anna, UserName="anna", **pair(world, first, 4))
    world.iam("EnableMFADevice", anna, UserName="boris", **pair(world, other))
    world.iam("DeactivateMFADevice", anna, UserName="boris", SerialNumber=other.serial_number)


def test_a_session_with_mfa_outlives_its_device_and_removes_the_last_one(world: World, anna: Caller) -> None:
    first = world.enrolled(world.directory.users["anna"])
    session = with_mfa(world, anna, first)
    second = made(world, "second")
    world.iam("EnableMFADevice", session, UserName="anna", **pair(world, second))
    world.iam("DeactivateMFADevice", session, SerialNumber=first.serial_number)
    world.iam("DeactivateMFADevice", session, SerialNumber=second.serial_number)
    world.clock.move(4 * STEP)
    world.iam("EnableMFADevice", anna, UserName="anna", **pair(world, first))


def test_of_eight_first_devices_at_once_only_one_needs_no_mfa(world: World, anna: Caller) -> None:
    devices = [made(world, f"phone{number}") for number in range(8)]
    calls = [pair(world, device) for device in devices]
    start = threading.Barrier(len(calls))
    refused: list[str] = []
    world.machine_pause = 0.001  # between the question and the change, if there is no lock

    def enable(params: dict[str, object]) -> None:
        start.wait()
        try:
            world.iam("EnableMFADevice", anna, UserName="anna", **params)
        except AwsError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=enable, args=(params,)) for params in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [MFA_NEEDED] * 7


# --- whose devices --------------------------------------------------------------------------------


def test_a_missing_user_name_means_the_caller(world: World, admin: Caller, anna: Caller) -> None:
    device = world.enrolled(world.directory.users["anna"])
    listed = world.iam("ListMFADevices", anna)["MFADevices"]
    assert [entry["SerialNumber"] for entry in listed] == [device.serial_number]
    assert world.iam("ListMFADevices", admin)["MFADevices"] == []


def test_a_role_session_must_name_a_user(world: World, anna: Caller) -> None:
    role = world.add_role("auditor")
    session = world.holder(world.call("AssumeRole", anna, RoleArn=role.arn, RoleSessionName="audit"))
    for operation, params in [("ListMFADevices", {}), ("DeactivateMFADevice", {"SerialNumber": MISSING})]:
        assert refusal(world, operation, session, **params) == (
            "ValidationError (400): Must specify userName when calling with non-User credentials"
        )


def test_roots_device_is_the_one_enabled_without_a_user_name(world: World) -> None:
    root = world.root()
    device = made(world, "root-account-mfa-device")
    world.iam("EnableMFADevice", root, **pair(world, device))
    assert world.iam("ListMFADevices", root)["MFADevices"][0]["SerialNumber"] == device.serial_number
    assert world.iam("ListVirtualMFADevices", root)["VirtualMFADevices"][0]["User"] == {
        "UserId": ACCOUNT,
        "Arn": f"arn:aws:iam::{ACCOUNT}:root",
    }
    world.iam("ResyncMFADevice", root, **pair(world, device, 4))
    session = world.call(
        "GetSessionToken", root, SerialNumber=device.serial_number, TokenCode=world.code(device, 4)
    )
    assert world.holder(session).is_root
    world.iam("DeactivateMFADevice", root, SerialNumber=device.serial_number)
    assert world.iam("ListMFADevices", root)["MFADevices"] == []


def test_a_user_must_name_whom_to_enable_for(world: World, anna: Caller) -> None:
    assert refusal(world, "EnableMFADevice", anna, **pair(world, made(world))) == (
        "ValidationError (400): 1 validation error detected: Value at 'userName' "
        "failed to satisfy constraint: Member must not be null"
    )


# --- lists, tags and the rest ---------------------------------------------------------------------


def test_every_device_is_on_one_page_or_another(world: World, admin: Caller) -> None:
    for number in range(5):
        made(world, f"phone{number}")
    found: list[str] = []
    params: dict[str, object] = {"MaxItems": 2}
    while True:
        result = world.iam("ListVirtualMFADevices", admin, **params)
        found += [device["SerialNumber"] for device in result["VirtualMFADevices"]]
        if not result["IsTruncated"]:
            break
        params["Marker"] = result["Marker"]
    assert found == [f"arn:aws:iam::{ACCOUNT}:mfa/phone{number}" for number in range(5)]
    assert "Marker" not in result


def test_devices_that_come_and_go_between_pages_hide_no_others(world: World, admin: Caller) -> None:
    devices = [made(world, f"phone{number}") for number in range(4)]
    first = world.iam("ListVirtualMFADevices", admin, MaxItems=2)
    for device in devices[:2]:
        world.devices.delete(device.serial_number)
    rest = world.iam("ListVirtualMFADevices", admin, MaxItems=2, Marker=first["Marker"])
    assert [entry["SerialNumber"] for entry in rest["VirtualMFADevices"]] == [
        device.serial_number for device in devices[2:]
    ]


def test_the_marker_of_the_longest_serial_number_is_accepted(world: World, admin: Caller) -> None:
    names = ["n" * 100 + end for end in "ab"]
    for name in names:
        world.iam("CreateVirtualMFADevice", admin, VirtualMFADeviceName=name, Path=f"/{'p' * 121}/")
    first = world.iam("ListVirtualMFADevices", admin, MaxItems=1)
    rest = world.iam("ListVirtualMFADevices", admin, Marker=first["Marker"])
    assert rest["VirtualMFADevices"][0]["SerialNumber"].endswith(names[1])


@pytest.mark.parametrize("marker", ["invalid-marker-value", "AAAA", "é", "cGhvbmU="])
def test_a_marker_that_no_page_gave_is_invalid(world: World, admin: Caller, marker: str) -> None:
    answer = refusal(world, "ListVirtualMFADevices", admin, Marker=marker)
    assert answer == "ValidationError (400): Invalid Marker."


@pytest.mark.parametrize(
    ("size", "bound"), [(0, "greater than or equal to 1"), (1001, "less than or equal to 1000")]
)
def test_a_page_has_one_to_a_thousand_items(world: World, admin: Caller, size: int, bound: str) -> None:
    assert refusal(world, "ListMFADevices", admin, MaxItems=size) == (
        "ValidationError (400): 1 validation error detected: Value at 'maxItems' "
        f"failed to satisfy constraint: Member must have value {bound}"
    )


def test_an_assignment_status_is_one_of_three(world: World, admin: Caller) -> None:
    answer = refusal(world, "ListVirtualMFADevices", admin, AssignmentStatus="Lost")
    assert answer.endswith("Member must satisfy enum value set: [Assigned, Unassigned, Any]")


def test_tags_are_added_changed_listed_and_removed(world: World, admin: Caller) -> None:
    serial = made(world).serial_number
    world.iam(
        "TagMFADevice",
        admin,
        SerialNumber=serial,
        Tags=[{"Key": "Team", "Value": "red"}, {"Key": "floor", "Value": ""}],
    )
    world.iam("TagMFADevice", admin, SerialNumber=serial, Tags=[{"Key": "team", "Value": "blue"}])
    listed = world.iam("ListMFADeviceTags", admin, SerialNumber=serial)
    assert sorted(listed["Tags"], key=lambda tag: tag["Key"]) == [
        {"Key": "floor", "Value": ""},
        {"Key": "team", "Value": "blue"},
    ]
    world.iam("UntagMFADevice", admin, SerialNumber=serial, TagKeys=["TEAM", "other"])
    assert world.iam("ListMFADeviceTags", admin, SerialNumber=serial) == {
        "Tags": [{"Key": "floor", "Value": ""}],
        "IsTruncated": False,
    }


def test_tags_come_in_pages(world: World, admin: Caller) -> None:
    serial = made(world).serial_number
    tags = [{"Key": f"key{number}", "Value": "v"} for number in range(3)]
    world.iam("TagMFADevice", admin, SerialNumber=serial, Tags=tags)
    first = world.iam("ListMFADeviceTags", admin, SerialNumber=serial, MaxItems=2)
    rest = world.iam("ListMFADeviceTags", admin, SerialNumber=serial, Marker=first["Marker"])
    assert first["Tags"] + rest["Tags"] == tags


def test_a_device_has_at_most_fifty_tags_with_different_keys(world: World, admin: Caller) -> None:
    serial = made(world).serial_number
    tags = [{"Key": f"key{number}", "Value": "v"} for number in range(50)]
    world.iam("TagMFADevice", admin, SerialNumber=serial, Tags=tags)
    more = [{"Key": "one", "Value": "more"}]
    assert refusal(world, "TagMFADevice", admin, SerialNumber=serial, Tags=more) == (
        "LimitExceeded (409): The number of tags has reached the maximum limit."
    )
    twice = [{"Key": "twice", "Value": "a"}, {"Key": "Twice", "Value": "b"}]
    assert refusal(world, "TagMFADevice", admin, SerialNumber=serial, Tags=twice) == (
        "InvalidInput (400): Duplicate tag keys found. Please note that Tag keys are case insensitive."
    )


def test_get_mfa_device_knows_security_keys_only(world: World, admin: Caller) -> None:
    serial = made(world).serial_number
    assert refusal(world, "GetMFADevice", admin, SerialNumber=serial) == (
        "ValidationError (400): The MFA device serial number sent in the request is invalid or not supported "
        "by this API. Currently, only hardware FIDO security keys are supported. "
        "Please use the compatible device or API."
    )
    key = f"arn:aws:iam::{ACCOUNT}:u2f/user/anna/key"
    assert refusal(world, "GetMFADevice", admin, SerialNumber=key).startswith("NoSuchEntity (404)")


def test_other_operations_of_iam_are_not_answered_here(world: World, admin: Caller) -> None:
    assert "CreateUser" not in world.mfa.names
    assert len(world.mfa.names) == 11
    with pytest.raises(SandboxRefusal, match="iam:CreateUser"):
        world.iam("CreateUser", admin, UserName="x")


def test_a_deactivated_device_goes_to_another_user(world: World, admin: Caller, anna: Caller) -> None:
    boris = world.add_user("boris")
    device = world.enrolled(world.directory.users["anna"])
    world.devices.deactivate(Owner.of(world.directory.users["anna"]), device.serial_number)
    world.iam("EnableMFADevice", admin, UserName="boris", **pair(world, device, 3))
    assert [entry.serial_number for entry in world.devices.of_user(boris.user_id)] == [device.serial_number]
