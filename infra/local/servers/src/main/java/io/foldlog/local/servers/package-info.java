/** Real Kafka and Cassandra as local processes, for the local stack and for tests. */
package io.foldlog.local.servers;
