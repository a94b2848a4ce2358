/** Tests of the streaming sink. */
package io.foldlog.speed.sink;
