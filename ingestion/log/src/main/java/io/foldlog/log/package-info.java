/** The log in Kafka: its topics and their identity, offsets, reading, and dead letters. */
package io.foldlog.log;
