/** Tests of the sources and the producer. */
package io.foldlog.producer;
