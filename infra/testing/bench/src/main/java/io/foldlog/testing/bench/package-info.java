/** Measures the hot paths on real servers, each beside a plain Java consumer in the same run. */
package io.foldlog.testing.bench;
