/** Real Kafka and Cassandra as local processes, prepared for a supervisor or run by a test. */
package io.foldlog.local.servers;
