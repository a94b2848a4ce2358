"""Sends the events of users with kafka-python, without transactions.

Usage: cloudevents_with_kafka_python.py BOOTSTRAP_SERVERS TOPIC. Reads one user id from each line of
the standard input.
"""

import sys

from kafka import KafkaProducer
from user_events import messages


def main() -> None:
    servers, topic = sys.argv[1:]
    producer = KafkaProducer(bootstrap_servers=servers, acks="all")
    sent = []
    for line, user in enumerate(sys.stdin.read().split()):
        for message in messages(user, line):
            headers = list(message.headers.items())
            sent.append(producer.send(topic, key=user.encode(), value=message.value, headers=headers))
    for future in sent:
        future.get(timeout=60)
    producer.close()


if __name__ == "__main__":
    main()
