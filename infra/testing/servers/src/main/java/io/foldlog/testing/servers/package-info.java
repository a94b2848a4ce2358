/** The servers that integration tests share, and names that keep the tests apart on them. */
package io.foldlog.testing.servers;
