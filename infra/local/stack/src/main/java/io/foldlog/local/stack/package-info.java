/** Plans, prepares, provisions and watches the local stack; the launcher beside it runs it. */
package io.foldlog.local.stack;
