/** Tests of the log on a real broker. */
package io.foldlog.log;
