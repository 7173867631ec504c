"""Between the two calls of a removal a device belongs to nobody, and somebody may be faster."""

from __future__ import annotations

from device.account import Account
from device.changing import owning
from device.faulty_wire import Fault, faulty_wire
from local_aws import LocalAws


def test_a_device_that_is_enrolled_again_meanwhile_is_left_and_said(
    sandbox: LocalAws, account: Account
) -> None:
    alice = owning(sandbox, account)
    phone, tablet = alice.gets("phone"), alice.gets("tablet")
    with faulty_wire(sandbox.endpoint_url) as wire:
        alice.signs_in(tablet, endpoint_url=wire.url)
        wire.befall("DeleteVirtualMFADevice", Fault.HOLD_REQUEST)
        at = alice.runs("remove", "phone", "--yes", endpoint_url=wire.url)
        assert wire.held.wait(20)
        assert alice.has() == [tablet]
        alice.enables(phone)
        wire.released.set()
        assert at.ends() == 5, at.received
    assert "MFA VirtualDevice in use. Must deactivate first." in at.received
    assert "hint: somebody has enrolled it again meanwhile" in at.received
    assert "`watchword device list` shows whose it is" in at.received.replace("\r\n", " ")
    assert alice.has() == alice.exist() == [phone, tablet]
