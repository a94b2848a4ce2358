"""The events that the Python clients send: with the CloudEvents SDK, in both content modes."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from cloudevents.core.bindings import kafka
from cloudevents.core.v1.event import CloudEvent

TIME = datetime(2024, 1, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
MODES = (kafka.to_binary_event, kafka.to_structured_event)


def messages(user: str, line: int) -> Iterator[kafka.KafkaMessage]:
    """A user registers, is updated, and lives in Bern afterwards; one of an odd line is deleted at the end.

    The modes alternate, the even lines begin in binary mode.
    """
    for number, one in enumerate(_events(user, deleted=line % 2 == 1)):
        yield MODES[(line // 2 + number) % 2](one)


def _events(user: str, deleted: bool) -> Iterator[CloudEvent]:
    yield _event(user, "user.registered.v1", 0, {"first_name": "Zoë", "city": "Rome", "email": "z@example.org"})
    # data as bytes: in structured mode, the SDK writes data_base64
    yield _event(user, "user.updated.v1", 1, b'{"city":"Bern","email":null}')
    if deleted:
        yield _event(user, "user.deleted.v1", 2, None)


def _event(user: str, kind: str, second: int, data: object) -> CloudEvent:
    attributes = {
        "id": f"{user}-{second}",
        "source": "https://example.org/python",
        "type": kind,
        "subject": user,
        "time": TIME + timedelta(seconds=second),
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }
    if data is not None:
        attributes["datacontenttype"] = "application/json"
    return CloudEvent(attributes=attributes, data=data)
