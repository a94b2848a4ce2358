/** The messages of the speed layer's failures, in one catalogue. */
package io.foldlog.speed.errors;
