"""Sends events with the CloudEvents SDK for Python and kafka-python, in both content modes.

Usage: cloudevents_producer.py BOOTSTRAP_SERVERS TOPIC. Reads one user id from each line of the
standard input. Each user registers, is updated, and lives in Bern afterwards; the users of the odd
lines are deleted at the end. The modes alternate, the even lines begin in binary mode.
"""

import sys
from datetime import datetime, timedelta, timezone

from cloudevents.core.bindings import kafka
from cloudevents.core.v1.event import CloudEvent
from kafka import KafkaProducer

TIME = datetime(2024, 1, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
MODES = (kafka.to_binary_event, kafka.to_structured_event)


def events(user: str, deleted: bool):
    yield event(user, "user.registered.v1", 0, {"first_name": "Zoë", "city": "Rome", "email": "z@example.org"})
    # data as bytes: in structured mode, the SDK writes data_base64
    yield event(user, "user.updated.v1", 1, b'{"city":"Bern","email":null}')
    if deleted:
        yield event(user, "user.deleted.v1", 2, None)


def event(user: str, kind: str, second: int, data: object) -> CloudEvent:
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


def main() -> None:
    servers, topic = sys.argv[1:]
    producer = KafkaProducer(bootstrap_servers=servers, acks="all")
    sent = []
    for line, user in enumerate(sys.stdin.read().split()):
        for number, one in enumerate(events(user, deleted=line % 2 == 1)):
            message = MODES[(line // 2 + number) % 2](one)
            headers = list(message.headers.items())
            sent.append(producer.send(topic, key=user.encode(), value=message.value, headers=headers))
    for future in sent:
        future.get(timeout=60)
    producer.close()


if __name__ == "__main__":
    main()
