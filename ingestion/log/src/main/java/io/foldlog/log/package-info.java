/** The log in Kafka: topics, offsets, clients, reading, writing, and dead letters. */
package io.foldlog.log;
