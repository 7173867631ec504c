"""What is done with every new session: it is kept, and a line of the audit log says so."""

from __future__ import annotations

from watchword.fastpath.session_file import written
from watchword.local.audit_log import record
from watchword.session.entrance import Entrance
from watchword.session.session import Session


def keep(entrance: Entrance, session: Session, *, who: str, source_access_key_id: str) -> None:
    """Keep a new session. `who` is the ARN that asked for it, `source_access_key_id` what signed for it.

    Raises `UnusableCache`, `UnsafeAuditLog`.
    """
    role = session.role
    record(
        {
            "time": written(session.issued_at),
            "profile": session.profile,
            "account": session.account,
            "who": who,
            "serial_number": session.key.serial_number or None,
            "role_arn": session.role_arn,
            "role_session_name": session.role_session_name,
            "source_identity": role.source_identity if role else None,
            "duration_seconds": round((session.expires_at - session.issued_at).total_seconds()),
            "expires_at": written(session.expires_at),
            "access_key_id": session.credentials.access_key_id,
            "source_access_key_id": source_access_key_id,
            "how": session.how.value,
            "endpoint": session.key.endpoint,
        }
    )
    # After its line: no session is kept that the log does not know of.
    entrance.store.put(session)
