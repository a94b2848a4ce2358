"""Sends the events of users with confluent-kafka, in one transaction for each user.

Usage: cloudevents_with_confluent_kafka.py BOOTSTRAP_SERVERS TOPIC. Reads one user id from each line
of the standard input. The transaction of the last line is aborted.
"""

import sys
import uuid

from confluent_kafka import Producer
from user_events import messages


def main() -> None:
    servers, topic = sys.argv[1:]
    producer = Producer({"bootstrap.servers": servers, "transactional.id": f"confluent-{uuid.uuid4()}"})
    producer.init_transactions(60)
    users = sys.stdin.read().split()
    for line, user in enumerate(users):
        producer.begin_transaction()
        for message in messages(user, line):
            producer.produce(topic, key=user, value=message.value, headers=list(message.headers.items()))
        producer.flush(60)
        if user == users[-1]:
            producer.abort_transaction(60)
        else:
            producer.commit_transaction(60)


if __name__ == "__main__":
    main()
