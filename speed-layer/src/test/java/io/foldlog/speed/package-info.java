/** Tests of the speed layer on real servers, in the tests' JVM and as a process. */
package io.foldlog.speed;
