/** Measures the hot paths on real servers and compares them with a plain Java consumer. */
package io.foldlog.testing.bench;
