"""Runs the local stack: real Kafka, Cassandra and the speed layer under supervisord."""
