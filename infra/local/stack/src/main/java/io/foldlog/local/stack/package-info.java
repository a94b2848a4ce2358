/** The Java part of the local stack: resolves its settings and prepares its servers. */
package io.foldlog.local.stack;
