/** The nightly batch: its commands, what a run needs, and what it leaves behind. */
package io.foldlog.batch;
