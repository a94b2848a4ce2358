/** The catalogue of the speed layer's failures and their messages. */
package io.foldlog.speed.errors;
