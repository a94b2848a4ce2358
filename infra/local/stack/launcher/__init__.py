"""Runs the local stack: Kafka, Cassandra, PostgreSQL, Airflow and the speed layer under supervisord."""
