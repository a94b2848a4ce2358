/** What every main shares: settings, exit statuses, an ordered stop, and waiting for servers. */
package io.foldlog.runtime;
