/**
 * What the tests of all modules share: the servers that the build starts once, names and roles that
 * keep tests apart on them, and one Spark session for each test JVM.
 */
package io.foldlog.testing.kit;
