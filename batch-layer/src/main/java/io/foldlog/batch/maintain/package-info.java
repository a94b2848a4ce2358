/** Keeps the lake small, and checks that it says what it should. */
package io.foldlog.batch.maintain;
