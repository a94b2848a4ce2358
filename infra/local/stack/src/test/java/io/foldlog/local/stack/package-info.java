/** Tests of the local stack's steps. */
package io.foldlog.local.stack;
