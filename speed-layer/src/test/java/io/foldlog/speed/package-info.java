/** The speed layer on real servers, in the JVM of the tests and as a process. */
package io.foldlog.speed;
