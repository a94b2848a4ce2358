/** The batch layer: its commands, and the environment and the report of a run. */
package io.foldlog.batch;
