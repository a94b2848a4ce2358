/** What all applications share: settings, exit statuses, orderly shutdown, waiting for servers. */
package io.foldlog.runtime;
