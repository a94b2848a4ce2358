/**
 * Shared by the tests of all modules: the servers that the build starts once, unique names and
 * roles on them, and one Spark session for each test JVM.
 */
package io.foldlog.testing.kit;
